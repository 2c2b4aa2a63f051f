"""@hasMany, @hasOne and @belongsTo: the key, or the index, by which one model finds the other.

The transformer looks at these after all uses, as it writes the API's schema and its resolvers.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_amplifybackend._schema.checks import relation_models  # noqa: F401  # its checks go first
from pytest_amplifybackend._schema.checks.keys import (
    attribute,
    declared,
    partition,
    sort_key,
    sort_keys,
)
from pytest_amplifybackend._schema.checks.links import BACK, Ways, links
from pytest_amplifybackend._schema.checks.relations import BELONGS_TO, HAS_MANY, HAS_ONE
from pytest_amplifybackend._schema.checks.shapes import listed
from pytest_amplifybackend._schema.checks.transformer import UNREADABLE, Found, Phase
from pytest_amplifybackend._schema.document import Document, Field, Use
from pytest_amplifybackend._schema.inherited import NAMES

_ENUM = "enum E { X } type B @model { k: E! @primaryKey a: A @belongsTo }"
_PAIR = 'type B @model { id: ID! @primaryKey(sortKeyFields: ["s"]) s: ID! a: A @belongsTo }'


@HAS_MANY.during(
    Phase.SCHEMA,
    "schema.has-many.index",
    "must define the index that a @hasMany names, on the other model",
    example='type A @model { b: [B] @hasMany(indexName: "byA") } type B @model { id: ID! }',
    each=HAS_MANY.uses,
)
def indexed(use: Use) -> Found:
    index = use.arguments.get("indexName")
    if index and (use.at.type, index) not in links(use.document).indexes:
        yield f"Index {index} does not exist for model {use.at.type}"


@HAS_MANY.during(
    Phase.SCHEMA,
    "schema.has-many.key",
    "must have fields of a @hasMany with the types of the other model's key or index",
    example='type A @model { n: Int b: [B] @hasMany(fields: ["n"]) } type B @model { id: ID! }',
    each=HAS_MANY.uses,
)
@HAS_ONE.during(
    Phase.SCHEMA,
    "schema.has-one.key",
    "must have fields of a @hasOne with the types of the other model's key",
    example='type A @model { n: Int b: B @hasOne(fields: ["n"]) } type B @model { id: ID! }',
    each=HAS_ONE.uses,
)
@BELONGS_TO.during(
    Phase.SCHEMA,
    "schema.belongs-to.key",
    "must have fields of a @belongsTo with the types of the other model's key",
    example=(
        'type A @model { b: [B] @hasMany } type B @model { n: Int a: A @belongsTo(fields: ["n"]) }'
    ),
    each=BELONGS_TO.uses,
)
def of_its_types(use: Use) -> Found:
    fields = listed(use.arguments.get("fields"))
    if not fields:
        return
    first, more = _key(use)
    owner, related = use.type.fields, use.document.types[use.at.type].fields
    if owner[fields[0]].type != first.type:
        yield f"{fields[0]} field is not of type {first.type}"
    if len(fields) > 1 and len(fields) != len(more) + 1:
        yield (
            f"Invalid @{use.directive.name} directive on {use.at.name}. Partial sort keys are not "
            "accepted."
        )
    for name, sort in zip(fields[1:], more, strict=False):
        if owner[name].type != related[sort].type:
            yield f"{name} field is not of type {related[sort].type}"


def _key(use: Use) -> tuple[Field, list[str]]:
    """Return the field, and the sort keys, of the key that a relation goes by, or of the index."""
    related = use.document.types[use.at.type]
    index = use.arguments.get("indexName")
    if index:
        field, argument = links(use.document).indexes[related.name, index]
        return field, listed(argument)
    return declared(use.document, related), listed(sort_keys(related))


@HAS_MANY.during(
    Phase.SCHEMA,
    "schema.has-many.sort-key",
    "must have text or a number as the only sort key that a @hasMany goes by",
    example=(
        'type A @model { b: [B] @hasMany(indexName: "byX", fields: "id") id: ID! } '
        'type B @model { x: ID! @index(name: "byX", sortKeyFields: ["k"]) k: E } enum E { X }'
    ),
    each=HAS_MANY.uses,
)
def comparable(use: Use) -> Found:
    if listed(use.arguments.get("references")):
        return
    _, more = _key(use)
    if len(more) == 1 and attribute(use.document.types[use.at.type].fields[more[0]].type) is None:
        yield UNREADABLE.format("name")


@HAS_ONE.during(
    Phase.SCHEMA,
    "schema.has-one.brackets",
    "must have sortKeyFields in brackets on a model with a @hasOne of it without fields",
    example=f"type A @model {{ b: B @hasOne }} {_PAIR}".replace('["s"]', '"s"'),
    each=HAS_ONE.uses,
)
def in_brackets(use: Use) -> Found:
    return _in_brackets(use, by_its_key=True)


@BELONGS_TO.during(
    Phase.SCHEMA,
    "schema.belongs-to.brackets",
    "must have sortKeyFields in brackets on a model with a @belongsTo of it",
    example=(
        'type A @model { id: ID! @primaryKey(sortKeyFields: "s") s: ID! b: [B] @hasMany } '
        "type B @model { a: A @belongsTo }"
    ),
    each=BELONGS_TO.uses,
)
def owner_in_brackets(use: Use) -> Found:
    return _in_brackets(use, by_its_key=_answers(use).directive.name == "hasOne")


def _in_brackets(use: Use, *, by_its_key: bool) -> Found:
    if listed(use.arguments.get("references")):
        return
    if by_its_key and listed(use.arguments.get("fields")):
        return
    if not isinstance(sort_keys(use.document.types[use.at.type]), list):
        yield UNREADABLE.format("map")


def _answers(use: Use) -> Ways:
    """Return what a @belongsTo answers."""
    return links(use.document).ways[use.at.type, use.type.name, BACK["belongsTo"]]


@HAS_ONE.during(
    Phase.RESOLVERS,
    "schema.has-one.attributes",
    "must have text or a number in each field of the key that a @hasOne goes by",
    example=f"type A @model {{ b: B @hasOne }} {_ENUM}",
    each=HAS_ONE.uses,
)
@BELONGS_TO.during(
    Phase.RESOLVERS,
    "schema.belongs-to.attributes",
    "must have text or a number in each field of the key that a @belongsTo goes by",
    example=(
        "enum E { X } type A @model { k: E! @primaryKey b: [B] @hasMany } "
        "type B @model { a: A @belongsTo }"
    ),
    each=BELONGS_TO.uses,
)
def storable(use: Use) -> Found:
    # Of a key of three fields or more the transformer joins all but the first to one text.
    references = listed(use.arguments.get("references"))
    for name in _referenced(use, references) if references else _local(use):
        yield from _attribute(name)


def _attribute(name: str) -> Found:
    if name == "Boolean":
        yield "Boolean values cannot be used as sort keys."
    elif name in NAMES:
        yield f"There is no valid DynamoDB attribute type for scalar {name}"
    elif attribute(name) is None:
        yield f"Expected scalar and got {name}"


def _referenced(use: Use, references: list[str]) -> Iterator[str]:
    holder = use.type if use.directive.name == "belongsTo" else use.document.types[use.at.type]
    yield holder.fields[references[0]].type
    if len(references) == 2:
        second = holder.fields[references[1]] if holder is use.type else sort_key(use.type)
        yield second.type if second is not None else "ID"


def _local(use: Use) -> Iterator[str]:
    """Yield the types of the fields of the relation's own model, by the related model's key.

    They are the ones that it names, or else those that the transformer adds to the model, where
    they are not there yet.
    """
    related, model = use.document.types[use.at.type], use.document.merged[use.type.name]
    fields = listed(use.arguments.get("fields"))
    for number, key in enumerate((partition(related), sort_key(related))):
        if key is None or (fields and number >= len(fields)):
            return
        field = model.fields.get(fields[number] if fields else _added(use, key))
        yield key.type if field is None else field.type


def _added(use: Use, key: Field) -> str:
    """Return the name of the field that the transformer adds for a field of the key."""
    from pytest_amplifybackend._schema.modelgen import words  # its package reads checked schemas

    type_, field = use.type, use.at
    if use.directive.name == "belongsTo":
        answered = _answers(use)
        if answered.directive.name == "hasMany":
            type_, field = use.document.types[use.at.type], answered.at
    return words.joined(type_.name, field.name, key.name)


@HAS_ONE.during(
    Phase.RESOLVERS,
    "schema.many-to-many.attributes",
    "must have text or a number in the key of each model of a @manyToMany",
    example=(
        'enum E { X } type A @model { k: E! @primaryKey b: [B] @manyToMany(relationName: "R") } '
        'type B @model { a: [A] @manyToMany(relationName: "R") }'
    ),
)
def joinable(document: Document) -> Found:
    for uses in links(document).joins.values():
        for use in uses:  # the type that joins the two has a @hasOne of each
            for key in (declared(document, use.type), sort_key(use.type)):
                if key is not None:
                    yield from _attribute(key.type)
