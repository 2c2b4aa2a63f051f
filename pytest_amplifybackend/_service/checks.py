"""What each kind of constraint of ``model.constraints`` asks of a value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pytest_amplifybackend._arguments import LARGEST_BITS
from pytest_amplifybackend._rules import constraints as c
from pytest_amplifybackend._schema import schema

_NOT_IN_URI = re.compile(r"[#\s]")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Check:
    """A constraint at work: ``test`` is true for a value that keeps it, else ``sentence`` tells."""

    test: Callable[[Any], object]
    sentence: Callable[[Any], str]


def check_of(constraint: Any) -> Check:
    """The check that a constraint stands for."""
    return _CHECKS[type(constraint)](constraint)


def segments(path: str) -> tuple[str, ...]:
    """The members of a path, ``[]`` standing for every element of a list."""
    return tuple(path.replace("[]", ".[]").split(".")) if path else ()


def _select(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """The values given at a path; what is not given is not there."""
    for index, segment in enumerate(path):
        if segment == "[]":
            for item in value if isinstance(value, list) else ():
                yield from _select(item, path[index + 1 :])
            return
        if not isinstance(value, dict) or segment not in value:
            return
        value = value[segment]
    yield value


def _holds_member(value: Any, path: tuple[str, ...]) -> bool:
    """Whether a structure holds a value that is not empty at a path without lists."""
    for segment in path:
        value = value.get(segment)
        if value is None:
            return False
    return value not in ("", [], {})


def _holds(test: Callable[[Any], object], constraint: Any) -> Check:
    sentence = constraint.sentence()
    return Check(test, lambda _: sentence)


def _one_of(constraint: c.OneOf) -> Check:
    return _holds(frozenset(constraint.values).__contains__, constraint)


def _pattern(constraint: c.Pattern) -> Check:
    return _holds(re.compile(constraint.regex, re.ASCII).fullmatch, constraint)


def _length(constraint: c.Length) -> Check:
    most = math.inf if constraint.most is None else constraint.most
    return _holds(lambda value: constraint.least <= len(value) <= most, constraint)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(constraint: c.Whole) -> Check:
    return _holds(
        lambda value: (
            _is_number(value)
            and constraint.least <= value <= constraint.most
            and value == int(value)
        ),
        constraint,
    )


def _finite(constraint: c.Finite) -> Check:
    return _holds(lambda value: _is_number(value) and _is_double(value), constraint)


def _is_double(value: float) -> bool:
    """Whether a number is finite, and one that JSON can be written with."""
    if isinstance(value, int):
        return value.bit_length() <= LARGEST_BITS
    return math.isfinite(value)


def _says(sentence: Callable[[Any], str | None]) -> Check:
    """A check whose sentence depends on the value; it holds where there is none."""
    return Check(lambda value: sentence(value) is None, lambda value: sentence(value) or "")


def _items(constraint: c.Items) -> Check:
    return _holds(lambda value: len(value) <= constraint.most, constraint)


def _includes(constraint: c.Includes) -> Check:
    return _holds(lambda value: constraint.text in value, constraint)


def _avoids(constraint: c.Avoids) -> Check:
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


def _redirect_uri(constraint: c.RedirectUri) -> Check:
    return _holds(_uri(own_schemes=True), constraint)


def _issuer_uri(constraint: c.IssuerUri) -> Check:
    return _holds(_uri(own_schemes=False), constraint)


def _graphql(_: c.GraphQLSchema) -> Check:
    return _says(_schema_error)


def _schema_error(text: str) -> str | None:
    try:
        schema.check(text)
    except schema.SchemaError as error:
        return str(error)
    return None


def _needs(constraint: c.Needs) -> Check:
    members = tuple(segments(member) for member in constraint.members)
    member, values = constraint.when or ("", ())

    def test(value: Any) -> bool:
        if not value and constraint.empty_allowed:
            return True
        if member and value.get(member) not in values:
            return True
        for path in members:  # noqa: SIM110  (a generator takes twice as long, in every call)
            if not _holds_member(value, path):
                return False
        return True

    return _holds(test, constraint)


def _unrepeated(constraint: c.Unrepeated) -> Check:
    each, than = segments(constraint.each), segments(constraint.than)

    def test(value: Any) -> bool:
        default = list(_select(value, than))
        return all(item not in default for item in _select(value, each))

    return _holds(test, constraint)


def _providers(constraint: c.ProvidersConfigured) -> Check:
    modes_at = segments("AdditionalAuthTypes[].Mode")

    def sentence(value: Any) -> str | None:
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

    return _says(sentence)


_CHECKS: Mapping[type, Callable[[Any], Check]] = {
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
