"""Enums: each value is taken, and none that is only like it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.paths import put, walk
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, modeled
from pytest_amplifybackend.contract._support.samples import STATES, sample


def _with(params: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(params)
    put(changed, path, value)
    return changed


def _places(operation: str) -> list[tuple[str, Any]]:
    """The paths of a full request that lead to values of an enum, or lists of them; their shape."""
    params, shape = sample(operation, {}, full=True), catalogue.operations()[operation].input_shape
    return [
        (path, below)
        for path, value, below in walk(params, shape)
        if _enum(below) and not path.endswith("]")
    ]


def _enum(shape: Any) -> Any:
    return getattr(shape.member if shape.type_name == "list" else shape, "enum", None)


EACH = [pytest.param(name, marks=about(name)) for name in catalogue.operations() if _places(name)]
WRITES = [
    pytest.param(f"{verb}Backend{family}", marks=about(f"{verb}Backend{family}"))
    for verb in ("Create", "Update")
    for family in ("Auth", "Storage")
]


@modeled("the enums of the model, whose values are written one way")
@pytest.mark.parametrize("operation", EACH)
def test_a_value_in_lower_case_is_none(backend: Backend, shared: Any, operation: str) -> None:
    params = sample(operation, shared(STATES[operation]), full=True)
    for path, shape in _places(operation):
        value = shape.member.enum[0].lower() if shape.type_name == "list" else shape.enum[0].lower()
        wrong = _with(params, path, [value] if shape.type_name == "list" else value)
        backend.rejected(operation, wrong, errors.BadRequest)


@modeled("the enums of the model")
@pytest.mark.parametrize("operation", WRITES)
def test_every_value_is_taken(backend: Backend, shared: Any, operation: str) -> None:
    """All values of a list at once; of the others the first of each, the second, and so on."""
    params = sample(
        operation, shared(STATES[operation], reconfigured=operation.startswith("Update")), full=True
    )
    places = _places(operation)
    single = [len(shape.enum) for _, shape in places if shape.type_name != "list"]
    for number in range(max(single)):
        for path, shape in places:
            if shape.type_name == "list":
                params = _with(params, path, list(shape.member.enum))
            else:
                params = _with(params, path, shape.enum[number % len(shape.enum)])
        backend.done(operation, params)
        if operation.startswith("Create"):
            undo = operation.replace("Create", "Delete")
            backend.done(undo, sample(undo, params))
