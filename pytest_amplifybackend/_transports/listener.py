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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.gateway import HTTPRequest, Later
from pytest_amplifybackend._transports.http1 import Message, Reader, written
from pytest_amplifybackend._transports.streams import Streams

if TYPE_CHECKING:
    from pytest_amplifybackend._service.ahead import Work

_BACKLOG = 1024
Answer = Callable[[HTTPRequest], HTTPResponse]
"""Answers a request; raises TransportFault for a fault to act out, Later for one to put off."""


class _Connection(asyncio.Protocol):
    """One connection: answers its requests in order, at most one in a turn of the loop.

    So a client that pipelines thousands does not keep others waiting. Nothing is read while a
    request waits, or while the client does not read its answers: the kernel then slows it down.
    ``_deaf`` means that further data is thrown away, ``_at_end`` that the client sends no more.
    """

    _transport: asyncio.Transport

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._reader = Reader()
        self._deaf = self._at_end = self._put_off = self._full = False
        self._reading = True
        self._next: asyncio.Handle | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._listener.connections.add(self)

    def connection_lost(self, _: Exception | None) -> None:
        self._listener.connections.discard(self)
        self._listener.streams.discard(self)
        self._deaf = True
        self._reader = Reader()  # the old one and its parser refer to each other

    def data_received(self, data: bytes) -> None:
        if not self._deaf:
            self._reader.feed(data)
            self._go_on()

    def eof_received(self) -> bool:
        """Keep the half-closed connection while there is something to answer."""
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

    @property
    def is_full(self) -> bool:
        """Whether the client does not read what was sent."""
        return self._full

    def send(self, data: bytes) -> None:
        """Go on with a response that stays open."""
        self._transport.write(data)

    def _is_busy(self) -> bool:
        return bool(self._reader.messages) or self._put_off or self._full

    def _go_on(self) -> None:
        """Answer the first message, schedule the next, and read more if there is none."""
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

    def _answer(self, message: Message) -> None:
        content = message.content
        if isinstance(content, HTTPResponse):
            self._transport.write(written(message, content))
            self._hear_nothing()
            # While the client is still sending, closing would reset the connection, and with that
            # the response could be lost.
            with contextlib.suppress(OSError):  # the client has gone in the meantime
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
            if response.feed is not None:
                message = replace(message, keep_alive=False)  # the end of the connection is its end
            self._transport.write(written(message, response))
            if response.feed is not None:
                self._hear_nothing()
                self._listener.streams.add(self, response.feed)
            elif not message.keep_alive:
                self._hear_nothing()
                self._transport.close()

    def _answer_prepared(self, message: Message) -> None:
        self._put_off = False
        if not self._transport.is_closing():
            self._reader.messages.appendleft(message)
            self._go_on()

    def _hear_nothing(self) -> None:
        self._deaf = True
        self._reader.messages.clear()


class Listener:
    """A listening server; :meth:`start` or :meth:`run` lets it answer, :meth:`stop` ends it.

    Raises OSError when it cannot listen, UsageError for a host that has no address
    and where pytest-socket blocks sockets.
    """

    def __init__(self, answer: Answer, host: str, port: int) -> None:
        self.answer = answer
        self.connections: set[_Connection] = set()
        self._socket = _listening(host, port)
        self.port = int(self._socket.getsockname()[1])
        # Not the one of the process' policy: a user's uvloop has nothing to do with this.
        self.loop = asyncio.SelectorEventLoop()
        self.streams = Streams(self.loop)
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
                self.streams.discard(connection)
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

        An override that stops its own server has to be answered first: then this does not wait.
        Where :meth:`run` was called in place of :meth:`start`, only a signal handler of that
        thread may do so.
        """
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self.loop.call_soon_threadsafe(self._end.set)
        if self._thread not in (None, threading.current_thread()):
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
        family, *_, address = min(found, key=lambda one: one[0] is not socket.AF_INET)
    except (OSError, ValueError) as error:
        raise errors.UsageError(f"cannot listen on host {host!r}: {error}") from error
    except RuntimeError as error:
        raise _blocked(error) from error
    try:
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except RuntimeError as error:
        raise _blocked(error) from error


def _blocked(error: RuntimeError) -> Exception:
    """The error to raise where no socket was to be had."""
    return errors.UsageError(_NO_SOCKETS) if type(error).__module__ == "pytest_socket" else error


_NO_SOCKETS = (
    "The server needs a socket, and pytest-socket blocks every one. Run pytest with "
    "--allow-hosts=127.0.0.1 instead of --disable-socket, or mark the test with "
    "@pytest.mark.enable_socket."
)
