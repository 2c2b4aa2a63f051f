"""A request and the answer of a fresh fake to it, without a server."""

from __future__ import annotations

import json
from typing import Any

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._transports import codec, routes
from pytest_amplifybackend._transports.gateway import Exchange

JSON = {"content-type": "application/json"}
TOKEN_MISSING = {"message": "Missing Authentication Token"}


def new_exchange(style: str = "modeled") -> tuple[Exchange, Service]:
    backend = FakeAmplifyBackend()._backend
    return Exchange(backend, error_style=style, transport="test"), backend


def decode(
    method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[str, dict[str, Any]]:
    """The operation and the params of a request."""
    operation, params = routes.route(method, path)
    codec.add_content(operation, params, path, headers, body)
    return operation, params


def ask(
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] = JSON,
    style: str = "modeled",
) -> tuple[int, Any, dict[str, str]]:
    """Status, parsed body and headers of the answer of a fresh fake."""
    exchange, _ = new_exchange(style)
    answer = exchange.answer(method, path, headers, body, region="us-east-1")
    assert answer.headers["content-length"] == str(len(answer.body))
    return answer.status, json.loads(answer.body) if answer.body else None, answer.headers
