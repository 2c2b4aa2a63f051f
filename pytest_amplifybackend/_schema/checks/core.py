"""What the transformers' frame checks before and beside them."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks.transformer import Found, Phase, Transformer
from pytest_amplifybackend._schema.document import Document

CORE = Transformer("", "@aws-amplify/graphql-transformer-core 3.4.1")

_EXTENSIONS = {
    "object_type_extension": "type",
    "interface_type_extension": "interface",
    "union_type_extension": "union",
    "enum_type_extension": "enum",
    "input_object_type_extension": "input",
}


@CORE.during(
    Phase.CONTEXT,
    "schema.extension.nothing",
    "must define each type that it extends",
    example="extend type Note { id: ID! }",
)
def extends_nothing(document: Document) -> Found:
    for one in document.definitions:
        if one.is_extension and one.name not in document.types and one.node.kind in _EXTENSIONS:
            yield f"Cannot extend nonexistent {_EXTENSIONS[one.node.kind]} '{one.name}'."
