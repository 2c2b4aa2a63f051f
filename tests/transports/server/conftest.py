"""A fake behind a server on a socket, and clients of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from http_client import Raw, close_client

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports.server import Server


@pytest.fixture
def served() -> FakeAmplifyBackend:
    """A fake with one app, not active."""
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc")
    return fake


@pytest.fixture
def server(served: FakeAmplifyBackend) -> Iterator[Server]:
    with served.serve() as server:
        yield server


@pytest.fixture
def raw(server: Server) -> Iterator[Raw]:
    with Raw(server.url) as raw:
        yield raw


@pytest.fixture
def client(server: Server, new_client: Callable[..., Any]) -> Any:
    """A boto client that goes to the server, and tries once."""
    from botocore.config import Config

    config = Config(retries={"total_max_attempts": 1}, read_timeout=0.2)
    client = new_client(endpoint_url=server.url, config=config)
    yield client
    close_client(client)
