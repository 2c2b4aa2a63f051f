"""The last line: while a fake is active, no request for the real service gets to a socket."""

from __future__ import annotations

import http.client
import re
import socket
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from pytest_amplifybackend import errors
from pytest_amplifybackend.model.partitions import AWS_SUFFIXES
from pytest_amplifybackend.transports.patching import Patch

_REAL_HOST = re.compile(
    r"(?:.+\.)?amplifybackend(?:-fips)?\.(?:.+\.)?(?:"
    + "|".join(map(re.escape, AWS_SUFFIXES))
    + r")\.?(?::\d*)?"
)


def is_real_host(host: object) -> bool:
    """Whether a host, with or without a port, is the real service in any region or VPC."""
    if isinstance(host, (bytes, bytearray)):
        host = host.decode("ascii", "replace")
    return isinstance(host, str) and _REAL_HOST.fullmatch(host.lower()) is not None


_ADVICE = (
    "Use a botocore or boto3 client that is not detached, or attach it with fake.attach(client)."
)
_ASYNC_ADVICE = "Clients of aiobotocore are served by transport='aio', unless they are detached."


def _refuse(host: object, advice: str = _ADVICE) -> None:
    if is_real_host(host):
        raise errors.UnservedRequest(
            f"A request for {host!s} was stopped before the socket: a FakeAmplifyBackend is "
            f"active, but it did not serve this caller. {advice}"
        )


def _getaddrinfo(previous: Callable[..., Any]) -> Callable[..., Any]:
    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse(host)
        return previous(host, *args, **kwargs)

    return getaddrinfo


def _set_tunnel(previous: Callable[..., Any]) -> Callable[..., Any]:
    def set_tunnel(connection: Any, host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse(host)
        return previous(connection, host, *args, **kwargs)

    return set_tunnel


def _putrequest(previous: Callable[..., Any]) -> Callable[..., Any]:
    def putrequest(connection: Any, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse(connection.host)
        _refuse(connection._tunnel_host)  # noqa: SLF001  (perhaps set before the activation)
        if isinstance(url, str) and url.startswith(("http:", "https:")):
            _refuse(urlsplit(url).hostname)
        return previous(connection, method, url, *args, **kwargs)

    return putrequest


def _aiohttp_connect(previous: Callable[..., Any]) -> Callable[..., Any]:
    def connect(connector: Any, req: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse(req.url.host, _ASYNC_ADVICE)
        return previous(connector, req, *args, **kwargs)

    return connect


def _httpx_handle(previous: Callable[..., Any]) -> Callable[..., Any]:
    def handle(transport: Any, request: Any) -> Any:
        _refuse(request.url.host, _ASYNC_ADVICE)
        return previous(transport, request)

    return handle


_OPTIONAL: tuple[tuple[str, str, str, Callable[[Callable[..., Any]], Callable[..., Any]]], ...] = (
    ("aiohttp", "BaseConnector", "connect", _aiohttp_connect),
    ("httpx", "HTTPTransport", "handle_request", _httpx_handle),
    ("httpx", "AsyncHTTPTransport", "handle_async_request", _httpx_handle),
    ("httpx2", "HTTPTransport", "handle_request", _httpx_handle),
    ("httpx2", "AsyncHTTPTransport", "handle_async_request", _httpx_handle),
)
"""The HTTP libraries of aiobotocore: they pool connections, and may look names up without Python's
``socket`` (uvloop, aiodns)."""


def patches() -> list[Patch]:
    """The guard as patches: name look-up, proxy tunnels, and requests on open connections.

    A library that is imported only after the activation is stopped at name look-up alone.
    """
    return [
        Patch(socket, "getaddrinfo", _getaddrinfo),
        Patch(http.client.HTTPConnection, "set_tunnel", _set_tunnel),
        Patch(http.client.HTTPConnection, "putrequest", _putrequest),
        *(
            Patch(owner, name, make)
            for module, class_name, name, make in _OPTIONAL
            if name in vars(owner := getattr(sys.modules.get(module), class_name, object))
        ),
    ]
