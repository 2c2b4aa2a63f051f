"""What a check is: one thing for which one of Amplify's transformers refuses a schema.

A module of this package holds the checks of one transformer, or of a family of them, in the order
in which it makes them. A check is a small function under its rule's name, which yields the text
that the package prints. The first text of all is what the job fails with, so their order counts:

    PRIMARY_KEY = Transformer("primaryKey", "@aws-amplify/graphql-index-transformer 3.1.3")

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

from collections.abc import Callable, Iterable, Iterator
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
    """A text for which the schema is refused unless the API has an authorization mode.

    Or :data:`~pytest_amplifybackend._schema.faults.UNSYNCED`.
    """

    mode: str
    text: str


UNREADABLE = "Cannot read properties of undefined (reading '{}')"
"""What Node says of a schema without something that a transformer relies on."""

Found = Iterator[str | Unconfigured]

_Subject = TypeVar("_Subject")
_Finds = Callable[[_Subject], Found]
_Wrong = Callable[[_Subject], tuple[str, str] | None]
_Parts = Callable[[_Subject], Iterable[Any]]
_Declares = Callable[[_Finds[_Subject]], _Finds[_Subject]]


@dataclass(frozen=True, slots=True)
class Check:
    """One check: ``find`` gets a use of the directive, or the document in other phases.

    ``says`` ends the sentence "A schema …"; ``example`` is the schema of an API with every mode
    that breaks this rule, and none before it. It is None for a rule on the API and its schema,
    which no schema breaks by itself.
    """

    rule: str
    says: str
    example: str | None
    source: str
    phase: Phase
    find: Callable[[Any], Found]
    each: Callable[[Any], Iterable[Any]] | None = None
    """Gives the parts of the use, or of the document, that ``find`` gets instead of it."""

    def fault(self, found: str | Unconfigured) -> Fault:
        """Return what it found."""
        if isinstance(found, Unconfigured):
            return Fault(self.rule, found.text, found.mode)
        return Fault(self.rule, found)


_Group = tuple[Callable[[Any], Iterable[Any]] | None, list[Check]]
"""Checks that follow each other and have the same parts."""


class Transformer:
    """The checks of one of Amplify's transformers, that of a directive, in its order.

    ``source`` is the npm package that makes them.
    """

    def __init__(self, directive: str, source: str) -> None:
        self.directive = directive
        self.source = source
        self.checks: list[Check] = []
        self._groups: dict[Phase, list[_Group]] = {}

    def on_use(
        self, rule: str, says: str, *, example: str | None, each: _Parts[Use] | None = None
    ) -> _Declares[Any]:
        """Declare a check that is made at each use of the directive, or at each part of it.

        Checks with the same ``each`` that follow each other are made part by part.
        """
        return self._declaring(rule, says, example, Phase.USE, each)

    def during(
        self,
        phase: Phase,
        rule: str,
        says: str,
        *,
        example: str | None,
        each: _Parts[Document] | None = None,
    ) -> _Declares[Any]:
        """Declare a check that is made once, or at each part of the document, in another phase."""
        return self._declaring(rule, says, example, phase, each)

    def _declaring(
        self, rule: str, says: str, example: str | None, phase: Phase, each: _Parts[Any] | None
    ) -> _Declares[Any]:
        def declared(find: _Finds[Any]) -> _Finds[Any]:
            check = Check(rule, says, example, self.source, phase, find, each)
            self.checks.append(check)
            groups = self._groups.setdefault(phase, [])
            if not groups or groups[-1][0] != each:
                groups.append((each, []))
            groups[-1][1].append(check)
            return find

        return declared

    def one_of(self, phase: Phase, wrong: _Wrong[Any], *rows: tuple[str, str, str, str]) -> None:
        """Declare the checks that one function makes: it returns which one failed, and the text.

        A row is that name of a check, its rule, what it says, and its example.
        """
        for which, rule, says, example in rows:
            self._declaring(rule, says, example, phase, None)(_only(which, wrong))

    def uses(self, document: Document) -> Iterator[Use]:
        """Yield the uses of the directive."""
        return document.uses(self.directive)

    def on(self, use: Use) -> Iterator[Fault]:
        """Yield what it finds in one use of a directive."""
        return _made(self._groups.get(Phase.USE, ()), use)

    def once(self, phase: Phase, document: Document) -> Iterator[Fault]:
        """Yield what it finds in another phase."""
        return _made(self._groups.get(phase, ()), document)


def _only(which: str, wrong: _Wrong[_Subject]) -> _Finds[_Subject]:
    def find(subject: _Subject) -> Found:
        match wrong(subject):
            case found, text if found == which:
                yield text

    return find


def _made(groups: Iterable[_Group], subject: Document | Use) -> Iterator[Fault]:
    """Make checks in order; those of the same parts part by part."""
    for each, checks in groups:
        for part in (subject,) if each is None else each(subject):
            for check in checks:
                for found in check.find(part):
                    yield check.fault(found)
