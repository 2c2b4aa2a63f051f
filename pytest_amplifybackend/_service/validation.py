"""Holds requests to the parameter rules of ``model.rules``, each at every place it applies to."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Union

from pytest_amplifybackend import _arguments, errors
from pytest_amplifybackend._api import installed, sensitive
from pytest_amplifybackend._rules.constraints import OneOf
from pytest_amplifybackend._rules.rule import Layer, ProvisioningError, Rule
from pytest_amplifybackend._rules.rules import rules_of
from pytest_amplifybackend._service.checks import Check, check_of, segments

_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: at which concrete path, by which value, and the end of the sentence."""

    rule: Rule
    path: str
    sentence: str
    value: Any


class BrokenRule(ProvisioningError):
    """A request that the worker refuses by one of its rules."""

    def __init__(self, operation: str, violation: Violation) -> None:
        super().__init__(_refusal(operation, violation), rule=violation.rule.name)
        self.violation = violation


def validate(operation: str, params: Mapping[str, Any]) -> None:
    """Hold a request to the service's own rules.

    Raises BadRequest naming the operation, the path, the value and the rule.
    """
    for violation in violations(operation, Layer.SERVICE, params):
        error = errors.BadRequest(f"{errors.OBSERVED_PREFIX}{_refusal(operation, violation)}")
        error.rule = violation.rule.name
        raise error


def provision(operation: str, params: Mapping[str, Any]) -> None:
    """Hold a request to what the worker checks; raises ProvisioningError in the same form."""
    for violation in violations(operation, Layer.PROVISIONING, params):
        raise BrokenRule(operation, violation)


def violations(operation: str, layer: Layer, params: Mapping[str, Any]) -> list[Violation]:
    """The broken rules of a layer, in the order of the table."""
    root = _tree(operation, layer)
    if _holds_below(params, root):
        return []
    found: list[tuple[int, Violation]] = []
    _walk(params, root, None, found)
    broken = [violation for _, violation in sorted(found, key=itemgetter(0))]
    return [violation for violation in broken if not _is_newer(operation, violation)]


def _is_newer(operation: str, violation: Violation) -> bool:
    """Whether a value is missing in an enum only because the installed botocore is newer."""
    if not isinstance(violation.rule.constraint, OneOf):
        return False
    shape = installed.input_shape(operation, violation.path)
    return violation.value in (getattr(shape, "enum", None) or ())


_At = Union["tuple[_At, str | int]", None]
"""Where a walk is: the place above and the member or element below it."""


@dataclass(slots=True)
class _Node:
    """What is checked at one place of a request, and the places below it.

    ``tests`` are those of ``checks``; ``leaves`` are the members below with one test and
    nothing below themselves, ``inner`` all others.
    """

    checks: list[tuple[int, Rule, Check]] = field(default_factory=list)
    members: dict[str, _Node] = field(default_factory=dict)
    tests: tuple[Callable[[Any], object], ...] = ()
    leaves: tuple[tuple[str, Callable[[Any], object]], ...] = ()
    inner: tuple[tuple[str, _Node], ...] = ()

    def below(self, segment: str) -> _Node:
        return self.members.setdefault(segment, _Node())

    def close(self) -> None:
        """Lay out what :func:`_holds_below` goes through, once all checks are in their place."""
        self.tests = tuple(check.test for _, _, check in self.checks)
        for child in self.members.values():
            child.close()
        single = {
            name: child.tests[0]
            for name, child in self.members.items()
            if len(child.tests) == 1 and not child.members
        }
        self.leaves = tuple(single.items())
        self.inner = tuple(
            (name, child) for name, child in self.members.items() if name not in single
        )


@functools.cache
def _tree(operation: str, layer: Layer) -> _Node:
    """The rules of a layer as a tree of places, so that one walk over a request meets them all."""
    root = _Node()
    for index, rule in enumerate(rules_of(operation, layer)):
        check = check_of(rule.constraint)
        for path in rule.paths:
            node = root
            for segment in segments(path):
                node = node.below(segment)
            node.checks.append((index, rule, check))
    root.close()
    return root


def _holds_below(value: Any, node: _Node) -> bool:
    """Whether no rule is broken at a place and below: the short way of nearly every call."""
    for test in node.tests:
        if not test(value):
            return False
    if isinstance(value, dict):
        for name, test in node.leaves:
            if name in value and not test(value[name]):
                return False
        for name, child in node.inner:
            if name in value and not _holds_below(value[name], child):
                return False
    elif isinstance(value, list):
        for _, test in node.leaves:
            for item in value:
                if not test(item):
                    return False
        for _, child in node.inner:
            for item in value:
                if not _holds_below(item, child):
                    return False
    return True


def _walk(value: Any, node: _Node, at: _At, found: list[tuple[int, Violation]]) -> None:
    """Collect what is broken at a place and below, and where."""
    for index, rule, check in node.checks:
        if not check.test(value):
            found.append((index, Violation(rule, _path(at), check.sentence(value), value)))
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


def _refusal(operation: str, violation: Violation) -> str:
    where = f"{operation}: {violation.path}" if violation.path else operation
    rule = f"(rule {violation.rule.name})"
    return f"{where}: {value_shown(operation, violation)}: {violation.sentence} {rule}."


def value_shown(operation: str, violation: Violation) -> str:
    """The value that breaks a rule, shortened; a secret is not shown."""
    path, value = violation.path, violation.value
    if re.sub(r"\[\d+\]", "[]", path) in sensitive.sensitive_paths(operation):
        return sensitive.REDACTED
    if isinstance(value, dict):
        return "the structure"
    if isinstance(value, int) and value.bit_length() > _arguments.LARGEST_BITS:
        return _arguments.shown(value)
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
