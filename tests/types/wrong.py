"""Mistakes that every type checker has to find: one in each line marked ``# wrong``."""

from __future__ import annotations

from pytest_amplifybackend import (
    FakeAmplifyBackend,
    FakeFactory,
    Job,
    OperationName,
    assert_shape,
    errors,
    fake_amplifybackend,
    progress,
    response_shape,
)
from pytest_amplifybackend.strategies import (
    AmplifyBackendMachine,
    api_configs,
    auth_configs,
    invalid_requests,
    requests,
    resource_names,
    transform_schemas,
)


def test_operations(amplifybackend: FakeAmplifyBackend) -> None:
    amplifybackend.fail("GetBackends", errors.NotFound())  # wrong
    amplifybackend.fail("getBackend", errors.NotFound())  # wrong
    amplifybackend.call("get_backends", {})  # wrong
    amplifybackend.delay("GetBacked", seconds=1)  # wrong
    amplifybackend.override("GetTokens", {})  # wrong
    amplifybackend.assert_called("CreatBackend")  # wrong
    amplifybackend.assert_not_called("DeleteBackends")  # wrong
    amplifybackend.calls.of("GetJob")  # wrong
    amplifybackend.jobs.fail_next("Clone")  # wrong
    assert_shape("CreateApp", {})  # wrong
    response_shape({}, "GetTokens")  # wrong
    reads: tuple[OperationName, ...] = ("GetBackend", "get_bucket")  # wrong
    for operation in reads:
        amplifybackend.call(operation)


def test_arguments(amplifybackend: FakeAmplifyBackend) -> None:
    amplifybackend.fail("GetBackend", ValueError("no"))  # wrong
    amplifybackend.fail("GetBackend", errors.NotFound(), times="2")  # wrong
    amplifybackend.delay("GetBackend", 5)  # wrong
    amplifybackend.add_app("d1", environments=1)  # wrong
    amplifybackend.add_auth("d1", confg={})  # wrong
    amplifybackend.client(service_name="cognito-idp")  # wrong
    job: Job = amplifybackend.jobs[0].status  # wrong
    assert job


def test_client(amplifybackend: FakeAmplifyBackend) -> None:
    client = amplifybackend.client()
    client.get_backend(AppID="d1")  # wrong
    client.get_backend(AppId=1)  # wrong
    client.get_backend(AppId="d1")["Environments"]  # wrong
    client.create_backend_storage(
        AppId="d1",
        BackendEnvironmentName="dev",
        ResourceName="media",
        ResourceConfig={"ServiceName": "S3", "Permissions": {"Authenticated": ["WRITE"]}},  # wrong
    )


def test_options(amplifybackend_factory: FakeFactory) -> None:
    amplifybackend_factory(sed=3)  # wrong
    amplifybackend_factory(transport="wires")  # wrong
    FakeAmplifyBackend(transport="aoi")  # wrong
    FakeAmplifyBackend(errors="obs")  # wrong
    FakeAmplifyBackend(clock="real")  # wrong
    FakeAmplifyBackend(sed=3)  # wrong
    FakeAmplifyBackend(jobs=2)  # wrong
    progress.after_reads("2")  # wrong


fake_amplifybackend(sede=7)  # wrong
fake_amplifybackend(errors="seen")  # wrong


class Machine(AmplifyBackendMachine):
    operations = ("CreateBackend", "GetBacked")  # wrong


auth_configs(mfa="YES")  # wrong
auth_configs(verification="PHONE")  # wrong
api_configs(mode="API_KEYS")  # wrong
api_configs(additional=["IAM"])  # wrong
requests("CreatBackend")  # wrong
invalid_requests("CreateBackend", "server")  # wrong
resource_names(family="queue")  # wrong
transform_schemas(providers=["key"])  # wrong
