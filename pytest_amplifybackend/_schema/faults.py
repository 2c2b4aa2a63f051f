"""What is wrong with a schema: the broken rule and the text that Amplify's packages print of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

UNREADABLE = "Maximum call stack size exceeded"
"""What Node says of a schema that is nested too deeply (observed); Python's limit is lower."""

LONGEST_LINE = 1_000
"""In characters: a longer line is not shown below an error, only its number is."""


class SchemaError(ValueError):
    """A transform schema that Amplify's GraphQL transformer refuses, in the text that it prints.

    ``rule`` is the name of the rule that the schema breaks: ``amplifybackend-fake rules NAME``.
    """

    def __init__(self, text: str, rule: str = "api.schema") -> None:
        super().__init__(text)
        self.rule = rule


UNSYNCED = "no conflict resolution"
"""What an API without DataStore has beside its authorization modes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule. ``unless`` is what an API can have with which it is no fault, if there is.

    It is what a check finds that depends on the API: a rule with a provider is good where the API
    has the provider's mode, and two relations with each other where it has :data:`UNSYNCED`.
    """

    rule: str
    text: str
    unless: str | None = None


_END_OF_LINE = re.compile(r"\r\n|[\n\r]")


def located(message: str, source: Any, *positions: int) -> str:
    """Put what GraphQL says of places in a text in the form in which it prints it.

    That is the message, and for each place its number and the lines around it.
    """
    return "\n\n".join([message, *(_place(source, position) for position in positions)])


def _place(source: Any, position: int) -> str:
    from graphql.language import SourceLocation, print_source_location

    # In its oldest version, get_location() of graphql-core takes more characters for ends of lines
    # than GraphQL does, and then a line is not found.
    ends = [found.end() for found in _END_OF_LINE.finditer(source.body, 0, position)]
    place = SourceLocation(len(ends) + 1, position - (ends[-1] if ends else 0) + 1)
    before = source.body.rfind("\n", 0, position)
    after = source.body.find("\n", position)
    if (len(source.body) if after < 0 else after) - before > LONGEST_LINE:
        return f"{source.name}:{place.line}:{place.column}"
    return print_source_location(source, place)
