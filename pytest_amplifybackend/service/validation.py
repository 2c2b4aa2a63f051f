"""Interprets the parameter rules of ``model.rules``: one check for each kind of constraint."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Union
from urllib.parse import urlsplit

from pytest_amplifybackend import errors
from pytest_amplifybackend.model import constraints as c
from pytest_amplifybackend.model import sensitive
from pytest_amplifybackend.model.rule import Layer, Rule
from pytest_amplifybackend.model.rules import rules_of
from pytest_amplifybackend.service import schema
from pytest_amplifybackend.service.rules import ProvisioningError

_NOT_IN_URI = re.compile(r"[#\s]")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SHOWN = 120
_Check = Callable[[Any], "str | None"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: at which concrete path, by which value, and the end of the sentence."""

    rule: Rule
    path: str
    sentence: str
    value: Any


def validate(operation: str, params: Mapping[str, Any]) -> None:
    """Hold a request to the service's own rules.

    Raises BadRequest naming the operation, the path, the value and the rule.
    """
    for violation in violations(operation, Layer.SERVICE, params):
        raise errors.BadRequest(f"{errors.OBSERVED_PREFIX}{_refusal(operation, violation)}")


def provision(operation: str, params: Mapping[str, Any]) -> None:
    """Hold a request to what the worker checks; raises ProvisioningError in the same form."""
    for violation in violations(operation, Layer.PROVISIONING, params):
        raise ProvisioningError(_refusal(operation, violation))


def violations(operation: str, layer: Layer, params: Mapping[str, Any]) -> list[Violation]:
    """The broken rules of a layer, in the order of the table."""
    found: list[tuple[int, Violation]] = []
    _walk(params, _tree(operation, layer), None, found)
    return [violation for _, violation in sorted(found, key=itemgetter(0))] if found else []


_At = Union["tuple[_At, str | int]", None]
"""Where a walk is: the place above and the member or element below it."""


@dataclass(slots=True)
class _Node:
    """What is checked at one place of a request, and the places below it."""

    checks: list[tuple[int, Rule, _Check]] = field(default_factory=list)
    members: dict[str, _Node] = field(default_factory=dict)

    def below(self, segment: str) -> _Node:
        return self.members.setdefault(segment, _Node())


@functools.cache
def _tree(operation: str, layer: Layer) -> _Node:
    """The rules of a layer as a tree of places, so that one walk over a request meets them all."""
    root = _Node()
    for index, rule in enumerate(rules_of(operation, layer)):
        check = _CHECKS[type(rule.constraint)](rule.constraint)
        for path in rule.paths:
            node = root
            for segment in _segments(path):
                node = node.below(segment)
            node.checks.append((index, rule, check))
    return root


def _walk(value: Any, node: _Node, at: _At, found: list[tuple[int, Violation]]) -> None:
    for index, rule, check in node.checks:
        sentence = check(value)
        if sentence is not None:
            found.append((index, Violation(rule, _path(at), sentence, value)))
    if not node.members:
        return
    if isinstance(value, dict):
        for name, child in node.members.items():
            if name in value:
                _walk(value[name], child, (at, name), found)
    elif isinstance(value, list):
        child = node.members["[]"]
        for number, item in enumerate(value):
            _walk(item, child, (at, number), found)


def _path(at: _At) -> str:
    parts: list[str] = []
    while at is not None:
        at, step = at
        parts.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return "".join(reversed(parts)).removeprefix(".")


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.replace("[]", ".[]").split(".")) if path else ()


def _refusal(operation: str, violation: Violation) -> str:
    path, value = violation.path, violation.value
    if re.sub(r"\[\d+\]", "[]", path) in sensitive.sensitive_paths(operation):
        shown = sensitive.REDACTED
    elif isinstance(value, dict):
        shown = "the structure"
    else:
        shown = repr(value)
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
    where = f"{operation}: {path}" if path else operation
    return f"{where}: {shown}: {violation.sentence} (rule {violation.rule.name})."


def _select(value: Any, segments: tuple[str, ...]) -> Iterator[Any]:
    """The values given at a path; what is not given is not there."""
    for index, segment in enumerate(segments):
        if segment == "[]":
            for item in value if isinstance(value, list) else ():
                yield from _select(item, segments[index + 1 :])
            return
        if not isinstance(value, dict) or segment not in value:
            return
        value = value[segment]
    yield value


def _holds_member(value: Any, segments: tuple[str, ...]) -> bool:
    """Whether a structure holds a value that is not empty at a path without lists."""
    for segment in segments:
        value = value.get(segment)
        if value is None:
            return False
    return value not in ("", [], {})


def _holds(test: Callable[[Any], bool], constraint: Any) -> _Check:
    sentence = constraint.sentence()
    return lambda value: None if test(value) else sentence


def _one_of(constraint: c.OneOf) -> _Check:
    return _holds(frozenset(constraint.values).__contains__, constraint)


def _pattern(constraint: c.Pattern) -> _Check:
    match = re.compile(constraint.regex, re.ASCII).fullmatch
    return _holds(lambda value: match(value) is not None, constraint)


def _length(constraint: c.Length) -> _Check:
    most = math.inf if constraint.most is None else constraint.most
    return _holds(lambda value: constraint.least <= len(value) <= most, constraint)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(constraint: c.Whole) -> _Check:
    return _holds(
        lambda value: (
            _is_number(value)
            and constraint.least <= value <= constraint.most
            and value == int(value)
        ),
        constraint,
    )


def _finite(constraint: c.Finite) -> _Check:
    return _holds(
        lambda value: _is_number(value) and (isinstance(value, int) or math.isfinite(value)),
        constraint,
    )


def _items(constraint: c.Items) -> _Check:
    return _holds(lambda value: len(value) <= constraint.most, constraint)


def _includes(constraint: c.Includes) -> _Check:
    return _holds(lambda value: constraint.text in value, constraint)


def _avoids(constraint: c.Avoids) -> _Check:
    return _holds(lambda value: not any(word in value for word in constraint.words), constraint)


def _uri(own_schemes: bool) -> Callable[[str], bool]:
    def test(value: str) -> bool:
        if not value.endswith("/") or _NOT_IN_URI.search(value) is not None:
            return False
        try:
            parts = urlsplit(value)
            host = parts.hostname
        except ValueError:
            return False
        if parts.scheme == "https":
            return bool(host)
        if parts.scheme == "http":
            return host in _LOOPBACK
        return own_schemes and re.fullmatch(r"[a-zA-Z][a-zA-Z0-9+.-]*://.*", value) is not None

    return test


def _redirect_uri(constraint: c.RedirectUri) -> _Check:
    return _holds(_uri(own_schemes=True), constraint)


def _issuer_uri(constraint: c.IssuerUri) -> _Check:
    return _holds(_uri(own_schemes=False), constraint)


def _graphql(_: c.GraphQLSchema) -> _Check:
    def check(value: str) -> str | None:
        try:
            schema.check(value)
        except schema.SchemaError as error:
            return str(error)
        return None

    return check


def _needs(constraint: c.Needs) -> _Check:
    sentence = constraint.sentence()
    members = tuple(_segments(member) for member in constraint.members)

    def check(value: Any) -> str | None:
        if not value and constraint.empty_allowed:
            return None
        if constraint.when is not None:
            member, values = constraint.when
            if value.get(member) not in values:
                return None
        for segments in members:
            if not _holds_member(value, segments):
                return sentence
        return None

    return check


def _unrepeated(constraint: c.Unrepeated) -> _Check:
    each, than = _segments(constraint.each), _segments(constraint.than)

    def test(value: Any) -> bool:
        default = list(_select(value, than))
        return all(item not in default for item in _select(value, each))

    return _holds(test, constraint)


def _providers(constraint: c.ProvidersConfigured) -> _Check:
    modes_at = _segments("AdditionalAuthTypes[].Mode")

    def check(value: Any) -> str | None:
        text = value.get("TransformSchema")
        if text is None:
            return None
        try:
            used = schema.auth_providers(text)
        except schema.SchemaError:
            return None  # the rule before this one says so
        configured = {value.get("DefaultAuthType", {}).get("Mode")}
        configured.update(_select(value, modes_at))
        for provider, mode, name in constraint.modes:
            if provider in used and mode not in configured:
                return (
                    f"auth directive with '{provider}' provider found, but the project has no "
                    f"{name} authentication provider configured"
                )
        return None

    return check


_CHECKS: Mapping[type, Callable[[Any], _Check]] = {
    c.OneOf: _one_of,
    c.Pattern: _pattern,
    c.Length: _length,
    c.Whole: _whole,
    c.Finite: _finite,
    c.Items: _items,
    c.Includes: _includes,
    c.Avoids: _avoids,
    c.RedirectUri: _redirect_uri,
    c.IssuerUri: _issuer_uri,
    c.GraphQLSchema: _graphql,
    c.Needs: _needs,
    c.Unrepeated: _unrepeated,
    c.ProvidersConfigured: _providers,
}
