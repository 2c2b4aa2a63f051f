"""The table that pairs each response with the shape that says what it must hold."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.responses import RESPONSE_OBJECTS, required_members


def _members(shape: Any) -> dict[str, str]:
    return {path: member.type_name for path, member in catalogue.members(shape)}


def test_the_table_is_of_operations_that_there_are() -> None:
    assert RESPONSE_OBJECTS.keys() <= catalogue.operations().keys()


@pytest.mark.parametrize("name", RESPONSE_OBJECTS)
def test_both_shapes_have_the_same_members(name: str) -> None:
    shape = catalogue.service_model().shape_for(RESPONSE_OBJECTS[name])
    assert _members(shape) == _members(catalogue.operations()[name].output_shape)


@pytest.mark.parametrize("name", catalogue.operations())
def test_what_is_required_is_a_member(name: str) -> None:
    response = catalogue.operations()[name].output_shape
    assert set(required_members(name)) <= set(response.members)
    assert not response.required_members  # why the table is there


def test_every_response_object_of_the_model_is_used() -> None:
    objects = {name for name in catalogue.service_model().shape_names if name.endswith("RespObj")}
    others = {
        "GetBackendAPICodegenRespObj",  # of old models, requires nothing; gone from newer ones
        "ListOfBackendJobRespObj",  # a list
    }
    assert objects - others == set(RESPONSE_OBJECTS.values())


def test_what_a_response_must_hold() -> None:
    assert required_members("GetBackendJob") == ("AppId", "BackendEnvironmentName")
    assert required_members("GetBackendAPIModels") == ("Status",)
    assert "AmplifyMetaConfig" not in required_members("GetBackend")
