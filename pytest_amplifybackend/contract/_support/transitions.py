"""The moves of the oracle's table as tests: where each starts, and what a client sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, provenance
from pytest_amplifybackend.contract._support.states import meta
from pytest_amplifybackend.strategies._internal.oracle_moves import MOVES, Move

STEPS = tuple(move for move in MOVES if move.target is not None)
REJECTIONS = tuple(move for move in MOVES if move.target is None)

_STARTS: Mapping[tuple[str, str], str] = {
    ("environment", "absent"): "app without environments",
    ("environment", "ready"): "app with environment dev",
    ("auth", "absent"): "app with environment dev",
    ("auth", "present"): "auth present",
    ("auth", "imported"): "auth imported",
    ("api", "absent"): "app with environment dev",
    ("api", "present"): "API present",
    ("storage", "absent"): "auth present",
    ("storage", "present"): "storage present",
    ("storage", "imported"): "storage imported",
    ("models", "none"): "API present",
    ("models", "LATEST"): "models LATEST",
    ("models", "STALE"): "models STALE",
    ("studio", "disabled"): "app with environment dev",
    ("studio", "enabled"): "studio enabled",
    ("token", "absent"): "app with environment dev",
    ("token", "active"): "token active",
    ("token", "expired"): "token expired",
}
"""The provider state in which an entity is in a state."""

_OTHER_STARTS: Mapping[tuple[str, str], str] = {
    ("CreateBackend", "absent"): "no app",
    ("CloneBackend", "absent"): "app with environment dev",
    ("CloneBackend", "ready"): "app with environments dev and test",
    ("ImportBackendAuth", "absent"): "app with a user pool to import",
    ("ImportBackendStorage", "absent"): "auth and a bucket",
}
"""The provider state where an operation needs more, or is about another environment."""


def start(move: Move) -> str:
    """The provider state that a move starts from."""
    other = _OTHER_STARTS.get((move.operation, move.source))
    return other or _STARTS[move.entity, move.source]


def case(move: Move) -> Any:
    """A move as a case of a test, with its evidence."""
    marks = (about(move.operation), provenance(move.evidence, move.says))
    return pytest.param(move, id=name(move), marks=marks)


def name(move: Move) -> str:
    """The name of a move's case."""
    return f"{move.operation}-{move.entity}-{move.source}"


def seen(backend: Backend, existing: Mapping[str, Any], move: Move) -> str:
    """The state in which a client finds what a move is about; an expired token is as if absent."""
    entity = move.entity
    app = {"AppId": existing["AppId"]}
    at = {**app, "BackendEnvironmentName": existing["BackendEnvironmentName"]}
    if entity == "environment":
        name = "copy" if move.operation == "CloneBackend" else at["BackendEnvironmentName"]
        listed = _asked(backend, "GetBackend", app)
        return "ready" if listed and name in listed["BackendEnvironmentList"] else "absent"
    if entity == "models":
        found = _asked(backend, "GetBackendAPIModels", {**at, "ResourceName": "orders"})
        return str(found["Status"]) if found else "none"
    if entity == "studio":
        return "enabled" if _asked(backend, "UpdateBackendConfig", app) else "disabled"
    if entity == "token":
        token = {**app, "SessionId": existing.get("SessionId", "none")}
        return "active" if _asked(backend, "GetToken", token) else "absent"
    resources = meta(backend, existing).get(entity)
    if resources is None:
        return "absent"
    (resource,) = resources.values()
    return "imported" if resource.get("serviceType") == "imported" else "present"


def _asked(backend: Backend, operation: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """The answer to a read, None where what it is about is not there."""
    try:
        return backend.call(operation, params)
    except AssertionError as failure:
        error = failure.__cause__ or failure.__context__
        if isinstance(error, ClientError):
            code = error.response["Error"]["Code"]
            if code in backend.target.codes(errors.NotFound):
                return None
        raise
