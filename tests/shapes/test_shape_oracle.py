"""assert_shape refuses all that botocore's own validator refuses, over answers broken at random."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import answers
import pytest

pytest.importorskip("hypothesis")

from hypothesis import given
from hypothesis import strategies as st

from pytest_amplifybackend import _shapes as shapes
from pytest_amplifybackend._api import validity

VALUES = st.sampled_from([None, 5, 2.5, "text", [], {}, [1], {"x": 1}, b"bytes", ("text",)]).map(
    copy.deepcopy
)  # what is put in may be altered in its turn


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every member and element of a response."""
    if isinstance(value, dict):
        items: Any = value.items()
    else:
        items = enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield (*path, name)
        yield from places(item, (*path, name))


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, Any]:
    """An answer of the fake in which up to three members are taken away, replaced or added."""
    operation = draw(st.sampled_from(sorted(answers.READS)))
    response = answers.answer(operation)
    for _ in range(draw(st.integers(0, 3))):
        known = list(places(response))
        if not known:
            break
        *path, last = draw(st.sampled_from(known))
        home = response
        for name in path:
            home = home[name]
        match draw(st.sampled_from(["remove", "replace", "add"])):
            case "remove":
                del home[last]
            case "replace":
                home[last] = draw(VALUES)
            case "add" if isinstance(home, dict):
                home[draw(st.sampled_from(["Other", "AppId", "Status"]))] = draw(VALUES)
    return operation, response


def accepted_by_botocore(operation: str, response: Any) -> bool:
    try:
        validity.check_response(operation, response)
    except validity.InvalidParams:
        return False
    return True


@given(broken())
def test_what_botocore_refuses_is_refused(case: tuple[str, Any]) -> None:
    operation, response = case
    found = shapes.differences(operation, response)
    if not accepted_by_botocore(operation, response):
        assert found
    beyond_botocore = [  # it knows no enum, no RespObj and no JSON inside strings
        one for one in found if one.member or one.mark == "-" or "one of" in one.text
    ]
    if not beyond_botocore:
        assert accepted_by_botocore(operation, response) == (not found)


@given(broken())
def test_the_tree_is_of_any_response(case: tuple[Any, Any]) -> None:
    operation, response = case
    shapes.response_shape(response)
    shapes.response_shape(response, operation)
