"""The server: clients that are slow, broken or hostile."""

from __future__ import annotations

import contextlib
import json
import socket

import pytest

pytest.importorskip("httptools")

from http_client import Raw

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports import codec, http1
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.server import Server

DETAILS = "/backend/d1abc/details"


def test_pipelined_requests_are_answered_in_order(raw: Raw) -> None:
    head = f"POST {DETAILS} HTTP/1.1\r\nHost: {raw.host}\r\nContent-Length: %d\r\n\r\n%s"
    bodies = ["{}", "[]", '{"backendEnvironmentName": "dev"}', "{", "{}"]
    raw.send("".join(head % (len(body), body) for body in bodies).encode())
    assert [raw.answer()[0] for _ in bodies] == [200, 400, 200, 400, 200]


def test_slow_and_silent_clients_keep_nobody_waiting(server: Server) -> None:
    begun = [
        b"",
        b"P",
        b"POST /backend HTTP/1.1\r\nHo",
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{",
    ]
    slow = [Raw(server.url) for _ in range(60)]
    for number, one in enumerate(slow):
        one.send(begun[number % len(begun)])
    with Raw(server.url) as raw:
        for _ in range(20):
            assert raw.ask("POST", DETAILS, b"{}")[0] == 200
    slow[0].request("POST", DETAILS, b"{}")  # it is still served
    assert slow[0].answer()[0] == 200
    for one in slow:
        one.close()


def test_a_request_byte_by_byte(raw: Raw) -> None:
    text = f"POST {DETAILS} HTTP/1.1\r\nHost: {raw.host}\r\nContent-Length: 2\r\n\r\n{{}}"
    for char in text:
        raw.send(char.encode())
    assert raw.answer()[0] == 200


def test_a_client_that_is_done_sending_still_gets_its_answer_or_an_end(raw: Raw) -> None:
    raw.request("POST", DETAILS, b"{}")
    status = raw.answer()[0]
    raw.socket.shutdown(socket.SHUT_WR)
    assert status == 200
    assert raw.at_end()


def test_a_client_that_leaves_in_the_middle(server: Server) -> None:
    for data in (b"POST /backend HTTP/1.1\r\nContent-Length: 50\r\n\r\n{", b"GET", b""):
        with Raw(server.url) as leaving:
            leaving.send(data)
    with Raw(server.url) as raw:
        assert raw.ask("POST", DETAILS, b"{}")[0] == 200


def test_a_client_that_reads_nothing(server: Server) -> None:
    with Raw(server.url) as greedy, Raw(server.url) as raw:
        request = f"POST /x HTTP/1.1\r\nHost: {greedy.host}\r\n\r\n".encode()
        greedy.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            for _ in range(2000):
                greedy.socket.send(request * 20)
        assert raw.ask("POST", DETAILS, b"{}")[0] == 200


MALFORMED = {
    "no http": b"hello\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "lower-case method": b"get / HTTP/1.1\r\n\r\n",
    "bad header": b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    "folded first": b"GET / HTTP/1.1\r\n folded: x\r\n\r\n",
    "length no number": b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    "length negative": b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "length of 5000 digits": b"POST / HTTP/1.1\r\nContent-Length: %b\r\n\r\n" % (b"9" * 5000),
    "two lengths": b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "bad chunk": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "raw characters": "GET /é HTTP/1.1\r\n\r\n".encode(),
    "bare cr": b"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_requests(server: Server, name: str) -> None:
    with Raw(server.url) as raw:
        raw.send(MALFORMED[name])
        status, headers, body = raw.answer()
        assert (status, headers["x-amzn-errortype"]) == (400, "BadRequestException")
        assert json.loads(body) == {"message": "Bad Request"}
        assert raw.at_end()


@pytest.mark.parametrize("start", ["HEAD /\xb9", "\r\nHEAD /\x01", "HEAD / HTTP/9"])
def test_a_malformed_head_has_no_body(server: Server, start: str) -> None:
    with Raw(server.url) as raw:
        raw.send(f"{start}\r\n\r\n".encode("latin-1"))
        assert raw.answer(head=True)[0] == 400
        assert raw.at_end()


@pytest.mark.parametrize("header", ["GET / HTTP/1.1\r\nA: ", "GET /"])
def test_huge_headers(server: Server, header: str) -> None:
    with Raw(server.url) as raw:
        raw.send(header.encode())
        try:
            for _ in range(80):
                raw.send(b"a" * 1024)
            status, _, body = raw.answer()
        except ConnectionError:
            pass  # it has answered and closed before everything was sent
        else:
            assert (status, json.loads(body)) == (
                431,
                {"message": "Request Header Fields Too Large"},
            )
    with Raw(server.url) as raw:
        assert raw.ask("POST", DETAILS, b"{}")[0] == 200


def test_the_size_of_a_head_is_its_own(raw: Raw) -> None:
    head = f"POST {DETAILS} HTTP/1.1\r\nHost: {raw.host}\r\nContent-Length: %d\r\n\r\n"
    large, small = ((head % size).encode() for size in (http1.LARGEST_HEADERS, 2))
    raw.send(large + b"{}".ljust(http1.LARGEST_HEADERS) + small[:40])
    assert raw.answer()[0] == 200
    raw.send(small[40:] + b"{}")
    assert raw.answer()[0] == 200


def test_thousands_of_pipelined_requests(raw: Raw) -> None:
    request = f"POST {DETAILS} HTTP/1.1\r\nHost: {raw.host}\r\nContent-Length: 2\r\n\r\n{{}}"
    raw.send(request.encode() * 3000)
    assert {raw.answer()[0] for _ in range(3000)} == {200}


def messages(*packets: bytes) -> list[int | bytes]:
    """The body of each request that comes in packets, or the status that rejects it."""
    reader = http1.Reader()
    for packet in packets:
        reader.feed(packet)
    contents = [message.content for message in reader.messages]
    return [one.status if isinstance(one, HTTPResponse) else one.body for one in contents]


def head(size: int, *lines: bytes) -> bytes:
    begun = b"\r\n".join([b"POST / HTTP/1.1", *lines, b"A: "])
    return begun.ljust(size - 4, b"a") + b"\r\n\r\n"


LARGEST = http1.LARGEST_HEADERS
STREAMS = {
    "largest head": (head(LARGEST), [b""]),
    "too large a head": (head(LARGEST + 1), [431]),
    "one header of 40 KB": (head(40_000), [b""]),
    "after a body": (
        head(100, b"Content-Length: 70000") + b"\r\n\r\n" * 17_500 + head(LARGEST),
        [b"\r\n\r\n" * 17_500, b""],
    ),
    "after chunks": (
        head(100, b"Transfer-Encoding: chunked") + b"4\r\n\r\n\r\n\r\n" * 9_000
        + b"0\r\nTrailer: x\r\n\r\n" + head(LARGEST) + head(LARGEST + 1),
        [b"\r\n\r\n" * 9_000, b"", 431],
    ),
    "after a declined protocol": (
        head(LARGEST, b"Connection: upgrade", b"Upgrade: h2c", b"Content-Length: 2") + b"{}"
        + head(LARGEST, b"Connection: upgrade", b"Upgrade: h2c") + head(LARGEST + 1),
        [b"{}", b"", 431],
    ),
}  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 4000, 33_000, 65_536, 1_000_000])
@pytest.mark.parametrize("name", STREAMS)
def test_packets_do_not_matter(name: str, size: int) -> None:
    stream, expected = STREAMS[name]
    packets = [stream[start : start + size] for start in range(0, len(stream), size)]
    assert messages(*packets) == expected


def test_other_transfer_encodings(raw: Raw) -> None:
    raw.request("POST", DETAILS, None, Transfer_Encoding="gzip")
    assert raw.answer()[0] == 501


def test_a_body_over_a_mebibyte(raw: Raw) -> None:
    status, body = raw.ask("POST", DETAILS, b" " * (codec.LARGEST_BODY + 1))
    assert (status, body) == (413, {"message": "Request Entity Too Large"})
    assert raw.ask("POST", DETAILS, b"{}")[0] == 200


def test_a_body_over_everything(server: Server) -> None:
    with Raw(server.url) as raw:
        raw.request("POST", DETAILS, None, Content_Length=str(2**40))
        status, _, body = raw.answer()
        assert (status, json.loads(body)) == (413, {"message": "Request Entity Too Large"})


@pytest.mark.parametrize(("length", "status"), [("0", 200), (None, 200), (str(2**40), 413)])
def test_who_expects_to_go_on_with_no_body_is_answered(
    raw: Raw, length: str | None, status: int
) -> None:
    raw.request("POST", DETAILS, None, Content_Length=length, Expect="100-continue")
    assert raw.answer()[0] == status


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost", "", None,
     "127.0.0.1:{port}@evil.example", "evil@127.0.0.1:{port}", "127.0.0.1:{port}x", "[::1", "\xe9",
     "127.0.0.1:{port}/", "127.0.0.1.evil.example:{port}", "10.0.0.1:{port}"],
)  # fmt: skip
def test_other_hosts_are_refused(raw: Raw, served: FakeAmplifyBackend, host: str | None) -> None:
    port = raw.host.partition(":")[2]
    status, body = raw.ask("POST", DETAILS, b"{}", Host=host and host.format(port=port))
    assert (status, body) == (403, {"message": "Forbidden"})
    assert len(served.calls) == 0


@pytest.mark.parametrize(
    "host", ["127.0.0.1:{port}", "localhost:{port}", "LocalHost.:{port}", "[::1]:{port}"]
)
def test_own_hosts_are_served(raw: Raw, host: str) -> None:
    host = host.format(port=raw.host.partition(":")[2])
    assert raw.ask("POST", DETAILS, b"{}", Host=host)[0] == 200


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("fake.test", "fake.test:8000"),
        ("Fake.test", "fake.TEST"),
        ("fake.test:8000", "fake.test:8000"),
    ],
)
def test_names_that_were_allowed(served: FakeAmplifyBackend, allowed: str, host: str) -> None:
    with served.serve(allowed_hosts=[allowed]) as server, Raw(server.url) as raw:
        assert raw.ask("POST", DETAILS, b"{}", Host=host)[0] == 200
        assert raw.ask("POST", DETAILS, b"{}", Host="other.test:8000")[0] == 403
