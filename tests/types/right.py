"""What users write, of which no type checker has a word to say; ``check.py`` asks them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given

from pytest_amplifybackend import (
    Call,
    Clock,
    ErrorStyle,
    FakeAmplifyBackend,
    FakeFactory,
    FakeOptions,
    Job,
    Jobs,
    OperationName,
    Server,
    TransportName,
    assert_shape,
    errors,
    fake_amplifybackend,
    progress,
    response_shape,
)
from pytest_amplifybackend.strategies import (
    Request,
    api_configs,
    auth_configs,
    invalid_requests,
    requests,
    transform_schemas,
)

READS: tuple[OperationName, ...] = ("GetBackend", "list_s3_buckets")
TRANSPORTS: tuple[TransportName, ...] = ("stubber", "wire")
STYLE: ErrorStyle = "observed"


def test_faults(amplifybackend: FakeAmplifyBackend) -> None:
    for operation in READS:
        amplifybackend.fail(operation, errors.TooManyRequests(), times=2, when={"AppId": "d1"})
        amplifybackend.delay(operation, seconds=1.5)
    amplifybackend.fail("CreateApp", errors.NotFound())
    amplifybackend.override("get_token", {"AppId": "d1"})
    amplifybackend.jobs.fail_next("CloneBackend", error="no capacity")


def test_state(amplifybackend: FakeAmplifyBackend) -> None:
    amplifybackend.add_app("d1", environments=["dev"], branches={"main": "dev"})
    amplifybackend.add_auth("d1", "dev", config=None)
    params = {"AppId": "d1", "BackendEnvironmentName": "dev"}
    found = amplifybackend.call("GetBackend", params)
    assert_shape("GetBackend", found)
    assert response_shape(found, "get_backend")
    again: dict[str, object] = amplifybackend.call("GetBackend", {"AppId": "d1"})
    assert again["AppName"] == "d1"


def test_client(amplifybackend: FakeAmplifyBackend) -> None:
    client = amplifybackend.client("eu-west-1", verify=False)
    made = client.create_backend(AppId="d1", AppName="shop", BackendEnvironmentName="dev")
    found = client.get_backend_job(AppId="d1", BackendEnvironmentName="dev", JobId=made["JobId"])
    assert found["Status"].upper() == "COMPLETED"
    amplify = FakeAmplifyBackend(amplify=True).client(service_name="amplify")
    assert amplify.create_app(name="shop")["app"]["appId"]


@pytest.mark.amplifybackend(jobs="manual")
def test_views(amplifybackend: FakeAmplifyBackend, amplifybackend_server: Server) -> None:
    jobs: Jobs = amplifybackend.jobs
    listed: list[Job] = list(jobs)
    assert [job.error for job in listed if job.operation == "CloneBackend"] == []
    calls: list[Call] = list(amplifybackend.calls.of("create_backend"))
    for call in calls:
        amplifybackend.assert_called(call.operation, times=1, **call.params)
    clock: Clock = amplifybackend.clock
    now: dt.datetime = clock.now()
    assert now.year == 2024
    assert amplifybackend_server.url.startswith("http")


def test_factory(amplifybackend_factory: FakeFactory) -> None:
    options: FakeOptions = {"seed": "a", "errors": STYLE, "region": "eu-west-1"}
    with amplifybackend_factory(**options) as fake:
        assert len(fake.calls) == 0
    for transport in TRANSPORTS:
        amplifybackend_factory(transport=transport, errors=STYLE)
    amplifybackend_factory(jobs=progress.after_reads(2))
    FakeAmplifyBackend(jobs="after_seconds:2", clock="system", transport="aio")
    FakeAmplifyBackend(jobs=dt.timedelta(minutes=2), moto=True)


@fake_amplifybackend(jobs="manual", transport="wire")
def test_decorated() -> None:
    assert FakeAmplifyBackend().client().list_s3_buckets()["Buckets"] == []


@fake_amplifybackend
class TestDecorated:
    def test_method(self) -> None: ...


@given(requests("CreateBackendAuth", resource_configs=auth_configs(mfa="ON")))
def test_drawn(request: Request) -> None:
    FakeAmplifyBackend().call(request.operation, request.params)


invalid_requests("UpdateBackendAPI", "provisioning", rule="schema.syntax")
api_configs(mode="API_KEY", additional=["AWS_IAM"])
transform_schemas(providers=["apiKey", "iam"])
