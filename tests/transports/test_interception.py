"""While a fake is active it serves every amplifybackend client of the process, and only those."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import FunctionType
from typing import Any
from unittest import mock

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ParamValidationError
from botocore.session import Session
from botocore.stub import Stubber

from pytest_amplifybackend import FakeAmplifyBackend, errors

AT_IMPORT = Session().create_client(
    "amplifybackend",
    region_name="us-east-1",
    aws_access_key_id="testing",
    aws_secret_access_key="testing",
)


def test_a_client_made_at_import_time(fake, served_by) -> None:
    assert served_by(AT_IMPORT) == ["dev"]


def test_a_client_made_before_the_activation(new_client, served_by) -> None:
    client = new_client()
    with FakeAmplifyBackend() as fake:
        fake.add_app("d1abc", environments=("prod",))
        assert served_by(client) == ["prod"]


def test_a_client_made_while_active(fake, new_client, served_by) -> None:
    assert served_by(new_client()) == ["dev"]


def test_a_client_of_boto3s_default_session(fake, session, served_by) -> None:
    boto3 = pytest.importorskip("boto3")
    client = boto3.client(
        "amplifybackend",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    assert served_by(client) == ["dev"]


def test_a_client_of_an_own_boto3_session(fake, session, served_by) -> None:
    boto3 = pytest.importorskip("boto3")
    own = boto3.Session("testing", "testing", region_name="us-east-1")
    assert served_by(own.client("amplifybackend")) == ["dev"]


def test_a_client_without_credentials(fake, session, served_by) -> None:
    assert session.get_credentials() is None
    client = session.create_client("amplifybackend", region_name="us-east-1")
    assert served_by(client) == ["dev"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "https://proxy.example.com/prod"])
def test_a_client_with_an_endpoint_of_its_own(fake, new_client, served_by, url: str) -> None:
    assert served_by(new_client(endpoint_url=url)) == ["dev"]


def test_each_client_calls_in_its_own_region(fake, new_client) -> None:
    fake.add_app("d1abc", environments=("paris",), region="eu-west-3")
    seen = {
        region: new_client(region_name=region).get_backend(AppId="d1abc")["BackendEnvironmentList"]
        for region in ("us-east-1", "eu-west-3")
    }
    assert seen == {"us-east-1": ["dev"], "eu-west-3": ["paris"]}
    assert [call.region for call in fake.calls] == ["us-east-1", "eu-west-3"]


def test_clients_made_and_used_in_other_threads(fake, new_client, served_by) -> None:
    shared = new_client()
    seen: list[list[str]] = []

    def work() -> None:
        own = new_client()
        for _ in range(5):
            seen.append(served_by(own))
            seen.append(served_by(shared))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [["dev"]] * 40
    fake.assert_called("GetBackend", times=40)


def _spy(names: list[str]) -> Callable[..., Any]:
    """The usual way to watch boto3: a replacement that notes the call and makes the original."""
    original = BaseClient._make_api_call

    def watched(client: Any, operation: str, params: Any) -> Any:
        names.append(operation)
        return original(client, operation, params)

    return watched


def test_a_patch_of_make_api_call_made_before_the_activation(new_client, served_by) -> None:
    names: list[str] = []
    with mock.patch.object(BaseClient, "_make_api_call", _spy(names)):
        with FakeAmplifyBackend() as fake:
            fake.add_app("d1abc")
            assert served_by(new_client()) == ["dev"]
        assert names == ["GetBackend"]


class Wrapper:
    """A wrapper such as those of tracing libraries, which has to be bound to a client."""

    __class__ = property(lambda _: FunctionType)  # type: ignore[assignment]  # as wrapt has it

    def __init__(self, wrapped: Callable[..., Any], seen: list[Any], client: Any = None) -> None:
        self.wrapped, self.seen, self.client = wrapped, seen, client

    def __get__(self, client: Any, owner: type) -> Wrapper:
        return Wrapper(self.wrapped, self.seen, client)

    def __call__(self, *args: Any) -> Any:
        self.seen.append(self.client)
        return self.wrapped(self.client, *args)


def test_a_wrapper_that_has_to_be_bound(new_client, served_by) -> None:
    client, seen = new_client(), list[Any]()
    wrapper = Wrapper(BaseClient._make_api_call, seen)
    with mock.patch.object(BaseClient, "_make_api_call", wrapper), FakeAmplifyBackend() as fake:
        fake.add_app("d1abc")
        assert served_by(client) == ["dev"]
    assert seen == [client]


def test_a_mock_that_gets_no_client(new_client) -> None:
    with (
        mock.patch.object(BaseClient, "_make_api_call", return_value={"AppId": "mine"}) as replaced,
        FakeAmplifyBackend(),
    ):
        assert new_client().get_backend(AppId="d1abc") == {"AppId": "mine"}
    replaced.assert_called_once_with("GetBackend", {"AppId": "d1abc"})


def test_a_patch_of_make_api_call_made_after_the_activation(fake, new_client, served_by) -> None:
    names: list[str] = []
    with mock.patch.object(BaseClient, "_make_api_call", _spy(names)):
        assert served_by(new_client()) == ["dev"]
    assert names == ["GetBackend"]
    fake.assert_called("GetBackend", times=1)


def test_a_patch_that_answers_by_itself_keeps_the_fake_out(fake, new_client) -> None:
    with mock.patch.object(BaseClient, "_make_api_call", return_value={"AppId": "mine"}):
        assert new_client().get_backend(AppId="d1abc") == {"AppId": "mine"}
    fake.assert_not_called("GetBackend")


def test_a_handler_that_changes_the_params_is_heard_wherever_it_listens(fake, new_client) -> None:
    for event in (
        "before-parameter-build",
        "before-parameter-build.*.*",
        "before-parameter-build.amplifybackend.GetBackend",
        "provide-client-params.amplifybackend.GetBackend",
    ):
        client = new_client()
        client.meta.events.register(event, lambda params, **_: params.update(AppId="d1abc"))
        assert client.get_backend(AppId="d1other")["AppId"] == "d1abc"
        assert fake.calls[-1].params == {"AppId": "d1abc"}


@pytest.mark.parametrize("event", ["before-call", "before-call.*.*", "before-call.amplifybackend"])
def test_a_handler_that_answers_wins(fake, new_client, event: str) -> None:
    client = new_client()
    answer = mock.Mock(status_code=200), {"AppId": "mine"}
    client.meta.events.register(event, lambda **_: answer)
    assert client.get_backend(AppId="d1abc") == {"AppId": "mine"}
    fake.assert_not_called("GetBackend")


def test_a_stubber_that_the_test_put_on_the_client_wins(fake, new_client, served_by) -> None:
    client = new_client()
    served_by(client)  # now the fake's handlers are on the client as well
    with Stubber(client) as stubber:
        stubber.add_response("get_backend", {"AppId": "mine"}, {"AppId": "d1abc"})
        assert client.get_backend(AppId="d1abc") == {"AppId": "mine"}
        stubber.assert_no_pending_responses()
    assert served_by(client) == ["dev"]
    fake.assert_called("GetBackend", times=2)


def test_a_call_that_the_client_refuses_changes_nothing(fake, new_client) -> None:
    client, before = new_client(), fake.dump()
    for wrong in ({}, {"AppId": 1}, {"AppId": "d1abc", "Nonsense": "x"}):
        with pytest.raises(ParamValidationError):
            client.get_backend(**wrong)
        with pytest.raises(ParamValidationError):
            client.create_backend(**wrong)
    assert list(fake.calls) == []
    assert fake.dump() == before


def test_a_presigned_url_is_no_call(fake, new_client) -> None:
    client = new_client()
    fake.attach(client)
    for served in (client, new_client()):
        url = served.generate_presigned_url("get_backend", Params={"AppId": "d1abc"})
        assert url.startswith(
            "https://amplifybackend.us-east-1.amazonaws.com/backend/d1abc/details"
        )
    assert list(fake.calls) == []


def test_another_service_under_botocores_stubber(fake, new_client) -> None:
    s3 = new_client("s3")
    with Stubber(s3) as stubber:
        stubber.add_response("list_buckets", {"Buckets": [{"Name": "mine"}]})
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["mine"]
    assert list(fake.calls) == []


def test_another_service_under_moto(fake, new_client, served_by) -> None:
    moto = pytest.importorskip("moto", minversion="5")
    with moto.mock_aws():
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        s3 = Session().create_client(
            "s3", region_name="us-east-1", **keys
        )  # moto is in new sessions
        s3.create_bucket(Bucket="mine")
        assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["mine"]
        assert served_by(new_client()) == ["dev"]
    assert [call.operation for call in fake.calls] == ["GetBackend"]


def test_an_operation_of_a_newer_botocore_is_named(fake, new_client) -> None:
    client = new_client()
    client.meta.service_model._service_description["operations"]["PolishBackend"] = {
        "name": "PolishBackend",
        "http": {"method": "POST", "requestUri": "/polish"},
    }
    with pytest.raises(errors.UnknownOperation, match="know the operation 'PolishBackend'"):
        client._make_api_call("PolishBackend", {})
