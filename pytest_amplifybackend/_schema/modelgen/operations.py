"""What only the introspection has: operations of the schema's own, their inputs, AI routes."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_amplifybackend._schema.faults import SchemaError
from pytest_amplifybackend._schema.modelgen import conversations
from pytest_amplifybackend._schema.modelgen.shapes import described, nullable
from pytest_amplifybackend._schema.modelgen.types import Field, Json, Types


def introspected(types: Types) -> Json:
    """Return the parts that have anything in them, in the generator's order (observed).

    An operation that answers a union or an interface is left out. Raises SchemaError for a type
    that the generator does not know.
    """
    queries, mutations, subscriptions = (
        types.operations.get(root, []) for root in ("query", "mutation", "subscription")
    )
    parts = {
        "queries": _operations(types, [one for one in queries if not one.marked("generation")]),
        "generations": _operations(types, [one for one in queries if one.marked("generation")]),
        "mutations": _operations(types, [one for one in mutations if not _is_route(one)]),
        "conversations": {one.name: _route(types, one) for one in mutations if _is_route(one)},
        "subscriptions": _operations(types, subscriptions),
        "inputs": {
            name: {"name": name, "attributes": _values(types, fields)}
            for name, fields in types.inputs.items()
        },
    }
    return {name: part for name, part in parts.items() if part}


def _is_route(one: Field) -> bool:
    return one.marked("conversation") is not None


def _route(types: Types, one: Field) -> Json:
    send = {**described(types, one), "type": {"model": conversations.message_model(one.name)}}
    return conversations.route(one.name, {**send, **nullable(one), **_arguments(types, one)})


def _operations(types: Types, found: Iterable[Field]) -> Json:
    return {
        one.name: {**_value(types, one), **_arguments(types, one)}
        for one in found
        if one.type not in types.abstract
    }


def _arguments(types: Types, one: Field) -> Json:
    return {"arguments": _values(types, one.arguments)} if one.arguments else {}


def _values(types: Types, fields: Iterable[Field]) -> Json:
    return {one.name: _value(types, one) for one in fields}


def _value(types: Types, one: Field) -> Json:
    made = described(types, one)
    if made["type"] is None:
        if one.type not in types.inputs:
            raise SchemaError(
                f"Unknown type {one.type} found during model introspection schema generation"
            )
        made["type"] = {"input": one.type}
    return {**made, **nullable(one)}
