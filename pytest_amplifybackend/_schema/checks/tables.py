"""@hasMany and @hasOne: the indexes that the transformer adds to the table of the other model.

A relation has one resolver, and its index a name and attributes, that nothing else has.
"""

from __future__ import annotations

from collections import defaultdict

from pytest_amplifybackend._schema.checks import connections  # noqa: F401  # its checks go first
from pytest_amplifybackend._schema.checks.index import index_name
from pytest_amplifybackend._schema.checks.keys import attribute, partition, sort_key
from pytest_amplifybackend._schema.checks.links import links
from pytest_amplifybackend._schema.checks.many_to_many import MANY_TO_MANY
from pytest_amplifybackend._schema.checks.relations import BELONGS_TO, HAS_MANY
from pytest_amplifybackend._schema.checks.shapes import listed
from pytest_amplifybackend._schema.checks.transformer import Found, Phase
from pytest_amplifybackend._schema.document import Document, Field, Type, Use

_ORDER = ("hasMany", "hasOne", "manyToMany", "belongsTo")


@HAS_MANY.during(
    Phase.RESOLVERS,
    "schema.has-many.index-name",
    "must not have another index with the name of one that a relation adds",
    example=(
        'type A @model { b: [B] @hasMany(references: "aId") } type B @model '
        '{ aId: ID @index(name: "gsi-A.b") a: A @belongsTo(references: "aId") }'
    ),
)
def own_index_name(document: Document) -> Found:
    relations = [
        use
        for use in (*document.uses("hasMany"), *document.uses("hasOne"))
        if listed(use.arguments.get("references"))
    ]
    taken: dict[str, set[str]] = defaultdict(set)
    for use in document.uses("index") if relations else ():
        taken[use.type.name].add(index_name(use))
    for use in relations:
        related = use.at.type
        ways = links(document).ways[related, use.type.name, ("belongsTo",)]
        back = ways.references[tuple(listed(use.arguments["references"]))]
        index = back.arguments.get("overrideIndexName") or f"gsi-{use.place}"
        if index in taken[related]:
            yield (
                f"Global secondary index {index} defined on {related} conflicts with the naming "
                "convention used to create implicit GSIs for querying relationships. Please rename "
                "your @index"
            )
        taken[related].add(index)


@HAS_MANY.during(
    Phase.RESOLVERS,
    "schema.has-many.attribute-type",
    "must have the field that a @hasMany adds with the type of the key, where an index has it too",
    example="type A @model { b: [B] @hasMany } type B @model { aBId: Int @index }",
)
def attribute_type(document: Document) -> Found:
    from pytest_amplifybackend._schema.modelgen import words  # its package reads checked schemas

    keyed: dict[str, set[str]] = {}
    for use in document.uses("hasMany"):
        arguments = use.arguments
        if any(listed(arguments.get(one)) for one in ("references", "fields", "indexName")):
            continue
        related = document.types[use.at.type]
        for key in (partition(use.type), sort_key(use.type)):
            if key is None:
                continue
            field = related.fields.get(words.joined(use.type.name, use.at.name, key.name))
            if field is None or _stored(field) == _stored(key):
                continue
            if related.name not in keyed:
                keyed[related.name] = _keyed(related)
            if field.name in keyed[related.name]:
                yield (
                    f"Unable to specify {field.name} as {_stored(key)} because it was already "
                    f"defined as {_stored(field)}"
                )


def _stored(field: Field) -> str:
    return attribute(field.type) or "S"


def _keyed(one: Type) -> set[str]:
    """Return the names of the fields that are in the key of a model, or of an index of it."""
    found = set()
    for field in one.fields.values():
        for directive in field.directives:
            if directive.name in ("primaryKey", "index"):
                more = listed(directive.arguments.get("sortKeyFields"))
                found |= {field.name, *(more if len(more) == 1 else ())}
    return found


@MANY_TO_MANY.during(
    Phase.RESOLVERS,
    "schema.many-to-many.second",
    "must not have @manyToMany and another relation on one field",
    example=(
        'type A @model { b: [B] @hasMany @manyToMany(relationName: "R") } '
        'type B @model { a: [A] @manyToMany(relationName: "R") }'
    ),
    each=MANY_TO_MANY.uses,
)
@BELONGS_TO.during(
    Phase.RESOLVERS,
    "schema.belongs-to.second",
    "must not have @belongsTo and another relation on one field",
    example="type A @model { b: B @hasOne @belongsTo } type B @model { a: A @hasOne }",
    each=BELONGS_TO.uses,
)
def second(use: Use) -> Found:
    first = min(_ORDER.index(one.name) for one in use.at.directives if one.name in _ORDER)
    if use.directive.name != _ORDER[first]:
        yield f"A resolver for typeName {use.type.name} fieldName: {use.at.name} already exists"
