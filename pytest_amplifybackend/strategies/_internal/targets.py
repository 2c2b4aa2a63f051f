"""Every way in which a request can be rejected for its params: one row for each rule and path."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._api import catalogue, paths
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.constraints import Constraint
from pytest_amplifybackend._rules.leaves import Choices
from pytest_amplifybackend._rules.rule import Layer
from pytest_amplifybackend.strategies._internal.plan import Plan, plan

REQUIRED, TYPE, UNKNOWN, RANGE = "client.required", "client.type", "client.unknown", "client.range"
"""What botocore's ParamValidator rejects: a missing member, one of a wrong type, one that the
shape does not have, and a number below the shape's ``min`` (it never looks at ``max``)."""


@dataclass(frozen=True)
class Target:
    """One rule at one path of one operation; ``constraint`` is None in the client's layer."""

    operation: str
    layer: Layer
    rule: str
    path: str
    constraint: Constraint | None = None

    def plan(self) -> Plan:
        """What a valid request must hold for the rule to be broken at the path."""
        if self.constraint is None:
            return plan([self.path])
        members = [paths.join(self.path, member) for member in self.constraint.wanted]
        met = {
            paths.join(self.path, member): Choices(values)
            for member, values in self.constraint.conditions
        }
        return plan([self.path, *members], fixed=met)


@functools.cache
def shapes(operation: str) -> dict[str, Any]:
    """The shape at each path of a request, the request itself at the empty path."""
    root = catalogue.operations()[operation].input_shape
    return {"": root, **dict(catalogue.members(root))}


@functools.cache
def required_paths(operation: str) -> frozenset[str]:
    """The members without which the client rejects a request, or the structure they are in."""
    return frozenset(
        paths.join(path, name)
        for path, shape in shapes(operation).items()
        if shape.type_name == "structure"
        for name in shape.required_members
    )


def targets(operation: str) -> tuple[Target, ...]:
    """The targets of an operation, in the order client, service, provisioning."""
    return _targets(table.current(), operation)


@functools.lru_cache(maxsize=256)
def _targets(rules: table.Table, operation: str) -> tuple[Target, ...]:
    return (
        *_client(operation),
        *(
            Target(operation, layer, rule.name, path, rule.constraint)
            for layer in (Layer.SERVICE, Layer.PROVISIONING)
            for rule in rules.of(operation, layer)
            for path in rule.paths
        ),
    )


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
