"""response_shape: the typed tree of a response."""

from __future__ import annotations

import json
from typing import Any

import answers
import pytest

from pytest_amplifybackend import errors, response_shape
from pytest_amplifybackend._api import catalogue, embedded

PERMISSIONS = ["enum CREATE_AND_UPDATE | DELETE | READ"]


@pytest.mark.parametrize("operation", answers.READS)
def test_the_operation_need_not_be_said(operation: Any) -> None:
    response = answers.answer(operation)
    assert response_shape(response) == response_shape(response, operation)


def test_members_types_and_enums() -> None:
    assert response_shape(answers.answer("GetBackendStorage")) == {
        "AppId": "string",
        "BackendEnvironmentName": "string",
        "ResourceConfig": {
            "BucketName": "string",
            "Imported": "boolean",
            "Permissions": {"Authenticated": PERMISSIONS},
            "ServiceName": "enum S3",
        },
        "ResourceName": "string",
    }


def test_a_whole_number_where_the_model_has_a_double() -> None:
    config = response_shape(answers.answer("GetBackendAuth"))["ResourceConfig"]
    assert config["UserPoolConfigs"]["PasswordPolicy"] == {"MinimumLength": "double"}


def test_a_list_has_the_different_shapes_of_its_elements_in_any_order() -> None:
    response = answers.answer("ListBackendJobs")
    failed, ended = response_shape(response)["Jobs"]
    assert failed == {**ended, "Error": "string"}
    response["Jobs"].reverse()
    assert response_shape(response)["Jobs"] == [failed, ended]


def test_an_empty_list() -> None:
    assert response_shape({"Buckets": []}) == {"Buckets": []}


def test_an_enum_or_a_free_string() -> None:
    assert response_shape({"Status": "LATEST"}) == {"Status": "string"}
    said = "enum LATEST | STALE"
    assert response_shape({"Status": "LATEST"}, "GetBackendAPIModels") == {"Status": said}
    assert response_shape({"Status": "NEW"}, "GetBackendAPIModels") == {
        "Status": f"string outside {said}"
    }


def test_json_inside_a_string() -> None:
    tree = response_shape(answers.answer("GetBackend"))["AmplifyMetaConfig"]["json"]
    assert tree["storage"]["media"]["output"] == {"BucketName": "string", "Region": "string"}
    assert response_shape({"AmplifyMetaConfig": "{"}) == {"AmplifyMetaConfig": "string"}
    assert response_shape({"Other": "{}"}) == {"Other": "string"}


def test_values_of_no_shape() -> None:
    response = {"AppId": 1, "Else": {"b": None, "a": [1, 2.5, "x", True]}, "ResponseMetadata": {}}
    assert response_shape(response) == {
        "AppId": "integer",
        "Else": {"a": ["boolean", "double", "integer", "string"], "b": "null"},
    }
    assert response_shape("text") == "string"


def test_the_tree_is_ready_for_json() -> None:
    for operation in answers.READS:
        tree = response_shape(answers.answer(operation))
        assert json.loads(json.dumps(tree)) == tree


def test_an_operation_that_is_none() -> None:
    with pytest.raises(errors.UnknownOperation, match="did you mean 'GetToken'"):
        response_shape({}, "GetTokens")  # type: ignore[arg-type]  # on purpose


def test_members_with_json_are_free_strings_of_one_operation_each() -> None:
    homes: dict[str, list[str]] = {}
    for operation in catalogue.operations().values():
        for path, shape in catalogue.members(operation.output_shape):
            if path.rsplit(".", 1)[-1] in embedded.EMBEDDED:
                homes.setdefault(path, []).append(operation.name)
                assert (shape.type_name, shape.enum) == ("string", [])
    expected = {name: ["GetBackendAPIModels"] for name in ("ModelIntrospectionSchema", "Models")}
    expected |= {name: ["GetBackend"] for name in ("AmplifyFeatureFlags", "AmplifyMetaConfig")}
    assert {**expected, **homes} == expected
    assert set(expected) == set(embedded.EMBEDDED)
    for member in embedded.EMBEDDED:
        assert embedded.content_shape(member).type_name == "structure"
