"""What several transformers ask of a field's type (observed: graphql-transformer-common)."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._schema.definitions import SCALARS
from pytest_amplifybackend._schema.document import Document, Field
from pytest_amplifybackend._schema.inherited import NAMES

STANDARD_SCALARS = ("String", "Int", "Float", "Boolean", "ID")
KNOWN_SCALARS = frozenset({*STANDARD_SCALARS, *SCALARS, *NAMES})
"""The scalars that transformers know: one that a schema defines itself is none of them.

They look a name up in a plain object, so a type called as a member of every one is a scalar too.
"""


def is_leaf(document: Document, field: Field) -> bool:
    """Whether the innermost type of a field is a scalar that transformers know, or an enum."""
    return field.type in KNOWN_SCALARS or document.enum(field.type) is not None


def is_single_leaf(document: Document, field: Field) -> bool:
    """Whether a field holds one scalar or enum value, and no list."""
    return is_leaf(document, field) and not field.is_list


def listed(value: Any) -> list[Any]:
    """Return a list argument, of which a single element may stand without brackets."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def shown(value: Any) -> str:
    """Return a value as JavaScript puts it into a text."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return ",".join("" if one is None else shown(one) for one in value)
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
