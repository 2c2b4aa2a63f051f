"""Awaited calls that are under way when their fake ends, and what aiobotocore's clients ask."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors

pytest.importorskip("aiobotocore", minversion="2.8", reason="aiobotocore is not installed")

from aio_clients import with_client
from aiobotocore.client import AioBaseClient
from aiobotocore.session import AioSession

ENDED = "^GetBackend was under way when its FakeAmplifyBackend was deactivated, so it was stopped"


@pytest.fixture
def hosts(session: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names that anybody looked up; a test that uses it has to find none."""
    hosts: list[str] = []

    def getaddrinfo(host: str, *_: object, **__: object) -> list[object]:
        hosts.append(host)
        raise socket.gaierror("no network in this test")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield hosts
    assert hosts == []


def _fake() -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend(transport="aio")
    fake.add_app("d1abc")
    return fake


@pytest.mark.parametrize(
    "event", ["provide-client-params", "before-parameter-build", "before-call"]
)
@pytest.mark.usefixtures("hosts")
def test_a_call_in_a_handler_that_awaits(event: str) -> None:
    before = dict(vars(AioBaseClient))

    async def body(client: Any) -> None:
        arrived, go = asyncio.Event(), asyncio.Event()

        async def handler(**_: Any) -> None:
            arrived.set()
            await go.wait()

        client.meta.events.register_first(event, handler)
        with _fake():
            call = asyncio.create_task(client.get_backend(AppId="d1abc"))
            await arrived.wait()
        go.set()
        with pytest.raises(errors.UnservedRequest, match=ENDED):
            await call

    with_client(body)
    gc.collect()
    assert dict(vars(AioBaseClient)) == before


@pytest.mark.usefixtures("hosts")
def test_a_call_that_was_made_and_is_awaited_later() -> None:
    async def body(client: Any) -> None:
        with _fake():
            call = client.get_backend(AppId="d1abc")
        with pytest.raises(errors.UnservedRequest, match=ENDED):
            await call

    with_client(body)


@pytest.mark.usefixtures("hosts")
def test_a_cancelled_call_is_over() -> None:
    before = dict(vars(AioBaseClient))

    async def body(client: Any) -> None:
        arrived = asyncio.Event()

        async def handler(**_: Any) -> None:
            arrived.set()
            await asyncio.Event().wait()

        client.meta.events.register_first("before-call", handler)
        with _fake():
            call = asyncio.create_task(client.get_backend(AppId="d1abc"))
            await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    with_client(body)
    gc.collect()
    assert dict(vars(AioBaseClient)) == before


@pytest.mark.usefixtures("hosts")
def test_calls_side_by_side_keep_their_claims() -> None:
    async def body(client: Any) -> None:
        with _fake() as fake:
            answers = await asyncio.gather(*(client.get_backend(AppId="d1abc") for _ in range(9)))
            fake.assert_called("GetBackend", times=9)
        assert {answer["AppId"] for answer in answers} == {"d1abc"}

    with_client(body)


@pytest.mark.parametrize("transport", ["aio", "stubber"])
@pytest.mark.parametrize(
    "name", ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_PROFILE", "AWS_DEFAULTS_MODE"]
)
def test_a_new_client_asks_nobody(
    hosts: list[str], monkeypatch: pytest.MonkeyPatch, transport: Any, name: str
) -> None:
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/deploy")
    monkeypatch.setenv(name, "auto" if name == "AWS_DEFAULTS_MODE" else "/dev/null")

    async def run() -> None:
        with FakeAmplifyBackend(transport=transport) as fake:
            fake.add_app("d1abc")
            made = AioSession().create_client("amplifybackend", region_name="us-east-1")
            async with made as client:
                if transport == "aio":
                    await client.get_backend(AppId="d1abc")
                url = await client.generate_presigned_url(
                    "get_token", {"AppId": "d", "SessionId": "s"}
                )
                assert "Credential=testing" in url

    asyncio.run(run())
    assert hosts == []


@pytest.mark.parametrize("way", ["closed", "forgotten", "cancelled", "timed out"])
@pytest.mark.filterwarnings("ignore:.*never awaited:RuntimeWarning")
@pytest.mark.usefixtures("hosts")
def test_a_call_that_never_begins_is_over(way: str) -> None:
    before = dict(vars(AioBaseClient))

    async def body(client: Any) -> None:
        with _fake():
            call = client.get_backend(AppId="d1abc")
            if way == "closed":
                call.close()
            elif way == "cancelled":
                task = asyncio.create_task(call)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            elif way == "timed out":
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(call, 0)
            del call

    with_client(body)
    gc.collect()
    assert dict(vars(AioBaseClient)) == before


def test_requests_after_an_awaited_call_are_claimed_as_well(hosts: list[str]) -> None:
    requests = pytest.importorskip("requests")
    pytest.importorskip("responses")
    arrived, go = threading.Event(), threading.Event()

    def auth(request: Any) -> Any:
        arrived.set()
        go.wait(20)
        return request

    async def body(client: Any) -> None:
        fake = _fake()
        with fake, fake.behind_requests():
            await client.get_backend(AppId="d1abc")
            url = "https://amplifybackend.us-east-1.amazonaws.com/backend/d1abc/details"
            call = asyncio.create_task(asyncio.to_thread(requests.post, url, json={}, auth=auth))
            await asyncio.to_thread(arrived.wait, 20)
        go.set()
        with pytest.raises(errors.UnservedRequest, match="was under way when its Fake"):
            await call

    with_client(body)
    assert hosts == []
