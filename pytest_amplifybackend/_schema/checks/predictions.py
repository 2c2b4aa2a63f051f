"""Checks of @predictions."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from pytest_amplifybackend._schema.checks.shapes import listed
from pytest_amplifybackend._schema.checks.transformer import Found, Phase, Transformer
from pytest_amplifybackend._schema.document import Document, Use

PREDICTIONS = Transformer("predictions", "@aws-amplify/graphql-predictions-transformer 3.0.23")

_FOLLOWING: Mapping[str, tuple[str, ...]] = {
    "identifyText": ("translateText",),
    "identifyLabels": ("translateText", "convertTextToSpeech"),
    "translateText": ("convertTextToSpeech",),
    "convertTextToSpeech": (),
}
"""What may be done with the result of each action."""


@PREDICTIONS.on_use(
    "schema.predictions.type",
    "must have predictions on the fields of Query only",
    example="""
    type Query { a: ID }
    type Note { text: String @predictions(actions: [identifyText]) }""",
)
def type_of_field(use: Use) -> Found:
    if use.type.name != use.document.operation_types.get("query"):
        yield "@predictions directive only works under Query operations."


@PREDICTIONS.on_use(
    "schema.predictions.none",
    "must have an action in each prediction",
    example="type Query { text: String @predictions(actions: []) }",
)
def none(use: Use) -> Found:
    if not listed(use.arguments.get("actions")):
        yield "@predictions directive requires at least one action."


@PREDICTIONS.on_use(
    "schema.predictions.order",
    "must have actions of a prediction that go on from each other",
    example="type Query { text: String @predictions(actions: [translateText, identifyText]) }",
)
def order(use: Use) -> Found:
    actions = listed(use.arguments.get("actions"))
    for before, action in pairwise(actions):
        if action not in _FOLLOWING[before]:
            yield f"{action} is not supported in this context!"


@PREDICTIONS.during(
    Phase.SCHEMA,
    "schema.predictions.input",
    "must not define the input that Amplify generates for a prediction",
    example="""
    input TextInput { at: String }
    type Query { text: String @predictions(actions: [identifyText]) }""",
)
def generated_input(document: Document) -> Found:
    for use in document.uses("predictions"):
        field = "" if use.field is None else use.field.name
        name = f"{field[:1].upper()}{field[1:]}Input"
        if name in document.types:
            yield f"Conflicting input type '{name}' found."
