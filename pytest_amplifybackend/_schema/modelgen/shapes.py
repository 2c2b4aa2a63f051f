"""How both artefacts describe what has a type: its name, and whether it is a list or required."""

from __future__ import annotations

from pytest_amplifybackend._schema import inherited
from pytest_amplifybackend._schema.definitions import SCALARS as APPSYNC_SCALARS
from pytest_amplifybackend._schema.modelgen.types import GRAPHQL_SCALARS, Field, Json, Types

SCALARS = frozenset({*GRAPHQL_SCALARS, *APPSYNC_SCALARS})

SCALAR = "scalar"
INHERITED = "inherited"
ABSTRACT = "abstract"


def kind(types: Types, name: str) -> str | None:
    """Return what a type is: the member that describes it, or one of the constants above.

    None is a type that the generator does not know, as a scalar of the schema's own.
    """
    if name in SCALARS:
        return SCALAR
    if name in inherited.NAMES:  # taken for the description of a type of that name (observed)
        return INHERITED
    for found, named in (
        ("enum", types.enums),
        ("nonModel", types.others),
        ("model", types.models),
        ("input", types.inputs),
        (ABSTRACT, types.abstract),
    ):
        if name in named:
            return found
    return None


def described(types: Types, one: Field) -> Json:
    """Return the members that a field, an operation and an argument all begin with."""
    found = kind(types, one.type)
    return {
        "name": one.name,
        "isArray": one.is_array,
        "type": one.type if found == SCALAR else {found: one.type},
        "isRequired": one.required,
    }


def nullable(one: Field) -> Json:
    """Return the member that only a list has."""
    return {} if one.array_nullable is None else {"isArrayNullable": one.array_nullable}
