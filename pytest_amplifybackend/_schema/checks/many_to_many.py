"""@manyToMany: two fields on two models, each with the other's type, and one name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_amplifybackend._schema.checks.keys import declared
from pytest_amplifybackend._schema.checks.links import links
from pytest_amplifybackend._schema.checks.searchable import is_searched
from pytest_amplifybackend._schema.checks.shapes import is_leaf
from pytest_amplifybackend._schema.checks.transformer import Found, Phase, Transformer
from pytest_amplifybackend._schema.document import Document, Use
from pytest_amplifybackend._schema.inherited import NAMES

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
    from pytest_amplifybackend._schema.modelgen import words  # its package reads checked schemas

    name = use.arguments["relationName"]
    uses = links(use.document).joins[words.graphql_name(name)]
    if len(uses) > 2 and uses[2].directive is use.directive:
        yield f"@manyToMany relation '{name}' must be used in exactly two locations."


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation by the name of the type that joins it, with its fields in order."""

    document: Document
    name: str
    uses: list[Use]


def relations(document: Document) -> Iterator[Relation]:
    """Yield the relations of a document."""
    for name, uses in links(document).joins.items():
        yield Relation(document, name, uses)


@MANY_TO_MANY.during(
    Phase.VALIDATE,
    "schema.many-to-many.pair",
    "must have two fields of each @manyToMany relation, on models with the types of each other",
    example=f"{_A_WITH_B} type B @model {{ id: ID! }}",
    each=relations,
)
def paired(relation: Relation) -> Found:
    name, uses, found = relation.name, relation.uses, links(relation.document)
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
    each=relations,
)
def free(relation: Relation) -> Found:
    name, document = relation.name, relation.document
    if (
        name in document.types
        or name in NAMES
        or (name == document.operation_types.get("query") and is_searched(document))
    ):
        yield (
            f"@manyToMany relation name '{name}' (derived from "
            f"'{relation.uses[0].arguments['relationName']}') already exists as a type in the "
            "schema."
        )


@MANY_TO_MANY.during(
    Phase.PREPARE,
    "schema.many-to-many.reserved",
    "must not have a @manyToMany relation with the name of the type of queries or mutations",
    example=f"{_A_WITH_B} type B @model {{ a: [A] {_R} }}".replace('"R"', '"Query"'),
    each=relations,
)
def unreserved(relation: Relation) -> Found:
    if relation.name in relation.document.operation_types.values():
        yield (
            f"'{relation.name}' is a reserved type name and currently in use within the default "
            "schema element."
        )


@MANY_TO_MANY.during(
    Phase.PREPARE,
    "schema.many-to-many.key",
    "must have a scalar or an enum as the id of each model of a @manyToMany",
    example=f"type A @model {{ id: B b: [B] {_R} }} type B @model {{ a: [A] {_R} }}",
    each=relations,
)
def of_leaves(relation: Relation) -> Found:
    for use in relation.uses:
        if not is_leaf(relation.document, declared(relation.document, use.type)):
            yield "All fields provided to @hasOne must be scalar or enum fields."


@MANY_TO_MANY.during(
    Phase.PREPARE,
    "schema.many-to-many.self",
    "must not have a @manyToMany relation of a model with itself",
    example=f"type A @model {{ b: [A] {_R} c: [A] {_R} }}",
    each=relations,
)
def of_two(relation: Relation) -> Found:
    one, other = relation.uses
    if one.type is other.type:  # the joining type would have two indexes of one name
        yield (
            f"You may only supply one @index with the name 'by{one.type.name}' "
            f"on type '{relation.name}'."
        )


@MANY_TO_MANY.during(
    Phase.RESOLVERS,
    "schema.many-to-many.blank",
    "must name each @manyToMany relation with a letter or more",
    example=f"{_A_WITH_B} type B @model {{ a: [A] {_R} }}".replace('"R"', '"1"'),
)
def named(document: Document) -> Found:
    if "" in links(document).joins:
        yield "scope.setParameter is not a function"
