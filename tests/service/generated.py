"""Reads what model generation gives, as clients of the service do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_amplifybackend._schema.modelgen import generate


def read_json(text: str) -> Any:
    """Read JSON as JavaScript does, which has no NaN and no Infinity."""
    return json.loads(text, parse_constant=pytest.fail)


def read_models(text: str) -> Any:
    """Read ``Models`` as a client of the API does: cut, strip the semicolon, parse."""
    return read_json(text[text.index("{") :].replace(";", ""))


def models(schema: str) -> Any:
    """What ``Models`` holds."""
    return read_models(generate(schema).models)


def introspection(schema: str) -> Any:
    return read_json(generate(schema).introspection)


def model(schema: str, name: str) -> Any:
    return models(schema)["models"][name]


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    plain = {"name": name, "isArray": False, "type": kind, "isRequired": False, "attributes": []}
    return {**plain, **more}


def keys(schema: str, name: str) -> Any:
    """The keys among the attributes of a model."""
    attributes = model(schema, name)["attributes"]
    return [one["properties"] for one in attributes if one["type"] == "key"]
