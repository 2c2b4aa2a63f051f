"""The server: real sockets, and clients that behave."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

pytest.importorskip("httptools")

from http_client import Raw, close_client

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports.server import Server

DETAILS = "/backend/d1abc/details"


def test_a_boto_client(server: Server, new_client: Callable[..., Any]) -> None:
    client = new_client(endpoint_url=server.url, region_name="eu-west-1")
    job = client.create_backend(AppId="d2new", AppName="shop", BackendEnvironmentName="dev")
    names = {name: job[name] for name in ("AppId", "BackendEnvironmentName", "JobId")}
    assert client.get_backend_job(**names)["Status"] == "COMPLETED"
    with pytest.raises(client.exceptions.NotFoundException, match="does not exist"):
        client.get_backend(AppId="d2new", BackendEnvironmentName="prod")
    last = server.fake.calls[-1]
    assert (last.operation, last.transport, last.region) == ("GetBackend", "server", "eu-west-1")
    close_client(client)


def test_one_connection_serves_many_calls(raw: Raw) -> None:
    for _ in range(50):
        status, body = raw.ask("POST", DETAILS, b"{}")
        assert (status, body["backendEnvironmentList"]) == (200, ["dev"])


def test_headers_of_an_answer(raw: Raw, served: FakeAmplifyBackend) -> None:
    raw.request("POST", DETAILS, b"{}")
    status, headers, body = raw.answer()
    assert status == 200
    assert set(headers) == {"content-type", "content-length", "date", "vary", "x-amzn-requestid"}
    assert headers["content-length"] == str(len(body))
    assert "2024" not in headers["date"]  # the fake's; clients would correct their clocks by it


@pytest.mark.parametrize(
    ("connection", "closed"), [("close", True), ("keep-alive", False), (None, False)]
)
def test_connections_end_when_the_client_says_so(
    raw: Raw, connection: str | None, closed: bool
) -> None:
    raw.request("POST", DETAILS, b"{}", Connection=connection)
    assert raw.answer()[0] == 200
    if closed:
        assert raw.at_end()
    else:
        assert raw.ask("POST", DETAILS, b"{}")[0] == 200


def test_an_old_client(raw: Raw) -> None:
    raw.send(
        f"POST {DETAILS} HTTP/1.0\r\nHost: {raw.host}\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    )
    assert raw.answer()[0] == 200
    assert raw.at_end()


def test_another_protocol_is_declined(raw: Raw) -> None:
    offer = f"POST {DETAILS} HTTP/1.1\r\nHost: {raw.host}\r\nConnection: Upgrade, HTTP2-Settings"
    raw.send(f"{offer}\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n{{}}".encode() * 2000)
    raw.request("POST", DETAILS, b"{}")
    assert {raw.answer()[0] for _ in range(2001)} == {200}
    raw.request("CONNECT", "aws.example:443", b"{}")  # what follows is of no known length
    assert raw.answer()[0] == 403
    assert raw.at_end()


@pytest.mark.parametrize(("version", "connection"), [("1.1", "Upgrade, close"), ("1.0", "Upgrade")])
def test_connections_end_where_another_protocol_is_declined(
    raw: Raw, version: str, connection: str
) -> None:
    head = f"POST {DETAILS} HTTP/{version}\r\nHost: {raw.host}\r\nConnection: {connection}"
    raw.send(f"{head}\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n{{}}".encode())
    status, headers, _ = raw.answer()
    assert (status, headers["connection"]) == (200, "close")
    assert raw.at_end()


def test_a_head_request_has_no_body(raw: Raw) -> None:
    raw.request("HEAD", DETAILS)
    status, headers, _ = raw.answer(head=True)
    assert (status, headers["x-amzn-errortype"]) == (403, "MissingAuthenticationTokenException")
    assert raw.ask("POST", DETAILS, b"{}")[0] == 200  # what comes next is the next answer


def test_chunks_and_continue(raw: Raw) -> None:
    raw.request("POST", DETAILS, None, Transfer_Encoding="chunked", Expect="100-continue")
    assert raw.answer()[0] == 100
    raw.send(b'2\r\n{"\r\n1f\r\nbackendEnvironmentName": "dev"}\r\n0\r\n\r\n')
    status, _, body = raw.answer()
    assert (status, json.loads(body)["backendEnvironmentName"]) == (200, "dev")


@pytest.mark.parametrize(
    ("sent", "seen"),
    [("a%2Fb", "a/b"), ("%25", "%"), ("%252F", "%2F"), (".", "."), ("..", ".."),
     ("a%2F%2Fb", "a//b"), ("%E6%97%A5", "日"), ("", ""), ("+", "+"), (";", ";"), ("%3F%23", "?#")],
)  # fmt: skip
def test_odd_ids_get_through(raw: Raw, served: FakeAmplifyBackend, sent: str, seen: str) -> None:
    raw.ask("POST", f"/prod//backend/{sent}/auth/dev/details", b'{"resourceName": "x"}')
    assert served.calls[-1].params["AppId"] == seen


def test_a_target_with_scheme_and_host(raw: Raw) -> None:
    assert raw.ask("POST", f"http://{raw.host}{DETAILS}", b"{}")[0] == 200
    for host in ("example.com", "[::1"):
        assert raw.ask("POST", f"http://{host}{DETAILS}", b"{}")[0] == 403


@pytest.mark.parametrize(
    ("scope", "region"),
    [
        ("Credential=a/20240101/eu-west-1/amplifybackend/aws4_request, Signature=x", "eu-west-1"),
        ("Credential=nonsense", "ap-south-1"),
        (None, "ap-south-1"),
    ],
)
def test_the_region_of_a_request(scope: str | None, region: str) -> None:
    fake = FakeAmplifyBackend(region="ap-south-1")
    with fake.serve() as server, Raw(server.url) as raw:
        header = None if scope is None else f"AWS4-HMAC-SHA256 {scope}"
        raw.ask("POST", "/s3Buckets", b"{}", Authorization=header)
    assert fake.calls[0].region == region


def test_the_region_of_the_host() -> None:
    fake = FakeAmplifyBackend()
    host = "amplifybackend.eu-north-1.amazonaws.com"
    with fake.serve(allowed_hosts=[host]) as server, Raw(server.url) as raw:
        assert raw.ask("POST", "/s3Buckets", b"{}", Host=host)[0] == 200
    assert fake.calls[0].region == "eu-north-1"


def test_eight_clients_at_once(served: FakeAmplifyBackend, server: Server) -> None:
    def work(number: int) -> None:
        with Raw(server.url) as raw:
            for call in range(25):
                name = f"{'abcdefgh'[number]}{'abcdefghijklmnopqrstuvwxyz'[call]}"
                body = {"appId": "d1abc", "appName": "x", "backendEnvironmentName": name}
                assert raw.ask("POST", "/backend", json.dumps(body).encode())[0] == 200

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    found = served.call("GetBackend", {"AppId": "d1abc"})["BackendEnvironmentList"]
    assert len(found) == 201
    assert len({job.id for job in served.jobs}) == 200
