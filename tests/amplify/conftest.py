"""The ways in to the neighbor: each calls an operation and gives what botocore makes of it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterator
from typing import Any

import pytest
from calling import KEYS, Awaiting, Call, by_client, by_requests, client_of, clients

from pytest_amplifybackend import FakeAmplifyBackend


@pytest.fixture
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(params=["stubber", "wire", "aio", "server", "requests"])
def way(
    request: pytest.FixtureRequest, _loop: asyncio.AbstractEventLoop
) -> Iterator[tuple[FakeAmplifyBackend, Call]]:
    """A fake with the neighbor, and how to call its operations."""
    if request.param == "server":
        pytest.importorskip("httptools")
        with FakeAmplifyBackend(amplify=True).serve() as server:
            yield server.fake, clients(endpoint_url=server.url)
    elif request.param == "requests":
        pytest.importorskip("responses")
        fake = FakeAmplifyBackend(amplify=True)
        with fake.behind_requests():
            yield fake, by_requests
    elif request.param == "aio":
        session = pytest.importorskip("aiobotocore.session").get_session()
        with FakeAmplifyBackend(amplify=True, transport="aio") as fake:
            make = functools.partial(session.create_client, region_name="us-east-1", **KEYS)
            contexts = {name: make(name) for name in ("amplify", "amplifybackend")}
            run = _loop.run_until_complete
            awaited = {name: run(made.__aenter__()) for name, made in contexts.items()}
            yield fake, by_client({n: Awaiting(_loop, one) for n, one in awaited.items()})
            for made in contexts.values():
                run(made.__aexit__(None, None, None))
    else:
        with FakeAmplifyBackend(amplify=True, transport=request.param) as fake:
            yield fake, clients()


@pytest.fixture
def fake() -> Iterator[FakeAmplifyBackend]:
    """An active fake with the neighbor and an app."""
    with FakeAmplifyBackend(amplify=True) as made:
        made.add_app("d1shop", name="shop")
        yield made


@pytest.fixture
def amplify(fake: FakeAmplifyBackend) -> Any:
    """A client of the neighbor."""
    return client_of()
