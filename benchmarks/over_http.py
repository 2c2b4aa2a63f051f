"""What a call to the server costs, next to the bare server, to moto's server and to others.

Run ``python benchmarks/over_http.py``; it prints Markdown. One client keeps one connection.
"""

from __future__ import annotations

import http.client
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from measure import HEAD, Ratio, compare

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.listener import Listener

Call = Callable[[], object]
JOB = "/backend/d1abc/job/dev/{}"
HELLO = b'{"hello": "world"}'


def hello(_: Any, start: Any) -> list[bytes]:
    """The least that a WSGI application can answer."""
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(HELLO)))]
    start("200 OK", headers)
    return [HELLO]


def keeping(port: int, path: str, **headers: str) -> Call:
    """A GET over one connection that stays open."""
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def call() -> None:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status

    return call


@contextmanager
def bare() -> Iterator[Call]:
    """The server's own sockets with nothing behind them."""
    answer = HTTPResponse(200, {"content-type": "application/json"}, HELLO)
    listener = Listener(lambda _: answer, "127.0.0.1", 0)
    listener.start()
    yield keeping(listener.port, "/")
    listener.stop()


@contextmanager
def ours() -> Iterator[Call]:
    """GetBackendJob of the fake's server."""
    fake = FakeAmplifyBackend()
    job = fake.call(
        "CreateBackend", {"AppId": "d1abc", "AppName": "a", "BackendEnvironmentName": "dev"}
    )
    with fake.serve() as server:
        yield keeping(server.port, JOB.format(job["JobId"]))


@contextmanager
def moto() -> Iterator[Call]:
    """A comparable read, of one AppSync API, of moto's server."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    scope = "AWS4-HMAC-SHA256 Credential=a/20240101/us-east-1/appsync/aws4_request, Signature=b"
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = json.dumps({"name": "api", "authenticationType": "API_KEY"})
    connection.request("POST", "/v1/apis", body, {"Authorization": scope})
    made = json.load(connection.getresponse())["graphqlApi"]["apiId"]
    yield keeping(port, f"/v1/apis/{made}", Authorization=scope)
    server.stop()


@contextmanager
def waitress_threads() -> Iterator[Call]:
    """waitress as it comes, with four threads."""
    from waitress.server import create_server

    server: Any = create_server(hello, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield keeping(server.effective_port, "/")


@contextmanager
def cheroot() -> Iterator[Call]:
    """cheroot's WSGI server."""
    from cheroot.wsgi import Server

    server = Server(("127.0.0.1", 0), hello)
    server.prepare()
    threading.Thread(target=server.serve, daemon=True).start()
    yield keeping(server.bind_addr[1], "/")
    server.stop()


@contextmanager
def werkzeug() -> Iterator[Call]:
    """werkzeug's server with threads and HTTP/1.1."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_request(self, *_: Any) -> None: ...

    server = make_server("127.0.0.1", 0, hello, threaded=True, request_handler=Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield keeping(server.port, "/")
    server.shutdown()


@contextmanager
def uvicorn() -> Iterator[Call]:
    """uvicorn with asyncio and h11, which are pure Python too."""
    import uvicorn as library

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", str(len(HELLO)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": HELLO})

    config = library.Config(
        app, port=0, http="h11", loop="asyncio", lifespan="off", log_config=None, access_log=False
    )
    server = library.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield keeping(server.servers[0].sockets[0].getsockname()[1], "/")
    server.should_exit = True


def on_the_wire() -> Ratio:
    """GetBackendJob through ``wire``, against a handler that answers every request the same."""
    import io

    from botocore.awsrequest import AWSResponse

    from pytest_amplifybackend._transports.clients import hermetic_client

    class Raw(io.BytesIO):
        def stream(self, **_: Any) -> Iterator[bytes]:
            yield self.read()

    at = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
    fake = FakeAmplifyBackend(transport="wire")
    client = fake.client()
    params = {**at, "JobId": client.create_backend(**at, AppName="a")["JobId"]}
    answer = client.get_backend_job(**params)
    headers = answer.pop("ResponseMetadata")["HTTPHeaders"]
    body = json.dumps({f"{name[:1].lower()}{name[1:]}": answer[name] for name in answer}).encode()
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    canned = hermetic_client("us-east-1", **keys)
    url = "https://amplifybackend.us-east-1.amazonaws.com/"
    canned.meta.events.register(
        "before-send", lambda **_: AWSResponse(url, 200, headers, Raw(body))
    )
    assert canned.get_backend_job(**params)["JobId"] == params["JobId"]
    signed = fake.client(**keys)
    return compare(
        "`GetBackendJob` on `wire` / a no-op `before-send` handler",
        lambda: signed.get_backend_job(**params),
        lambda: canned.get_backend_job(**params),
        goal="≤ 1.15",
        calls=20,
    )


def main() -> None:
    """Measure everything that is installed and print the table."""
    rows = [on_the_wire()]
    with ExitStack() as stack:
        call, empty = stack.enter_context(ours()), stack.enter_context(bare())
        plan = {"calls": 20, "rounds": 40}
        rows.append(compare("`GetBackendJob` / the bare server", call, empty, goal="", **plan))
        for other in (moto, waitress_threads, cheroot, uvicorn, werkzeug):
            try:
                theirs = stack.enter_context(other())
            except ImportError as error:
                print(f"- {other.__name__} is left out: {error}.")
                continue
            goal = "≤ 0.5" if other is moto else ""
            mine, name = (call, "GetBackendJob") if other is moto else (empty, "bare server")
            rows.append(compare(f"{name} / {other.__name__}", mine, theirs, goal=goal, **plan))
    print(HEAD)
    print("\n".join(ratio.row() for ratio in rows))


if __name__ == "__main__":
    main()
