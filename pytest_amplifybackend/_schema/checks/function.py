"""Checks of @function: what a function that is invoked as an event needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_amplifybackend._schema.checks.shapes import shown
from pytest_amplifybackend._schema.checks.transformer import Found, Transformer
from pytest_amplifybackend._schema.document import Field, Use
from pytest_amplifybackend._schema.walk import written

FUNCTION = Transformer("function", "@aws-amplify/graphql-function-transformer 3.1.20")

_RESPONSE = "EventInvocationResponse"
_SHAPE = "type EventInvocationResponse { success: Boolean! }"


def _is_event(arguments: dict[str, Any]) -> bool:
    return arguments.get("invocationType") == "Event"


@FUNCTION.on_use(
    "schema.function.event-type",
    "must have functions that are invoked as events on Query or Mutation",
    example="""
    type EventInvocationResponse { success: Boolean! }
    type Note @model {
      id: ID!
      sent: EventInvocationResponse @function(name: "send", invocationType: Event)
    }""",
)
def event_type(use: Use) -> Found:
    if _is_event(use.arguments) and use.type.name not in ("Query", "Mutation"):
        yield (
            "@function definition with 'invocationType: Event' must be defined on Query or "
            "Mutation field."
        )


def _answers_event(use: Use) -> Iterator[Field]:
    """Yield the field, if its last function is invoked as an event: that one's answer it is."""
    if use.field is None or not _is_event(use.arguments):
        return
    if _is_event(use.field.marked("function")[-1].arguments):
        yield use.field


@FUNCTION.on_use(
    "schema.function.event-result",
    "must answer events with an EventInvocationResponse",
    example='type Query { send: String @function(name: "send", invocationType: Event) }',
)
def event_result(use: Use) -> Found:
    for field in _answers_event(use):
        if field.written != _RESPONSE:
            yield (
                f"Invalid return type {field.written} for {_described(field)}.\n"
                f"Use return type '{_RESPONSE}' and, if necessary, add '{_SHAPE}' to your model "
                "schema."
            )


@FUNCTION.on_use(
    "schema.function.event-response",
    "must define EventInvocationResponse as Amplify says",
    example="""
    type EventInvocationResponse { success: Boolean }
    type Query { send: EventInvocationResponse @function(name: "send", invocationType: Event) }""",
)
def event_response(use: Use) -> Found:
    for _ in _answers_event(use):
        found = use.document.types.get(_RESPONSE)
        if found is None or found.kind != "object":
            yield (
                f"Missing '{_RESPONSE}' definition. Add this type definition to your schema:\n"
                f"{_SHAPE}"
            )
        elif [(name, one.written) for name, one in found.fields.items()] != [
            ("success", "Boolean!")
        ]:
            yield (
                f"Invalid '{_RESPONSE}' definition. Update the type definition in your schema to:\n"
                f"{_SHAPE}"
            )


def _described(field: Field) -> str:
    """``field(a: ID): Type @function(name: send)``, as the package prints a field."""
    arguments = [f"{one.name.value}: {written(one.type)}" for one in field.node.arguments or ()]
    directives = []
    for one in field.directives:
        given = [f"{name}: {shown(value)}" for name, value in one.arguments.items()]
        directives.append(f"@{one.name}{_listed(given)}")
    return f"{field.name}{_listed(arguments)}: {field.written} {' '.join(directives)}"


def _listed(parts: list[str]) -> str:
    return f"({', '.join(parts)})" if parts else ""
