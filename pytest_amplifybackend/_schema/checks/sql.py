"""Checks of @sql: it may be written where it may stand, and the API has no SQL data source."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks.transformer import Found, Phase, Transformer
from pytest_amplifybackend._schema.document import Document, Use

SQL = Transformer("sql", "@aws-amplify/graphql-sql-transformer 0.4.23")


def _place(use: Use) -> str:
    field = "" if use.field is None else use.field.name
    return f'Check type "{use.type.name}" and field "{field}".'


@SQL.on_use(
    "schema.sql.type",
    "must have @sql on the fields of Query and Mutation only",
    example='type Note { id: ID @sql(statement: "SELECT 1") }',
)
def type_of_field(use: Use) -> Found:
    if use.type.name not in ("Query", "Mutation"):
        yield f"@sql directive can only be used on Query or Mutation types. {_place(use)}"


@SQL.on_use(
    "schema.sql.none",
    "must have a statement or a reference in each @sql",
    example="type Query { notes: [ID] @sql }",
)
def none(use: Use) -> Found:
    if not use.arguments.keys() & {"statement", "reference"}:
        yield (
            "@sql directive must have either a 'statement' or a 'reference' argument. "
            f"{_place(use)}"
        )


@SQL.during(
    Phase.RESOLVERS,
    "schema.sql.data-source",
    "must not have @sql: the API has no SQL data source",
    example='type Query { notes: [ID] @sql(statement: "SELECT id FROM notes") }',
)
def data_source(document: Document) -> Found:
    for use in document.uses("sql"):
        yield f"Could not find custom SQL strategy for {use.place}"
