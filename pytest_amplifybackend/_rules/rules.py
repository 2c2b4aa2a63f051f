"""Every rule on the parameters alone, in the order in which they are checked.

The rows are in ``auth_rules`` and ``resource_rules``; those that follow from the service model
are made here. Rules that look at the state are in ``service.rules``.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.provenance import ASSUMED, DOCUMENTED, MODELED
from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._rules.auth_rules import AUTH_RULES
from pytest_amplifybackend._rules.constraints import Constraint, Finite, Length, OneOf
from pytest_amplifybackend._rules.resource_rules import RESOURCE_RULES
from pytest_amplifybackend._rules.rule import SERVICE, Layer, Rule

_IDS = (
    "AppId",
    "AppName",
    "BackendEnvironmentName",
    "JobId",
    "NativeClientId",
    "ResourceName",
    "SessionId",
    "TargetEnvironmentName",
    "UserPoolId",
    "WebClientId",
)


def _identity_rules() -> tuple[Rule, ...]:
    """Names and ids are never empty; app ids have the form that the ``amplify`` model documents."""
    operations = catalogue.operations()
    empty = tuple(
        Rule(
            "name.empty",
            SERVICE,
            (name,),
            tuple(member for member in _IDS if member in operation.required),
            Length(1),
            ASSUMED,
            "a path label or a key cannot be empty",
        )
        for name, operation in operations.items()
        if operation.required
    )
    with_app = tuple(
        name for name, operation in operations.items() if "AppId" in operation.required
    )
    return (
        *empty,
        Rule(
            "id.app",
            SERVICE,
            with_app,
            ("AppId",),
            limits.APP_ID,
            DOCUMENTED,
            "amplify model, shape AppId",
        ),
        Rule(
            "job.operation",
            SERVICE,
            ("UpdateBackendJob",),
            ("Operation",),
            OneOf(_made_by_jobs()),
            ASSUMED,
            "the operations whose answers have a JobId",
        ),
    )


def _made_by_jobs() -> tuple[str, ...]:
    return tuple(
        name
        for name, operation in catalogue.operations().items()
        if "JobId" in operation.output_shape.members and not name.endswith("BackendJob")
    )


def _shape_rules() -> tuple[Rule, ...]:
    """Every enum and every double in a request; the client checks neither (modeled)."""
    rules = []
    for name, operation in catalogue.operations().items():
        for path, shape in catalogue.members(operation.input_shape):
            constraint: Constraint | None = None
            if getattr(shape, "enum", None):
                constraint, kind = OneOf(tuple(shape.enum)), f"enum.{shape.name}"
            elif shape.type_name == "double":
                constraint, kind = Finite(), "type.double"
            if constraint is not None:
                rules.append(
                    Rule(
                        kind, SERVICE, (name,), (path,), constraint, MODELED, f"shape {shape.name}"
                    )
                )
    return tuple(rules)


@functools.cache
def parameter_rules() -> tuple[Rule, ...]:
    """Every parameter rule, in the order in which they are checked."""
    return (*_identity_rules(), *_shape_rules(), *RESOURCE_RULES, *AUTH_RULES)


@functools.cache
def rules_of(operation: str, layer: Layer) -> tuple[Rule, ...]:
    """The rules of one operation in one layer, in the order in which they are checked."""
    return tuple(
        rule for rule in parameter_rules() if rule.layer is layer and operation in rule.operations
    )


def by_name() -> Mapping[str, Rule]:
    """One row of each name, for tables and look-ups."""
    return {rule.name: rule for rule in parameter_rules()}
