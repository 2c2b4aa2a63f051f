"""What a call to the server costs, next to the bare server and to moto's.

Run ``python benchmarks/over_http.py``; it prints Markdown. One client keeps one connection. Other
servers: ``servers.py``.
"""

from __future__ import annotations

import http.client
import json
import logging
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


def on_the_wire() -> Ratio:
    """GetBackendJob through ``wire``, against a handler that answers every request the same."""
    import io

    from botocore.awsrequest import AWSResponse

    from pytest_amplifybackend._transports import isolated_client

    class Raw(io.BytesIO):
        def stream(self, **_: Any) -> Iterator[bytes]:
            yield self.read()

    at = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
    fake = FakeAmplifyBackend(transport="wire")
    client: Any = fake.client()
    params = {**at, "JobId": client.create_backend(**at, AppName="a")["JobId"]}
    answer = client.get_backend_job(**params)
    headers = answer.pop("ResponseMetadata")["HTTPHeaders"]
    body = json.dumps({f"{name[:1].lower()}{name[1:]}": answer[name] for name in answer}).encode()
    keys: dict[str, Any] = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    canned = isolated_client("us-east-1", **keys)
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
    """Measure and print the table."""
    rows = [on_the_wire()]
    with ExitStack() as stack:
        call, empty = stack.enter_context(ours()), stack.enter_context(bare())
        bare_server = "`GetBackendJob` / the bare server"
        rows.append(compare(bare_server, call, empty, goal="", calls=20, rounds=40))
        theirs = stack.enter_context(moto())
        by_moto = "`GetBackendJob` / moto"
        rows.append(compare(by_moto, call, theirs, goal="≤ 0.5", calls=20, rounds=40))
    print(HEAD)
    print("\n".join(ratio.row() for ratio in rows))


if __name__ == "__main__":
    main()
