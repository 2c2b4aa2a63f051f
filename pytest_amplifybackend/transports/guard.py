"""The last line: while a fake is active, no request for the real service gets to a socket.

A request is stopped where it still has the name of its host: at name look-up, at a proxy's tunnel,
at a request on a connection that is open already, and in the HTTP libraries that keep connections
or look names up in ways of their own. An audit hook sees the look-ups that no replaced function
does, such as one by ``socket.gethostbyname`` that a program has bound before.
"""

from __future__ import annotations

import _socket
import http.client
import socket
import ssl
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from pytest_amplifybackend import errors
from pytest_amplifybackend.model.partitions import is_real_host
from pytest_amplifybackend.transports.activation import CURRENT, Activation, Change, ended
from pytest_amplifybackend.transports.children import ChildEnvironment
from pytest_amplifybackend.transports.late_imports import LateImports
from pytest_amplifybackend.transports.patching import Patch

SERVED_OTHERWISE = (
    "A request for {host} was stopped before the socket: a FakeAmplifyBackend is active, but it "
    "did not serve this caller. {advice}"
)
_ADVICE = (
    "Use a botocore or boto3 client that is not detached, or attach it with fake.attach(client)."
)
_ASYNC_ADVICE = "Clients of aiobotocore are served by transport='aio', unless they are detached."

Make = Callable[[Callable[..., Any]], Callable[..., Any]]


class Guard:
    """Stops the requests of a process for the real service while an activation lasts.

    A call that the activation claimed is stopped after its end, too. ``sentence`` is what a
    refused caller is told, with places for ``host`` and ``advice``.
    """

    def __init__(self, activation: Activation, sentence: str = SERVED_OTHERWISE) -> None:
        self._activation = activation
        self._sentence = sentence
        activation.refuse_host = self.refuse

    def refuse(self, host: object, advice: str = _ADVICE) -> None:
        """Raise UnservedRequest where a host is the real service's."""
        if not is_real_host(host):
            return
        if self._activation.active:
            raise errors.UnservedRequest(self._sentence.format(host=_text(host), advice=advice))
        claim = CURRENT.get()
        if claim is not None and claim.open:
            raise errors.UnservedRequest(ended(f"A request for {_text(host)}"))

    def changes(self) -> list[Change]:
        """What the guard replaces in the process."""
        connection = _http_connection()
        return [
            _AuditHook(),
            *(Patch(module, name, self._first) for module, name in _LOOK_UPS),
            *(Patch(socket.socket, name, self._address) for name in ("connect", "connect_ex")),
            Patch(socket.socket, "sendto", self._last_address),
            *(Patch(ssl.SSLContext, name, self._tls) for name in ("wrap_socket", "wrap_bio")),
            Patch(connection, "set_tunnel", self._second),
            Patch(connection, "putrequest", self._putrequest),
            LateImports(self._activation, dict.fromkeys(_LIBRARIES, self._library)),
            ChildEnvironment(self._activation),
        ]

    def _first(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """A function whose first argument is a host."""

        def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
            self.refuse(host)
            return previous(host, *args, **kwargs)

        return look_up

    def _second(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """A method whose argument is a host."""

        def set_tunnel(connection: Any, host: Any, *args: Any, **kwargs: Any) -> Any:
            self.refuse(host)
            return previous(connection, host, *args, **kwargs)

        return set_tunnel

    def _address(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """A method of a socket whose argument is an address: C looks its host up."""

        def connect(sock: Any, address: Any) -> Any:
            self.refuse(_host_of(address))
            return previous(sock, address)

        return connect

    def _last_address(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        def sendto(sock: Any, *args: Any) -> Any:
            self.refuse(_host_of(args[-1] if args else None))
            return previous(sock, *args)

        return sendto

    def _tls(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """How a connection becomes a TLS one; it has the name even where a proxy was told it."""

        def wrap(context: Any, *args: Any, **kwargs: Any) -> Any:
            self.refuse(kwargs.get("server_hostname"))
            for argument in args:
                self.refuse(argument)
            return previous(context, *args, **kwargs)

        return wrap

    def _putrequest(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        def putrequest(connection: Any, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
            self.refuse(connection.host)
            self.refuse(connection._tunnel_host)  # noqa: SLF001  (perhaps set before the activation)
            if isinstance(url, str) and url.startswith(("http:", "https:")):
                self.refuse(urlsplit(url).hostname)
            return previous(connection, method, url, *args, **kwargs)

        return putrequest

    def _library(self, module: Any) -> list[Change]:
        """What is replaced in a library that has just been, or was already, imported."""
        class_name, name, position = _LIBRARIES[module.__name__]
        owner = getattr(module, class_name, None)
        if owner is None or name not in vars(owner):
            return []

        def make(previous: Callable[..., Any]) -> Callable[..., Any]:
            def send(pool: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
                self.refuse(request.url.host, _ASYNC_ADVICE if position else _ADVICE)
                return previous(pool, request, *args, **kwargs)

            return send

        return [Patch(owner, name, make)]


_LOOK_UPS = [
    (module, name)
    for module in (socket, _socket)
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr")
]
"""Functions that look a name up. A ``getaddrinfo`` that a program has bound calls the second."""

_LIBRARIES: dict[str, tuple[str, str, bool]] = {
    "aiohttp.connector": ("BaseConnector", "connect", True),
    "httpcore._sync.connection_pool": ("ConnectionPool", "handle_request", False),
    "httpcore._async.connection_pool": ("AsyncConnectionPool", "handle_async_request", True),
    "httpcore2._sync.connection_pool": ("ConnectionPool", "handle_request", False),
    "httpcore2._async.connection_pool": ("AsyncConnectionPool", "handle_async_request", True),
}
"""HTTP libraries that keep connections, send to proxies or look names up without Python's
``socket`` (uvloop, aiodns): the method through which every request goes, and whether it is one
that aiobotocore uses. httpx sends through httpcore."""


def _http_connection() -> Any:
    """The standard library's HTTPConnection, also where a cassette of vcrpy has replaced it."""
    found: Any = http.client.HTTPConnection
    if found.__module__ == "http.client":
        return found
    from botocore.awsrequest import AWSHTTPConnection

    return next(base for base in AWSHTTPConnection.__mro__ if base.__module__ == "http.client")


def _host_of(address: object) -> object:
    return address[0] if isinstance(address, tuple) and address else None


def _text(host: object) -> str:
    return host.decode("utf-8", "replace") if isinstance(host, (bytes, bytearray)) else str(host)


_AUDITED = {
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
    "socket.connect": 1,
    "socket.sendto": 1,
}
"""The events that name a host, or an address with one, and at which position."""


class _AuditHook:
    """Looks at every look-up of the process, however a program got hold of the function.

    Python takes no audit hook off again. Ours is added once, with the first activation, and asks
    the activations that there are.
    """

    def apply(self) -> None:
        """Add the hook, if this is the first activation of the process."""
        if not getattr(sys, _HOOKED, False):
            setattr(sys, _HOOKED, True)
            sys.addaudithook(_audit)

    def undo(self) -> None:
        """Leave the hook: it does nothing where nothing is active."""


_HOOKED = "_amplifybackend_audit_hook"


def _audit(event: str, args: tuple[Any, ...]) -> None:
    position = _AUDITED.get(event)
    if position is None:
        return
    # Looked up anew: the hook outlives this module where tests import it a second time.
    active = getattr(sys.modules.get(Activation.__module__), "ACTIVE", ())
    host = args[position] if position == 0 else _host_of(args[position])
    for activation in reversed(active):
        activation.refuse_host(host)
