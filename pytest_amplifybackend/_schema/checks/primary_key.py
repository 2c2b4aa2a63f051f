"""Checks of @primaryKey."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks.transformer import Found, Transformer
from pytest_amplifybackend._schema.document import Use

PRIMARY_KEY = Transformer("primaryKey", "@aws-amplify/graphql-index-transformer 3.1.1")


@PRIMARY_KEY.on_use(
    "schema.primary-key.nullable",
    "must have primary keys that are not nullable",
    example="type Note @model { id: ID @primaryKey }",
)
def nullable(use: Use) -> Found:
    if use.field is not None and not use.field.required:
        yield f"The primary key on type '{use.type.name}' must reference non-null fields."
