"""Checks of @searchable."""

from __future__ import annotations

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
