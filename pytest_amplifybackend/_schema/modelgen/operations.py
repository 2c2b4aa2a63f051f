"""What only the introspection has: operations of the schema's own, their inputs, AI routes."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_amplifybackend._schema.faults import SchemaError
from pytest_amplifybackend._schema.modelgen import conversations
from pytest_amplifybackend._schema.modelgen.shapes import ABSTRACT, described, kind, nullable
from pytest_amplifybackend._schema.modelgen.types import Field, Json, Types


def parts(types: Types) -> dict[str, list[Field]]:
    """Return the operations of each part of the introspection, in its order (observed).

    One that answers a union or an interface is left out, if it is no conversation.
    """
    queries, mutations, subscriptions = (
        types.operations.get(root, []) for root in ("query", "mutation", "subscription")
    )
    found = {
        "queries": [one for one in queries if not one.marked("generation")],
        "generations": [one for one in queries if one.marked("generation")],
        "mutations": [one for one in mutations if not one.marked("conversation")],
        "conversations": [],
        "subscriptions": subscriptions,
    }
    found = {
        part: [one for one in operations if kind(types, one.type) != ABSTRACT]
        for part, operations in found.items()
    }
    return {**found, "conversations": [one for one in mutations if one.marked("conversation")]}


def introspected(types: Types) -> Json:
    """Return the parts that have anything in them.

    Raises SchemaError for a type that the generator does not know.
    """
    made = {
        part: {
            one.name: _route(types, one) if part == "conversations" else _operation(types, one)
            for one in found
        }
        for part, found in parts(types).items()
    }
    made["inputs"] = {
        name: {"name": name, "attributes": _values(types, fields)}
        for name, fields in types.inputs.items()
    }
    return {name: part for name, part in made.items() if part}


def _route(types: Types, one: Field) -> Json:
    send = {**described(types, one), "type": {"model": conversations.message_model(one.name)}}
    return conversations.route(one.name, {**send, **nullable(one), **_arguments(types, one)})


def _operation(types: Types, one: Field) -> Json:
    return {**_value(types, one), **_arguments(types, one)}


def _arguments(types: Types, one: Field) -> Json:
    return {"arguments": _values(types, one.arguments)} if one.arguments else {}


def _values(types: Types, fields: Iterable[Field]) -> Json:
    return {one.name: _value(types, one) for one in fields}


def _value(types: Types, one: Field) -> Json:
    if kind(types, one.type) is None:
        raise SchemaError(
            f"Unknown type {one.type} found during model introspection schema generation"
        )
    return {**described(types, one), **nullable(one)}
