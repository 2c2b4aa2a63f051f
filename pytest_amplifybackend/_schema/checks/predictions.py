"""Checks of @predictions."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from pytest_amplifybackend._schema.checks.shapes import listed
from pytest_amplifybackend._schema.checks.transformer import Found, Transformer
from pytest_amplifybackend._schema.document import Use

PREDICTIONS = Transformer("predictions", "@aws-amplify/graphql-predictions-transformer 3.0.17")

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
