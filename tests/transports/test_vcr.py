"""Fakes inside cassettes of vcrpy, and cassettes inside fakes."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors

vcr = pytest.importorskip("vcr")

REAL = "amplifybackend.us-east-1.amazonaws.com"
STDLIB = http.client.HTTPConnection
STOPPED = "stopped before the socket"


class _Pong(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.hits += 1  # type: ignore[attr-defined]  # of the server below
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"pong")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def elsewhere() -> Iterator[ThreadingHTTPServer]:
    """A server that is none of AWS, for a cassette to record."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pong) as listening:
        listening.hits = 0  # type: ignore[attr-defined]  # counted above
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


@pytest.fixture
def cassette(tmp_path: Path) -> str:
    return str(tmp_path / "cassette.yaml")


def _ping(elsewhere: Any) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", elsewhere.server_port)
    try:
        connection.request("GET", "/ping")
        return connection.getresponse().read()
    finally:
        connection.close()


def _stopped(use: Any) -> None:
    with pytest.raises(errors.UnservedRequest, match=STOPPED):
        use()


def _post() -> None:
    connection = http.client.HTTPSConnection(REAL)
    connection.request("POST", "/backend/d1/details", body=b"{}")
    connection.getresponse()  # in a cassette, the request is not sent before


def _tunnel() -> None:
    http.client.HTTPSConnection("127.0.0.1", 1).set_tunnel(REAL)


def _stdlib() -> None:
    STDLIB(REAL).request("GET", "/")


@pytest.mark.parametrize("transport", ["stubber", "wire"])
def test_a_fake_inside_a_cassette(
    cassette: str, elsewhere: Any, new_client, served_by, transport: Any
) -> None:
    before = dict(vars(STDLIB))
    client = new_client()
    with vcr.use_cassette(cassette):
        assert http.client.HTTPConnection is not STDLIB
        with FakeAmplifyBackend(transport=transport) as fake:
            fake.add_app("d1abc")
            assert served_by(client) == ["dev"]
            assert served_by(new_client()) == ["dev"]
            for use in (_post, _tunnel, _stdlib):
                _stopped(use)
            assert _ping(elsewhere) == b"pong"
        assert _ping(elsewhere) == b"pong"
    assert dict(vars(STDLIB)) == before
    assert http.client.HTTPConnection is STDLIB


@pytest.mark.parametrize("transport", ["stubber", "wire"])
def test_a_cassette_inside_a_fake(
    cassette: str, elsewhere: Any, new_client, served_by, transport: Any
) -> None:
    before = dict(vars(STDLIB))
    client = new_client()
    with FakeAmplifyBackend(transport=transport) as fake:
        fake.add_app("d1abc")
        with vcr.use_cassette(cassette) as tape:
            assert served_by(client) == ["dev"]
            for use in (_post, _stdlib):
                _stopped(use)
            assert _ping(elsewhere) == b"pong"
        assert len(tape.requests) == 1  # nothing of the fake's is recorded
        _stopped(_post)
    with vcr.use_cassette(cassette, record_mode="none"), FakeAmplifyBackend():
        assert _ping(elsewhere) == b"pong"
    assert elsewhere.hits == 1
    assert dict(vars(STDLIB)) == before


def test_they_overlap(cassette: str, new_client, served_by) -> None:
    before = dict(vars(STDLIB))
    fake, client = FakeAmplifyBackend(), new_client()
    fake.add_app("d1abc")
    with vcr.use_cassette(cassette):
        fake.activate()
    assert served_by(client) == ["dev"]
    _stopped(_stdlib)
    with vcr.use_cassette(cassette):
        fake.deactivate()
    assert dict(vars(STDLIB)) == before


def test_a_served_fake_inside_a_cassette(cassette: str) -> None:
    pytest.importorskip("httptools")
    fake = FakeAmplifyBackend()
    with vcr.use_cassette(cassette, ignore_localhost=True), fake.serve() as server:
        assert server.url.startswith("http://127.0.0.1:")
        _stopped(_post)


def test_the_fixtures_with_pytest_recording(pytester: pytest.Pytester) -> None:
    pytest.importorskip("pytest_recording")
    pytester.makepyfile(
        """
        import boto3, pytest

        @pytest.mark.vcr
        def test_it(amplifybackend):
            amplifybackend.add_app("d1abc")
            client = boto3.client("amplifybackend", region_name="us-east-1")
            assert client.get_backend(AppId="d1abc")["BackendEnvironmentList"] == ["dev"]

        @pytest.mark.block_network
        def test_blocked(amplifybackend, amplifybackend_client):
            amplifybackend.add_app("d1abc")
            assert amplifybackend_client.get_backend(AppId="d1abc")["AppId"] == "d1abc"
        """
    )
    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=2)
