"""What the error for a request that was stopped advises, by the library of its caller."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import HTTPClientError
from botocore.session import Session

from pytest_amplifybackend import FakeAmplifyBackend, errors

HOST = "amplifybackend.us-east-1.amazonaws.com"
URL = f"https://{HOST}/s3Buckets"
KEYS = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}


def by_botocore(fake: FakeAmplifyBackend) -> None:
    client = Session().create_client("amplifybackend", "us-east-1", **KEYS)
    fake.detach(client)
    client.list_s3_buckets()


def by_aiobotocore(_: FakeAmplifyBackend) -> None:
    session = pytest.importorskip("aiobotocore.session").get_session()

    async def call() -> None:
        async with session.create_client("amplifybackend", "us-east-1", **KEYS) as client:
            await client.list_s3_buckets()

    asyncio.run(call())


def by_requests(_: FakeAmplifyBackend) -> None:
    pytest.importorskip("requests").post(URL, timeout=5)


def by_httpx(_: FakeAmplifyBackend) -> None:
    pytest.importorskip("httpx").post(URL)


def by_aiohttp(_: FakeAmplifyBackend) -> None:
    aiohttp = pytest.importorskip("aiohttp")

    async def post() -> None:
        async with aiohttp.ClientSession() as session:
            await session.post(URL)

    asyncio.run(post())


def by_urllib(_: FakeAmplifyBackend) -> None:
    urllib.request.urlopen(URL, timeout=5)


def by_hand(_: FakeAmplifyBackend) -> None:
    socket.create_connection((HOST, 443), timeout=5)


SERVED_BY_URL = "let the program send to the URL of the fixture 'amplifybackend_server'"
ADVICE: dict[Callable[[FakeAmplifyBackend], None], str] = {
    by_botocore: r"attach it with fake\.attach\(client\)\.",
    by_aiobotocore: "are served by transport='aio', unless they are detached.",
    by_requests: "requests is served by the fixture 'amplifybackend_responses'",
    by_httpx: SERVED_BY_URL,
    by_aiohttp: SERVED_BY_URL,
    by_urllib: SERVED_BY_URL,
    by_hand: SERVED_BY_URL,
}


@pytest.mark.parametrize("send", ADVICE, ids=lambda send: send.__name__)
def test_the_advice_suits_the_caller(send: Callable[[FakeAmplifyBackend], None]) -> None:
    fake = FakeAmplifyBackend()
    wrapped = (errors.UnservedRequest, HTTPClientError)
    with fake, pytest.raises(wrapped, match=ADVICE[send]) as caught:
        send(fake)
    assert f"A request for {HOST} was stopped before the socket" in str(caught.value)


@contextlib.contextmanager
def blocked(name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A function of socket raises what pytest-socket does in its place."""
    error = type("SocketBlockedError", (RuntimeError,), {"__module__": "pytest_socket"})

    def raising(*_: Any, **__: Any) -> None:
        raise error("A test tried to use it.")

    with monkeypatch.context() as patched:
        patched.setattr(socket, name, raising)
        yield


@pytest.mark.parametrize("name", ["getaddrinfo", "create_server"])
def test_a_server_without_sockets(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("httptools", reason="a server needs the extra http")
    text = "pytest-socket blocks every one. Run pytest with --allow-hosts=127.0.0.1 instead of"
    with blocked(name, monkeypatch), pytest.raises(errors.UsageError, match=text):
        FakeAmplifyBackend().serve().listen()
