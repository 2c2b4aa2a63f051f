"""How both artefacts describe what has a type: its name, and whether it is a list or required."""

from __future__ import annotations

from pytest_amplifybackend._schema.modelgen.types import SCALARS, Field, Json, Types


def described(types: Types, one: Field) -> Json:
    """Return the members that a field, an operation and an argument all begin with."""
    return {
        "name": one.name,
        "isArray": one.is_array,
        "type": reference(types, one.type),
        "isRequired": one.required,
    }


def nullable(one: Field) -> Json:
    """Return the member that only a list has."""
    return {} if one.array_nullable is None else {"isArrayNullable": one.array_nullable}


def reference(types: Types, name: str) -> str | dict[str, str] | None:
    """Return how a field names its type; None for a type that no field can have."""
    if name in SCALARS:
        return name
    if name in types.enums:
        return {"enum": name}
    if name in types.others:
        return {"nonModel": name}
    return {"model": name} if name in types.models else None
