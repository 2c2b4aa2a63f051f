"""Checks of @validate, in the order of its transformer."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks.literals import begins_as_float, begins_as_int
from pytest_amplifybackend._schema.checks.model import steps
from pytest_amplifybackend._schema.checks.transformer import Found, Phase, Transformer
from pytest_amplifybackend._schema.document import Document, Use
from pytest_amplifybackend._schema.inherited import NAMES

VALIDATE = Transformer("validate", "@aws-amplify/graphql-validate-transformer 1.1.8")

_NUMERIC = ("gt", "lt", "gte", "lte")
_LENGTHS = ("minLength", "maxLength")
_MODEL = "type Note @model {{ id: ID! {} }}"


@VALIDATE.on_use(
    "schema.validate.no-model",
    "must have @validate in types with @model only",
    example='type Note { number: Int @validate(type: gt, value: "0") }',
)
def no_model(use: Use) -> Found:
    if not use.type.marked("model"):
        yield "@validate directive can only be used on fields within @model types."


@VALIDATE.on_use(
    "schema.validate.list",
    "must not have @validate on lists",
    example=_MODEL.format('numbers: [Int] @validate(type: gt, value: "0")'),
)
def on_list(use: Use) -> Found:
    if use.field is not None and use.field.is_list:
        yield f"@validate directive cannot be used on list field '{use.field.name}'"


@VALIDATE.on_use(
    "schema.validate.order",
    "must have @validate behind the @default of a field",
    example=_MODEL.format('number: Int @validate(type: gt, value: "0") @default(value: "1")'),
)
def order(use: Use) -> Found:
    directives = () if use.field is None else use.field.directives
    for one in directives[directives.index(use.directive) :] if directives else ():
        if one.name == "default":
            yield "@validate directive must be specified after @default directive"


@VALIDATE.on_use(
    "schema.validate.repeated",
    "must not repeat a type of @validate on a field",
    example=_MODEL.format(
        'number: Int @validate(type: gt, value: "0") @validate(type: gt, value: "1")'
    ),
)
def repeated(use: Use) -> Found:
    kind, field = use.arguments["type"], use.field
    for one in () if field is None else field.marked("validate"):
        if field is not None and one is not use.directive and one.arguments.get("type") == kind:
            yield (
                f"Duplicate @validate directive with type '{kind}' on field '{field.name}'. "
                "Each validation type can only be used once per field."
            )


@VALIDATE.on_use(
    "schema.validate.numeric",
    "must compare numbers only",
    example=_MODEL.format('text: String @validate(type: gt, value: "0")'),
)
def numeric(use: Use) -> Found:
    kind, field = use.arguments["type"], use.field
    if field is not None and kind in _NUMERIC and field.type not in ("Int", "Float"):
        yield (
            f"Validation type '{kind}' can only be used with numeric fields (Int, Float). Field "
            f"'{field.name}' is of type '{field.type}'"
        )


@VALIDATE.on_use(
    "schema.validate.text",
    "must measure and match strings only",
    example=_MODEL.format('number: Int @validate(type: minLength, value: "1")'),
)
def text(use: Use) -> Found:
    kind, field = use.arguments["type"], use.field
    if field is not None and kind not in _NUMERIC and field.type != "String":
        yield (
            f"Validation type '{kind}' can only be used with 'String' fields. Field "
            f"'{field.name}' is of type '{field.type}'"
        )


@VALIDATE.on_use(
    "schema.validate.length",
    "must have whole numbers from 0 as lengths",
    example=_MODEL.format('text: String @validate(type: minLength, value: "-1")'),
)
def length(use: Use) -> Found:
    kind, value = use.arguments["type"], str(use.arguments["value"])
    number = begins_as_int(value)
    if kind in _LENGTHS and (number is None or number < 0) and use.field:
        yield (
            f"{kind} value must be a non-negative integer. Received '{value}' for field "
            f"'{use.field.name}'"
        )


@VALIDATE.on_use(
    "schema.validate.number",
    "must compare with numbers",
    example=_MODEL.format('number: Int @validate(type: gt, value: "none")'),
)
def number(use: Use) -> Found:
    kind, value = use.arguments["type"], str(use.arguments["value"])
    if kind in _NUMERIC and not begins_as_float(value) and use.field:
        yield f"{kind} value must be a number. Received '{value}' for field '{use.field.name}'"


@VALIDATE.during(
    Phase.RESOLVERS,
    "schema.validate.inherited-name",
    "must not validate fields called as what every JavaScript object has",
    example=_MODEL.format('constructor: Int @validate(type: gt, value: "0")'),
    each=VALIDATE.uses,
)
def inherited_name(use: Use) -> Found:
    if use.at.name in NAMES and _has_mutations(use.document):
        yield "validationsByField[fieldName].push is not a function"


def _has_mutations(document: Document) -> bool:
    return document.operation_types.get("mutation") in document.types or any(
        added.names for added in steps(document) if added.operation == "mutation"
    )
