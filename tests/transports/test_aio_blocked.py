"""The net and clients of aiobotocore."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._transports.blocked import Net

pytest.importorskip("aiobotocore", minversion="2.8", reason="aiobotocore is not installed")

from aio_clients import with_client
from aiobotocore.client import AioBaseClient
from aiobotocore.session import get_session
from aiobotocore.stub import AioStubber

BLOCKED = r"^ListS3Buckets was not sent to https://amplifybackend\.us-east-1\.amazonaws\.com: no "


def _under_the_net(body: Any) -> None:
    net = Net()
    net.start()
    try:
        with_client(body)
    finally:
        net.stop()


def test_an_awaited_call_is_blocked() -> None:
    async def body(client: Any) -> None:
        call = client.list_s3_buckets()  # nothing is raised before it is awaited
        with pytest.raises(errors.UnservedRequest, match=BLOCKED):
            await call
        outcomes = await asyncio.gather(
            *(client.list_s3_buckets() for _ in range(3)), return_exceptions=True
        )
        assert [type(outcome) for outcome in outcomes] == [errors.UnservedRequest] * 3

    _under_the_net(body)
    for name in ("_make_api_call", "_emit_api_params"):
        assert getattr(AioBaseClient, name).__module__ == "aiobotocore.client"


def test_a_client_that_was_made_before() -> None:
    async def body(client: Any) -> None:
        net = Net()
        net.start()
        try:
            with pytest.raises(errors.UnservedRequest, match=BLOCKED):
                await client.list_s3_buckets()
        finally:
            net.stop()

    with_client(body)


def test_a_fake_on_top() -> None:
    async def body(client: Any) -> None:
        with FakeAmplifyBackend(transport="aio") as fake:
            fake.add_bucket("mine")
            assert (await client.list_s3_buckets())["Buckets"][0]["Name"] == "mine"
        with pytest.raises(errors.UnservedRequest, match=BLOCKED):
            await client.list_s3_buckets()

    _under_the_net(body)


def test_an_attached_client() -> None:
    async def body(client: Any) -> None:
        fake = FakeAmplifyBackend(transport="aio")
        fake.attach(client)
        assert (await client.list_s3_buckets())["Buckets"] == []
        fake.detach(client)

    _under_the_net(body)


def test_a_client_under_a_stubber_of_aiobotocore() -> None:
    async def body(client: Any) -> None:
        with AioStubber(client) as stubber:
            stubber.add_response("list_s3_buckets", {"Buckets": []})
            assert await client.list_s3_buckets() == {"Buckets": []}
        with pytest.raises(errors.UnservedRequest, match=BLOCKED):
            await client.list_s3_buckets()

    _under_the_net(body)


def test_a_presigned_url() -> None:
    async def body(client: Any) -> None:
        url = await client.generate_presigned_url("get_backend", {"AppId": "d1abc"})
        assert url.startswith("https://amplifybackend.us-east-1.amazonaws.com/")

    _under_the_net(body)


def test_making_a_client_asks_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "config").write_text("[default]\ncredential_process = /bin/false\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))

    async def body(_: Any) -> None:
        making = get_session().create_client("amplifybackend", region_name="us-east-1")
        async with making as client:
            with pytest.raises(errors.UnservedRequest, match=BLOCKED):
                await client.list_s3_buckets()

    _under_the_net(body)
