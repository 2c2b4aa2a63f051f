"""Checks of @searchable."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks.index import plural
from pytest_amplifybackend._schema.checks.transformer import Found, Transformer
from pytest_amplifybackend._schema.document import Document, Use

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
    if given is not None:
        return given.get("search") or None
    name = use.type.name
    return f"search{plural(name[:1].upper() + name[1:])}"


def is_searched(document: Document) -> bool:
    """Whether Amplify generates a query for any @searchable."""
    if "is_searched" not in document.derived:
        document.derived["is_searched"] = any(map(search_name, document.uses("searchable")))
    return bool(document.derived["is_searched"])


def aggregates(document: Document) -> dict[str, bool]:
    """Return the types of aggregates that get the directives of rules, and which are generated."""
    generated = is_searched(document)
    parts = generated and "SearchableAggregateGenericResult" not in document.types
    return {
        "SearchableAggregateResult": generated,
        "SearchableAggregateScalarResult": parts,
        "SearchableAggregateBucketResult": parts,
        "SearchableAggregateBucketResultItem": (
            parts and "SearchableAggregateBucketResult" not in document.types
        ),
    }


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
