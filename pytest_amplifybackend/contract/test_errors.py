"""What is not there is answered with NotFoundException, and nothing comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support.backend import READS, Backend
from pytest_amplifybackend.contract._support.marks import about, assumed, modeled, observed
from pytest_amplifybackend.contract._support.samples import NOBODY, STATES, sample

OPERATIONS = catalogue.operations()
MAKES_IT = "CreateBackend"
ON_AN_APP = [
    pytest.param(name, marks=about(name))
    for name, operation in OPERATIONS.items()
    if "AppId" in operation.required and name != MAKES_IT
]
IN_AN_ENVIRONMENT = [
    pytest.param(name, marks=about(name))
    for name, operation in OPERATIONS.items()
    if "BackendEnvironmentName" in operation.required and name != MAKES_IT
]
OF_A_RESOURCE = [
    pytest.param(name, marks=about(name))
    for name in OPERATIONS
    if name.startswith("Get") and "ResourceName" in OPERATIONS[name].required
]


@observed("texts of the sister service amplify: App <id> not found.")
@pytest.mark.parametrize("operation", ON_AN_APP)
def test_an_app_that_is_not_there(backend: Backend, arrange: Any, operation: str) -> None:
    existing = arrange("no app")
    backend.rejected(operation, sample(operation, existing), errors.NotFound)
    if operation not in READS:
        backend.rejected("GetBackend", {"AppId": existing["AppId"]}, errors.NotFound)


@observed("texts of the sister service amplify: BackendEnvironment <name> does not exist.")
@pytest.mark.parametrize("operation", IN_AN_ENVIRONMENT)
def test_an_environment_that_is_not_there(backend: Backend, shared: Any, operation: str) -> None:
    existing = shared("app with environment dev")
    at = {"AppId": existing["AppId"], "BackendEnvironmentName": "nowhere"}
    params = sample(operation, at)
    if operation in READS:
        backend.rejected(operation, params, errors.NotFound)
        return
    with backend.unchanged(existing):
        backend.rejected(operation, params, errors.NotFound)


@assumed("a missing file is a not-found error; no text was recorded")
@pytest.mark.parametrize("operation", OF_A_RESOURCE)
def test_a_resource_that_is_not_there(backend: Backend, shared: Any, operation: str) -> None:
    existing = shared("app with environment dev")
    backend.rejected(operation, sample(operation, existing), errors.NotFound)


@assumed("a resource by another name is not there")
@pytest.mark.parametrize("operation", OF_A_RESOURCE)
def test_a_resource_of_another_name(backend: Backend, shared: Any, operation: str) -> None:
    existing = shared(STATES[operation])
    for name in ("nobody", existing["ResourceName"].swapcase()):
        backend.rejected(
            operation, sample(operation, {**existing, "ResourceName": name}), errors.NotFound
        )


@about("GetBackendAPIModels")
@assumed("models that were never generated are a missing file")
def test_models_that_were_not_generated(backend: Backend, shared: Any) -> None:
    existing = shared("API present")
    backend.rejected("GetBackendAPIModels", existing, errors.NotFound)


@about("GenerateBackendAPIModels")
@observed(
    "recorded answer: Invalid backend-config.json file. Expected api.<name>.service = AppSync"
)
@pytest.mark.parametrize("state", ["app with environment dev", "API present"])
def test_models_of_an_api_that_is_not_there(backend: Backend, shared: Any, state: str) -> None:
    existing = {**shared(state), "ResourceName": "nobody"}
    backend.rejected("GenerateBackendAPIModels", existing, errors.BadRequest)


@assumed("no recorded answer for an unknown job")
@pytest.mark.parametrize(
    "operation",
    [pytest.param(name, marks=about(name)) for name in ("GetBackendJob", "UpdateBackendJob")],
)
def test_a_job_that_is_not_there(backend: Backend, shared: Any, operation: str) -> None:
    existing = shared("app with environment dev")
    backend.rejected(operation, {**existing, "JobId": NOBODY}, errors.NotFound)


@assumed("no recorded answer for an unknown session")
@pytest.mark.parametrize(
    "operation", [pytest.param(name, marks=about(name)) for name in ("GetToken", "DeleteToken")]
)
def test_a_token_that_is_not_there(backend: Backend, shared: Any, operation: str) -> None:
    existing = shared("app with environment dev")
    backend.rejected(operation, {"AppId": existing["AppId"], "SessionId": NOBODY}, errors.NotFound)


@about("GetBackend")
@modeled("shape NotFoundException has the member resourceType")
def test_a_not_found_error_says_of_what(backend: Backend, arrange: Any) -> None:
    body = backend.rejected("GetBackend", {"AppId": arrange("no app")["AppId"]}, errors.NotFound)
    if body["Error"]["Code"] == errors.NotFound.code:  # the observed code has no such member
        kind = body.get("ResourceType")
        assert isinstance(kind, str), f"GetBackend: ResourceType {kind!r}"
        assert kind, "GetBackend: an empty ResourceType"
        assert body.get("Message"), "GetBackend: the error's own member Message"


@about("CreateBackendStorage")
@modeled("shape BadRequestException has the member message; enum ServiceName")
def test_a_bad_request_says_why(backend: Backend, shared: Any) -> None:
    params = sample("CreateBackendStorage", shared("auth present"))
    params["ResourceConfig"] = {**params["ResourceConfig"], "ServiceName": "s4"}
    body = backend.rejected("CreateBackendStorage", params, errors.BadRequest)
    if body["Error"]["Code"] == errors.BadRequest.code:  # the observed code has no such member
        assert body.get("Message"), "CreateBackendStorage: the error's own member Message"


@about("GetBackend")
@modeled("every answer has the id of its request")
def test_an_error_has_a_request_id_of_its_own(backend: Backend, arrange: Any) -> None:
    app = {"AppId": arrange("no app")["AppId"]}
    found = [
        backend.rejected("GetBackend", app, errors.NotFound)["ResponseMetadata"].get("RequestId")
        for _ in range(2)
    ]
    assert all(found), f"GetBackend: no request id in {found}"
    assert len(set(found)) == 2, f"GetBackend: two answers have the request id {found[0]}"


@about("CreateBackend")
@observed("texts of the sister service amplify: BackendEnvironment <name> already exists.")
def test_an_environment_that_is_there_already(backend: Backend, shared: Any) -> None:
    existing = shared("app with environment dev")
    with backend.unchanged(existing):
        backend.rejected(MAKES_IT, sample(MAKES_IT, existing), errors.BadRequest)
