"""Every rule that a schema can break, by name."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_amplifybackend._schema import checks, sdl

_GRAPHQL = "graphql 15.11.0 on npm, which the transformer parses and validates with"


@dataclass(frozen=True, slots=True)
class SchemaRule:
    """One rule: how the sentence "A schema ..." ends, a schema that breaks it, and who says so."""

    name: str
    says: str
    example: str
    source: str


@functools.lru_cache(maxsize=1)
def rules() -> Mapping[str, SchemaRule]:
    """Return all rules in the order in which they are checked, the parser's first."""
    made = [
        SchemaRule("schema.syntax", "must be GraphQL that parses", "type Note {", _GRAPHQL),
        SchemaRule("schema.depth", "must not be nested too deeply", _DEEP, _GRAPHQL),
        *(SchemaRule(name, *rule, _GRAPHQL) for name, rule in sdl.RULES.items()),
        *(
            SchemaRule(one.rule, one.says, one.example, one.source)
            for one in checks.checks()
            if one.example is not None
        ),
    ]
    return {one.name: one for one in made}


_DEEP = "type Note { a: " + "[" * 50_000
