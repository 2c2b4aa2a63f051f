"""The transport `wire`: botocore's own signing, retries and parsing, without a socket or a wait."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.session import Session

from pytest_amplifybackend import FakeAmplifyBackend, errors

MODES = ("legacy", "standard", "adaptive")


@pytest.fixture
def fake() -> Any:
    with FakeAmplifyBackend(transport="wire") as fake:
        fake.add_app("d1abc", name="shop")
        yield fake


def client_in(fake: FakeAmplifyBackend, mode: str, **options: Any) -> Any:
    return fake.client(config=Config(retries={"mode": mode, **options}))


@pytest.mark.parametrize("mode", MODES)
def test_two_throttled_attempts_and_a_third_that_succeeds(
    fake: FakeAmplifyBackend, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_in(fake, mode)
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail(f"slept for {seconds} s"))
    fake.fail("GetBackend", errors.TooManyRequests(limit_type="Rate"), times=2)
    before = fake.clock.now()

    answer = client.get_backend(AppId="d1abc")

    assert answer["AppName"] == "shop"
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert [type(call.error) for call in fake.calls] == [errors.TooManyRequests] * 2 + [type(None)]
    assert fake.clock.now() > before, "backoff moves the fake's clock"


@pytest.mark.parametrize("mode", MODES)
def test_backoff_ends_with_the_calendar(fake: FakeAmplifyBackend, mode: str) -> None:
    client = client_in(fake, mode)
    fake.fail("GetBackend", errors.TooManyRequests(limit_type="Rate"), times=2)
    fake.clock.move_to(datetime.max.replace(tzinfo=UTC))
    assert client.get_backend(AppId="d1abc")["AppName"] == "shop"
    assert fake.clock.now().year == 9999


@pytest.mark.parametrize("mode", MODES)
def test_attempts_run_out(fake: FakeAmplifyBackend, mode: str) -> None:
    client = client_in(fake, mode, total_max_attempts=3)
    fake.fail("GetBackend", errors.TooManyRequests(limit_type="Rate"), times=None)
    with pytest.raises(client.exceptions.TooManyRequestsException) as caught:
        client.get_backend(AppId="d1abc")
    assert caught.value.response["LimitType"] == "Rate"
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 2
    assert len(fake.calls.of("GetBackend")) == 3


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (errors.ConnectionReset(), ConnectionClosedError),
        (errors.ReadTimeout(), ReadTimeoutError),
    ],
    ids=["reset", "timeout"],
)
def test_a_fault_that_stays_reaches_the_caller(
    fake: FakeAmplifyBackend, fault: errors.TransportFault, raised: type[Exception]
) -> None:
    client = client_in(fake, "standard")
    fake.fail("ListS3Buckets", fault, times=None)
    with pytest.raises(raised):
        client.list_s3_buckets()


@pytest.mark.parametrize("transport", ["wire", "stubber"])
def test_of_a_garbled_answer_no_member_is_read(transport: Any) -> None:
    fake = FakeAmplifyBackend(transport=transport)
    fake.fail("ListS3Buckets", errors.GarbledResponse())
    answer = fake.client().list_s3_buckets()
    assert set(answer) == {"ResponseMetadata"}
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("fault", [errors.ConnectionReset(), errors.ReadTimeout()], ids=repr)
def test_a_fault_that_passes_is_retried(
    fake: FakeAmplifyBackend, fault: errors.TransportFault
) -> None:
    fake.fail("ListS3Buckets", fault)
    answer = client_in(fake, "standard").list_s3_buckets()
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1


@pytest.mark.parametrize("error", [errors.NotFound(), errors.BadRequest()], ids=repr)
def test_what_is_the_callers_fault_is_not_retried(
    fake: FakeAmplifyBackend, error: errors.ServiceError
) -> None:
    client = client_in(fake, "standard")
    fake.fail("ListS3Buckets", error)
    with pytest.raises(client.exceptions.from_code(error.code)):
        client.list_s3_buckets()
    assert len(fake.calls) == 1


def test_a_client_of_the_process_is_served_and_signed_for(fake: FakeAmplifyBackend) -> None:
    signed: list[str] = []
    client = Session().create_client(
        "amplifybackend",
        region_name="eu-west-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.meta.events.register(
        "before-send", lambda request, **_: signed.append(request.headers["Authorization"])
    )
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_backend(AppId="d1abc")  # which is in another region
    (header,) = signed
    assert b"eu-west-1/amplifybackend/aws4_request" in bytes(header)  # type: ignore[arg-type]  # botocore signs with bytes
    assert fake.calls[0].region == "eu-west-1"
    assert fake.calls[0].transport == "wire"


def test_a_client_without_credentials_is_served(
    fake: FakeAmplifyBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = fake.client()
    client._request_signer._credentials = None
    assert client.get_backend(AppId="d1abc")["AppName"] == "shop"


def test_the_inner_of_two_fakes_answers_and_keeps_its_own_time(fake: FakeAmplifyBackend) -> None:
    client = Session().create_client(
        "amplifybackend", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with FakeAmplifyBackend(transport="wire") as inner:
        inner.add_app("d1abc", name="inner")
        inner.fail("GetBackend", errors.TooManyRequests(), times=2)
        started = fake.clock.now(), inner.clock.now()
        assert client.get_backend(AppId="d1abc")["AppName"] == "inner"
        assert inner.clock.now() > started[1]
    assert client.get_backend(AppId="d1abc")["AppName"] == "shop"
    assert fake.clock.now() == started[0]


def test_a_deactivated_fake_leaves_the_client_as_it_was() -> None:
    client = Session().create_client(
        "amplifybackend", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    before = dict(vars(client._endpoint))
    with FakeAmplifyBackend(transport="wire"):
        client.list_s3_buckets()
    assert vars(client._endpoint) == before
