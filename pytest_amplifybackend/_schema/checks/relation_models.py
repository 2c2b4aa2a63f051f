"""@hasMany, @hasOne and @belongsTo: what is asked of the two models after their ends."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks import references  # noqa: F401  # its checks come first
from pytest_amplifybackend._schema.checks.links import BACK, links
from pytest_amplifybackend._schema.checks.relations import BELONGS_TO, HAS_MANY, HAS_ONE
from pytest_amplifybackend._schema.checks.transformer import Found, Unconfigured
from pytest_amplifybackend._schema.document import Use
from pytest_amplifybackend._schema.faults import UNSYNCED


@HAS_MANY.on_use(
    "schema.has-many.model",
    "must have @hasMany on fields of models",
    example="type A { b: [B] @hasMany } type B @model { id: ID! }",
)
@HAS_ONE.on_use(
    "schema.has-one.model",
    "must have @hasOne on fields of models",
    example="type A { b: B @hasOne } type B @model { id: ID! }",
)
@BELONGS_TO.on_use(
    "schema.belongs-to.model",
    "must have @belongsTo on fields of models",
    example="type A { b: B @belongsTo } type B @model { id: ID! }",
)
def on_model(use: Use) -> Found:
    if not use.type.is_model:
        yield f"@{use.directive.name} must be on an @model object type field."


@HAS_ONE.on_use(
    "schema.has-one.list",
    "must not have @hasOne on lists",
    example="type A @model { b: [B] @hasOne } type B @model { id: ID! }",
)
def one(use: Use) -> Found:
    if use.at.is_list:
        yield "@hasOne cannot be used with lists. Use @hasMany instead."


@BELONGS_TO.on_use(
    "schema.belongs-to.list",
    "must not have @belongsTo on lists",
    example="type A @model { b: [B] @hasMany } type B @model { a: [A] @belongsTo }",
)
def one_owner(use: Use) -> Found:
    if use.at.is_list:
        yield "@belongsTo cannot be used with lists."


@HAS_MANY.on_use(
    "schema.has-many.related",
    "must have @hasMany to models that a relation is not named like",
    example=(
        'type A @model { b: [B] @hasMany c: [A] @manyToMany(relationName: "B") } type B { id: ID! }'
    ),
)
@HAS_ONE.on_use(
    "schema.has-one.related",
    "must have @hasOne to models that a relation is not named like",
    example=(
        'type A @model { b: B @hasOne c: [A] @manyToMany(relationName: "B") } type B { id: ID! }'
    ),
)
@BELONGS_TO.on_use(
    "schema.belongs-to.related",
    "must have @belongsTo to models that a relation is not named like",
    example=(
        'type A @model { b: B @belongsTo c: [A] @manyToMany(relationName: "B") } type B { id: ID! }'
    ),
)
def to_model(use: Use) -> Found:
    if not use.document.types[use.at.type].is_model:
        yield f"Object type {use.at.type} must be annotated with @model."


@HAS_MANY.on_use(
    "api.schema.data-store",
    "must not relate two models to each other by @hasOne or @hasMany with conflict resolution",
    example=None,
)
@HAS_ONE.on_use(
    "api.schema.data-store",
    "must not relate two models to each other by @hasOne or @hasMany with conflict resolution",
    example=None,
)
def one_way(use: Use) -> Found:
    related = use.at.type
    back = (related, use.type.name, BACK["belongsTo"])
    if related != use.type.name and back in links(use.document).ways:
        yield Unconfigured(
            UNSYNCED,
            f"{use.type.name} and {related} cannot refer to each other via @hasOne or @hasMany "
            "when DataStore is in use. Use @belongsTo instead. See "
            "https://docs.amplify.aws/cli/graphql/data-modeling/#belongs-to-relationship",
        )


@BELONGS_TO.on_use(
    "schema.belongs-to.back",
    "must have a @hasOne or @hasMany to each model with a @belongsTo back",
    example="type A @model { id: ID! } type B @model { a: A @belongsTo }",
)
def back(use: Use) -> Found:
    if (use.at.type, use.type.name, BACK["belongsTo"]) not in links(use.document).ways:
        yield (
            f"{use.at.type} must have a relationship with {use.type.name} in order to use "
            "@belongsTo."
        )
