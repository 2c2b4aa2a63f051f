"""The mutations: how a valid request is made to break one rule at one path.

Each breaker changes the params in place and gives the words that say what it did.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from pytest_amplifybackend._api import paths, validity
from pytest_amplifybackend._api.secrets.shapes import sensitive_paths
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.constraints import Constraint, GraphQLSchema
from pytest_amplifybackend._rules.leaves import Choices, Texts
from pytest_amplifybackend.strategies._internal.accepting import broken
from pytest_amplifybackend.strategies._internal.targets import (
    RANGE,
    REQUIRED,
    TYPE,
    UNKNOWN,
    Target,
    shapes,
)

Params = dict[str, Any]
Draw = Callable[..., Any]
_SHOWN = 60
_NUMBERS = st.integers(0, 999)
_FIRST = st.integers(0, 255)


def break_request(draw: Draw, target: Target, params: Params) -> str:
    """Break the target's rule in ``params``; gives what was done, as the middle of a sentence."""
    if target.constraint is None:
        return _CLIENT[target.rule](draw, target, params)
    container, key = draw(st.sampled_from(_breakable(params, target.path, target.constraint)))
    candidates = _candidates(target, target.constraint, container[key])
    first = draw(_FIRST) % max(len(candidates), 1)
    for bad in (*candidates[first:], *candidates[:first]):
        container[key] = bad
        if rejected_by(target, params if target.path else bad):
            break
    else:
        reject()  # what was drawn leaves no value that another rule would not reject first
    if not target.path:
        params.clear()
        params.update(bad)
    return _said(target, bad)


def _candidates(target: Target, constraint: Constraint, value: Any) -> list[Any]:
    """What may break a constraint: what it says itself, and what the other rules there allow.

    A rule that narrows an enum or a boolean is broken by nothing else.
    """
    kind = shapes(target.operation)[target.path].type_name
    allowed: list[Any] = [True, False] if kind == "boolean" else []
    for other in table.current().at(target.operation, target.path) if kind == "string" else ():
        found = other.narrow(Texts())
        allowed += found.values if isinstance(found, Choices) else ()
    others = [one for one in allowed if not constraint.holds(one)]
    return [*constraint.breaking(copy.deepcopy(value)), *others]


def _breakable(params: Params, path: str, constraint: Constraint) -> list[tuple[Any, Any]]:
    """The places of a path at which a constraint can be broken, all of them if none can yet."""
    found = paths.places(params, path)
    met = [
        (container, key)
        for container, key in found
        if all(container[key].get(name) in values for name, values in constraint.conditions)
    ]
    return met or found


def rejected_by(target: Target, params: Params) -> bool:
    """Whether a request is rejected by the target's rule at its path, and not before by another."""
    try:
        validity.check_params(target.operation, params)
    except validity.InvalidParams:
        return False
    for violation in broken(target.operation, params):
        place = violation.rule.name, paths.general(violation.path)
        return place == (target.rule, target.path)
    return False


def broken_rule(target: Target, params: Params) -> str:
    """The name of the rule that a broken request breaks: the target's, or one within it."""
    if target.constraint is None or isinstance(target.constraint, GraphQLSchema) is False:
        return target.rule
    return next(broken(target.operation, params)).name


def _said(target: Target, bad: Any) -> str:
    assert target.constraint is not None
    if target.constraint.structural:
        return f"is incomplete or inconsistent: it {target.constraint.message}"
    return f"is {_value(target, bad)}, but {target.constraint.message}"


def _value(target: Target, value: Any) -> str:
    if target.path in sensitive_paths(target.operation):
        return "a secret value"
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."


# What the client rejects


def _required(draw: Draw, target: Target, params: Params) -> str:
    container, key = draw(st.sampled_from(paths.places(params, target.path)))
    del container[key]
    return "is missing"


_WRONG: Mapping[str, st.SearchStrategy[Any]] = {
    "string": st.sampled_from((7, None, ["text"], {"text": "text"}, b"text", True)),
    "structure": st.sampled_from(("text", None, 7, [])),
    "list": st.sampled_from(("text", None, 7, {})),
    "boolean": st.sampled_from(("true", None, 1, [])),
    "double": st.sampled_from(("8", None, [8], {})),
    "integer": st.sampled_from(("7", None, 7.5, [7])),
}
"""Values of other types than a shape's, None included: a client takes no null for a member."""


def _type(draw: Draw, target: Target, params: Params) -> str:
    container, key = draw(st.sampled_from(paths.places(params, target.path)))
    kind = shapes(target.operation)[target.path].type_name
    container[key] = draw(_WRONG[kind])
    return f"is {_value(target, container[key])}, which is not a {kind}"


def _unknown(draw: Draw, target: Target, params: Params) -> str:
    known = shapes(target.operation)[target.path].members
    container, key = draw(st.sampled_from(paths.places(params, target.path)))
    misspelt = [f"{name[0].swapcase()}{name[1:]}" for name in known]
    candidates = [name for name in misspelt if name not in known]
    number = draw(_NUMBERS)
    name = candidates[number % len(candidates)] if candidates else f"Unknown{number}"
    container[key][name] = "value"
    return f"holds {name!r}, which its shape does not have"


def _range(draw: Draw, target: Target, params: Params) -> str:
    least = shapes(target.operation)[target.path].metadata["min"]
    container, key = draw(st.sampled_from(paths.places(params, target.path)))
    container[key] = least - 1 - draw(_NUMBERS)
    return f"is {container[key]}, below the minimum {least}"


_CLIENT: Mapping[str, Callable[[Draw, Target, Params], str]] = {
    REQUIRED: _required,
    TYPE: _type,
    UNKNOWN: _unknown,
    RANGE: _range,
}
