"""A server of a fake for each test, and the clients, which are started once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

sys.path += [str(Path(__file__).parent.parent / name) for name in ("service", "parity")]

from clients import CLIENTS, CLIS

from pytest_amplifybackend import FakeAmplifyBackend


@pytest.fixture
def server() -> Iterator[Any]:
    """A server; its fake is ``server.fake``."""
    pytest.importorskip("httptools", reason="httptools is not installed")
    with FakeAmplifyBackend().serve() as server:
        yield server


@pytest.fixture(scope="session")
def _started() -> Iterator[tuple[dict[str, Any], ExitStack]]:
    with ExitStack() as stack:
        yield {}, stack


@pytest.fixture
def get_client(server: Any, _started: Any) -> Any:
    """Gives a client by its name; skips the test if that is not installed."""
    clients, stack = _started

    def get(name: str) -> Any:
        if name not in clients:
            clients[name] = stack.enter_context(closing(CLIENTS[name](server)))
        return clients[name]

    return get


@pytest.fixture(params=list(CLIENTS))
def client(request: pytest.FixtureRequest, get_client: Any) -> Any:
    """Each of the clients."""
    return get_client(request.param)


@pytest.fixture(params=CLIS)
def cli(request: pytest.FixtureRequest, get_client: Any) -> Any:
    """Either AWS CLI."""
    return get_client(request.param)
