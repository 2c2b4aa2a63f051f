"""What a check is: one thing for which one of Amplify's transformers refuses a schema.

A module of this package holds the checks of one transformer, or of a family of them, in the order
in which it makes them. A check is a small function under its rule's name, which yields the text
that the package prints. The first text of all is what the job fails with, so their order counts:

    PRIMARY_KEY = Transformer("primaryKey", "@aws-amplify/graphql-index-transformer 3.1.1")

    @PRIMARY_KEY.on_use(
        "schema.primary-key.nullable",
        "must have a primary key that is not nullable",
        example="type Note @model { id: ID @primaryKey }",
    )
    def nullable(use: Use) -> Found:
        if not use.field.required:
            yield f"The primary key on type '{use.type.name}' must reference non-null fields."
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeVar

from pytest_amplifybackend._schema.document import Document, Use
from pytest_amplifybackend._schema.faults import Fault


class Phase(IntEnum):
    """When a transformer makes a check, in the order of its methods."""

    CONTEXT = 0
    """Before the rules for SDL: what the transformer's context takes from the document."""
    BEFORE = 1
    USE = 2
    """At each use of the transformer's directive: its ``object`` and ``field``."""
    VALIDATE = 3
    PREPARE = 4
    SCHEMA = 5
    """``transformSchema``."""
    RESOLVERS = 6
    """``generateResolvers``."""
    AFTER = 7


@dataclass(frozen=True, slots=True)
class Unconfigured:
    """A text for which the schema is refused unless the API has an authorization mode."""

    mode: str
    text: str


Found = Iterator[str | Unconfigured]

_Subject = TypeVar("_Subject")
_Finds = Callable[[_Subject], Found]
_Declares = Callable[[_Finds[_Subject]], _Finds[_Subject]]


@dataclass(frozen=True, slots=True)
class Check:
    """One check: ``find`` gets a use of the directive, or the document in other phases.

    ``says`` ends the sentence "A schema …"; ``example`` is the schema of an API with every mode
    that breaks this rule, and none before it.
    """

    rule: str
    says: str
    example: str
    source: str
    phase: Phase
    find: Callable[[Any], Found]

    def faults(self, subject: Document | Use) -> Iterator[Fault]:
        """Yield what it finds."""
        for found in self.find(subject):
            if isinstance(found, Unconfigured):
                yield Fault(self.rule, found.text, found.mode)
            else:
                yield Fault(self.rule, found)


class Transformer:
    """The checks of one of Amplify's transformers, that of a directive, in its order.

    ``source`` is the npm package that makes them. ``extends`` says whether its directive may stand
    on the fields of an extended Query, Mutation or Subscription.
    """

    def __init__(self, directive: str, source: str, *, extends: bool = False) -> None:
        self.directive = directive
        self.source = source
        self.extends = extends
        self.checks: list[Check] = []

    def on_use(self, rule: str, says: str, *, example: str) -> _Declares[Use]:
        """Declare a check that is made at each use of the directive."""
        return self._declaring(rule, says, example, Phase.USE)

    def during(self, phase: Phase, rule: str, says: str, *, example: str) -> _Declares[Document]:
        """Declare a check that is made once, in a later phase (or an earlier one)."""
        return self._declaring(rule, says, example, phase)

    def _declaring(self, rule: str, says: str, example: str, phase: Phase) -> _Declares[Any]:
        def declared(find: _Finds[Any]) -> _Finds[Any]:
            self.checks.append(Check(rule, says, example, self.source, phase, find))
            return find

        return declared

    def faults(self, phase: Phase, document: Document) -> Iterator[Fault]:
        """Yield what it finds in a phase."""
        checks = [check for check in self.checks if check.phase is phase]
        if phase is not Phase.USE:
            for check in checks:
                yield from check.faults(document)
            return
        for use in document.uses(self.directive):
            if use.type.is_extension:
                yield from self._on_extension(use)
            for check in checks:
                yield from check.faults(use)

    def _on_extension(self, use: Use) -> Iterator[Fault]:
        directive, name = f"@{use.directive.name}", use.type.name
        if use.field is None:
            text = (
                "Directives are not supported on object or interface extensions. "
                f"See the '{directive}' directive on '{name}'"
            )
        elif not self.extends:
            text = f"The '{directive}' directive is not supported on fields of extended types"
        elif name not in ("Query", "Mutation", "Subscription"):
            text = (
                f"The '{directive}' directive cannot be used on fields of type extensions other "
                f"than 'Query', 'Mutation', and 'Subscription'. See {use.place}"
            )
        else:
            return
        yield Fault("schema.extension.directive", text)
