"""Requests of every kind, sound, spoilt and of random bytes, sent to the server.

Whatever comes, the server answers in time or closes, never with a 5xx that nobody asked for, shows
no secret and does not grow. Most requests come from a seed: AMPLIFYBACKEND_TEST_FUZZ says how many,
200 unless it is set, or 20,000 in a full run; AMPLIFYBACKEND_TEST_FUZZ_SEED is where they begin.
For the figures of a long run: pytest -o log_cli=true -o log_cli_level=INFO.
Hypothesis finds small examples beside them, and sees that what is refused changes nothing.
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httptools")

from fuzzed import CONNECTIONS, ROUND, Fuzzer, serving
from http_client import Raw
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from volume import budget

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._transports import routes
from pytest_amplifybackend._transports.control import ACTIONS
from pytest_amplifybackend._transports.server import Server
from pytest_amplifybackend.strategies import requests

REQUESTS = int(os.environ.get("AMPLIFYBACKEND_TEST_FUZZ", budget(20_000, 200)))
SEED = int(os.environ.get("AMPLIFYBACKEND_TEST_FUZZ_SEED", "0"))
EXAMPLES = min(REQUESTS, 400)
ENOUGH = 2000
"""From how many requests on every operation has to come, and memory is looked at."""

MOST_GROWTH = 3.0
"""In MiB, from the middle of a run to its end."""

SERVERS = {
    "immediate": ("--jobs", "immediate"),
    "after reads": ("--jobs", "after_reads:1", "--errors", "observed"),
    "after seconds": ("--jobs", "after_seconds:60"),
    "manual, with a state file": ("--jobs", "manual", "--state", "{folder}/state"),
}
FUZZ: Any = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
JUNK: Any = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
SOUND = requests(app_ids=st.sampled_from(["d1abc", "d2"]))
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get"]
TYPES = ["application/json", "application/json; charset=utf-8", "text/plain", "", "a/b;c", "é"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    fake = FakeAmplifyBackend()
    fake.add_auth("d1abc")
    fake.add_api("d1abc")
    fake.add_storage("d1abc")
    failures = logging.handlers.BufferingHandler(1000)
    logger = logging.getLogger("asyncio")
    logger.addHandler(failures)
    with fake.serve() as server:
        yield server
    logger.removeHandler(failures)
    assert [record.getMessage() for record in failures.buffer] == []


def wire_request(operation: str, params: dict[str, Any]) -> tuple[str, str, Any]:
    """Method, path and JSON of a request, as botocore serialises it."""
    from botocore.serialize import create_serializer

    model = catalogue.service_model().operation_model(operation)
    made = create_serializer("rest-json").serialize_to_request(params, model)
    return made["method"], made["url_path"], json.loads(made["body"] or b"null")


def spoilt(draw: st.DrawFn, value: Any) -> Any:
    """A JSON value with junk somewhere in it."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(value)))
        return {**value, name: spoilt(draw, value[name])}
    if isinstance(value, dict) and draw(st.booleans()):
        return {**value, draw(st.text(max_size=8)): draw(JUNK)}
    return draw(JUNK)


@st.composite
def from_the_model(draw: st.DrawFn) -> tuple[str, str, bytes, dict[str, str]]:
    """A request of one of the operations, with up to three things wrong."""
    request = draw(SOUND)
    method, path, body = wire_request(request.operation, request.params)
    headers = {"Content-Type": "application/json"}
    wrong = draw(st.sets(st.sampled_from(["method", "path", "json", "bytes", "type"]), max_size=3))
    if "method" in wrong:
        method = draw(st.sampled_from(METHODS))
    if "path" in wrong:
        at = draw(st.integers(0, len(path)))
        piece = draw(st.sampled_from(["/", "//", "%", "%2F", "%00", "%ff", "?a=b", "#", "..", "é"]))
        path = f"{path[:at]}{piece}{path[at:]}"
    if "json" in wrong:
        body = spoilt(draw, body)
    data = b"" if body is None else json.dumps(body).encode()
    if "bytes" in wrong:
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=6)) + data[at + draw(st.integers(0, 3)) :]
    if "type" in wrong:
        headers["Content-Type"] = draw(st.sampled_from(TYPES))
    return method, path, data, headers


def sent(host: str, request: tuple[str, str, bytes, dict[str, str]]) -> bytes:
    method, path, data, headers = request
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(data)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + data


def answered(server: Server, data: bytes, *, head: bool = False) -> int | None:
    """Send bytes and give the status, None where the server closed; holds it to the promises."""
    before = server.fake.dump()
    with Raw(server.url) as raw:
        raw.send(data)
        with contextlib.suppress(OSError):  # the server was faster
            raw.socket.shutdown(socket.SHUT_WR)  # a request that is not whole will not become so
        try:
            status, headers, body = raw.answer(head=head)
        except (EOFError, ConnectionResetError):
            status = None
    if status is None or status >= 400:
        assert server.fake.dump() == before
    if status is not None:
        assert status < 500, (status, body)
        assert "Traceback" not in body.decode("utf-8", "replace")
        if body and headers.get("content-type", "").startswith("application/json"):
            json.loads(body)
    return status


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_under_fuzz(name: str, tmp_path: Path) -> None:
    options = [option.format(folder=tmp_path) for option in SERVERS[name]]
    count = REQUESTS // len(SERVERS) // 2
    hardly_ever = {"finish", "fail-job"} if name == "immediate" else set()
    with serving(tmp_path, *options) as process:
        before = process.descriptors()
        fuzzer = Fuzzer(process, SEED + list(SERVERS).index(name))
        with contextlib.closing(fuzzer):
            fuzzer.run(count)
            if count >= ENOUGH:
                _meet_all(fuzzer, hardly_ever)
            middle = process.memory()
            fuzzer.run(count)
            end, seconds, descriptors = process.memory(), process.seconds(), process.descriptors()
        said = process.end()
    logging.getLogger("fuzz").info(
        "%s: %d requests, %.0f us of the server's processor each, %.1f MiB in the middle, %.1f at "
        "the end, %s", name, fuzzer.sent, 1e6 * seconds / fuzzer.sent, middle, end,
        dict(sorted(fuzzer.statuses.items())),
    )  # fmt: skip
    assert said == b""
    assert descriptors <= before + CONNECTIONS + 1
    if count >= ENOUGH:
        assert end - middle < MOST_GROWTH


def _meet_all(fuzzer: Fuzzer, hardly_ever: set[str]) -> None:
    """Go on until each operation and action has succeeded, and so loaded all that it loads."""
    wanted = {*catalogue.operations(), *ACTIONS} - {"reset"} - hardly_ever
    for _ in range(10):
        if wanted <= fuzzer.succeeded:
            break
        fuzzer.run(ROUND)
    assert wanted - fuzzer.succeeded == set()


@settings(max_examples=EXAMPLES * 3 // 4, **FUZZ)
@given(request=from_the_model())
def test_requests_of_the_model_and_near_it(server: Server, request: Any) -> None:
    host = server.url.removeprefix("http://")
    status = answered(server, sent(host, request), head=request[0] == "HEAD")
    assert status is not None, "the server closed without an answer"
    if len(server.fake.jobs) > 200:  # keep the dump small
        server.fake.reset()
        server.fake.add_auth("d1abc")


@settings(max_examples=EXAMPLES // 4, **FUZZ)
@given(
    data=st.one_of(
        st.binary(min_size=1, max_size=200),
        st.builds(
            lambda head, tail: head + tail,
            st.sampled_from(
                [b"POST /s3Buckets HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"]
            ),
            st.binary(max_size=100),
        ),
    )
)
@example(data=b"\r\n\r\n")
@example(data=b"HEAD /\xb9 HTTP/1.1\r\nHost: a\r\n\r\n")
@example(data=b"POST /s3Buckets HTTP/1.1\r\nContent-Length: -1\r\n\r\n")
@example(
    data=b"POST /s3Buckets HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"
)
def test_random_bytes(server: Server, data: bytes) -> None:
    status = answered(server, data)
    assert status is None or 400 <= status < 500


def test_valid_requests_do_get_through(server: Server) -> None:
    """What the fuzz is worth: the requests that are not spoilt reach the service."""
    method, path, body = wire_request("GetBackend", {"AppId": "d1abc"})
    host = server.url.removeprefix("http://")
    request = (method, path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    before = len(server.fake.calls)
    server.fake.add_app("d1abc")
    assert answered(server, sent(host, request)) == 200
    assert len(server.fake.calls) == before + 1
    assert routes.route(method, path)[0] == "GetBackend"
