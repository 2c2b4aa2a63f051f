"""The catalogue: what the rest of the package relies on in the shipped model."""

from __future__ import annotations

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._api import catalogue, validity

FOUR = (
    "BadRequestException",
    "GatewayTimeoutException",
    "NotFoundException",
    "TooManyRequestsException",
)


def test_every_operation_lists_the_four_errors() -> None:
    assert {operation.errors for operation in catalogue.operations().values()} == {FOUR}


@pytest.mark.parametrize("operation", catalogue.operations().values(), ids=lambda one: one.name)
def test_a_path_is_made_from_required_members(operation: catalogue.Operation) -> None:
    labels = {
        f"{{{member.serialization['name']}}}"
        for name, member in operation.input_shape.members.items()
        if member.serialization.get("location") == "uri" and name in operation.required
    }
    assert {part for part in operation.path.split("/") if part.startswith("{")} == labels


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
