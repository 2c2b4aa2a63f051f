"""The sockets of the transport ``server``: asyncio's connections, read by httptools.

Chosen by measurement (``benchmarks/servers.py``, docs/benchmarks.md). One thread does it all: a
request is answered as soon as it is read, because the service has one lock anyway. So a client
that is slow, or silent, costs a socket and nothing else. Work that a call needs before it takes
the lock is done in a second thread; its connection waits, and the loop goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http.client import responses
from typing import TYPE_CHECKING, Any

import httptools

from pytest_amplifybackend import errors
from pytest_amplifybackend._transports import codec
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.front import HTTPRequest
from pytest_amplifybackend._transports.later import Later

if TYPE_CHECKING:
    from pytest_amplifybackend._service.ahead import Work

LARGEST_HEADERS = 64 * 1024
LARGEST_REQUEST = 256 * 1024 * 1024
"""In bytes. A body of the service may be far smaller; this is for states to be loaded."""

_BACKLOG = 1024
_KINDS = {
    400: "BadRequestException",
    413: "RequestTooLongException",
    431: "RequestTooLongException",
    501: "BadRequestException",
}
"""The statuses of requests that cannot be read, and the type of error that each is given."""

Answer = Callable[[HTTPRequest], HTTPResponse]
"""Answers a request; raises TransportFault for a fault to act out, Later for one to put off."""


@dataclass(slots=True)
class _Message:
    """A request, or the answer to what cannot be read as one, and what follows on the answer."""

    content: HTTPRequest | HTTPResponse
    is_head: bool
    keep_alive: bool = False


class _Rejected(Exception):
    """What was read cannot be served; the parser stops."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Reader:
    """The requests in the bytes of one connection; httptools calls the methods ``on_...``.

    ``messages`` are those that were read and not taken yet. ``expects_continue`` says that the
    client holds its body back until it is asked for it.
    """

    def __init__(self) -> None:
        self.messages: deque[_Message] = deque()
        self.expects_continue = False
        self._restart()

    def _restart(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self.on_message_begin()

    def feed(self, data: bytes) -> None:
        """Read some bytes; nothing may follow on a message that is not to be kept alive."""
        try:
            self._parser.feed_data(data)
            if self._in_head:
                # The parser keeps a header that is not whole to itself: count what it was given.
                self._grow(len(data), LARGEST_HEADERS, 431)
        except httptools.HttpParserUpgrade as upgrade:
            if self._is_declined():
                self.feed(self._restarted_head() + data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            rejected = error.__context__
            if isinstance(error, httptools.HttpParserCallbackError) and not isinstance(
                rejected, _Rejected
            ):
                raise
            self._reject(rejected.status if isinstance(rejected, _Rejected) else 400)
        except _Rejected as rejected:
            self._reject(rejected.status)

    def _is_declined(self) -> bool:
        """Whether another protocol is offered (CONNECT offers none, it asks for a tunnel)."""
        return self._parser.should_upgrade() and self._method != b"CONNECT"

    def _restarted_head(self) -> bytes:
        """Begin again with the head of the request without its offer: the parser skips its body."""
        line = b"%b %b HTTP/1.1" % (self._method, self._target)
        kept = [
            f"{name}: {value}".encode("latin-1")
            for name, value in self._headers.items()
            if name not in ("connection", "upgrade")
        ]
        self._restart()
        return b"\r\n".join([line, *kept, b"", b""])

    def _reject(self, status: int) -> None:
        if not self.messages or self.messages[-1].keep_alive:
            answer = codec.gateway_error(status, _KINDS[status], responses[status])
            self.messages.append(_Message(answer, self._method == b"HEAD"))

    def _grow(self, size: int, most: int, status: int) -> None:
        self._size += size
        if self._size > most:
            raise _Rejected(status)

    def on_message_begin(self) -> None:
        self._method = self._target = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._in_head = True
        self._size = 0

    def on_url(self, part: bytes) -> None:
        self._method = self._parser.get_method()
        self._target += part
        self._grow(len(part), LARGEST_HEADERS, 431)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            return  # a trailer, after the chunks
        self._grow(len(name) + len(value), LARGEST_HEADERS, 431)
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._size = 0
        length = int(self._headers.get("content-length", "0"))
        coding = self._headers.get("transfer-encoding")
        version = self._parser.get_http_version()
        if coding is not None:
            if coding.lower() != "chunked":
                raise _Rejected(501)
            if version != "1.1":  # others would look for the end of the body elsewhere
                raise _Rejected(400)
        if length > LARGEST_REQUEST:
            raise _Rejected(413)
        if version == "1.1" and (length or coding) and "expect" in self._headers:
            self.expects_continue = self._headers["expect"].lower() == "100-continue"

    def on_body(self, part: bytes) -> None:
        self._grow(len(part), LARGEST_REQUEST, 413)
        self._body.append(part)

    def on_message_complete(self) -> None:
        self.expects_continue = False
        if self._is_declined():
            return
        request = HTTPRequest(
            self._method.decode("ascii"),
            self._target.decode("utf-8", "surrogateescape"),
            self._headers,
            b"".join(self._body),
            ready=False,
        )
        keep_alive = (
            self._parser.should_keep_alive()
            and self._parser.get_http_version() == "1.1"
            and self._method != b"CONNECT"  # its body has no end
        )
        self.messages.append(_Message(request, self._method == b"HEAD", keep_alive))


_WITHOUT_BODY = (204, 304)


def _written(message: _Message, response: HTTPResponse) -> bytes:
    """The bytes of a response; one to HEAD keeps its headers and loses its body."""
    headers, body = dict(response.headers), response.body
    if response.status in _WITHOUT_BODY:
        headers.pop("content-length", None)
    elif not message.is_head or "content-length" not in headers:
        headers["content-length"] = str(len(body))
    if not message.keep_alive:
        headers["connection"] = "close"
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    reason = responses.get(response.status, "Unknown")
    head = f"HTTP/1.1 {response.status} {reason}\r\n{lines}\r\n".encode("latin-1", "replace")
    without = message.is_head or response.status in _WITHOUT_BODY
    return head if without else head + body


class _Connection(asyncio.Protocol):
    """One connection: answers its requests one after the other, at most one a turn of the loop.

    ``_deaf`` says that whatever else is sent is thrown away, ``_at_end`` that nothing more comes.
    """

    _transport: asyncio.Transport

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._reader = _Reader()
        self._deaf = self._at_end = self._put_off = self._full = False
        self._reading = True
        self._next: asyncio.Handle | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._listener.connections.add(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._listener.connections.discard(self)
        self._deaf = True
        self._reader = _Reader()  # the old one and its parser refer to each other

    def data_received(self, data: bytes) -> None:
        if not self._deaf:
            self._reader.feed(data)
            self._go_on()

    def eof_received(self) -> bool:
        """Keep the connection, half closed, while there is something to answer."""
        self._at_end = True
        return self._is_busy()

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._go_on()

    def close(self) -> None:
        self._deaf = True
        self._transport.abort()

    def _is_busy(self) -> bool:
        return bool(self._reader.messages) or self._put_off or self._full

    def _go_on(self) -> None:
        """Answer the first message that waits; read more when there is none."""
        messages = self._reader.messages
        if messages and not (self._put_off or self._full or self._next):
            self._answer(messages.popleft())
        if messages and not (self._put_off or self._full or self._next):
            self._next = self._listener.loop.call_soon(self._take_turn)
        busy = self._is_busy()
        if busy == self._reading:
            self._reading = not busy
            (self._transport.pause_reading if busy else self._transport.resume_reading)()
        if self._at_end and not busy:
            self._transport.close()
        elif self._reader.expects_continue and not busy:
            self._reader.expects_continue = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _take_turn(self) -> None:
        self._next = None
        self._go_on()

    def _answer(self, message: _Message) -> None:
        content = message.content
        if isinstance(content, HTTPResponse):
            self._transport.write(_written(message, content))
            self._hear_nothing()
            # Closing at once could throw the answer away, as long as the client is still sending.
            self._transport.write_eof()
            return
        try:
            response = self._listener.answer(content)
        except errors.ReadTimeout:
            self._hear_nothing()
        except errors.TransportFault:
            self._hear_nothing()
            self._transport.abort()
        except Later as later:
            self._put_off = True
            ready = replace(message, content=replace(content, ready=True))
            self._listener.prepare(later.work, lambda: self._answer_prepared(ready))
        else:
            self._transport.write(_written(message, response))
            if not message.keep_alive:
                self._hear_nothing()
                self._transport.close()

    def _answer_prepared(self, message: _Message) -> None:
        self._put_off = False
        if not self._transport.is_closing():
            self._reader.messages.appendleft(message)
            self._go_on()

    def _hear_nothing(self) -> None:
        self._deaf = True
        self._reader.messages.clear()


class Listener:
    """A listening server; :meth:`start` or :meth:`run` lets it answer, :meth:`stop` ends it.

    Raises OSError when it cannot listen, UsageError for a host that has no address.
    """

    def __init__(self, answer: Answer, host: str, port: int) -> None:
        self.answer = answer
        self.connections: set[_Connection] = set()
        self._socket = _listening(host, port)
        self.port = int(self._socket.getsockname()[1])
        # Not the one of the process' policy: a user's uvloop has nothing to do with this.
        self.loop = asyncio.SelectorEventLoop()
        self.loop.set_debug(False)  # Python's development mode would log requests that take long
        self._end = asyncio.Event()
        self._ahead: ThreadPoolExecutor | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Answer from a thread of its own."""
        self._thread = threading.Thread(
            target=self.run, name=f"amplifybackend-server-{self.port}", daemon=True
        )
        self._thread.start()

    def run(self) -> None:
        """Answer until :meth:`stop`, then close every connection."""
        try:
            self.loop.run_until_complete(self._serve())
        finally:
            self.close()

    async def _serve(self) -> None:
        server = await self.loop.create_server(
            lambda: _Connection(self), sock=self._socket, backlog=_BACKLOG
        )
        try:
            await self._end.wait()
        finally:
            if self._ahead is not None:
                # Waits for the work under way; what is put off is not answered any more.
                self._ahead.shutdown(cancel_futures=True)
            server.close()
            for connection in list(self.connections):
                connection.close()
            await asyncio.sleep(0)  # the loop closes their sockets in its next turn

    def prepare(self, work: Work, then: Callable[[], None]) -> None:
        """Work in another thread, one piece after the other, and go on in the loop."""
        if self._ahead is None:  # few servers need it
            self._ahead = ThreadPoolExecutor(1, "amplifybackend-server-ahead")
        future = self._ahead.submit(work)
        future.add_done_callback(lambda _: self.loop.call_soon_threadsafe(then))

    def stop(self) -> None:
        """End after the call in flight; the second time, do nothing.

        Where :meth:`run` was called in place of :meth:`start`, only a signal handler of that
        thread may do so.
        """
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self.loop.call_soon_threadsafe(self._end.set)
        if self._thread is not None:
            self._thread.join()

    def close(self) -> None:
        """Close what is open once it runs no more, or if it never did."""
        if not self.loop.is_running():  # a forked process has it running, and shares its epoll
            self._socket.close()
            self.loop.close()


def _listening(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, ValueError) as error:
        raise errors.UsageError(f"cannot listen on host {host!r}: {error}") from error
    family, *_, address = min(found, key=lambda one: one[0] is not socket.AF_INET)
    return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
