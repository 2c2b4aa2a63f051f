"""Puts what a request needs in place, sends it to a fake, and says how it was met."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend.strategies import InvalidRequest, JobFailure, Request

_IMPORTED_BUCKET = "imported-bucket"


def prepare(fake: FakeAmplifyBackend, request: Request) -> None:
    """A fake in which the request's job can do its work."""
    fake.reset()
    params, operation = request.params, request.operation
    app = params.get("AppId")
    if app is None or operation == "CreateBackend":
        return
    environment = params.get("BackendEnvironmentName", "dev")
    fake.add_app(app, environments=(environment,))
    name = params.get("ResourceName", "")
    verb, _, family = operation.partition("Backend")
    if family == "Auth" and verb in ("Update", "Delete", "Get"):
        fake.add_auth(app, environment, name=name)
    if family in ("API", "Storage", "APIModels") and verb != "List":
        fake.add_auth(app, environment)
    if family in ("API", "APIModels") and verb in ("Update", "Delete", "Get", "Generate"):
        fake.add_api(app, environment, name=name)
    if family == "Storage" and verb in ("Update", "Delete", "Get"):
        fake.add_storage(app, environment, name=name)
    if operation == "ImportBackendStorage":
        fake.add_bucket(params.get("BucketName") or _IMPORTED_BUCKET)
    if operation == "GetBackendAPIModels":
        generate = {"AppId": app, "BackendEnvironmentName": environment, "ResourceName": name}
        fake.call("GenerateBackendAPIModels", generate)
    if operation in ("UpdateBackendConfig", "RemoveBackendConfig"):
        fake.call("CreateBackendConfig", {"AppId": app})


def send(client: Any, request: Request) -> Any:
    """The response without what the transport adds."""
    response = request.send(client)
    response.pop("ResponseMetadata", None)
    return response


def job_error(client: Any, response: dict[str, Any]) -> str | None:
    """How the job of an accepted request ended: its Error, None when it is COMPLETED."""
    job = client.get_backend_job(
        AppId=response["AppId"],
        BackendEnvironmentName=response.get("BackendEnvironmentName", "dev"),
        JobId=response["JobId"],
    )
    assert job["Status"] in ("COMPLETED", "FAILED"), job
    return job["Error"] if job["Status"] == "FAILED" else None


def assert_refused(fake: FakeAmplifyBackend, client: Any, request: InvalidRequest) -> None:
    """Send a request that is refused, and hold what happens to what it says of itself."""
    layer, expected = str(request.layer), request.expected
    if layer == "provisioning":
        assert isinstance(expected, JobFailure)
        error = job_error(client, send(client, request))
        assert error is not None, f"{request!r}: the job ended COMPLETED"
        assert expected.text in error, f"{request!r}: {error}"
        return
    before, calls = fake.dump(), len(fake.calls)
    refused: Any = None
    try:
        response = send(client, request)
    except (ParamValidationError, ClientError) as error:
        refused = error
    if refused is None:
        raise AssertionError(f"{request!r}: answered {response}")
    if isinstance(refused, ParamValidationError):
        assert expected is ParamValidationError, f"{request!r}: {refused}"
        assert len(fake.calls) == calls
    else:
        assert expected is errors.BadRequest, f"{request!r}: {refused}"
        told = refused.response["Error"]
        assert told["Code"] == errors.BadRequest.code, f"{request!r}: {refused}"
        assert f"(rule {request.rule})" in told["Message"], f"{request!r}: {refused}"
    assert fake.dump() == before
