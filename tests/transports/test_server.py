"""The server: real sockets, clients that behave and clients that do not."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("waitress")

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from http_client import Raw, close_client

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend.transports import codec
from pytest_amplifybackend.transports.server import Server

DETAILS = "/backend/d1abc/details"


@pytest.fixture
def served() -> FakeAmplifyBackend:
    """A fake with one app, not active."""
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc")
    return fake


@pytest.fixture
def server(served: FakeAmplifyBackend) -> Iterator[Server]:
    with served.serve() as server:
        yield server


@pytest.fixture
def raw(server: Server) -> Iterator[Raw]:
    with Raw(server.url) as raw:
        yield raw


@pytest.fixture
def client(server: Server, new_client: Callable[..., Any]) -> Any:
    """A boto client that goes to the server, and tries once."""
    from botocore.config import Config

    config = Config(retries={"total_max_attempts": 1}, read_timeout=0.2)
    client = new_client(endpoint_url=server.url, config=config)
    yield client
    close_client(client)


# ---------------------------------------------------------------- clients that behave


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
    assert set(headers) == {"content-type", "content-length", "date", "x-amzn-requestid"}
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
    assert raw.ask("POST", f"http://example.com{DETAILS}", b"{}")[0] == 403


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


def test_options_and_pages_of_this_machine(raw: Raw) -> None:
    raw.request("OPTIONS", DETAILS, Origin="http://localhost:3000")
    status, headers, _ = raw.answer()
    assert (status, headers["access-control-allow-origin"]) == (200, "*")
    for origin, allowed in [
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://evil.example", None),
        ("http://localhost.evil.example", None),
        ("null", None),
    ]:
        raw.request("POST", DETAILS, b"{}", Origin=origin)
        assert raw.answer()[1].get("access-control-allow-origin") == allowed


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


# ---------------------------------------------------------------- clients that do not


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
    "bad ipv6": b"GET http://[::1/x HTTP/1.1\r\n\r\n",
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


# ---------------------------------------------------------------- faults


def test_a_connection_reset(served: FakeAmplifyBackend, raw: Raw, client: Any) -> None:
    served.fail("GetBackend", errors.ConnectionReset(), times=2)
    raw.request("POST", DETAILS, b"{}")
    assert raw.at_end()
    with pytest.raises(ConnectionClosedError):
        client.get_backend(AppId="d1abc")
    assert client.get_backend(AppId="d1abc")["AppId"] == "d1abc"


def test_a_read_timeout(served: FakeAmplifyBackend, server: Server, client: Any) -> None:
    served.fail("GetBackend", errors.ReadTimeout(), times=2)
    with pytest.raises(ReadTimeoutError):
        client.get_backend(AppId="d1abc")
    with Raw(server.url) as hanging, Raw(server.url) as raw:
        hanging.request("POST", DETAILS, b"{}")
        hanging.request("POST", DETAILS, b"{}")  # nothing more is answered on this connection
        for _ in range(10):
            assert raw.ask("POST", DETAILS, b"{}")[0] == 200
        hanging.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            hanging.socket.recv(1)


def test_a_server_stops_while_a_client_waits(served: FakeAmplifyBackend) -> None:
    served.fail("GetBackend", errors.ReadTimeout())
    with served.serve() as server:
        hanging, idle = Raw(server.url), Raw(server.url)
        hanging.request("POST", DETAILS, b"{}")
        assert idle.ask("POST", "/s3Buckets", b"{}")[0] == 200
    assert hanging.at_end()
    assert idle.at_end()
    hanging.close()
    idle.close()


def test_a_garbled_response(served: FakeAmplifyBackend, raw: Raw, client: Any) -> None:
    served.fail("GetBackend", errors.GarbledResponse(), times=2)
    raw.request("POST", DETAILS, b"{}")
    status, _, body = raw.answer()
    assert status == 200
    with pytest.raises(ValueError, match=r"(?i)expect|unterminated|delimiter"):
        json.loads(body)
    assert set(client.get_backend(AppId="d1abc")) == {"ResponseMetadata"}  # botocore is lenient


def test_modelled_and_observed_errors() -> None:
    for style, code in [
        ("modeled", "NotFoundException"),
        ("observed", "ResourceNotFoundException"),
    ]:
        with FakeAmplifyBackend(errors=style).serve() as server, Raw(server.url) as raw:
            status, body = raw.ask("POST", DETAILS, b"{}")
            assert (status, body["code"]) == (404, code)


def test_what_an_override_raises_is_raised_at_the_end(
    served: FakeAmplifyBackend, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Any) -> Any:
        raise ZeroDivisionError("in the test's own code")

    served.override("GetBackend", broken, times=1)
    server = served.serve()
    server.__enter__()
    with Raw(server.url) as raw:
        status, body = raw.ask("POST", DETAILS, b"{}")
        assert (status, sorted(body)) == (500, ["message"])
        assert "own code" not in body["message"]
        assert raw.ask("POST", DETAILS, b"{}")[0] == 200
    with pytest.raises(ZeroDivisionError, match="own code"):
        server.__exit__(None, None, None)
    assert "own code" in caplog.text


# ---------------------------------------------------------------- beginning and end


def open_sockets() -> int:
    gc.collect()
    return len(list(os.scandir("/proc/self/fd")))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts what /proc shows")
def test_nothing_is_left_behind(served: FakeAmplifyBackend) -> None:
    with served.serve():
        pass  # the first time imports modules
    before, threads = open_sockets(), threading.active_count()
    for _ in range(5):
        with served.serve() as server:
            kept = [Raw(server.url) for _ in range(3)]
            assert kept[0].ask("POST", DETAILS, b"{}")[0] == 200
            kept[1].send(b"POST")
            for raw in kept:
                raw.close()
    assert threading.active_count() == threads
    assert open_sockets() == before


def test_a_port_is_free_again(served: FakeAmplifyBackend) -> None:
    with served.serve() as server, Raw(server.url) as raw:
        assert raw.ask("POST", DETAILS, b"{}")[0] == 200
        port = server.port
    with served.serve(port=port) as again, Raw(again.url) as raw:
        assert again.port == port
        assert raw.ask("POST", DETAILS, b"{}")[0] == 200
        with pytest.raises(OSError, match="in use"), served.serve(port=port):
            pass


def test_a_server_keeps_as_many_calls_as_it_is_told(served: FakeAmplifyBackend) -> None:
    with served.serve(keep_calls=3) as server, Raw(server.url) as raw:
        for number in range(9):
            raw.ask("POST", f"/backend/d{number}/details", b"{}")
            assert len(served.calls) <= 6
        kept = [call.params["AppId"] for call in served.calls]
    assert kept == ["d4", "d5", "d6", "d7", "d8"]


@pytest.mark.parametrize("keep", [0, -1, 1.5, True, "many"])
def test_a_number_of_calls_that_cannot_be(served: FakeAmplifyBackend, keep: Any) -> None:
    with pytest.raises(errors.UsageError, match="keep_calls is a whole number from 1"):
        served.serve(keep_calls=keep)


def test_two_servers_of_two_fakes(served: FakeAmplifyBackend) -> None:
    with served.serve() as one, FakeAmplifyBackend().serve() as two:
        with Raw(one.url) as raw:
            assert raw.ask("POST", DETAILS, b"{}")[0] == 200
        with Raw(two.url) as raw:
            assert raw.ask("POST", DETAILS, b"{}")[0] == 404


def test_stopping_waits_for_the_call_in_flight(served: FakeAmplifyBackend) -> None:
    answering, go_on = threading.Event(), threading.Event()

    def slow(_: Any) -> Any:
        answering.set()
        assert go_on.wait(20)
        return {"AppId": "d1abc"}

    served.override("GetBackend", slow)
    server = served.serve()
    server.__enter__()
    raw = Raw(server.url)
    raw.request("POST", DETAILS, b"{}")
    assert answering.wait(20)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    go_on.set()
    stopping.join(20)
    assert not stopping.is_alive()
    assert raw.answer()[0] == 200
    raw.close()
    server.__exit__(None, None, None)


def test_the_real_service_is_out_of_reach_meanwhile(server: Server) -> None:
    with pytest.raises(errors.UnservedRequest):
        socket.getaddrinfo("amplifybackend.us-east-1.amazonaws.com", 443)


def test_the_environment_for_other_programs(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("NO_PROXY", "intranet")
    found = {name: value for name, value in server.env.items() if name.startswith("AWS_")}
    assert found == {
        "AWS_ENDPOINT_URL_AMPLIFYBACKEND": server.url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    assert server.env["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert server.env["PATH"] == os.environ["PATH"]


def test_another_program(server: Server, served: FakeAmplifyBackend) -> None:
    pytest.importorskip("boto3", "1.28")  # the first that reads the variable
    program = (
        "import boto3; print(boto3.client('amplifybackend').get_backend(AppId='d1abc')['AppId'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=server.env, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("d1abc\n", "")
    assert served.calls[-1].transport == "server"


def test_without_waitress(served: FakeAmplifyBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pytest_amplifybackend.transports.listener", raising=False)
    monkeypatch.setitem(sys.modules, "waitress", None)
    wanted = r"^The server needs waitress: pip install 'pytest-amplifybackend\[http\]'$"
    with pytest.raises(errors.MissingExtra, match=wanted), served.serve():
        pass


def test_on_every_interface(served: FakeAmplifyBackend) -> None:
    with served.serve(host="0.0.0.0") as server:
        assert urlsplit(server.url).hostname == "127.0.0.1"
        with Raw(server.url) as raw:
            assert raw.ask("POST", DETAILS, b"{}", Host="10.1.2.3:9")[0] == 200
            assert raw.ask("POST", DETAILS, b"{}", Host="evil.example")[0] == 403
