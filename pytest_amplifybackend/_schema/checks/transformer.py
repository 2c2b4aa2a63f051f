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

    ``source`` is the npm package that makes them.
    """

    def __init__(self, directive: str, source: str) -> None:
        self.directive = directive
        self.source = source
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

    def on(self, use: Use) -> Iterator[Fault]:
        """Yield what it finds in one use of a directive."""
        for check in self.checks:
            if check.phase is Phase.USE:
                yield from check.faults(use)

    def once(self, phase: Phase, document: Document) -> Iterator[Fault]:
        """Yield what it finds in another phase."""
        for check in self.checks:
            if check.phase is phase:
                yield from check.faults(document)
