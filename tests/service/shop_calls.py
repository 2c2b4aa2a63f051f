"""What the tests of the service ask again and again about the app ``d1shop``."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors

APP = "d1shop"
DEV = {"AppId": APP, "BackendEnvironmentName": "dev"}
USERS = {**DEV, "ResourceName": "users"}
ORDERS = {**DEV, "ResourceName": "orders"}
MEDIA = {**DEV, "ResourceName": "media"}
POOL = {
    "UserPoolId": "us-east-1_a1B2c3D4e",
    "WebClientId": "web1client",
    "NativeClientId": "native1client",
}
OTHER_SCHEMA = "type Order @model { id: ID! total: Float }"
API = {"DefaultAuthType": {"Mode": "API_KEY"}, "TransformSchema": "type Order @model { id: ID! }"}
"""The least config of an API."""


def meta(fake: FakeAmplifyBackend, environment: str = "dev", **options: Any) -> Any:
    """AmplifyMetaConfig of an environment, parsed."""
    place = {"AppId": APP, "BackendEnvironmentName": environment}
    return json.loads(fake.call("GetBackend", place, **options)["AmplifyMetaConfig"])


def environments(fake: FakeAmplifyBackend) -> list[str]:
    """The names of the app's environments."""
    return list(fake.call("GetBackend", {"AppId": APP})["BackendEnvironmentList"])


def held(fake: FakeAmplifyBackend, environment: str = "dev") -> dict[str, str]:
    """The resources of an environment: family and name."""
    found = meta(fake, environment)
    return {family: next(iter(found[family])) for family in found if family != "providers"}


def buckets(fake: FakeAmplifyBackend) -> list[str]:
    """The names of all buckets."""
    return [bucket["Name"] for bucket in fake.call("ListS3Buckets")["Buckets"]]


def job_of(fake: FakeAmplifyBackend, answer: dict[str, Any], **place: str) -> dict[str, Any]:
    """The job that a mutation answered with, read where it is filed."""
    return fake.call("GetBackendJob", {**DEV, **place, "JobId": answer["JobId"]})


def run(fake: FakeAmplifyBackend, operation: Any, params: dict[str, Any]) -> None:
    """Call an operation and see its job COMPLETED, if it makes one."""
    job_id = fake.call(operation, params).get("JobId")
    if job_id is not None:
        if fake.jobs[job_id].status == "PENDING":
            fake.jobs.finish(job_id)
        assert (fake.jobs[job_id].status, fake.jobs[job_id].error) == ("COMPLETED", None)


def failure(fake: FakeAmplifyBackend, operation: Any, params: dict[str, Any]) -> str:
    """Call an operation and give the Error of its job, which must end FAILED."""
    job_id = fake.call(operation, params)["JobId"]
    if fake.jobs[job_id].status == "PENDING":
        fake.jobs.finish(job_id)
    job = fake.jobs[job_id]
    assert job.status == "FAILED"
    assert job.error is not None
    return job.error


def refusal(
    fake: FakeAmplifyBackend,
    operation: Any,
    params: dict[str, Any],
    error: type[errors.ServiceError] = errors.BadRequest,
) -> str:
    """The text with which the service refuses a call at once; the state must stay as it was."""
    before = fake.dump()
    with pytest.raises(error) as refused:
        fake.call(operation, params)
    assert fake.dump() == before
    return refused.value.message.removeprefix(errors.OBSERVED_PREFIX)
