"""What HTTP servers cost: the transport ``server``, its sockets alone, and those of others.

Run ``python benchmarks/servers.py``; it prints Markdown. Each server is a process of its own and
makes of each request what the transport makes of it, with nothing behind, but for the first one,
which is the whole fake answering GetBackend. Requires what it is to measure: aiohttp, granian, h11,
uvicorn, waitress.
"""

from __future__ import annotations

import asyncio
import itertools
import resource
import selectors
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import responses
from typing import Any

from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.gateway import HTTPRequest

CONNECTIONS = (1, 16, 256)
SECONDS = 1.5
ROUNDS = 3
BODY = b'{"hello": "world"}'
REQUEST = b"\r\n".join(
    [
        b"POST /backend/d1abc/details HTTP/1.1",
        b"Host: 127.0.0.1:PORT",
        b"Accept-Encoding: identity",
        b"Content-Type: application/json",
        b"User-Agent: Boto3/1.43 md/Botocore#1.43 ua/2.1 os/linux#6.1 lang/python#3.11",
        b"X-Amz-Date: 20240101T000000Z",
        b"Authorization: AWS4-HMAC-SHA256 Credential=a/20240101/us-east-1/amplifybackend/"
        b"aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=0123456789abcdef",
        b"amz-sdk-invocation-id: 0-0-0",
        b"Content-Length: 2",
        b"",
        b"{}",
    ]
)

Running = tuple[int, Callable[[], object]]
"""The port of a server that listens, and what lets it answer."""


def answer(_: HTTPRequest) -> HTTPResponse:
    """The answer that every server gives."""
    return HTTPResponse(200, {"content-type": "application/json", "vary": "Origin"}, BODY)


def fake() -> Running:
    """The fake's server as a program starts it; it remembers as many calls as the command does."""
    from pytest_amplifybackend import FakeAmplifyBackend

    served = FakeAmplifyBackend()
    served.add_app("d1abc")
    server = served.serve(keep_calls=10_000)
    server.__enter__()
    return server.port, threading.Event().wait


def ours() -> Running:
    """asyncio and httptools, as the package has them."""
    from pytest_amplifybackend._transports.listener import Listener

    listener = Listener(answer, "127.0.0.1", 0)
    return listener.port, listener.run


def asyncio_h11() -> Running:
    """The same with h11, which is pure Python."""
    import h11

    class Connection(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport, self.h11 = transport, h11.Connection(h11.SERVER)

        def data_received(self, data: bytes) -> None:
            self.h11.receive_data(data)
            while (event := self.h11.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                if isinstance(event, h11.Request):
                    self.request, self.body = event, b""
                elif isinstance(event, h11.Data):
                    self.body += event.data
                elif isinstance(event, h11.EndOfMessage):
                    self.respond()
                else:
                    return

        def respond(self) -> None:
            target = self.request.target.decode("utf-8", "surrogateescape")
            headers = {
                name.decode(): value.decode("latin-1") for name, value in self.request.headers
            }
            response = answer(HTTPRequest(self.request.method.decode(), target, headers, self.body))
            sent = self.h11.send(
                h11.Response(
                    status_code=response.status,
                    reason=responses[response.status],
                    headers=[
                        *response.headers.items(),
                        ("content-length", str(len(response.body))),
                    ],
                )
            )
            sent += self.h11.send(h11.Data(data=response.body)) + self.h11.send(h11.EndOfMessage())
            self.transport.write(sent)
            self.h11.start_next_cycle()

    loop = asyncio.SelectorEventLoop()
    server = loop.run_until_complete(loop.create_server(Connection, "127.0.0.1", 0))
    return server.sockets[0].getsockname()[1], loop.run_forever


def aiohttp() -> Running:
    """aiohttp's low-level server."""
    from aiohttp import web

    async def handle(request: web.BaseRequest) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        response = answer(HTTPRequest(request.method, request.raw_path, headers, body))
        return web.Response(status=response.status, body=response.body, headers=response.headers)

    async def listen() -> asyncio.Server:
        server = web.Server(handle, access_log=None)
        return await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)

    loop = asyncio.SelectorEventLoop()
    server = loop.run_until_complete(listen())
    return server.sockets[0].getsockname()[1], loop.run_forever


async def application(scope: Any, receive: Any, send: Any) -> None:
    """The answer as an ASGI application."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
    response = answer(HTTPRequest(scope["method"], scope["path"], headers, body))
    sent = [(name.encode(), value.encode()) for name, value in response.headers.items()]
    sent.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": sent})
    await send({"type": "http.response.body", "body": response.body})


def uvicorn() -> Running:
    """uvicorn with asyncio and httptools."""
    import uvicorn as library

    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = library.Config(
        application, http="httptools", loop="asyncio", lifespan="off", log_config=None,
        access_log=False,
    )  # fmt: skip
    server = library.Server(config)
    return listening.getsockname()[1], lambda: server.run(sockets=[listening])


def granian() -> Running:
    """granian, inside of this process."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Server(
        application, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False
    )
    return port, lambda: asyncio.run(server.serve())


def waitress() -> Running:
    """waitress, with its threads."""
    from waitress.server import create_server

    def wsgi(environ: Any, start: Any) -> list[bytes]:
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        body = environ["wsgi.input"].read()
        request = HTTPRequest(environ["REQUEST_METHOD"], environ["PATH_INFO"], headers, body)
        response = answer(request)
        length = ("content-length", str(len(response.body)))
        start(f"{response.status} OK", [*response.headers.items(), length])
        return [response.body]

    server: Any = create_server(wsgi, host="127.0.0.1", port=0, connection_limit=1000)
    return server.effective_port, server.run


SERVERS = {
    server.__name__: server
    for server in (fake, ours, asyncio_h11, aiohttp, uvicorn, granian, waitress)
}


TITLES = {"fake": "the fake, GetBackend", "ours": "no-op on the fake's sockets"}


def serve(name: str) -> None:
    """Be one of the servers; say the processor time that was used whenever a line is read."""
    import botocore.session  # noqa: F401  # only for its memory and time: a user's program has it

    print("begun", flush=True)
    port, run = SERVERS[name]()
    print(port, flush=True)

    def report() -> None:
        for _ in sys.stdin:
            used = resource.getrusage(resource.RUSAGE_SELF)
            print(used.ru_utime + used.ru_stime, flush=True)

    threading.Thread(target=report, daemon=True).start()
    run()


def connected(port: int) -> socket.socket:
    """A connection to a server, as soon as it takes one."""
    while True:
        try:
            made = socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.001)
        else:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made


def first_answer(port: int) -> bytes:
    """The last bytes of a server's answer, all of whose answers end alike."""
    with connected(port) as connection, connection.makefile("rb") as answer:
        connection.sendall(REQUEST.replace(b"PORT", b"%d" % port))
        assert b" 200 " in answer.readline()
        while (line := answer.readline().lower()) != b"\r\n":
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return answer.read(length)[-8:]


def load(port: int, connections: int, ending: bytes) -> list[float]:
    """Ask over so many connections at once; gives the seconds that each answer took, sorted."""
    took, sent = [], {}
    before, after = REQUEST.replace(b"PORT", b"%d" % port).split(b"0123456789abcdef")
    numbers = itertools.count()

    def send(one: Any) -> None:
        # Every signature is another, as those of real requests are.
        sent[one] = time.perf_counter()
        one.send(b"%s%016x%s" % (before, next(numbers), after))

    with selectors.DefaultSelector() as selector:
        for _ in range(connections):
            selector.register(connected(port), selectors.EVENT_READ)
        begun = time.perf_counter()
        for key in selector.get_map().values():
            send(key.fileobj)
        while time.perf_counter() < begun + SECONDS:
            for key, _ in selector.select(1):
                one: Any = key.fileobj
                if one.recv(65536).endswith(ending):  # else head and body come apart
                    took.append(time.perf_counter() - sent[one])
                    send(one)
        for key in list(selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]  # they are sockets
    return sorted(took)


@dataclass(frozen=True)
class Round:
    """Some load on a server: microseconds of its processor a request, and milliseconds of time."""

    processor: float
    rate: float
    median: float
    late: float
    """The 99th of a hundred."""

    def cell(self) -> str:
        """The figures, for a table."""
        times = f"{self.median:.2g} and {self.late:.2g} ms"
        return f"{self.processor:.0f} µs, {self.rate:,.0f}/s, {times}"


@dataclass(frozen=True)
class Measured:
    """A server's milliseconds to its first answer, and its best round by number of connections."""

    start: float
    rounds: dict[int, Round]

    def row(self, name: str) -> str:
        """The row of the table."""
        cells = " | ".join(one.cell() for one in self.rounds.values())
        return f"| {TITLES.get(name, name)} | {self.start:.0f} ms | {cells} |"


def measured(name: str) -> Measured | None:
    """A server by some rounds, of which the best counts: others use the machine as well."""
    process = subprocess.Popen(
        [sys.executable, __file__, name],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    asking: Any = process.stdin
    said: Any = process.stdout
    said.readline()
    begun = time.perf_counter()
    line = said.readline()
    if not line:
        return None
    ending = first_answer(port := int(line))
    start = (time.perf_counter() - begun) * 1e3

    def used() -> float:
        asking.write("\n")
        asking.flush()
        return float(said.readline())

    def one_round(connections: int) -> Round:
        before = used()
        took = load(port, connections, ending)
        return Round(
            1e6 * (used() - before) / len(took),
            len(took) / SECONDS,
            1e3 * statistics.median(took),
            1e3 * took[int(len(took) * 0.99)],
        )

    load(port, 1, ending)
    rounds = {
        number: min((one_round(number) for _ in range(ROUNDS)), key=lambda one: one.processor)
        for number in CONNECTIONS
    }
    process.kill()
    process.wait()
    return Measured(start, rounds)


def goals(whole: Measured, no_op: Measured) -> str:
    """What the fake's server is to keep, and what was measured."""
    alone = max(one.processor for one in whole.rounds.values())
    above = max(whole.rounds[n].processor - no_op.rounds[n].processor for n in CONNECTIONS)
    busiest = whole.rounds[CONNECTIONS[-1]]
    rows = (
        ("processor time of a request, at most", f"{alone:.0f} µs", "60 µs"),
        ("the same above a no-op on its sockets", f"{above:.0f} µs", "35 µs"),
        (
            f"99th percentile to median, {CONNECTIONS[-1]} connections",
            f"{busiest.late / busiest.median:.1f}",
            "5",
        ),
        ("start to first answer, imports included", f"{whole.start:.0f} ms", "60 ms"),
    )
    head = "| the fake's server | measured | goal: at most |\n| --- | --- | --- |"
    return "\n".join([head, *(f"| {' | '.join(row)} |" for row in rows)])


def main() -> None:
    """Measure every server and print the tables."""
    columns = [f"{number} connection{'s' * (number > 1)}" for number in CONNECTIONS]
    print(f"| server | start to first answer | {' | '.join(columns)} |")
    print("| --- " * (len(columns) + 2) + "|")
    found = {}
    for name in SERVERS:
        one = measured(name)
        if one is None:
            print(f"| {name} | not installed | | | |")
        else:
            found[name] = one
            print(one.row(name), flush=True)
    print(f"\n{goals(found['fake'], found['ours'])}")


if __name__ == "__main__":
    serve(sys.argv[1]) if len(sys.argv) > 1 else main()
