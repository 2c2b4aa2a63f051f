"""The last line of defense: while a fake is active, no request reaches the real service.

A request is stopped where it still has the name of its host: at name look-up, at a proxy's tunnel,
at a request on a connection that is open already, and in the HTTP libraries that keep connections
or look names up in ways of their own. An audit hook sees the look-ups that no replaced function
misses, such as one by a ``socket.gethostbyname`` that a program imported before.
"""

from __future__ import annotations

import _socket
import functools
import http.client
import socket
import ssl
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.regions import is_real_host
from pytest_amplifybackend._patching import Change, LateImports, Patch
from pytest_amplifybackend._transports.activation import CURRENT, Activation, ended
from pytest_amplifybackend._transports.children import ChildEnvironment

SERVED_OTHERWISE = (
    "A request for {host} was stopped before the socket: a FakeAmplifyBackend is active, but it "
    "did not serve this caller. {advice}"
)
_ADVICE = {
    "aiobotocore": "Clients of aiobotocore are served by transport='aio', unless they are "
    "detached.",
    "botocore": "Use a botocore or boto3 client that is not detached, or attach it with "
    "fake.attach(client).",
    "requests": "The library requests is served by the fixture 'amplifybackend_responses', or by "
    "fake.behind_requests(); or let the program send to the URL of 'amplifybackend_server'.",
}
"""What to do, by the library whose caller is not served."""

_OTHERS = (
    "In this process only clients of botocore and boto3 are served: let the program send to the "
    "URL of the fixture 'amplifybackend_server', or of fake.serve()."
)

Make = Callable[[Callable[..., Any]], Callable[..., Any]]


class Guard:
    """Stops the requests of a process for the real service while an activation lasts.

    A call that the activation claimed is stopped after its end, too. ``sentence`` is the text of
    the error, with placeholders for ``host`` and ``advice``.
    """

    def __init__(self, activation: Activation, sentence: str = SERVED_OTHERWISE) -> None:
        self._activation = activation
        self._sentence = sentence
        activation.block_host = self.block

    def block(self, host: object) -> None:
        """Raise UnservedRequest if a host is one of the real service."""
        if not is_real_host(host, self._activation.services):
            return
        if self._activation.active:
            sentence = self._sentence.format(host=_text(host), advice=_advice())
            raise errors.UnservedRequest(sentence)
        claim = CURRENT.get()
        if claim is not None and claim.open:
            raise errors.UnservedRequest(ended(f"A request for {_text(host)}"))

    def changes(self) -> list[Change]:
        """The patches of the guard."""
        connection = _http_connection()
        return [
            _AuditHook(),
            *(
                Patch(owner, name, self._looking_at_arguments)
                for owner, names in (*_NAMED_HOSTS, (connection, ("set_tunnel",)))
                for name in names
            ),
            Patch(connection, "putrequest", self._putrequest),
            LateImports(self._activation.add, dict.fromkeys(_LIBRARIES, self._in_library)),
            ChildEnvironment(self._activation),
        ]

    def _looking_at_arguments(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """A wrapper of a function that takes a host, or an address with one, as an argument."""

        def function(*args: Any, **kwargs: Any) -> Any:
            for argument in (*args, *kwargs.values()):
                self.block(_host_of(argument))
            return previous(*args, **kwargs)

        return function

    def _putrequest(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        def putrequest(connection: Any, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
            self.block(connection.host)
            self.block(connection._tunnel_host)  # noqa: SLF001  (perhaps set before the activation)
            if isinstance(url, str) and url.startswith(("http:", "https:")):
                self.block(urlsplit(url).hostname)
            return previous(connection, method, url, *args, **kwargs)

        return putrequest

    def _in_library(self, module: Any) -> list[Change]:
        """The patches for a library that is imported now, or was before."""
        class_name, names, make = _LIBRARIES[module.__name__]
        owner = getattr(module, class_name, object)
        return [
            Patch(owner, name, functools.partial(make, self))
            for name in names
            if hasattr(owner, name)
        ]

    def sending(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """A method that sends a request, its argument; it may be one that is awaited."""

        def send(pool: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            self.block(request.url.host)
            return previous(pool, request, *args, **kwargs)

        return send


_LOOK_UPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr")

_NAMED_HOSTS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (socket, _LOOK_UPS),
    (_socket, _LOOK_UPS),  # a socket.getaddrinfo that a program has bound before calls this one
    (
        socket.socket,
        ("bind", "connect", "connect_ex", "sendmsg", "sendto"),
    ),  # C looks the name in an address up
    (ssl.SSLContext, ("wrap_socket", "wrap_bio")),  # has the name even behind a proxy
)
"""Functions that take the name of a host."""

_SYNC: tuple[tuple[str, ...], Any] = (("handle_request",), Guard.sending)
_ASYNC: tuple[tuple[str, ...], Any] = (("handle_async_request",), Guard.sending)
_LIBRARIES: dict[str, tuple[str, tuple[str, ...], Any]] = {
    "aiohttp.connector": ("BaseConnector", ("connect",), Guard.sending),
    "httpcore._sync.connection_pool": ("ConnectionPool", *_SYNC),
    "httpcore._async.connection_pool": ("AsyncConnectionPool", *_ASYNC),
    "httpcore2._sync.connection_pool": ("ConnectionPool", *_SYNC),
    "httpcore2._async.connection_pool": ("AsyncConnectionPool", *_ASYNC),
    "uvloop": (
        "Loop",
        (
            "create_connection",
            "create_datagram_endpoint",
            "create_server",
            "getaddrinfo",
            "getnameinfo",
            "sock_connect",
        ),
        Guard._looking_at_arguments,  # noqa: SLF001  # of the class above
    ),
}
"""Libraries that keep connections, send to proxies or look names up in C: the class and methods
through which every request goes. httpx sends through httpcore."""


def _http_connection() -> Any:
    """The standard library's HTTPConnection, also where a cassette of vcrpy has replaced it."""
    found: Any = http.client.HTTPConnection
    if found.__module__ == "http.client":
        return found
    from botocore.awsrequest import AWSHTTPConnection

    return next(base for base in AWSHTTPConnection.__mro__ if base.__module__ == "http.client")


def _advice() -> str:
    """What to do for the innermost caller that is one of the known libraries."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001  # the only way to what is running
    while frame is not None:
        library = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if library in _ADVICE:
            return _ADVICE[library]
        frame = frame.f_back
    return _OTHERS


def _host_of(argument: object) -> object:
    """The host of an address; anything but an address may be a host itself."""
    return argument[0] if isinstance(argument, tuple) and argument else argument


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


def _audit(
    event: str, args: tuple[Any, ...], audited: dict[str, int] = _AUDITED, system: Any = sys
) -> None:
    position = audited.get(event)
    if position is None or system.meta_path is None:  # Python exits: our names are gone
        return
    # Looked up anew: the hook outlives this module where tests import it a second time.
    active = getattr(sys.modules.get(Activation.__module__), "ACTIVE", ())
    host = _host_of(args[position])
    for activation in reversed(active):
        activation.block_host(host)
