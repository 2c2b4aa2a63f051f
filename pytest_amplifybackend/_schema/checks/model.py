"""Checks of @model."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks.transformer import Found, Transformer
from pytest_amplifybackend._schema.document import Use

MODEL = Transformer("model", "@aws-amplify/graphql-model-transformer 3.3.4")


@MODEL.on_use(
    "schema.model.reserved-name",
    "must not have a model called as the type of queries, mutations or subscriptions",
    example="type Subscription @model { id: ID! }",
)
def reserved_name(use: Use) -> Found:
    if use.type.name in use.document.operation_types.values():
        yield (
            f"'{use.type.name}' is a reserved type name and currently in use within the default "
            "schema element."
        )
