"""Every way in which a request can be refused for its params: one row for each rule and path."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._rules import constraints as c
from pytest_amplifybackend._rules import rules
from pytest_amplifybackend._rules.rule import Layer
from pytest_amplifybackend.strategies._internal.plan import Plan, plan

REQUIRED, TYPE, UNKNOWN, RANGE = "client.required", "client.type", "client.unknown", "client.range"
"""What botocore's ParamValidator refuses: a missing member, one of a wrong type, one that the
shape does not have, and a number below the shape's ``min`` (it never looks at ``max``)."""


@dataclass(frozen=True)
class Target:
    """One rule at one path of one operation; ``constraint`` is None in the client's layer."""

    operation: str
    layer: Layer
    rule: str
    path: str
    constraint: c.Constraint | None = None

    def plan(self) -> Plan:
        """What a valid request must hold for the rule to be broken at the path."""
        constraint, path = self.constraint, self.path
        if isinstance(constraint, c.Needs):
            return plan([path, *(f"{path}.{name}".lstrip(".") for name in constraint.members)])
        if isinstance(constraint, c.Unrepeated):
            return plan([f"{path}.DefaultAuthType"])
        if isinstance(constraint, c.ProvidersConfigured):
            return plan(
                [f"{path}.DefaultAuthType", f"{path}.TransformSchema"],
                fixed={f"{path}.AdditionalAuthTypes.most": 2},
            )
        return plan([path])


@functools.cache
def shapes(operation: str) -> dict[str, Any]:
    """The shape at each path of a request, the request itself at the empty path."""
    root = catalogue.operations()[operation].input_shape
    return {"": root, **dict(catalogue.members(root))}


@functools.cache
def required_paths(operation: str) -> frozenset[str]:
    """The members without which the client refuses a request, or the structure they are in."""
    return frozenset(
        f"{path}.{name}".lstrip(".")
        for path, shape in shapes(operation).items()
        if shape.type_name == "structure"
        for name in shape.required_members
    )


@functools.cache
def targets(operation: str) -> tuple[Target, ...]:
    """The targets of an operation, in the order client, service, provisioning."""
    return (*_client(operation), *_of_layer(operation, Layer.SERVICE), *_jobs(operation))


def _client(operation: str) -> Iterator[Target]:
    required = required_paths(operation)
    for path, shape in shapes(operation).items():
        rows = (
            (REQUIRED, path in required),
            (TYPE, bool(path)),
            (UNKNOWN, shape.type_name == "structure"),
            (RANGE, "min" in shape.metadata),
        )
        for rule, applies in rows:
            if applies:
                yield Target(operation, Layer.CLIENT, rule, path)


def _of_layer(operation: str, layer: Layer) -> Iterator[Target]:
    for rule in rules.rules_of(operation, layer):
        for path in rule.paths:
            yield Target(operation, layer, rule.name, path, rule.constraint)


def _jobs(operation: str) -> Iterator[Target]:
    return _of_layer(operation, Layer.PROVISIONING)


@functools.cache
def checked_paths(operation: str) -> frozenset[str]:
    """The paths at which a rule looks at a value that is no structure."""
    return frozenset(
        path
        for rule in rules.parameter_rules()
        if operation in rule.operations
        for path in rule.paths
        if not isinstance(rule.constraint, (c.Needs, c.Unrepeated, c.ProvidersConfigured))
    )


@functools.cache
def never_empty(operation: str) -> frozenset[str]:
    """The paths whose empty value another rule refuses first."""
    named = [
        path
        for rule in rules.parameter_rules()
        if operation in rule.operations and rule.name == "name.empty"
        for path in rule.paths
    ]
    needed = [
        f"{path}.{member}".lstrip(".")
        for rule in rules.parameter_rules()
        if operation in rule.operations and isinstance(rule.constraint, c.Needs)
        for path in rule.paths
        for member in rule.constraint.members
    ]
    return frozenset([*named, *needed])
