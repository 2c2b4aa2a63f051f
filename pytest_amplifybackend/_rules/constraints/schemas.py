"""Constraints on the schema of an API, and on an API together with its schema."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from pytest_amplifybackend._rules.constraints.base import Constraint
from pytest_amplifybackend._rules.leaves import Choices, Leaf
from pytest_amplifybackend._schema import schema
from pytest_amplifybackend._schema.faults import SchemaError


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

    modes: tuple[tuple[str, str, str], ...]
    """(provider in the schema, API mode, name in the message)."""
    structural: ClassVar[bool] = True

    @property
    def message(self) -> str:
        return "must configure every provider that the schema's @auth rules use"

    def holds(self, value: Any) -> bool:
        return next(self._missing(value), None) is None

    def problem(self, value: Any) -> str:
        for provider, _, name in self._missing(value):
            return (
                f"auth directive with '{provider}' provider found, but the project has no "
                f"{name} authentication provider configured"
            )
        return ""

    def _missing(self, value: Any) -> Iterator[tuple[str, str, str]]:
        """The rows whose provider the schema uses without its mode."""
        text = value.get("TransformSchema")
        if text is None:
            return
        try:
            used = schema.auth_providers(text)
        except SchemaError:
            return  # the rule before this one says so
        configured = _modes(value)
        for row in self.modes:
            if row[0] in used and row[1] not in configured:
                yield row

    def breaking(self, value: Any) -> list[Any]:
        """The API with a model for a provider whose mode it does not have, or no longer has."""
        return [
            broken
            for provider, mode, _ in self.modes
            for other in (None, *(row[1] for row in self.modes))
            if mode != other
            if mode not in _modes(broken := _asking(value, provider, other))
        ]

    def mend(self, value: Any) -> None:
        for _, mode, _ in list(self._missing(value)):
            value.setdefault("AdditionalAuthTypes", []).append({"Mode": mode})

    @property
    def wanted(self) -> tuple[str, ...]:
        return ("DefaultAuthType", "TransformSchema")


def _modes(value: Any) -> set[Any]:
    more = [one.get("Mode") for one in value.get("AdditionalAuthTypes", ())]
    return {value.get("DefaultAuthType", {}).get("Mode"), *more}


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


_ALLOWED = {"apiKey": "public", "oidc": "owner"}
"""What a rule allows by a provider that does not know private access."""
