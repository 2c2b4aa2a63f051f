"""The catalogue is botocore's model of the API, and is what real clients were seen to send."""

from __future__ import annotations

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._api import catalogue, installed, validity

ENVIRONMENT = "/backend/{appId}/environments/{backendEnvironmentName}"
API, AUTH, STORAGE = (f"/backend/{{appId}}/{kind}" for kind in ("api", "auth", "storage"))
JOB = "/backend/{appId}/job/{backendEnvironmentName}"
CHALLENGE = "/backend/{appId}/challenge"
ENV = "/{backendEnvironmentName}"
NEW_RESOURCE = "backendEnvironmentName* resourceConfig* resourceName*"
NAMED = "resourceName*"

WIRE = {
    "CloneBackend": ("POST", f"{ENVIRONMENT}/clone", "targetEnvironmentName*"),
    "CreateBackend": (
        "POST",
        "/backend",
        "appId* appName* backendEnvironmentName* resourceConfig resourceName",
    ),
    "CreateBackendAPI": ("POST", API, NEW_RESOURCE),
    "CreateBackendAuth": ("POST", AUTH, NEW_RESOURCE),
    "CreateBackendConfig": ("POST", "/backend/{appId}/config", "backendManagerAppId"),
    "CreateBackendStorage": ("POST", STORAGE, NEW_RESOURCE),
    "CreateToken": ("POST", CHALLENGE, ""),
    "DeleteBackend": ("POST", f"{ENVIRONMENT}/remove", ""),
    "DeleteBackendAPI": ("POST", f"{API}{ENV}/remove", f"resourceConfig {NAMED}"),
    "DeleteBackendAuth": ("POST", f"{AUTH}{ENV}/remove", NAMED),
    "DeleteBackendStorage": ("POST", f"{STORAGE}{ENV}/remove", f"{NAMED} serviceName*"),
    "DeleteToken": ("POST", f"{CHALLENGE}/{{sessionId}}/remove", ""),
    "GenerateBackendAPIModels": ("POST", f"{API}{ENV}/generateModels", NAMED),
    "GetBackend": ("POST", "/backend/{appId}/details", "backendEnvironmentName"),
    "GetBackendAPI": ("POST", f"{API}{ENV}/details", f"resourceConfig {NAMED}"),
    "GetBackendAPIModels": ("POST", f"{API}{ENV}/getModels", NAMED),
    "GetBackendAuth": ("POST", f"{AUTH}{ENV}/details", NAMED),
    "GetBackendJob": ("GET", f"{JOB}/{{jobId}}", ""),
    "GetBackendStorage": ("POST", f"{STORAGE}{ENV}/details", NAMED),
    "GetToken": ("GET", f"{CHALLENGE}/{{sessionId}}", ""),
    "ImportBackendAuth": (
        "POST",
        f"{AUTH}{ENV}/import",
        "identityPoolId nativeClientId* userPoolId* webClientId*",
    ),
    "ImportBackendStorage": ("POST", f"{STORAGE}{ENV}/import", "bucketName serviceName*"),
    "ListBackendJobs": ("POST", JOB, "jobId maxResults nextToken operation status"),
    "ListS3Buckets": ("POST", "/s3Buckets", "nextToken"),
    "RemoveAllBackends": ("POST", "/backend/{appId}/remove", "cleanAmplifyApp"),
    "RemoveBackendConfig": ("POST", "/backend/{appId}/config/remove", ""),
    "UpdateBackendAPI": ("POST", f"{API}{ENV}", f"resourceConfig {NAMED}"),
    "UpdateBackendAuth": ("POST", f"{AUTH}{ENV}", f"resourceConfig* {NAMED}"),
    "UpdateBackendConfig": ("POST", "/backend/{appId}/config/update", "loginAuthConfig"),
    "UpdateBackendJob": ("POST", f"{JOB}/{{jobId}}", "operation status"),
    "UpdateBackendStorage": ("POST", f"{STORAGE}{ENV}", f"resourceConfig* {NAMED}"),
}
"""Method, path and body of every operation, as measured from ten clients; ``*`` is required."""

IRREGULAR = {
    "MFAMode": "MFAMode",
    "Facebook": "Facebook",
    "Google": "Google",
    "LoginWithAmazon": "LoginWithAmazon",
    "SignInWithApple": "SignInWithApple",
    "ClientId": "client_id",
    "ClientSecret": "client_secret",
    "KeyId": "key_id",
    "PrivateKey": "private_key",
    "TeamId": "team_id",
    "AwsCognitoIdentityPoolId": "aws_cognito_identity_pool_id",
    "AwsCognitoRegion": "aws_cognito_region",
    "AwsUserPoolsId": "aws_user_pools_id",
    "AwsUserPoolsWebClientId": "aws_user_pools_web_client_id",
}
"""Wire names that are not the member's own with a small first letter."""

FOUR = (
    "BadRequestException",
    "GatewayTimeoutException",
    "NotFoundException",
    "TooManyRequestsException",
)


def test_there_are_thirty_one_operations() -> None:
    assert len(WIRE) == 31
    assert list(catalogue.operations()) == sorted(WIRE)


@pytest.mark.parametrize("name", WIRE)
def test_an_operation_on_the_wire(name: str) -> None:
    operation = catalogue.operations()[name]
    method, path, body = WIRE[name]
    assert (operation.method, operation.path) == (method, path)
    shape = operation.input_shape
    in_body = {
        member.serialization["name"] + "*" * (each in operation.required)
        for each, member in shape.members.items()
        if "location" not in member.serialization
    }
    assert in_body == set(body.split())
    labels = {f"{{{member.serialization['name']}}}" for member in shape.members.values()}
    assert {part for part in path.split("/") if part.startswith("{")} <= labels


@pytest.mark.parametrize("name", WIRE)
def test_the_wire_names(name: str) -> None:
    for path, shape in catalogue.members(catalogue.operations()[name].input_shape):
        if path.endswith("[]"):
            continue  # an element has no name
        member = path.rsplit(".", 1)[-1]
        usual = f"{member[0].lower()}{member[1:]}"
        assert shape.serialization.get("name", member) == IRREGULAR.get(member, usual), path


@pytest.mark.parametrize("name", WIRE)
def test_the_operation_is_botocores(name: str) -> None:
    theirs = installed.service_model().operation_model(name)
    ours = catalogue.operations()[name]
    assert (theirs.http["method"], theirs.http["requestUri"]) == (ours.method, ours.path)
    assert tuple(theirs.input_shape.required_members) == ours.required
    assert ours.errors == FOUR == tuple(sorted(shape.name for shape in theirs.error_shapes))
    known = {path for path, _ in catalogue.members(theirs.input_shape)}
    assert {path for path, _ in catalogue.members(ours.input_shape)} <= known


def test_the_errors_are_the_modeled_ones() -> None:
    model = catalogue.service_model()
    assert tuple(sorted(errors.MODELED)) == FOUR
    for code, error in errors.MODELED.items():
        shape = model.shape_for(code)
        assert error.status == shape.metadata["error"]["httpStatusCode"]
        assert {"Message", *_every_member(error)} == set(shape.members)


def _every_member(error: type[errors.ServiceError]) -> dict[str, str]:
    if error is errors.NotFound:
        return errors.NotFound(resource_type="x").members
    if error is errors.TooManyRequests:
        return errors.TooManyRequests(limit_type="x").members
    return error().members


def test_the_method_names() -> None:
    names = {catalogue.method_name(name) for name in catalogue.operations()}
    assert names == set(FakeAmplifyBackend().client().meta.method_to_api_mapping)


def test_paths_go_into_lists_and_structures() -> None:
    shape = catalogue.operations()["CreateBackendAPI"].input_shape
    paths = [path for path, _ in catalogue.members(shape)]
    assert "ResourceConfig.AdditionalAuthTypes" in paths
    assert "ResourceConfig.AdditionalAuthTypes[].Settings.ExpirationTime" in paths


def test_params_are_held_to_the_shape() -> None:
    validity.check_params("GetBackend", {"AppId": "d1abc"})
    with pytest.raises(validity.InvalidParams, match="the whole is missing AppId"):
        validity.check_params("GetBackend", {})
    with pytest.raises(validity.InvalidParams, match="AppId must be a string, not 5"):
        validity.check_response("GetBackend", {"AppId": 5})
