"""Checks of @default."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks import literals
from pytest_amplifybackend._schema.checks.shapes import is_single_leaf
from pytest_amplifybackend._schema.checks.transformer import UNREADABLE, Found, Transformer
from pytest_amplifybackend._schema.document import Use
from pytest_amplifybackend._schema.inherited import NAMES

DEFAULT = Transformer("default", "@aws-amplify/graphql-default-value-transformer 3.1.18")


@DEFAULT.on_use(
    "schema.default.no-model",
    "must have defaults in types with @model only",
    example='type Note { text: String @default(value: "new") }',
)
def no_model(use: Use) -> Found:
    if not use.type.marked("model"):
        yield (
            "The @default directive may only be added to object definitions annotated with @model."
        )


@DEFAULT.on_use(
    "schema.default.type",
    "must have defaults of scalars or enums",
    example='type Note @model { id: ID! tags: [String] @default(value: "new") }',
)
def type_of_field(use: Use) -> Found:
    if use.field is not None and not is_single_leaf(use.document, use.field):
        yield "The @default directive may only be added to scalar or enum field types."


@DEFAULT.on_use(
    "schema.default.none",
    "must say the value of a default",
    example="type Note @model { id: ID! text: String @default }",
)
def none(use: Use) -> Found:
    if "value" not in use.arguments:
        yield "The @default directive requires a value property on non-Postgres datasources."


@DEFAULT.on_use(
    "schema.default.null",
    "must not have null as a default",
    example="type Note @model { id: ID! text: String @default(value: null) }",
)
def null(use: Use) -> Found:
    if use.arguments.get("value", "") is None:
        yield "The @default directive does not support null values."


@DEFAULT.on_use(
    "schema.default.enum",
    "must have defaults of enums that are values of the enum",
    example='enum State { NEW } type Note @model { id: ID! state: State @default(value: "OLD") }',
)
def enum(use: Use) -> Found:
    found = None if use.field is None else use.document.enum(use.field.type)
    if found is not None and found.name in NAMES:
        yield UNREADABLE.format("values")
    elif found is not None and use.arguments["value"] not in found.values:
        yield f'Default value "{use.arguments["value"]}" is not a member of {found.name} enum.'


_UNKNOWN = "typeValidators[(0 , graphql_transformer_common_1.getBaseType)(...)] is not a function"
_UNVALIDATED = {
    "constructor": "Class constructor TypeValidators cannot be invoked without 'new'",
    "__defineGetter__": "Object.prototype.__defineGetter__: Expecting function",
    "__defineSetter__": "Object.prototype.__defineSetter__: Expecting function",
}


@DEFAULT.on_use(
    "schema.default.value",
    "must have defaults that are values of the field's type",
    example='type Note @model { id: ID! number: Int @default(value: "many") }',
)
def value(use: Use) -> Found:
    if use.field is None or use.document.enum(use.field.type) is not None:
        return
    given = str(use.arguments["value"])
    if use.field.type not in literals.KNOWN:
        yield _UNVALIDATED.get(use.field.type, _UNKNOWN)
    elif not literals.is_one(given, use.field.type):
        yield f'Default value "{given}" is not a valid {use.field.type}.'
