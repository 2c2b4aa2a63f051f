"""@manyToMany: two fields on two models, each with the other's type, and one name."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks.links import joining, links
from pytest_amplifybackend._schema.checks.transformer import Found, Phase, Transformer
from pytest_amplifybackend._schema.document import Document, Use

MANY_TO_MANY = Transformer("manyToMany", "@aws-amplify/graphql-relational-transformer 3.1.15")

_R = '@manyToMany(relationName: "R")'
_A_WITH_B = f"type A @model {{ b: [B] {_R} }}"


@MANY_TO_MANY.on_use(
    "schema.many-to-many.model",
    "must have @manyToMany on fields of models",
    example=f"type A {{ b: [B] {_R} }} type B @model {{ a: [A] {_R} }}",
)
def on_model(use: Use) -> Found:
    if not use.type.is_model:
        yield "@manyToMany must be on an @model object type field."


@MANY_TO_MANY.on_use(
    "schema.many-to-many.list",
    "must have @manyToMany on lists",
    example=f"type A @model {{ b: B {_R} }} type B @model {{ a: [A] {_R} }}",
)
def many(use: Use) -> Found:
    if not use.at.is_list:
        yield "@manyToMany must be used with a list."


@MANY_TO_MANY.on_use(
    "schema.many-to-many.third",
    "must not have a third field of one @manyToMany relation",
    example=f"type A @model {{ b: [B] {_R} c: [B] {_R} }} type B @model {{ a: [A] {_R} }}",
)
def third(use: Use) -> Found:
    name = use.arguments["relationName"]
    uses = links(use.document).joins[joining(name)]
    if len(uses) > 2 and uses[2].directive is use.directive:
        yield f"@manyToMany relation '{name}' must be used in exactly two locations."


@MANY_TO_MANY.during(
    Phase.VALIDATE,
    "schema.many-to-many.pair",
    "must have two fields of each @manyToMany relation, on models with the types of each other",
    example=f"{_A_WITH_B} type B @model {{ id: ID! }}",
)
def paired(document: Document) -> Found:
    found = links(document)
    for name, uses in found.joins.items():
        if len(uses) < 2:
            yield f"@manyToMany relation '{name}' must be used in exactly two locations."
        for use in uses:
            if use.at.type not in found.tables and use.at.type not in found.joins:
                yield f"Cannot find datasource type for model {use.at.type}"
        for this, that in (uses, reversed(uses)):
            if this.at.type != that.type.name:
                yield (
                    f"@manyToMany relation '{name}' expects '{this.at.type}' but got "
                    f"'{that.type.name}'."
                )


@MANY_TO_MANY.during(
    Phase.VALIDATE,
    "schema.many-to-many.name",
    "must not have a @manyToMany relation with the name of a type",
    example=f"{_A_WITH_B} type B @model {{ a: [A] {_R} }} type R {{ id: ID }}",
)
def free(document: Document) -> Found:
    query = document.operation_types.get("query")
    for name, uses in links(document).joins.items():
        if name in document.types or (name == query and _is_searched(document)):
            yield (
                f"@manyToMany relation name '{name}' (derived from "
                f"'{uses[0].arguments['relationName']}') already exists as a type in the schema."
            )


def _is_searched(document: Document) -> bool:
    """Whether a @searchable has added a field to the type of queries by then."""
    queries = [use.arguments.get("queries") for use in document.uses("searchable")]
    return any(one is None or one.get("search") for one in queries)


@MANY_TO_MANY.during(
    Phase.PREPARE,
    "schema.many-to-many.reserved",
    "must not have a @manyToMany relation with the name of the type of queries or mutations",
    example=f"{_A_WITH_B} type B @model {{ a: [A] {_R} }}".replace('"R"', '"Query"'),
)
def unreserved(document: Document) -> Found:
    for name in links(document).joins:
        if name in document.operation_types.values():
            yield (
                f"'{name}' is a reserved type name and currently in use within the default schema "
                "element."
            )


@MANY_TO_MANY.during(
    Phase.PREPARE,
    "schema.many-to-many.self",
    "must not have a @manyToMany relation of a model with itself",
    example=f"type A @model {{ b: [A] {_R} c: [A] {_R} }}",
)
def of_two(document: Document) -> Found:
    for name, (one, other) in links(document).joins.items():
        if one.type is other.type:  # the joining type would have two indexes of one name
            index = f"by{one.type.name}"
            yield f"You may only supply one @index with the name '{index}' on type '{name}'."


@MANY_TO_MANY.during(
    Phase.RESOLVERS,
    "schema.many-to-many.blank",
    "must name each @manyToMany relation with a letter or more",
    example=f"{_A_WITH_B} type B @model {{ a: [A] {_R} }}".replace('"R"', '"1"'),
)
def named(document: Document) -> Found:
    if "" in links(document).joins:
        yield "scope.setParameter is not a function"
