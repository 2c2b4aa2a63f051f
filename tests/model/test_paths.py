from __future__ import annotations

import copy
from typing import Any

import pytest

from pytest_amplifybackend._api import catalogue, paths

CONFIG = {
    "DefaultAuthType": {"Mode": "API_KEY"},
    "AdditionalAuthTypes": [{"Mode": "AWS_IAM"}, {"Settings": {}}, {"Mode": "OPENID_CONNECT"}],
}
REQUEST = {"AppId": "d1", "ResourceConfig": CONFIG}
SHAPE = catalogue.operations()["CreateBackendAPI"].input_shape
MODES = "ResourceConfig.AdditionalAuthTypes[].Mode"


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("", ()),
        ("AppId", ("AppId",)),
        (MODES, ("ResourceConfig", "AdditionalAuthTypes", "[]", "Mode")),
        ("Jobs[12]", ("Jobs", "[12]")),
        ("[][0].A", ("[]", "[0]", "A")),
    ],
)
def test_a_path_is_its_segments_joined(path: str, parts: tuple[str, ...]) -> None:
    assert paths.segments(path) == parts
    joined = ""
    for part in parts:
        joined = paths.join(joined, part)
    assert joined == path


def test_an_index_is_joined_as_one_and_generalized() -> None:
    assert paths.join(paths.join(paths.join("A", 3), "B"), 0) == "A[3].B[0]"
    assert paths.general("A[3].B[0]") == "A[].B[]"


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("", [REQUEST]),
        ("AppId", ["d1"]),
        ("ResourceConfig.DefaultAuthType.Mode", ["API_KEY"]),
        (MODES, ["AWS_IAM", "OPENID_CONNECT"]),
        ("ResourceConfig.AdditionalAuthTypes[2].Mode", ["OPENID_CONNECT"]),
        ("ResourceConfig.AdditionalAuthTypes[3].Mode", []),
        ("ResourceConfig.Missing.Mode", []),
        ("AppId.Mode", []),
        ("AppId[]", []),
        ("AppId[0]", []),
        ("ResourceConfig[0]", []),
    ],
)
def test_values_are_found_where_a_path_leads(path: str, values: list[Any]) -> None:
    assert paths.find(REQUEST, path) == values
    assert paths.get(REQUEST, path, "none") == (values[0] if values else "none")


def test_places_can_be_changed() -> None:
    request: Any = copy.deepcopy(REQUEST)
    for container, key in paths.places(request, MODES):
        container[key] = "CHANGED"
    assert paths.find(request, MODES) == ["CHANGED", "CHANGED"]
    assert request["ResourceConfig"]["AdditionalAuthTypes"][1] == {"Settings": {}}


def test_where_nothing_is_the_places_are_those_that_could_hold_it() -> None:
    missing = "ResourceConfig.AdditionalAuthTypes[].Settings.OpenIDClientId"
    assert paths.places(REQUEST, missing) == [({}, "OpenIDClientId")]
    assert paths.places(REQUEST, "ResourceConfig.TransformSchema") == [(CONFIG, "TransformSchema")]
    assert paths.places(REQUEST, "Nothing.AtAll") == []


def test_the_whole_is_at_the_empty_path() -> None:
    ((container, key),) = paths.places(REQUEST, "")
    assert container[key] is REQUEST


def test_put_makes_the_structures_on_its_way() -> None:
    value: dict[str, Any] = {"A": [{"B": 1}]}
    paths.put(value, "A[0].B", 2)
    paths.put(value, "C.D.E", 3)
    assert value == {"A": [{"B": 2}], "C": {"D": {"E": 3}}}


def test_a_walk_gives_each_value_its_path_and_shape() -> None:
    met = {path: (value, shape) for path, value, shape in paths.walk(REQUEST, SHAPE)}
    assert list(met)[:3] == ["", "AppId", "ResourceConfig"]
    value, shape = met["ResourceConfig.AdditionalAuthTypes[2].Mode"]
    assert (value, shape.name) == ("OPENID_CONNECT", "Mode")
    by_path = {"": SHAPE, **dict(catalogue.members(SHAPE))}
    for path, (value, shape) in met.items():
        assert paths.find(REQUEST, path) == [value]
        assert shape is by_path[paths.general(path)]


def test_what_no_shape_describes_is_walked_without_one() -> None:
    odd = {"AppId": {"X": 1}, "Unknown": [2], "ResourceConfig": ["text"]}
    met = {path: shape for path, _, shape in paths.walk(odd, SHAPE)}
    assert [met[path] for path in ("AppId.X", "Unknown", "Unknown[0]", "ResourceConfig[0]")] == [
        None
    ] * 4


def test_leaves_are_mapped_with_path_and_shape() -> None:
    def told(leaf: Any, path: str, shape: Any) -> str:
        return f"{path}={leaf} ({shape and shape.type_name})"

    assert paths.map_leaves({"AppId": "d1", "Other": (1, 2)}, told, SHAPE) == {
        "AppId": "AppId=d1 (string)",
        "Other": ["Other[0]=1 (None)", "Other[1]=2 (None)"],
    }


def test_a_mapped_copy_shares_nothing() -> None:
    same = paths.map_leaves(REQUEST, lambda leaf, path, shape: leaf)
    assert same == REQUEST
    assert same["ResourceConfig"]["DefaultAuthType"] is not CONFIG["DefaultAuthType"]
