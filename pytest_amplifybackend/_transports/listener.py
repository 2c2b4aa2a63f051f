"""waitress, turned to requests and responses: the sockets of the transport ``server``.

Chosen by measurement (``benchmarks/over_http.py``). One thread does it all: waitress' loop reads
and writes without blocking, and a call is answered between two turns of it, because the service
has one lock anyway. So a client that is slow, or silent, costs a socket and nothing else. What a
call has to work out before it takes the lock is done in a second thread, one after the other; its
connection waits, and the loop goes on.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from http.client import responses
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, get_header_lines
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, Task

from pytest_amplifybackend import errors
from pytest_amplifybackend._transports import codec
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.front import HTTPRequest
from pytest_amplifybackend._transports.later import Later

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from pytest_amplifybackend._service.ahead import Work

LARGEST_HEADERS = 64 * 1024
LARGEST_REQUEST = 256 * 1024 * 1024
"""In bytes. A body of the service may be far smaller; this is for states to be loaded."""

_KINDS = {
    400: "BadRequestException",
    413: "RequestTooLongException",
    431: "RequestTooLongException",
    500: "InternalServerErrorException",
    501: "BadRequestException",
}
_METADATA = "X-Amz-Meta-"
"""What the name of an S3 object's metadata begins with, as waitress would write it."""

_TURN = 30.0
"""Seconds after which the loop looks around when nothing happens; stopping wakes it at once."""

Answer = Callable[[HTTPRequest], HTTPResponse]


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """waitress' parser, which lets some errors of the standard library through."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.underscored: dict[str, str] = {}

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise ParsingError("Malformed request") from error
        if b"\r\ntransfer-encoding:" in header_plus.lower():
            _check_framing(header_plus, self.headers, chunked=self.chunked)
        if b"_" in header_plus:
            self.underscored = _underscored(header_plus)


def _check_framing(header_plus: bytes, headers: Mapping[str, str], *, chunked: bool) -> None:
    """Raise ParsingError if somebody else could see the end of a body in another place.

    Past them a second request could be smuggled (RFC 9112, section 6.1). waitress overlooks a
    length beside the chunks, chunks said twice, and chunks in HTTP/1.0.
    """
    codings = [
        coding
        for name, value in _fields(header_plus)
        if name.lower() == "transfer-encoding"
        for coding in value.split(",")
    ]
    if len(codings) > 1 or not chunked or "CONTENT_LENGTH" in headers:
        raise ParsingError("The end of the body is not clear")


def _underscored(header_plus: bytes) -> dict[str, str]:
    """The headers whose names have an underscore, which waitress drops: S3 takes metadata so."""
    return {name.lower(): value for name, value in _fields(header_plus) if "_" in name}


def _fields(header_plus: bytes) -> Iterator[tuple[str, str]]:
    for line in get_header_lines(header_plus.partition(b"\r\n")[2]):
        name, _, value = line.decode("latin-1").partition(":")
        yield name, value.strip(" \t")


def _write(task: Any, response: HTTPResponse) -> None:
    """Send a response; one to HEAD keeps its headers and loses its body."""
    task.complete = True
    task.status = f"{response.status} {responses.get(response.status, 'Unknown')}"
    task.content_length = len(response.body)
    task.response_headers.extend(response.headers.items())
    task.write(b"" if task.request.error is None and _is_head(task) else response.body)


def _is_head(task: Any) -> bool:
    return bool(task.request.command == "HEAD")


class _Answering(Task):  # type: ignore[misc]  # waitress has no types
    """One request that could be read."""

    def execute(self) -> None:
        outcome = self.channel.outcome
        if isinstance(outcome, HTTPResponse):
            _write(self, outcome)
        elif isinstance(outcome, errors.ReadTimeout):
            self.channel.fall_silent()
        else:
            self.channel.hang_up()

    def build_response_header(self) -> bytes:
        """waitress begins each word of a name with a capital; what users have named stays small."""
        head: bytes = super().build_response_header()
        for name, _ in self.response_headers:
            if name.startswith(_METADATA):
                head = head.replace(f"\r\n{name}:".encode(), f"\r\n{name.lower()}:".encode())
        return head

    def finish(self) -> None:
        if not self.channel.silent and not self.channel.will_close:
            super().finish()


def _request(request: Any) -> HTTPRequest:
    """What waitress has read; it gives text as latin-1, header names as in CGI."""
    stream = request.get_body_stream()
    return HTTPRequest(
        request.command,
        request.request_uri.encode("latin-1").decode("utf-8", "surrogateescape"),
        {
            **{name.replace("_", "-").lower(): value for name, value in request.headers.items()},
            **request.underscored,
        },
        stream.read(),
        ready=False,
    )


class _Refusing(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """One request that could not be read; the connection ends with its answer."""

    def execute(self) -> None:
        error = self.request.error
        self.set_close_on_finish()
        _write(self, codec.gateway_error(error.code, _KINDS[error.code], error.reason))


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """One connection."""

    task_class = _Answering
    error_task_class = _Refusing
    parser_class = _Parser
    silent = False
    put_off: HTTPRequest | None = None
    outcome: HTTPResponse | errors.TransportFault

    def service(self) -> None:
        """Answer the first request that waits, or put it off, and those behind it."""
        first, request = self.requests[0], self.put_off
        self.put_off = None
        if self.connected and not first.error:
            request = request or _request(first)
            try:
                self.outcome = self.server.application(request)
            except errors.TransportFault as fault:
                self.outcome = fault
            except Later as later:
                self.put_off = replace(request, ready=True)
                self.server.task_dispatcher.put_off(self, later.work)
                return
        super().service()

    def fall_silent(self) -> None:
        """Keep the connection, and say nothing on it any more, whatever else is asked."""
        self.silent = True
        del self.requests[1:]

    def hang_up(self) -> None:
        """Close the connection without another word."""
        self.will_close = True
        del self.requests[1:]

    def send_continue(self) -> None:
        """Ask for a body, unless it is empty or refused: waitress would wait for it."""
        if not self.request.completed:
            super().send_continue()

    def received(self, data: bytes) -> bool:
        return False if self.silent else bool(super().received(data))


class _Here:
    """waitress' dispatcher of tasks, without its threads: they wait for the loop.

    One thread works ahead for those that are put off, from the first of them on.
    """

    def __init__(self) -> None:
        self.waiting: deque[Any] = deque()
        self._ahead: ThreadPoolExecutor | None = None

    def add_task(self, task: Any) -> None:
        self.waiting.append(task)

    def put_off(self, task: Any, work: Work) -> None:
        if self._ahead is None:
            from concurrent.futures import ThreadPoolExecutor  # few servers need it

            self._ahead = ThreadPoolExecutor(1, "amplifybackend-server-ahead")
        self._ahead.submit(self._prepare, task, work)

    def _prepare(self, task: Any, work: Work) -> None:
        try:
            work()
        finally:
            self.waiting.append(task)
            task.server.pull_trigger()

    def end(self) -> None:
        """Wait for the work that is under way; what is put off is not answered any more."""
        if self._ahead is not None:
            self._ahead.shutdown(cancel_futures=True)

    def shutdown(self, *_: Any) -> None:
        self.waiting.clear()


class _Server(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    channel_class = _Channel

    def log_info(self, message: str, type: str = "info") -> None:  # noqa: A002  # as waitress has it
        """waitress says here what it did about a broken connection; that is nobody's concern."""


def _adjustments(host: str, port: int) -> Any:
    """waitress' settings; raises UsageError for a place where nothing can listen."""
    try:
        return Adjustments(
            host=host,
            port=port,
            ident=None,
            asyncore_use_poll=True,
            channel_timeout=24 * 60 * 60,
            cleanup_interval=60,
            connection_limit=1000,
            max_request_header_size=LARGEST_HEADERS,
            max_request_body_size=LARGEST_REQUEST,
            outbuf_high_watermark=2**62,  # a task that waited for the loop would wait for itself
            clear_untrusted_proxy_headers=False,
            log_socket_errors=False,
        )
    except ValueError as error:
        raise errors.UsageError(f"cannot listen on host {host!r}: {error}") from error


class Listener:
    """A listening server; :meth:`start` or :meth:`run` lets it answer, :meth:`stop` ends it.

    Raises OSError when it cannot listen, UsageError for an address that is none.
    """

    def __init__(self, answer: Answer, host: str, port: int) -> None:
        self._here = _Here()
        self._connections: dict[int, Any] = {}
        self._stopping = self._closed = False
        self._closing = threading.Lock()
        self._thread: threading.Thread | None = None
        adjustments = _adjustments(host, port)
        try:
            self._server: Any = _Server(
                answer, self._connections, dispatcher=self._here, adj=adjustments
            )
        except BaseException:
            wasyncore.close_all(self._connections, ignore_all=True)
            raise
        self.port = int(self._server.socket.getsockname()[1])

    def start(self) -> None:
        """Answer from a thread of its own."""
        self._thread = threading.Thread(
            target=self.run, name=f"amplifybackend-server-{self.port}", daemon=True
        )
        self._thread.start()

    def run(self) -> None:
        """Answer until :meth:`stop`, then close every connection."""
        waiting = self._here.waiting
        try:
            while not self._stopping:
                wasyncore.loop(_TURN, map=self._connections, use_poll=True, count=1)
                while waiting:
                    channel = waiting.popleft()
                    channel.service()
                    if channel.connected:
                        channel.handle_write()
        finally:
            self._here.end()
            with self._closing:
                self._closed = True
                wasyncore.close_all(self._connections, ignore_all=True)

    def stop(self) -> None:
        """End after the call in flight; the second time, do nothing.

        Where :meth:`run` was called in place of :meth:`start`, only a signal handler of that
        thread may do so.
        """
        if self._thread is None:
            self._end()
            with contextlib.suppress(OSError):  # run() has closed it already
                self._server.pull_trigger()
            return
        with self._closing:
            if not self._closed:
                self._server.trigger.pull_trigger(self._end)
        self._thread.join()

    def _end(self) -> None:
        self._stopping = True
