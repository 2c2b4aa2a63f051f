"""A botocore of the future: its API model has more than the one that this package ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pytest_amplifybackend._api import catalogue

TEXT = {"shape": "__string"}


def extended() -> dict[str, Any]:
    """The shipped model with a new operation, request member, response member and enum values."""
    raw: dict[str, Any] = json.loads(catalogue.MODEL.read_text(encoding="utf-8"))["model"]
    shapes = raw["shapes"]
    raw["operations"]["ListFutures"] = {
        "name": "ListFutures",
        "http": {"method": "POST", "requestUri": "/backend/{appId}/futures"},
        "input": {"shape": "ListFuturesRequest"},
        "output": {"shape": "GetTokenResponse"},
        "errors": raw["operations"]["GetToken"]["errors"],
    }
    shapes["ListFuturesRequest"] = {
        "type": "structure",
        "required": ["AppId"],
        "members": {
            "AppId": {**TEXT, "location": "uri", "locationName": "appId"},
            "Marker": {**TEXT, "locationName": "marker"},
        },
    }
    for shape in ("CreateBackendRequest", "CreateBackendStorageResourceConfig"):
        shapes[shape]["members"]["ClientToken"] = {**TEXT, "locationName": "clientToken"}
    for shape in ("GetBackendResponse", "GetBackendRespObj"):
        shapes[shape]["members"]["Color"] = {**TEXT, "locationName": "colour"}
    for shape in shapes.values():
        if "enum" in shape:
            shape["enum"].append("PEEK")
    return raw


def install(folder: Path, model: dict[str, Any]) -> str:
    """Lay a model down where botocore looks, in a folder for AWS_DATA_PATH."""
    file = folder / catalogue.SERVICE / model["metadata"]["apiVersion"] / "service-2.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(model), encoding="utf-8")
    return str(folder)
