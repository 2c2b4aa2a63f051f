"""Nothing of aiobotocore's HTTP libraries reaches AWS; and what of aiobotocore is relied on."""

from __future__ import annotations

import asyncio
import inspect
import socket
from typing import Any

import pytest
from botocore.exceptions import HTTPClientError

from pytest_amplifybackend import FakeAmplifyBackend, errors

pytest.importorskip("aiobotocore", minversion="2.8", reason="aiobotocore is not installed")

import aiohttp
from aio_clients import with_client
from aiobotocore.client import AioBaseClient
from aiobotocore.stub import AioStubber


class TestGuard:
    SENTENCE = "Clients of aiobotocore are served by transport='aio', unless they are detached."
    OTHERS = "let the program send to the URL of the fixture 'amplifybackend_server'"

    @pytest.fixture
    def resolved(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """The hosts that get as far as name look-up, which finds none of them."""
        hosts: list[str] = []

        def getaddrinfo(host: str, *_: object, **__: object) -> list[object]:
            hosts.append(host)
            raise socket.gaierror("no network in this test")

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return hosts

    @pytest.mark.parametrize("transport", ["aio", "stubber", "wire"])
    def test_a_client_that_is_not_served(self, resolved: list[str], transport: Any) -> None:
        async def body(client: Any) -> None:
            with FakeAmplifyBackend(transport=transport) as fake:
                if transport == "aio":
                    fake.detach(client)
                with pytest.raises(HTTPClientError, match=self.SENTENCE):
                    await client.list_s3_buckets()

        with_client(body)
        assert resolved == []

    def test_a_look_up_that_python_does_not_see(self, resolved: list[str]) -> None:
        class Elsewhere(aiohttp.abc.AbstractResolver):
            async def resolve(self, *_: Any, **__: Any) -> Any:
                pytest.fail("looked up")

            async def close(self) -> None: ...

        async def main() -> None:
            connector = aiohttp.TCPConnector(resolver=Elsewhere())
            async with aiohttp.ClientSession(connector=connector) as session:
                url = "https://amplifybackend.eu-west-1.amazonaws.com/backend"
                with (
                    FakeAmplifyBackend(),
                    pytest.raises(errors.UnservedRequest, match=self.OTHERS),
                ):
                    await session.post(url)

        asyncio.run(main())

    @pytest.mark.parametrize("name", ["httpx", "httpx2"])
    def test_httpx(self, resolved: list[str], name: str) -> None:
        httpx = pytest.importorskip(name)
        url = "https://amplifybackend.eu-west-1.amazonaws.com/backend"

        async def main() -> None:
            async with httpx.AsyncClient() as client:
                with pytest.raises(errors.UnservedRequest, match=self.OTHERS):
                    await client.post(url)

        with FakeAmplifyBackend():
            asyncio.run(main())
            with httpx.Client() as client, pytest.raises(errors.UnservedRequest):
                client.post(url)
        assert resolved == []

    def test_other_hosts_are_looked_up_as_ever(self, resolved: list[str]) -> None:
        async def main() -> None:
            async with aiohttp.ClientSession() as session:
                with FakeAmplifyBackend(), pytest.raises(aiohttp.ClientConnectorError):
                    await session.get("http://example.com/")

        asyncio.run(main())
        assert resolved == ["example.com"]


RELIED_ON = {
    "AioBaseClient._emit_api_params": (
        AioBaseClient,
        ["self", "api_params", "operation_model", "context"],
        ["before-parameter-build.", "context=context"],
    ),
    "AioBaseClient._make_api_call": (
        AioBaseClient,
        ["self", "operation_name", "api_params"],
        ["await self._emit_api_params(", "before-call.", "context=request_context"],
    ),
    "AioStubber._add_response": (
        AioStubber,
        ["self", "method", "service_response", "expected_params"],
        ["self._queue.append(", "'operation_name'", "'response'", "'expected_params'"],
    ),
    "BaseConnector.connect": (aiohttp.BaseConnector, ["self", "req", "traces", "timeout"], []),
}
"""The code of aiobotocore and aiohttp that is replaced or relied on, and what of it matters."""


@pytest.mark.parametrize("name", RELIED_ON)
def test_what_is_relied_on_is_as_it_was_reviewed(name: str) -> None:
    owner, parameters, phrases = RELIED_ON[name]
    function = inspect.unwrap(getattr(owner, name.partition(".")[2]))
    assert list(inspect.signature(function).parameters) == parameters
    source = inspect.getsource(function)
    assert [phrase for phrase in phrases if phrase not in source] == []
