"""Constraints on the schema of an API, and on an API together with its schema."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, ClassVar

from pytest_amplifybackend._rules.constraints.base import Constraint
from pytest_amplifybackend._rules.leaves import Choices, Leaf
from pytest_amplifybackend._schema import schema
from pytest_amplifybackend._schema.faults import UNSYNCED, Fault


@dataclass(frozen=True, slots=True)
class GraphQLSchema(Constraint):
    """Text that Amplify's GraphQL transformer accepts: it keeps each rule of a schema.

    ``only`` is the one rule that it is about, of all that there are.
    """

    only: str | None = None

    @property
    def message(self) -> str:
        if self.only is not None:
            return schema.rules()[self.only].says
        return "must be a schema that Amplify's GraphQL transformer accepts: see the rules schema.*"

    def holds(self, value: Any) -> bool:
        fault = schema.fault(value)
        return fault is None or self.only not in (None, fault.rule)

    def problem(self, value: Any) -> str:
        fault = schema.fault(value)
        return "" if fault is None else fault.text

    def broken_by(self, value: Any) -> str | None:
        fault = schema.fault(value)
        return None if fault is None else fault.rule

    def breaking(self, value: Any) -> list[Any]:
        rules = schema.rules()
        if self.only is not None:
            return [rules[self.only].example]
        unknown = f"{value}type Lost {{ it: Nowhere }}"
        twice = f"{value}\n{value}"
        made = [f"{value}}}", f"{value}type", unknown, twice, "query { a }", "type", ""]
        return [*made, *(rule.example for rule in rules.values())]

    def narrow(self, leaf: Leaf) -> Leaf:
        return Choices(("type Note @model { id: ID! }", "enum Status { NEW OLD }"))


@dataclass(frozen=True, slots=True)
class ProvidersConfigured(Constraint):
    """Every provider that the schema's @auth rules name has its authorization mode in the API."""

    structural: ClassVar[bool] = True

    @property
    def message(self) -> str:
        return "must configure every provider that the schema's @auth rules use"

    def holds(self, value: Any) -> bool:
        return _unless(value) in (None, UNSYNCED)

    def problem(self, value: Any) -> str:
        fault = _fault(value)
        return "" if fault is None else fault.text

    def breaking(self, value: Any) -> list[Any]:
        """The API with a model for a provider whose mode it does not have, or no longer has."""
        from pytest_amplifybackend._schema.checks.auth import MODES

        return [
            broken
            for provider, (mode, _) in MODES.items()
            for other in (None, *_MODES)
            if mode != other
            if mode not in _modes(broken := _asking(value, provider, other))
        ]

    def mend(self, value: Any) -> None:
        for mode in _MODES:
            if _unless(value) == mode:
                value.setdefault("AdditionalAuthTypes", []).append({"Mode": mode})

    @property
    def wanted(self) -> tuple[str, ...]:
        return ("DefaultAuthType", "TransformSchema")


@dataclass(frozen=True, slots=True)
class RelatedOneWay(Constraint):
    """With conflict resolution, no two models have a @hasOne or @hasMany of each other."""

    structural: ClassVar[bool] = True

    @property
    def message(self) -> str:
        return "must not relate two models to each other with conflict resolution"

    def holds(self, value: Any) -> bool:
        return _unless(value) != UNSYNCED

    def problem(self, value: Any) -> str:
        fault = _fault(value)
        return "" if fault is None else fault.text

    def breaking(self, value: Any) -> list[Any]:
        """The API with conflict resolution, and with two such models."""
        made = copy.deepcopy(value)
        made["TransformSchema"] += "type Left @model { a: Right @hasOne }\n"
        made["TransformSchema"] += "type Right @model { b: [Left] @hasMany }\n"
        return [{**made, "ConflictResolution": {"ResolutionStrategy": "AUTOMERGE"}}]

    def mend(self, value: Any) -> None:
        if not self.holds(value):
            del value["ConflictResolution"]

    @property
    def wanted(self) -> tuple[str, ...]:
        return ("ConflictResolution.ResolutionStrategy", "TransformSchema")


_MODES = ("API_KEY", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT")
"""The modes that an API of this service can have; AWS_LAMBDA is not one of them (modeled)."""

_ALLOWED = {"apiKey": "public", "function": "custom"}
"""What a rule allows by a provider that does not know private access."""


def _modes(value: Any) -> set[Any]:
    more = [one.get("Mode") for one in value.get("AdditionalAuthTypes", ())]
    return {value.get("DefaultAuthType", {}).get("Mode"), *more}


def _fault(value: Any) -> Fault | None:
    """The first fault of an API's schema."""
    resolution = (value.get("ConflictResolution") or {}).get("ResolutionStrategy", "NONE")
    has = {*_modes(value), *({UNSYNCED} if resolution == "NONE" else ())}
    return schema.fault(value.get("TransformSchema", "type A"), has)


def _unless(value: Any) -> str | None:
    """What an API lacks for its schema, if that is the first fault."""
    fault = _fault(value)
    return None if fault is None else fault.unless


def _asking(value: Any, provider: str, only_mode: str | None) -> Any:
    """An API with one more model, whose rule asks for a provider, and perhaps one mode alone."""
    made = copy.deepcopy(value)
    rule = f"{{allow: {_ALLOWED.get(provider, 'private')}, provider: {provider}}}"
    model = f"\ntype Extra @model @auth(rules: [{rule}]) {{\n  id: ID!\n}}\n"
    if only_mode is None:
        made["TransformSchema"] += model
        return made
    made.pop("AdditionalAuthTypes", None)
    return {**made, "DefaultAuthType": {"Mode": only_mode}, "TransformSchema": model}
