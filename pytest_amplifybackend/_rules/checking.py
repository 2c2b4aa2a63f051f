"""Checks requests by the rules on parameters, each at every place that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Union

from pytest_amplifybackend import _arguments, errors
from pytest_amplifybackend._api import catalogue, installed, paths
from pytest_amplifybackend._api.secrets.shapes import REDACTED, sensitive_paths
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.constraints import OneOf
from pytest_amplifybackend._rules.rule import Layer, ProvisioningError, Rule

_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: at which concrete path, by which value, and the end of the sentence."""

    rule: Rule
    path: str
    problem: str
    value: Any


class BrokenRule(ProvisioningError):
    """A request that the worker rejects by one of its rules."""

    def __init__(self, operation: str, violation: Violation) -> None:
        super().__init__(_message(operation, violation), rule=violation.rule.name)
        self.violation = violation


def validate(operation: str, params: Mapping[str, Any]) -> None:
    """Check a request by the service's own rules.

    Raises BadRequest naming the operation, the path, the value and the rule.
    """
    for violation in violations(operation, Layer.SERVICE, params):
        error = errors.BadRequest(f"{errors.OBSERVED_PREFIX}{_message(operation, violation)}")
        error.rule = violation.rule.name
        raise error


def provision(operation: str, params: Mapping[str, Any]) -> None:
    """Check a request by the worker's rules; raises ProvisioningError in the same form."""
    for violation in violations(operation, Layer.PROVISIONING, params):
        raise BrokenRule(operation, violation)


def violations(operation: str, layer: Layer, params: Mapping[str, Any]) -> list[Violation]:
    """The broken rules of a layer, in the order of the table."""
    found: list[tuple[int, Violation]] = []
    _walk(params, table.current().places(operation, layer), None, found)
    if not found:
        return []
    broken = [violation for _, violation in sorted(found, key=itemgetter(0))]
    return [violation for violation in broken if not _is_newer(operation, violation)]


def _is_newer(operation: str, violation: Violation) -> bool:
    """Whether a value is missing in an enum only because the installed botocore is newer.

    One that the recorded model knows too is missing because a rule narrows the enum.
    """
    if not isinstance(violation.rule.constraint, OneOf):
        return False
    shape = installed.input_shape(operation, violation.path)
    if violation.value not in (getattr(shape, "enum", None) or ()):
        return False
    recorded = paths.shape_at(catalogue.operations()[operation].input_shape, violation.path)
    return violation.value not in (getattr(recorded, "enum", None) or ())


_At = Union["tuple[_At, str | int]", None]
"""Where a walk is: the place above and the member or element below it. Nearly every request keeps
every rule, so that a path is only written out where it is needed."""


def _walk(value: Any, place: table.Place, at: _At, found: list[tuple[int, Violation]]) -> None:
    """Collect what is broken at a place and below it."""
    for holds, index, rule in place.rules:
        if not holds(value):
            problem = rule.constraint.problem(value)
            found.append((index, Violation(rule, _path(at), problem, value)))
    if not place.below:
        return
    if isinstance(value, dict):
        for name, below in place.below.items():
            if name in value:
                _walk(value[name], below, (at, name), found)
    elif isinstance(value, list):
        below = place.below[paths.EACH]
        for number, item in enumerate(value):
            _walk(item, below, (at, number), found)


def _path(at: _At) -> str:
    steps: list[str | int] = []
    while at is not None:
        at, step = at
        steps.append(step)
    path = ""
    for step in reversed(steps):
        path = paths.join(path, step)
    return path


def _message(operation: str, violation: Violation) -> str:
    where = f"{operation}: {violation.path}" if violation.path else operation
    rule = f"(rule {violation.rule.name})"
    return f"{where}: {value_shown(operation, violation)}: {violation.problem} {rule}."


def value_shown(operation: str, violation: Violation) -> str:
    """The value that breaks a rule, shortened; a secret is not shown."""
    path, value = violation.path, violation.value
    if paths.general(path) in sensitive_paths(operation):
        return REDACTED
    if isinstance(value, dict):
        return "the structure"
    if isinstance(value, int) and value.bit_length() > _arguments.LARGEST_BITS:
        return _arguments.shown(value)
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
