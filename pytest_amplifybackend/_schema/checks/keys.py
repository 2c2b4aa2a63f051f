"""The keys of models, in the ways in which transformers look at them."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._schema.checks.shapes import listed
from pytest_amplifybackend._schema.document import Document, Field, Type

ATTRIBUTES = {
    "ID": "S",
    "String": "S",
    "Int": "N",
    "Float": "N",
    "Boolean": None,
    "BigInt": "N",
    "Double": "N",
    "AWSDate": "S",
    "AWSTime": "S",
    "AWSDateTime": "S",
    "AWSTimestamp": "N",
    "AWSEmail": "S",
    "AWSJSON": "S",
    "AWSURL": "S",
    "AWSPhone": "S",
    "AWSIPAddress": "S",
}
"""The type of a DynamoDB attribute for each scalar that a key may have (observed:
graphql-transformer-common, definition.js); a Boolean has none. Scalars of the schema's own are
none here."""

_ID = Field("id", "ID", True, False, (), None)


def partition(one: Type) -> Field:
    """Return the field with @primaryKey, or the ``id`` that a model has without one."""
    return _ID if one.primary_key is None else one.primary_key[0]


def declared(document: Document, one: Type) -> Field:
    """Return the field of the primary key as the model declares it, with or without @primaryKey."""
    first = partition(one)
    return document.merged[one.name].fields.get(first.name, first)


def sort_keys(one: Type) -> Any:
    """Return ``sortKeyFields`` of the primary key as it is written; no list is an empty one."""
    return [] if one.primary_key is None else one.primary_key[1].arguments.get("sortKeyFields", [])


def sort_key(one: Type) -> Field | None:
    """Return the sort key of a primary key that has just one."""
    found = listed(sort_keys(one))
    return one.fields.get(found[0]) if len(found) == 1 else None


def attribute(name: str) -> str | None:
    """Return the type of a DynamoDB attribute for a scalar; None for what cannot be in a key."""
    return ATTRIBUTES.get(name)
