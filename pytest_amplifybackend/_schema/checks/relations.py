"""@hasMany, @hasOne and @belongsTo: the two models, and the fields between them."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks.links import links
from pytest_amplifybackend._schema.checks.shapes import is_leaf, listed
from pytest_amplifybackend._schema.checks.transformer import UNREADABLE, Found, Transformer
from pytest_amplifybackend._schema.document import Use
from pytest_amplifybackend._schema.inherited import NAMES

_SOURCE = "@aws-amplify/graphql-relational-transformer 3.1.15"
HAS_MANY = Transformer("hasMany", _SOURCE)
HAS_ONE = Transformer("hasOne", _SOURCE)
BELONGS_TO = Transformer("belongsTo", _SOURCE)


@HAS_MANY.on_use(
    "schema.has-many.list",
    "must have @hasMany on lists",
    example="type A @model { b: B @hasMany } type B @model { id: ID! }",
)
def many(use: Use) -> Found:
    if not use.at.is_list:
        yield "@hasMany must be used with a list. Use @hasOne for non-list types."


@BELONGS_TO.on_use(
    "schema.belongs-to.override-index",
    "must not have overrideIndexName on a @belongsTo without references",
    example=(
        "type A @model { b: [B] @hasMany } "
        'type B @model { a: A @belongsTo(overrideIndexName: "i") }'
    ),
)
def override_index(use: Use) -> Found:
    if use.arguments.get("overrideIndexName") and not use.arguments.get("references", ""):
        yield (
            "overrideIndexName cannot be used on @belongsTo without references. Modify "
            f"{use.place} to use references or remove overrideIndexName."
        )


def _target(use: Use, tables: frozenset[str]) -> Found:
    name = use.at.type
    if name not in tables:
        if name in NAMES:
            yield UNREADABLE.format("validate")
        if use.at.node.type.kind == "named_type":
            yield f"Object type {name} must be annotated with @model."
        # Of a list or a required type the transformer looks for the name of the type in vain.
        yield UNREADABLE.format("value")
    related = use.document.types[name]
    if related.kind != "object":
        yield f"Could not find related type with name {name} while processing relationships."


@HAS_MANY.on_use(
    "schema.has-many.target",
    "must have @hasMany to types that are models",
    example="type A @model { b: [B] @hasMany } type B { id: ID! }",
)
@HAS_ONE.on_use(
    "schema.has-one.target",
    "must have @hasOne to types that are models",
    example="type A @model { b: B @hasOne } type B { id: ID! }",
)
def target(use: Use) -> Found:
    return _target(use, links(use.document).tables)


@BELONGS_TO.on_use(
    "schema.belongs-to.target",
    "must have @belongsTo to types that are models",
    example="type A @model { b: B @belongsTo } type B { id: ID! }",
)
def owner_target(use: Use) -> Found:
    joins = links(use.document).joins
    return _target(use, links(use.document).tables | joins.keys())


@HAS_MANY.on_use(
    "schema.has-many.ends",
    "must have a @hasMany with fields or with references, which are not empty",
    example="type A @model { b: [B] @hasMany(fields: []) } type B @model { id: ID! }",
)
@HAS_ONE.on_use(
    "schema.has-one.ends",
    "must have a @hasOne with fields or with references, which are not empty",
    example="type A @model { b: B @hasOne(fields: []) } type B @model { id: ID! }",
)
@BELONGS_TO.on_use(
    "schema.belongs-to.ends",
    "must have a @belongsTo with fields or with references, which are not empty",
    example="type A @model { b: [B] @hasMany } type B @model { a: A @belongsTo(fields: []) }",
)
def ends(use: Use) -> Found:
    name, fields = use.directive.name, use.arguments.get("fields")
    references = use.arguments.get("references")
    if references in (None, ""):
        if fields == []:
            yield f"No fields passed to @{name} directive."
    elif fields not in (None, ""):
        yield f"fields and references cannot be defined in the same {name}. Use 'references'"
    elif not references:
        yield f"Invalid @{name} directive on {use.at.name} - empty references list"


@HAS_MANY.on_use(
    "schema.has-many.fields",
    "must have the fields of a @hasMany, as scalars or enums",
    example='type A @model { b: [B] @hasMany(fields: ["x"]) } type B @model { id: ID! }',
)
@HAS_ONE.on_use(
    "schema.has-one.fields",
    "must have the fields of a @hasOne, as scalars or enums",
    example='type A @model { b: B @hasOne(fields: ["x"]) } type B @model { id: ID! }',
)
@BELONGS_TO.on_use(
    "schema.belongs-to.fields",
    "must have the fields of a @belongsTo, as scalars or enums",
    example='type A @model { b: [B] @hasMany } type B @model { a: A @belongsTo(fields: ["x"]) }',
)
def fields(use: Use) -> Found:
    if use.arguments.get("references"):
        return
    for name in listed(use.arguments.get("fields")):
        field = use.type.fields.get(name)
        if field is None:
            yield f"{name} is not a field in {use.type.name}"
        elif not is_leaf(use.document, field):
            yield f"All fields provided to @{use.directive.name} must be scalar or enum fields."
