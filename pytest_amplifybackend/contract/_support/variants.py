"""Variants of the fullest requests: the same members with other values, made from the model.

A member that the model gains is varied by itself. What no rule allows stays as it is.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.paths import put, walk
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.rule import Layer
from pytest_amplifybackend.contract._support.limits import LIMITS

Params = dict[str, Any]

OTHER_LETTERS = (
    "Zo\u00eb e\u0301 \u65e5\u672c\u8a9e \U0001f98a \u202eABC a\u200bb\u200dc\u00add\ufeffe"
)
"""Composed and decomposed letters, of three and four bytes, right-to-left, and without a width."""

_ENVELOPE = ("AppId", "BackendEnvironmentName", "ResourceName", "TargetEnvironmentName")


def is_valid(operation: str, params: Params) -> bool:
    """Whether a request keeps every rule."""
    return not any(
        table.current().violations(operation, layer, params)
        for layer in (Layer.SERVICE, Layer.PROVISIONING)
    )


def _varied(operation: str, params: Params, change: Callable[[Any, Any], Iterator[Any]]) -> Params:
    """A copy where each value has the first of its changes that keeps every rule, if any does."""
    varied = copy.deepcopy(params)
    shape = catalogue.operations()[operation].input_shape
    for path, value, below in list(walk(params, shape)):
        if not path or path in _ENVELOPE:
            continue
        for other in change(value, below):
            put(varied, path, other)
            if is_valid(operation, varied):
                break
            put(varied, path, value)
    return varied


def turned(operation: str, params: Params) -> Params:
    """Every list the other way round: of an enum all values, from the last to the first."""

    def turn(value: Any, shape: Any) -> Iterator[Any]:
        if shape.type_name == "list":
            values = getattr(shape.member, "enum", None)
            if values:
                yield [*reversed(values)]
            yield [*reversed(value)]

    return _varied(operation, params, turn)


def unsorted(operation: str, params: Params) -> Params:
    """Every list longer, and neither in the order of the alphabet nor in that of the model."""

    def shuffle(value: Any, shape: Any) -> Iterator[Any]:
        if shape.type_name != "list":
            return
        values = getattr(shape.member, "enum", None)
        if values:
            half = len(values) // 2 or 1
            yield [*values[half:], *reversed(values[:half])]
        elif value and isinstance(value[0], str):
            yield [f"{value[0]}{end}" for end in ("m", "z", "a")]

    return _varied(operation, params, shuffle)


def repeated(operation: str, params: Params) -> Params:
    """Every list with each of its values twice, wherever no rule keeps that out."""

    def repeat(value: Any, shape: Any) -> Iterator[Any]:
        if shape.type_name == "list":
            yield [*value, *value]

    return _varied(operation, params, repeat)


def _rewritten(operation: str, params: Params, *ways: Callable[[str], str]) -> Params:
    """Every string that is not an enum's rewritten in the first way that keeps every rule."""

    def rewrite(value: Any, shape: Any) -> Iterator[Any]:
        if isinstance(value, str) and not getattr(shape, "enum", None):
            yield from (way(value) for way in ways)

    return _varied(operation, params, rewrite)


def in_other_letters(operation: str, params: Params) -> Params:
    """Every string with letters of other scripts, wherever no rule keeps them out."""
    return _rewritten(
        operation,
        params,
        lambda value: f"{value} {OTHER_LETTERS}",
        lambda value: f"{value}\n# {OTHER_LETTERS}",  # a schema's comment
    )


def with_marks(operation: str, params: Params) -> Params:
    """Every string with what HTML, JSON and shells have a meaning for, and in several lines."""
    marks = "\t\"a\" 'b' \\n <i>&amp;</i> $HOME %20"
    return _rewritten(
        operation,
        params,
        lambda value: f"{value}\r\n{marks}",
        lambda value: f"{value}\n# {marks}",
    )


def in_both_cases(operation: str, params: Params) -> Params:
    """Every string in small and capital letters by turns."""
    return _rewritten(
        operation,
        params,
        lambda value: "".join(
            letter.upper() if at % 2 else letter for at, letter in enumerate(value)
        ),
        lambda value: f"{value}\n# In Both Cases",
    )


def at_limits(*, most: bool) -> Callable[[str, Params], Params]:
    """Every member that has documented limits at the lower, or the upper, one of them."""

    def limit(operation: str, params: Params) -> Params:
        changed = copy.deepcopy(params)
        for row in LIMITS:
            if row.operation == operation and row.taken:
                put(changed, row.path, max(row.taken, key=_size) if most else row.taken[0])
        return changed

    return limit


def _size(value: Any) -> float:
    return len(value) if hasattr(value, "__len__") else value


VARIANTS: Mapping[str, Callable[[str, Params], Params]] = {
    "turned": turned,
    "unsorted": unsorted,
    "repeated": repeated,
    "in other letters": in_other_letters,
    "with marks": with_marks,
    "in both cases": in_both_cases,
    "at the lower limits": at_limits(most=False),
    "at the upper limits": at_limits(most=True),
}
