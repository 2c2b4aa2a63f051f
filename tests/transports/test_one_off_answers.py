"""The Stubber that ``fake.attach`` gives takes one-off answers, as botocore's own does."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ParamValidationError,
    StubAssertionError,
)
from botocore.stub import ANY, Stubber

from pytest_amplifybackend import FakeAmplifyBackend

APP = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}


@pytest.fixture
def fake() -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc", name="shop")
    return fake


@pytest.fixture
def client(fake: FakeAmplifyBackend) -> Any:
    return fake.client()


@pytest.fixture
def stubber(fake: FakeAmplifyBackend, client: Any) -> Any:
    return fake.attach(client)


def test_it_is_a_stubber(stubber: Any) -> None:
    assert isinstance(stubber, Stubber)
    stubber.assert_no_pending_responses()


def test_one_answer_then_the_state_again(client: Any, stubber: Any) -> None:
    stubber.add_response("get_backend", {"AppId": "d1abc", "AppName": "once"})
    assert client.get_backend(**APP)["AppName"] == "once"
    assert client.get_backend(**APP)["AppName"] == "shop"
    stubber.assert_no_pending_responses()


def test_the_answers_of_an_operation_come_in_their_order(client: Any, stubber: Any) -> None:
    for name in ("one", "two"):
        stubber.add_response("get_backend", {"AppName": name})
    assert [client.get_backend(**APP)["AppName"] for _ in range(3)] == ["one", "two", "shop"]


def test_other_operations_are_answered_from_the_state_meanwhile(client: Any, stubber: Any) -> None:
    stubber.add_response("get_backend_job", {"Status": "RUNNING"})
    stubber.add_response("get_backend", {"AppName": "one"})
    stubber.add_response("get_backend_job", {"Status": "FAILED"})
    assert client.list_backend_jobs(**APP)["Jobs"] == []
    assert client.get_backend(**APP)["AppName"] == "one"
    assert client.get_backend(**APP)["AppName"] == "shop"
    assert client.get_backend_job(JobId="j", **APP)["Status"] == "RUNNING"
    assert client.get_backend_job(JobId="j", **APP)["Status"] == "FAILED"


def test_an_error_once(client: Any, stubber: Any) -> None:
    stubber.add_client_error("get_backend", "NotFoundException", "gone", http_status_code=404)
    with pytest.raises(client.exceptions.NotFoundException, match="gone"):
        client.get_backend(**APP)
    assert client.get_backend(**APP)["AppName"] == "shop"


def test_an_error_that_no_model_knows(client: Any, stubber: Any) -> None:
    stubber.add_client_error("get_backend", "ExpiredToken", "late", http_status_code=403)
    with pytest.raises(ClientError, match=r"\(ExpiredToken\).*: late"):
        client.get_backend(**APP)


@pytest.mark.parametrize("expected", [APP, {"AppId": ANY, "BackendEnvironmentName": "dev"}])
def test_the_expected_params(client: Any, stubber: Any, expected: Any) -> None:
    stubber.add_response("get_backend", {"AppName": "once"}, expected)
    assert client.get_backend(**APP)["AppName"] == "once"


@pytest.mark.parametrize("expected", [{"AppId": "d1abc"}, {**APP, "AppId": "d1other"}])
def test_other_params_than_expected(client: Any, stubber: Any, expected: Any) -> None:
    stubber.add_response("list_backend_jobs", {"Jobs": []})
    stubber.add_response("get_backend", {"AppName": "once"}, expected)
    with pytest.raises(StubAssertionError, match="Expected parameters"):
        client.get_backend(**APP)
    with pytest.raises(AssertionError, match="2 responses remaining in queue"):
        stubber.assert_no_pending_responses()
    assert client.list_backend_jobs(**APP)["Jobs"] == []
    assert client.get_backend(**expected)["AppName"] == "once"


def test_answers_that_nobody_asked_for(client: Any, stubber: Any) -> None:
    stubber.add_response("get_backend", {"AppName": "once"})
    client.list_backend_jobs(**APP)
    with pytest.raises(AssertionError, match="1 responses remaining in queue"):
        stubber.assert_no_pending_responses()


def test_an_answer_is_held_to_its_shape(stubber: Any) -> None:
    with pytest.raises(ParamValidationError):
        stubber.add_response("get_backend", {"AppName": 5})
    with pytest.raises(ValueError, match="does not have method: get_everything"):
        stubber.add_response("get_everything", {})


def test_a_call_that_the_client_refuses_takes_no_answer(client: Any, stubber: Any) -> None:
    stubber.add_response("get_backend", {"AppName": "once"})
    with pytest.raises(ParamValidationError):
        client.get_backend(AppId=5)
    assert client.get_backend(**APP)["AppName"] == "once"


def test_a_one_off_answer_is_not_the_services_so_it_is_no_call(
    fake: FakeAmplifyBackend, client: Any, stubber: Any
) -> None:
    stubber.add_response("get_backend", {"AppName": "once"})
    client.get_backend(**APP)
    fake.assert_not_called("GetBackend")


def test_another_client_gets_no_one_off_answer(
    fake: FakeAmplifyBackend, client: Any, stubber: Any
) -> None:
    stubber.add_response("get_backend", {"AppName": "once"})
    assert fake.client().get_backend(**APP)["AppName"] == "shop"
    assert client.get_backend(**APP)["AppName"] == "once"


def test_the_stubber_is_gone_with_a_detached_client(
    fake: FakeAmplifyBackend, client: Any, stubber: Any
) -> None:
    stubber.add_response("get_backend", {"AppName": "once"})
    fake.detach(client)
    fake.attach(client)
    assert client.get_backend(**APP)["AppName"] == "shop"
