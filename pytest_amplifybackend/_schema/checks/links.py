"""What relations look for in other types, worked out once for a document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pytest_amplifybackend._schema.checks.shapes import listed
from pytest_amplifybackend._schema.document import Directive, Document, Field, Use

BACK = {"hasOne": ("belongsTo",), "hasMany": ("belongsTo",), "belongsTo": ("hasOne", "hasMany")}
"""Which directives answer each one."""

_KINDS = (*dict.fromkeys(BACK.values()), ("hasOne",), ("hasMany",))


@dataclass(slots=True)
class Ways:
    """The fields by which a type relates to another one, with directives of some kinds."""

    at: Field
    """The first of them."""
    directive: Directive
    unreferenced: bool = False
    """Whether one of them has no ``references``."""
    references: dict[tuple[str, ...], Directive] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Links:
    """The relations of a document."""

    tables: frozenset[str]
    """What has a table from the start: the models, and what relations of models are named."""
    joins: dict[str, list[Use]]
    """The uses of @manyToMany by the name of the type that joins them."""
    ways: dict[tuple[str, str, tuple[str, ...]], Ways]
    """By type, related type and kinds of directives."""
    indexes: dict[tuple[str, str], tuple[Field, Any]]
    """The field and the sort keys of each index that has a name, by model and name."""
    unlisted: frozenset[str]
    """The types whose ``sortKeyFields`` are no list, which parts of the transformer cannot read."""
    below_unlisted: frozenset[str]
    """The types that have a @hasMany of them in such a type."""


def links(document: Document) -> Links:
    """Return the relations of a document."""
    found: Links | None = document.derived.get("links")
    if found is None:
        found = document.derived["links"] = _links(document)
    return found


def _links(document: Document) -> Links:
    from pytest_amplifybackend._schema.modelgen import words  # its package reads checked schemas

    joins: dict[str, list[Use]] = {}
    named = set()
    for use in document.uses("manyToMany"):
        name = use.arguments["relationName"]
        joins.setdefault(words.graphql_name(name), []).append(use)
        if use.type.is_model and not use.type.is_extension:
            named.add(name)
    ways = _ways(document)
    unlisted = frozenset(
        use.type.name
        for use in document.uses("primaryKey")
        if not isinstance(use.arguments.get("sortKeyFields", []), list)
    )
    return Links(
        tables=frozenset(document.models) | named,
        joins=joins,
        ways=ways,
        indexes={
            (use.type.name, use.arguments["name"]): (use.at, use.arguments.get("sortKeyFields"))
            for use in document.uses("index")
            if use.arguments.get("name")
        },
        unlisted=unlisted,
        below_unlisted=frozenset(
            related for name, related, kinds in ways if name in unlisted and kinds == ("hasMany",)
        ),
    )


def _ways(document: Document) -> dict[tuple[str, str, tuple[str, ...]], Ways]:
    ways: dict[tuple[str, str, tuple[str, ...]], Ways] = {}
    for one in document.types.values():
        for each in one.fields.values():
            for kinds in _KINDS if each.directives else ():
                directive = directive_of(each, kinds)
                if directive is not None:
                    way = ways.setdefault((one.name, each.type, kinds), Ways(each, directive))
                    _note(way, directive)
    return ways


def _note(way: Ways, directive: Directive) -> None:
    if "references" in directive.arguments:
        way.references.setdefault(tuple(listed(directive.arguments["references"])), directive)
    else:
        way.unreferenced = True


def directive_of(each: Field, kinds: tuple[str, ...]) -> Directive | None:
    """Return the first directive of a field that is of some kinds."""
    return next((one for one in each.directives if one.name in kinds), None)
