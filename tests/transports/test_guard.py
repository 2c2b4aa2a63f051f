"""Nothing reaches AWS: what slips past the fake is stopped before the socket.

``test_egress.py`` tries every library; here is what it cannot try, and what an error says.
"""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors

REAL = "amplifybackend.us-east-1.amazonaws.com"
STOPPED = r"^A request for amplifybackend\.us-east-1\.amazonaws\.com was stopped before the socket"


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts that get as far as name look-up, which finds none of them."""
    hosts: list[str] = []

    def getaddrinfo(host: str, *_: object, **__: object) -> list[object]:
        hosts.append(host)
        raise socket.gaierror("no network in this test")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return hosts


@pytest.fixture
def guarded(resolved: list[str]) -> Iterator[list[str]]:
    """An active fake, above a machine without network."""
    with FakeAmplifyBackend():
        yield resolved


class _Ok(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_CONNECT = do_GET

    def log_message(self, *_: object) -> None: ...


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None: ...  # a client that hangs up is expected here


@pytest.fixture
def server() -> Iterator[tuple[str, int]]:
    """A server on this machine that says ok to everything, CONNECT included."""
    listening = _Server(("127.0.0.1", 0), _Ok)
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    yield "127.0.0.1", listening.server_port
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.mark.parametrize("host", [REAL, REAL.encode(), bytearray(REAL, "ascii")])
def test_a_name_look_up(guarded: list[str], host: Any) -> None:
    with pytest.raises(errors.UnservedRequest):
        socket.getaddrinfo(host, 443)
    assert guarded == []


@pytest.mark.parametrize("host", [REAL, f"{REAL}:443"])
@pytest.mark.usefixtures("guarded")
def test_a_tunnel_through_a_proxy(host: str) -> None:
    connection = http.client.HTTPSConnection("127.0.0.1", 1)
    with pytest.raises(errors.UnservedRequest, match="stopped before the socket"):
        connection.set_tunnel(host)


def test_a_tunnel_that_was_dug_before_the_activation(server: tuple[str, int]) -> None:
    connection = http.client.HTTPConnection(*server)
    connection.set_tunnel(REAL, 80)
    connection.connect()
    with FakeAmplifyBackend(), pytest.raises(errors.UnservedRequest, match=STOPPED):
        connection.request("GET", "/")
    connection.close()


def test_a_plain_proxy_is_asked_for_nothing_of_the_real_service(server: tuple[str, int]) -> None:
    connection = http.client.HTTPConnection(*server)
    with FakeAmplifyBackend(), pytest.raises(errors.UnservedRequest, match=STOPPED):
        connection.request("GET", f"http://{REAL}/backend")
    connection.close()


def test_a_connection_that_was_open_before_the_activation() -> None:
    ours, theirs = socket.socketpair()
    connection = http.client.HTTPConnection(REAL)
    connection.sock = ours
    with FakeAmplifyBackend(), pytest.raises(errors.UnservedRequest, match=STOPPED):
        connection.request("GET", "/")
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):  # nothing was written
        theirs.recv(1)
    connection.close()
    theirs.close()


def test_the_sentence_says_what_to_do(guarded: list[str]) -> None:
    with pytest.raises(errors.UnservedRequest) as caught:
        socket.getaddrinfo(REAL, 443)
    assert str(caught.value) == (
        "A request for amplifybackend.us-east-1.amazonaws.com was stopped before the socket: a "
        "FakeAmplifyBackend is active, but it did not serve this caller. In this process only "
        "clients of botocore and boto3 are served: let the program send to the URL of the fixture "
        "'amplifybackend_server', or of fake.serve()."
    )
    assert guarded == []


@pytest.mark.parametrize("host", ["example.com", "amplify.us-east-1.amazonaws.com"])
def test_other_hosts_are_looked_up_as_ever(guarded: list[str], host: str) -> None:
    with pytest.raises(OSError, match="no network"):
        socket.getaddrinfo(host, 443)
    assert guarded == [host]


def test_this_machine_is_reached_as_ever(server: tuple[str, int]) -> None:
    with FakeAmplifyBackend():
        connection = http.client.HTTPConnection(*server)
        for _ in range(2):  # the second over the open connection
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"ok"
        connection.close()


def test_a_fake_that_was_active_stops_nothing(resolved: list[str]) -> None:
    with FakeAmplifyBackend():
        pass
    with pytest.raises(OSError, match="no network"):
        socket.create_connection((REAL, 443))
    assert resolved == [REAL]
