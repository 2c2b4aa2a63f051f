"""The mutations: how a valid request is made to break one rule at one path, and nothing else.

Each breaker changes the params in place and gives the words that say what it did.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from pytest_amplifybackend._api import sensitive
from pytest_amplifybackend._rules import constraints as c
from pytest_amplifybackend.strategies._internal.api import DEFAULT_MODE, PROVIDER_OF
from pytest_amplifybackend.strategies._internal.schemas import extra_model
from pytest_amplifybackend.strategies._internal.targets import (
    RANGE,
    REQUIRED,
    TYPE,
    UNKNOWN,
    Target,
    checked_paths,
    never_empty,
    required_paths,
    shapes,
)
from pytest_amplifybackend.strategies._internal.texts import LONGEST_URI

Params = dict[str, Any]
Draw = Callable[..., Any]
_SHOWN = 60
_NUMBERS = st.integers(0, 999)


def break_request(draw: Draw, target: Target, params: Params) -> str:
    """Break the target's rule in ``params``; gives what was done, as the middle of a sentence."""
    if target.constraint is None:
        return _CLIENT[target.rule](draw, target, params)
    if not is_leaf(target.constraint):
        return _STRUCTURAL[type(target.constraint)](draw, target, params)
    container, key = draw(st.sampled_from(places(params, target.path)))
    bad = draw(st.sampled_from(bad_values(target, container[key])))
    container[key] = bad
    return f"is {_value(target, bad)}, but {target.constraint.sentence()}"


def is_leaf(constraint: c.Constraint) -> bool:
    """Whether a constraint looks at one value, not at how the members of a structure agree."""
    return type(constraint) in _BAD


def bad_values(target: Target, value: Any) -> list[Any]:
    """What breaks a target's rule in the place of a valid value, and no rule that comes first."""
    return _BAD[type(target.constraint)](target, value)


def places(params: Params, path: str) -> list[tuple[Any, Any]]:
    """Where a path leads: (container, key) for each element of the lists that it crosses."""
    found: list[tuple[Any, Any]] = [({"": params}, "")]
    for segment in path.replace("[]", ".[]").split(".") if path else ():
        below = [container[key] for container, key in found if _there(container, key)]
        if segment == "[]":
            found = [(item, index) for item in below for index in range(len(item))]
        else:
            found = [(item, segment) for item in below]
    given = [(container, key) for container, key in found if _there(container, key)]
    return given or found


def _there(container: Any, key: Any) -> bool:
    return isinstance(container, list) or key in container


def _value(target: Target, value: Any) -> str:
    if target.path in sensitive.sensitive_paths(target.operation):
        return "a secret value"
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."


# What the client refuses


def _required(draw: Draw, target: Target, params: Params) -> str:
    container, key = draw(st.sampled_from(places(params, target.path)))
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
    container, key = draw(st.sampled_from(places(params, target.path)))
    kind = shapes(target.operation)[target.path].type_name
    container[key] = draw(_WRONG[kind])
    return f"is {_value(target, container[key])}, which is no {kind}"


def _unknown(draw: Draw, target: Target, params: Params) -> str:
    known = shapes(target.operation)[target.path].members
    container, key = draw(st.sampled_from(places(params, target.path)))
    misspelt = [f"{name[0].swapcase()}{name[1:]}" for name in known]
    candidates = [name for name in misspelt if name not in known]
    number = draw(_NUMBERS)
    name = candidates[number % len(candidates)] if candidates else f"Unknown{number}"
    container[key][name] = "value"
    return f"holds {name!r}, which its shape does not have"


def _range(draw: Draw, target: Target, params: Params) -> str:
    least = shapes(target.operation)[target.path].metadata["min"]
    container, key = draw(st.sampled_from(places(params, target.path)))
    container[key] = least - 1 - draw(_NUMBERS)
    return f"is {container[key]}, below the minimum {least}"


_CLIENT: Mapping[str, Callable[[Draw, Target, Params], str]] = {
    REQUIRED: _required,
    TYPE: _type,
    UNKNOWN: _unknown,
    RANGE: _range,
}

# Values that break a rule at a leaf, made from the valid value that is there


def _not_one_of(target: Target, value: Any) -> list[Any]:
    assert isinstance(target.constraint, c.OneOf)
    values = target.constraint.values
    made = ["NO_SUCH_VALUE", f"{value} ", str(value).lower(), str(value).swapcase(), ""]
    return [bad for bad in made if bad not in values]


def _no_match(target: Target, value: Any) -> list[Any]:
    assert isinstance(target.constraint, c.Pattern)
    match = re.compile(target.constraint.regex, re.ASCII | re.DOTALL).fullmatch
    made = [f"{value}!", f"!{value}", f"{value}\u00e9", f"{value} ", f"-{value}", f"{value}-"]
    made += [value[:1], value.upper(), f"1{value}", (value * 200)[:2000]]
    if target.path not in never_empty(target.operation):
        made.append("")
    return [bad for bad in made if match(bad) is None]


def _length(target: Target, value: Any) -> list[Any]:
    assert isinstance(target.constraint, c.Length)
    least, most = target.constraint.least, target.constraint.most
    made: list[Any] = []
    if most is not None:
        end = "/" if value.endswith("/") else ""
        made += [
            f"{value}{'p' * (size - len(value) - 1)}{end or 'p'}" for size in (most + 1, most * 2)
        ]
    if least > 1:
        made += ["{####}"[: least - 1], "ab"[: least - 1]]
    elif target.rule == "name.empty" or target.path not in never_empty(target.operation):
        made.append("")
    return made


def _not_whole(target: Target, value: Any) -> list[Any]:
    assert isinstance(target.constraint, c.Whole)
    least, most = target.constraint.least, target.constraint.most
    if shapes(target.operation)[target.path].type_name == "integer":
        return [most + 1, most + 2, most * 40]  # the client refuses what is below, and fractions
    return [most + 1, least - 1, least + 0.5, most + 0.25, -float(least), most * 1000]


def _not_finite(target: Target, value: Any) -> list[Any]:
    return [float("nan"), float("inf"), -float("inf"), True, False]


def _too_many(target: Target, value: Any) -> list[Any]:
    assert isinstance(target.constraint, c.Items)
    most = target.constraint.most
    return [(value * (most + 1))[:size] for size in (most + 1, most + 20)]


def _without(target: Target, value: Any) -> list[Any]:
    assert isinstance(target.constraint, c.Includes)
    text = target.constraint.text
    return [value.replace(text, instead) for instead in ("######", "{###}0", "[####]", "{    }")]


def _reserved(target: Target, value: Any) -> list[Any]:
    assert isinstance(target.constraint, c.Avoids)
    words = target.constraint.words
    return [*words, *(f"{value[:20]}{word}x" for word in words), *(f"my{word}" for word in words)]


_NO_URI = (
    "https://example.com",
    "https://example.com/#top/",
    "https://exam ple.com/",
    "http://example.com/",
    "https:///",
    "example.com/",
    "/callback/",
)


def _no_redirect(target: Target, value: Any) -> list[Any]:
    head = value[: LONGEST_URI - 2]  # the rule about length comes first
    return [*_NO_URI, f"{head}#/", f"{head}x"]


def _no_issuer(target: Target, value: Any) -> list[Any]:
    return [*_NO_URI, "myapp://login/", f"{value}x"]


def _no_schema(target: Target, value: Any) -> list[Any]:
    return [
        f"{value}}}",
        f"{value}type",
        f"{value}type Lost {{ it: Nowhere }}",
        f"{value}\n{value}",
        "query { a }",
        "type",
        "",
    ]


_BAD: Mapping[type, Callable[[Target, Any], list[Any]]] = {
    c.OneOf: _not_one_of,
    c.Pattern: _no_match,
    c.Length: _length,
    c.Whole: _not_whole,
    c.Finite: _not_finite,
    c.Items: _too_many,
    c.Includes: _without,
    c.Avoids: _reserved,
    c.RedirectUri: _no_redirect,
    c.IssuerUri: _no_issuer,
    c.GraphQLSchema: _no_schema,
}

# Rules across the members of a structure


def _needs(draw: Draw, target: Target, params: Params) -> str:
    """Take out, or empty, one needed member that the client does not insist on."""
    constraint = target.constraint
    assert isinstance(constraint, c.Needs)
    required, checked = required_paths(target.operation), checked_paths(target.operation)
    kinds = shapes(target.operation)
    options: list[tuple[str, Any]] = []
    for member in constraint.members:
        path = f"{target.path}.{member}".lstrip(".")
        if path not in required:
            options.append((member, None))
            if "." in member:
                options.append((member.rpartition(".")[0], None))
        if kinds[path].type_name == "list":
            options.append((member, []))
        elif path not in checked and kinds[path].type_name == "string":
            options.append((member, ""))
    member, left = draw(st.sampled_from(options))
    container, key = draw(st.sampled_from(_holding(params, target.path, constraint)))
    structure = container[key]
    *above, last = member.split(".")
    for name in above:
        structure = structure[name]
    if left is None:
        del structure[last]
        return f"lacks {member}, but {constraint.sentence()}"
    structure[last] = left
    return f"has an empty {member}, but {constraint.sentence()}"


def _holding(params: Params, path: str, constraint: c.Needs) -> list[tuple[Any, Any]]:
    """The places of a structure at which the need arises."""
    found = places(params, path)
    if constraint.when is None:
        return found
    member, values = constraint.when
    return [(container, key) for container, key in found if container[key].get(member) in values]


def _unrepeated(draw: Draw, target: Target, params: Params) -> str:
    (container, key), *_ = places(params, target.path)
    config = container[key]
    default = config["DefaultAuthType"]
    more = config.setdefault("AdditionalAuthTypes", [])
    more.insert(draw(st.integers(0, len(more))), {**default})
    return f"repeats the default mode {default['Mode']} in AdditionalAuthTypes"


def _providers(draw: Draw, target: Target, params: Params) -> str:
    (container, key), *_ = places(params, target.path)
    config = container[key]
    types = [config.get("DefaultAuthType", {}), *config.get("AdditionalAuthTypes", [])]
    modes = {kind.get("Mode", DEFAULT_MODE) for kind in types}
    mode = draw(st.sampled_from([mode for mode in PROVIDER_OF if mode not in modes]))
    config["TransformSchema"] += draw(extra_model(PROVIDER_OF[mode]))
    return f"has a schema whose rules ask for {PROVIDER_OF[mode]}, but no mode {mode}"


_STRUCTURAL: Mapping[type, Callable[[Draw, Target, Params], str]] = {
    c.Needs: _needs,
    c.Unrepeated: _unrepeated,
    c.ProvidersConfigured: _providers,
}
