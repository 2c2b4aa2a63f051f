"""Checks of @searchable."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks.index import plural
from pytest_amplifybackend._schema.checks.transformer import Found, Transformer
from pytest_amplifybackend._schema.document import Use

SEARCHABLE = Transformer("searchable", "@aws-amplify/graphql-searchable-transformer 3.1.4")


@SEARCHABLE.on_use(
    "schema.searchable.no-model",
    "must have @searchable on types with @model only",
    example="type Note @searchable { id: ID! }",
)
def no_model(use: Use) -> Found:
    if not use.type.is_model:
        yield "Types annotated with @searchable must also be annotated with @model."


def search_name(use: Use) -> str | None:
    """Return the name of the query that Amplify generates, None where it generates none."""
    given = use.arguments.get("queries")
    if given:
        return given.get("search") or None
    name = use.type.name
    return f"search{plural(name[:1].upper() + name[1:])}"


@SEARCHABLE.on_use(
    "schema.searchable.operation",
    "must not have a query of its own where Amplify generates one for @searchable",
    example="type Query { searchNotes: ID } type Note @model @searchable { id: ID! }",
)
def operation(use: Use) -> Found:
    root = use.document.operation_types.get("query", "Query")
    query, name = use.document.merged.get(root), search_name(use)
    if query is not None and name in query.fields:
        yield f"Object type extension '{root}' cannot redeclare field {name}"
