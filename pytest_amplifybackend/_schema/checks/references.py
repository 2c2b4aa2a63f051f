"""The ``references`` of @hasMany, @hasOne and @belongsTo: the fields that hold the other's key."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks.keys import (
    partition,
    sort_keys,
)
from pytest_amplifybackend._schema.checks.links import BACK, links
from pytest_amplifybackend._schema.checks.relations import BELONGS_TO, HAS_MANY, HAS_ONE
from pytest_amplifybackend._schema.checks.shapes import is_leaf, listed
from pytest_amplifybackend._schema.checks.transformer import UNREADABLE, Found
from pytest_amplifybackend._schema.document import Type, Use


@HAS_MANY.on_use(
    "schema.has-many.references-index",
    "must not have indexName on a @hasMany with references",
    example=(
        'type A @model { b: [B] @hasMany(references: "x", indexName: "i") } type B @model { x: ID }'
    ),
)
def with_index(use: Use) -> Found:
    if _references(use) and use.arguments.get("indexName"):
        yield (
            f"Invalid @hasMany directive on {use.place} - indexName is not supported with "
            "DynamoDB references."
        )


@HAS_MANY.on_use(
    "schema.has-many.references",
    "must have the references of a @hasMany, as many as the key has fields, as scalars or enums",
    example='type A @model { b: [B] @hasMany(references: "x") } type B @model { id: ID! }',
)
@HAS_ONE.on_use(
    "schema.has-one.references",
    "must have the references of a @hasOne, as many as the key has fields, as scalars or enums",
    example='type A @model { b: B @hasOne(references: "x") } type B @model { id: ID! }',
)
@BELONGS_TO.on_use(
    "schema.belongs-to.references",
    "must have the references of a @belongsTo, as many as the key has fields, as scalars or enums",
    example='type A @model { b: [B] @hasMany } type B @model { a: A @belongsTo(references: "x") }',
)
def present(use: Use) -> Found:
    if not (references := _references(use)):
        return
    name = use.directive.name
    parent, child = _sides(use)
    more = sort_keys(parent)
    if not isinstance(more, list):
        yield UNREADABLE.format("map")
    if len(more) + 1 != len(references):
        yield (
            f"The number of references provided to @{name} must match the number of primary keys "
            f"on {parent.name}."
        )
    for reference in references:
        field = child.fields.get(reference)
        if field is None:
            yield f"{reference} is not a field in {child.name}"
        elif not is_leaf(use.document, field):
            yield f"All reference fields provided to @{name} must be scalar or enum fields."


def _references(use: Use) -> list[str]:
    return listed(use.arguments.get("references"))


def _sides(use: Use) -> tuple[Type, Type]:
    """Return the model whose key is referred to, and the one that has the references."""
    related = use.document.types[use.at.type]
    return (related, use.type) if use.directive.name == "belongsTo" else (use.type, related)


@HAS_MANY.on_use(
    "schema.has-many.required",
    "must not have a required field, or a list of required ones, with a @hasMany with references",
    example='type A @model { b: [B]! @hasMany(references: "x") } type B @model { x: ID }',
)
@HAS_ONE.on_use(
    "schema.has-one.required",
    "must not have a required field with a @hasOne with references",
    example='type A @model { b: B! @hasOne(references: "x") } type B @model { x: ID }',
)
@BELONGS_TO.on_use(
    "schema.belongs-to.required",
    "must not have a required field with a @belongsTo with references",
    example=(
        'type A @model { b: B @hasOne } type B @model { x: ID a: A! @belongsTo(references: "x") }'
    ),
)
def optional(use: Use) -> Found:
    if not _references(use):
        return
    name, field, outer = use.directive.name, use.at, use.at.node.type
    should = f"[{field.type}]" if name == "hasMany" else field.type
    if outer.kind == "non_null_type":
        has = f"{should}!"
    elif outer.kind == "list_type" and outer.type.kind == "non_null_type":
        has = f"[{field.type}!]" if name == "hasMany" else f"{field.type}!"
    else:
        return
    yield (
        f"@{name} fields must not be required. Change '{use.place}: {has}' to "
        f"'{use.place}: {should}'"
    )


@HAS_MANY.on_use(
    "schema.has-many.nullability",
    "must have references of a @hasMany that are all required or all nullable",
    example=(
        'type A @model { id: ID! @primaryKey(sortKeyFields: ["k"]) k: ID! '
        'b: [B] @hasMany(references: ["x", "y"]) } type B @model { x: ID y: ID! }'
    ),
)
@HAS_ONE.on_use(
    "schema.has-one.nullability",
    "must have references of a @hasOne that are all required or all nullable",
    example=(
        'type A @model { id: ID! @primaryKey(sortKeyFields: ["k"]) k: ID! '
        'b: B @hasOne(references: ["x", "y"]) } type B @model { x: ID y: ID! }'
    ),
)
def alike(use: Use) -> Found:
    fields = [_sides(use)[1].fields[name] for name in _references(use)]
    required = ", ".join(f"'{one.name}'" for one in fields if one.required)
    nullable = ", ".join(f"'{one.name}'" for one in fields if not one.required)
    if required and nullable:
        quoted = ", ".join(f"'{one.name}'" for one in fields)
        yield (
            f"Reference fields defined on related type: '{use.at.type}' for "
            f"@{use.directive.name}(references: [{quoted}]) {use.place} relationship have "
            f"inconsistent nullability.\nRequired fields: {required}\nNullable fields: {nullable}\n"
            f"Update reference fields on type '{use.at.type}' to have consistent nullability "
            "-- either all required or all nullable."
        )


@HAS_MANY.on_use(
    "schema.has-many.answered",
    "must answer a @hasMany with references by a @belongsTo with the same ones",
    example='type A @model { b: [B] @hasMany(references: "x") } type B @model { x: ID }',
)
@HAS_ONE.on_use(
    "schema.has-one.answered",
    "must answer a @hasOne with references by a @belongsTo with the same ones",
    example='type A @model { b: B @hasOne(references: "x") } type B @model { x: ID }',
)
@BELONGS_TO.on_use(
    "schema.belongs-to.answered",
    "must answer a @belongsTo with references by a @hasOne or @hasMany with the same ones",
    example='type A @model { id: ID! } type B @model { x: ID a: A @belongsTo(references: "x") }',
)
def answered(use: Use) -> Found:
    if not (references := _references(use)):
        return
    name, related = use.directive.name, use.at.type
    ways = links(use.document).ways.get((related, use.type.name, BACK[name]))
    if ways is not None and ways.unreferenced:
        yield UNREADABLE.format("kind")
    if ways is None or tuple(references) not in ways.references:
        wanted = " or ".join(f"@{one}" for one in BACK[name])
        yield (
            f"Uni-directional relationships are not supported. Add a {wanted} field in {related} "
            f"to match the @{name} field {use.place}, and ensure the number and type of reference "
            f"fields match the number and type of primary key fields in {_sides(use)[0].name}."
        )


@HAS_MANY.on_use(
    "schema.has-many.reference-types",
    "must have references of a @hasMany of the types of the key's fields",
    example=(
        'type A @model { b: [B] @hasMany(references: "x") } '
        'type B @model { x: Int a: A @belongsTo(references: "x") }'
    ),
)
@HAS_ONE.on_use(
    "schema.has-one.reference-types",
    "must have references of a @hasOne of the types of the key's fields",
    example=(
        'type A @model { b: B @hasOne(references: "x") } '
        'type B @model { x: Int a: A @belongsTo(references: "x") }'
    ),
)
def of_one_type(use: Use) -> Found:
    if not (references := _references(use)):
        return
    parent, child = _sides(use)
    key = [partition(parent), *(parent.fields[name] for name in sort_keys(parent))]
    for each, name in zip(key, references, strict=True):
        field = child.fields[name]
        if each.is_list or field.is_list:
            yield UNREADABLE.format("value")
        if each.type != field.type and not {each.type, field.type} <= {"ID", "String"}:
            yield (
                f"Type mismatch between primary key field(s) of {parent.name} and reference "
                f"fields of {child.name}. Type of {parent.name}.{each.name} does not match type "
                f"of {child.name}.{name}"
            )
