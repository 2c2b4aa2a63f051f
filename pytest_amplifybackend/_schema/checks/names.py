"""Checks of @mapsTo and @refersTo: other names in the data source."""

from __future__ import annotations

from pytest_amplifybackend._schema.checks.shapes import listed
from pytest_amplifybackend._schema.checks.transformer import Found, Phase, Transformer
from pytest_amplifybackend._schema.document import Document, Use
from pytest_amplifybackend._schema.inherited import NAMES

_PACKAGE = "@aws-amplify/graphql-maps-to-transformer 4.0.24"

MAPS_TO = Transformer("mapsTo", _PACKAGE)
REFERS_TO = Transformer("refersTo", _PACKAGE)


def _no_model(use: Use) -> Found:
    if not use.type.is_model:
        yield (
            f"@{use.directive.name} is not supported on type {use.type.name}. It can only be used "
            "on a @model type."
        )


@MAPS_TO.on_use(
    "schema.maps-to.no-model",
    "must have @mapsTo on types with @model only",
    example='type Note @mapsTo(name: "Memo") { id: ID! }',
)
def maps_no_model(use: Use) -> Found:
    return _no_model(use)


@MAPS_TO.on_use(
    "schema.maps-to.model",
    "must not map a model to the name of another one",
    example='type Note @model @mapsTo(name: "Memo") { id: ID! } type Memo @model { id: ID! }',
)
def maps_to_model(use: Use) -> Found:
    name = use.arguments["name"]
    if name in use.document.models:
        yield (
            f'Cannot apply @mapsTo with name "{name}" on type "{use.type.name}" because "{name}" '
            "model already exists in the schema."
        )


@MAPS_TO.on_use(
    "schema.maps-to.repeated",
    "must not map two models to one name",
    example="""
    type Note @model @mapsTo(name: "Memo") { id: ID! }
    type Text @model @mapsTo(name: "Memo") { id: ID! }""",
)
def maps_repeated(use: Use) -> Found:
    name = use.arguments["name"]
    for other in use.document.mapped(name):
        if other is not use.type:
            yield (
                f'Cannot apply @mapsTo with name "{name}" on type "{use.type.name}" because '
                f'"{other.name}" model already has the same name mapping.'
            )


@REFERS_TO.on_use(
    "schema.refers-to.interface",
    "must not have @refersTo on fields of interfaces",
    example='interface Note { id: ID! @refersTo(name: "key") }',
)
def refers_interface(use: Use) -> Found:
    if use.type.kind == "interface" and use.field is not None:
        yield (
            f'@refersTo directive cannot be placed on "{use.type.name}" interface\'s '
            f"{use.field.name} field."
        )


@REFERS_TO.on_use(
    "schema.refers-to.no-model",
    "must have @refersTo in types with @model only",
    example='type Note @refersTo(name: "notes") { id: ID! }',
)
def refers_no_model(use: Use) -> Found:
    return _no_model(use)


@REFERS_TO.on_use(
    "schema.refers-to.data-source",
    "must not have @refersTo: every model is in DynamoDB",
    example='type Note @model @refersTo(name: "notes") { id: ID! }',
)
def refers_data_source(use: Use) -> Found:
    yield f"@refersTo is only supported on SQL models. {use.type.name} is not a SQL model."


@MAPS_TO.during(
    Phase.RESOLVERS,
    "schema.maps-to.inherited-name",
    "must not map a model to the name of what every JavaScript object has",
    example='type Note @model @mapsTo(name: "constructor") { id: ID! }',
    each=MAPS_TO.uses,
)
def maps_inherited(use: Use) -> Found:
    if use.arguments["name"] in NAMES:
        yield f"There is already a Construct with name '{use.arguments['name']}' in Stack2 [root]"


@MAPS_TO.during(
    Phase.RESOLVERS,
    "schema.maps-to.empty",
    "must not map a model to an empty name",
    example='type Note @model @mapsTo(name: "") { id: ID! }',
)
def maps_to_nothing(document: Document) -> Found:
    if document.mapped(""):
        yield "scope.setParameter is not a function"


@MAPS_TO.during(
    Phase.PREPARE,
    "schema.maps-to.sorted",
    "must not map a model with sort keys that is in a many-to-many relation",
    example="""
    type Note @model @mapsTo(name: "Memo") {
      id: ID! @primaryKey(sortKeyFields: ["date"])
      date: AWSDate!
      tags: [Tag] @manyToMany(relationName: "NoteTags")
    }
    type Tag @model { id: ID! notes: [Note] @manyToMany(relationName: "NoteTags") }""",
)
def maps_sorted(document: Document) -> Found:
    from pytest_amplifybackend._schema.modelgen import words  # its package reads checked schemas

    for use in document.uses("manyToMany"):
        relation = words.graphql_name(str(use.arguments.get("relationName")))
        for mapping in use.type.marked("mapsTo"):
            name = str(mapping.arguments.get("name"))
            if use.type.primary_key is None or name == use.type.name:
                continue
            for sort_key in listed(use.type.primary_key[1].arguments.get("sortKeyFields"))[:1]:
                yield f"{words.lower_first(name)}{sort_key} is not a field in {relation}"
