"""Checks of @index, in the order of its transformer."""

from __future__ import annotations

import re

from pytest_amplifybackend._schema.checks.core import CORE
from pytest_amplifybackend._schema.checks.primary_key import PRIMARY_KEY, sort_keys
from pytest_amplifybackend._schema.checks.shapes import is_single_leaf
from pytest_amplifybackend._schema.checks.transformer import Found, Phase, Transformer
from pytest_amplifybackend._schema.document import Directive, Document, Use
from pytest_amplifybackend._schema.inherited import NAMES

INDEX = Transformer("index", "@aws-amplify/graphql-index-transformer 3.1.3")

_NAME = re.compile(r"[A-Za-z0-9_\-.]{3,255}")


def plural(noun: str) -> str:
    """Return the plural of a model's name."""
    from pytest_amplifybackend._schema.modelgen import words  # its package reads checked schemas

    return words.plural(noun)


def index_name(use: Use) -> str:
    """Return the name of an index."""
    return str(use.arguments.get("name") or made_up_name(use))


def made_up_name(use: Use) -> str:
    """Return what Amplify calls an index, and its query, that are given no name."""
    noun = plural(use.type.name)
    fields = [use.field.name if use.field else "", *(name for name, _ in sort_keys(use))]
    by = "And".join(name[:1].upper() + name[1:] for name in fields)
    return f"{noun[:1].lower()}{noun[1:]}By{by}"


@INDEX.on_use(
    "schema.index.name",
    "must have names of indexes of 3 to 255 letters, digits, '_', '-' and '.'",
    example='type Note @model { id: ID! tag: ID @index(name: "by tag") }',
)
def name(use: Use) -> Found:
    given = use.arguments.get("name")
    if given and _NAME.fullmatch(str(given)) is None:
        yield (
            "The indexName is invalid. It should be between 3 and 255 characters. Only A\u2013Z, "
            "a\u2013z, 0\u20139, underscore characters, hyphens, and periods allowed."
        )


@INDEX.on_use(
    "schema.index.name-null",
    "must not give null as the name of an index",
    example="type Note @model { id: ID! tag: ID @index(name: null) }",
)
def name_null(use: Use) -> Found:
    if use.arguments.get("name", "") is None:
        yield "Explicit null value not allowed for name field on @index"


@INDEX.on_use(
    "schema.index.itself",
    "must not name the field of an index among its own sort keys",
    example='type Note @model { id: ID! tag: ID @index(sortKeyFields: ["tag"]) }',
)
def itself(use: Use) -> Found:
    for field, one in sort_keys(use):
        if one is use.field:
            yield f"@index field '{field}' cannot reference itself."


@INDEX.on_use(
    "schema.index.no-model",
    "must have indexes in types with @model only",
    example="type Note { id: ID! tag: ID @index }",
)
def no_model(use: Use) -> Found:
    if not use.type.marked("model"):
        yield "The @index directive may only be added to object definitions annotated with @model."


def _has_sort_keys(directive: Directive) -> bool:
    fields = directive.arguments.get("sortKeyFields")
    return isinstance(fields, list) and len(fields) > 0


@INDEX.on_use(
    "schema.index.primary-key",
    "must not have an index on a primary key that has no sort key",
    example="type Note @model { id: ID! @primaryKey @index }",
)
def on_primary_key(use: Use) -> Found:
    for one in use.field.marked("primaryKey") if use.field else ():
        if not _has_sort_keys(one):
            yield (
                f"Invalid @index '{index_name(use)}'. You may not create an index where the "
                "partition key is the same as that of the primary key unless the primary key has "
                "a sort field. You cannot have a local secondary index without a sort key in the "
                "primary key."
            )


@INDEX.on_use(
    "schema.index.repeated-name",
    "must not have two indexes of a name in a type",
    example="""
    type Note @model { id: ID! tag: ID @index(name: "byTag") kind: ID @index(name: "byTag") }""",
)
def repeated_name(use: Use) -> Found:
    made = index_name(use)
    own = use.arguments.get("name") == made
    if use.type.index_names.get(made, 0) > own:
        yield f"You may only supply one @index with the name '{made}' on type '{use.type.name}'."


@INDEX.on_use(
    "schema.index.type",
    "must have indexes of scalars or enums",
    example="type Note @model { id: ID! tags: [ID] @index }",
)
def type_of_key(use: Use) -> Found:
    if use.field is not None and not is_single_leaf(use.document, use.field):
        yield f"Index '{index_name(use)}' on type '{use.place}' cannot be a non-scalar."


def _wrong_sort_key(use: Use) -> tuple[str, str] | None:
    """The first sort key that is none: why, and the text."""
    for name, field in sort_keys(use):
        if field is None:
            return "missing", (
                f"Can't find field '{name}' in {use.type.name}, but it was specified in index "
                f"'{index_name(use)}'."
            )
        if not is_single_leaf(use.document, field):
            return "type", (
                f"The sort key of index '{index_name(use)}' on type '{use.type.name}.{name}' "
                "cannot be a non-scalar."
            )
    return None


INDEX.one_of(
    Phase.USE,
    _wrong_sort_key,
    (
        "missing",
        "schema.index.sort-key-missing",
        "must have sort keys of an index that are fields of the type",
        'type Note @model { id: ID! tag: ID @index(sortKeyFields: ["date"]) }',
    ),
    (
        "type",
        "schema.index.sort-key-type",
        "must have sort keys of an index that are scalars or enums",
        'type Note @model { id: ID! tag: ID @index(sortKeyFields: ["tags"]) tags: [ID] }',
    ),
)


@PRIMARY_KEY.during(
    Phase.SCHEMA,
    "schema.primary-key.condition",
    "must not have a boolean, or an enum called as what every JavaScript object has, as the "
    "sort key of a primary key",
    example='type Note @model { id: ID! @primaryKey(sortKeyFields: ["new"]) new: Boolean! }',
    each=PRIMARY_KEY.uses,
)
@INDEX.during(
    Phase.SCHEMA,
    "schema.index.condition",
    "must not have a boolean, or an enum called as what every JavaScript object has, as the "
    "sort key of an index",
    example='type Note @model { id: ID! tag: ID @index(sortKeyFields: ["new"]) new: Boolean }',
    each=INDEX.uses,
)
def condition(use: Use) -> Found:
    """Find a key whose one sort key no query could compare."""
    fields = [one for _, one in sort_keys(use)]
    if len(fields) == 1 and fields[0] and fields[0].type in ("Boolean", *NAMES):
        yield f"Sort Key Condition could not be constructed for field '{fields[0].name}'"


@CORE.during(
    Phase.RESOLVERS,
    "schema.index.conditions",
    "must not have a type called as what every JavaScript object has as the last sort key of more",
    example="""
    type Note @model { id: ID! tag: ID @index(sortKeyFields: ["a", "b"]) a: ID b: constructor }
    enum constructor { X }""",
)
def conditions(document: Document) -> Found:
    for use in (*document.uses("primaryKey"), *document.uses("index")):
        fields = [one for _, one in sort_keys(use)]
        if len(fields) > 1 and fields[-1] is not None and fields[-1].type in NAMES:
            yield "value.includes is not a function"


@PRIMARY_KEY.during(
    Phase.RESOLVERS,
    "schema.primary-key.boolean",
    "must not have booleans in primary keys, nor enums called as what every JavaScript object has",
    example="type Note @model { new: Boolean! @primaryKey }",
    each=PRIMARY_KEY.uses,
)
@INDEX.during(
    Phase.RESOLVERS,
    "schema.index.boolean",
    "must not have booleans in indexes, nor enums called as what every JavaScript object has",
    example="type Note @model { id: ID! new: Boolean @index }",
    each=INDEX.uses,
)
def attribute(use: Use) -> Found:
    """Find a key of what DynamoDB does not have, or of what Amplify takes for no enum."""
    for one in (use.field, *dict(sort_keys(use)).values()):
        if one is not None and one.type == "Boolean":
            yield "Boolean values cannot be used as sort keys."
        if one is not None and one.type in NAMES:
            yield f"There is no valid DynamoDB attribute type for scalar {one.type}"


@INDEX.during(
    Phase.RESOLVERS,
    "schema.index.projection",
    "must name the attributes that an index includes",
    example="type Note @model { id: ID! tag: ID @index(projection: {type: INCLUDE}) }",
)
def projection(document: Document) -> Found:
    for use in document.uses("index"):
        given = use.arguments.get("projection")
        if not isinstance(given, dict) or given.get("type") != "INCLUDE":
            continue
        if not given.get("nonKeyAttributes"):
            yield (
                f"@index '{index_name(use)}': nonKeyAttributes must be specified when projection "
                "type is INCLUDE"
            )
