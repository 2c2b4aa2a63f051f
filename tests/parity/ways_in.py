"""The ways in: each makes calls over one transport and gives what botocore makes of the answer.

A way in is made for a fake and has ``call(operation, params, region)``, which gives the parsed
response or raises what a client raises. Clients are made once and attached for the time of a call.
"""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend import _transports as transports
from pytest_amplifybackend._api import catalogue, installed
from pytest_amplifybackend._transports import isolated_client
from pytest_amplifybackend._transports.short_way import SWITCH

LONG_WAY = "stubber, the long way"
ONE_ATTEMPT = Config(retries={"total_max_attempts": 1}, read_timeout=3)


@functools.cache
def _client(way: str, region: str, **options: Any) -> Any:
    return isolated_client(region, config=ONE_ATTEMPT, **options)


class InProcess:
    """A botocore client that a transport serves: ``stubber``, ``wire``."""

    def __init__(self, name: str, fake: FakeAmplifyBackend) -> None:
        self.name = name
        self.transport = transports.create(name, fake._backend, error_style=fake._error_style)

    def call(self, operation: str, params: dict[str, Any], region: str) -> Any:
        client = _client(self.name, region)
        self.transport.attach(client)
        try:
            return getattr(client, xform_name(operation))(**params)
        finally:
            self.transport.detach(client)

    def close(self) -> None: ...


class LongWay(InProcess):
    """The same with botocore's own request made for each call, which nobody sees."""

    def call(self, operation: str, params: dict[str, Any], region: str) -> Any:
        with mock.patch.dict(os.environ, {SWITCH: "1"}):
            return super().call(operation, params, region)


class Aio(InProcess):
    """An aiobotocore client, awaited call by call."""

    def call(self, operation: str, params: dict[str, Any], region: str) -> Any:
        client = _aio_client(region)
        self.transport.attach(client)
        try:
            return _loop().run_until_complete(getattr(client, xform_name(operation))(**params))
        finally:
            self.transport.detach(client)


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


@functools.cache
def _aio_client(region: str) -> Any:
    from aiobotocore.config import AioConfig
    from aiobotocore.session import get_session

    session = get_session()
    session.register_component("data_loader", installed.loader())
    context = session.create_client(
        catalogue.SERVICE,
        region_name=region,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=AioConfig(retries={"total_max_attempts": 1}),
    )
    return _loop().run_until_complete(context.__aenter__())


def close_loop() -> None:
    """End what `Aio` needed; at the end of the session."""
    if _loop.cache_info().currsize:
        _loop().close()
        _loop.cache_clear()
        _aio_client.cache_clear()


class Server:
    """A botocore client of a server on this machine."""

    def __init__(self, fake: FakeAmplifyBackend) -> None:
        self._server = fake.serve()
        self._server.__enter__()

    def call(self, operation: str, params: dict[str, Any], region: str) -> Any:
        client = _client("server", region)
        with _endpoint(client, self._server.url):
            return getattr(client, xform_name(operation))(**params)

    def close(self) -> None:
        self._server.__exit__(None, None, None)


@contextmanager
def _endpoint(client: Any, url: str) -> Iterator[None]:
    """A client is expensive to make, so one is sent from server to server."""

    def redirect(request: Any, **_: Any) -> None:
        request.url = url + urlsplit(request.url)._replace(scheme="", netloc="").geturl()

    client.meta.events.register_first("before-sign", redirect)
    try:
        yield
    finally:
        client.meta.events.unregister("before-sign", redirect)


class Requests:
    """botocore's serialiser and parser around ``requests``, which the fake answers."""

    def __init__(self, fake: FakeAmplifyBackend) -> None:
        self._fake = fake

    def call(self, operation: str, params: dict[str, Any], region: str) -> Any:
        import requests

        model = catalogue.service_model().operation_model(operation)
        message = create_serializer("rest-json").serialize_to_request(params, model)
        url = f"https://amplifybackend.{region}.amazonaws.com{message['url_path']}"
        try:
            with self._fake.behind_requests():  # a test may have several fakes
                answer = requests.request(
                    message["method"],
                    url,
                    headers=message["headers"],
                    data=message["body"],
                    timeout=5,
                )
        except requests.exceptions.ReadTimeout as error:
            raise ReadTimeoutError(endpoint_url=url) from error
        except requests.exceptions.ConnectionError as error:
            raise ConnectionClosedError(endpoint_url=url) from error
        return _parsed(model, answer.status_code, dict(answer.headers), answer.content)

    def close(self) -> None: ...


def _parsed(model: Any, status: int, headers: dict[str, str], body: bytes) -> Any:
    """What botocore's endpoint and client make of an HTTP answer."""
    parser = create_parser("rest-json")
    answer = {"status_code": status, "headers": headers, "body": body}
    parsed = parser.parse(answer, model.output_shape)
    if status < 300:
        return parsed
    code = parsed["Error"]["Code"]
    shape = model.service_model.shape_for_error_code(code)
    if shape is not None:
        parsed.update(parser.parse(answer, shape))
    raise _client("responses", "us-east-1").exceptions.from_code(code)(parsed, model.name)


WAYS: Mapping[str, Callable[..., Any]] = {
    "stubber": functools.partial(InProcess, "stubber"),
    LONG_WAY: functools.partial(LongWay, "stubber"),
    "wire": functools.partial(InProcess, "wire"),
    "aio": functools.partial(Aio, "aio"),
    "server": Server,
    "responses": Requests,
}
"""Every way in by its name; ``stubber`` is what the others are compared with."""

NEEDS = {"aio": ("aiobotocore",), "server": ("httptools",), "responses": ("responses", "requests")}


def open_way(name: str, fake: FakeAmplifyBackend) -> Any:
    """A way in to a fake; skips the test if what it needs is not installed."""
    for module in NEEDS.get(name, ()):
        pytest.importorskip(module, reason=f"{module} is not installed")
    return WAYS[name](fake)
