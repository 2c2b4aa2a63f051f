"""The server: pages in a browser, those of this machine and those of anybody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("httptools")

from http_client import Raw

from pytest_amplifybackend import FakeAmplifyBackend, progress
from pytest_amplifybackend._transports.server import Server

DETAILS = "/backend/d1abc/details"
EVIL = "https://evil.example"
NEW_APP = b'{"appId": "d2", "appName": "x", "backendEnvironmentName": "dev"}'

UNASKED = {
    "fetch, no-cors": ("POST", {"Content-Type": "text/plain;charset=UTF-8"}),
    "a blob without a type": ("POST", {"Content-Type": None}),
    "a beacon": ("POST", {"Content-Type": "text/plain;charset=UTF-8"}),
    "a beacon of a form": ("POST", {"Content-Type": "multipart/form-data; boundary=x"}),
    "a form": ("POST", {"Content-Type": "application/x-www-form-urlencoded"}),
    "a form of plain text": ("POST", {"Content-Type": "text/plain"}),
    "a ping": ("POST", {"Content-Type": "text/ping", "Ping-To": EVIL}),
    "an image": ("GET", {"Accept": "image/*", "Sec-Fetch-Dest": "image"}),
    "a link": ("GET", {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}),
    "a prefetch": ("GET", {"Sec-Purpose": "prefetch"}),
    "a HEAD": ("HEAD", {}),
    "a WebSocket": (
        "GET",
        {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "x" * 22 + "=="},
    ),
}
"""What a page makes a browser send that asks nobody first."""

FOREIGN = {
    "by Origin": {"Origin": EVIL},
    "by Origin, of a sandbox or a file": {"Origin": "null"},
    "by Origin, and what Chromium adds": {
        "Origin": EVIL,
        "Sec-Fetch-Site": "cross-site",
        "Referer": f"{EVIL}/",
    },
    "by Sec-Fetch-Site": {"Sec-Fetch-Site": "cross-site", "Origin": None},
    "by Sec-Fetch-Site and Referer": {"Sec-Fetch-Site": "cross-site", "Referer": f"{EVIL}/x"},
    "by Sec-Fetch-Site, of a sister": {"Sec-Fetch-Site": "same-site"},
    "by a Host that leads here": {"Host": "evil.example:{port}", "Sec-Fetch-Site": "same-origin"},
    "by that Host, its own origin": {
        "Host": "evil.example:{port}",
        "Origin": "http://evil.example:{port}",
    },
}


@pytest.fixture
def served() -> FakeAmplifyBackend:
    """A fake with one app and a job that each read moves on."""
    fake = FakeAmplifyBackend(jobs=progress.after_reads(1))
    fake.add_app("d1abc")
    clone = {"AppId": "d1abc", "BackendEnvironmentName": "dev", "TargetEnvironmentName": "test"}
    fake.call("CloneBackend", clone)
    return fake


def job_of(fake: FakeAmplifyBackend) -> str:
    return f"/backend/d1abc/job/test/{next(iter(fake.jobs)).id}"


def unasked_requests(fake: FakeAmplifyBackend, method: str) -> Iterator[tuple[str, bytes | None]]:
    """Targets and bodies: what a page would like to have done, or to read."""
    post = method == "POST"
    yield job_of(fake), b"" if post else None
    yield DETAILS, b"" if post else None
    yield "/backend/d1abc/remove", b"" if post else None
    yield "/backend", NEW_APP if post else None
    yield "/_amplifybackend/dump", b"" if post else None
    yield "/_amplifybackend/reset", b"" if post else None


@pytest.mark.parametrize("foreign", FOREIGN)
@pytest.mark.parametrize("unasked", UNASKED)
def test_a_foreign_page_changes_and_reads_nothing(
    served: FakeAmplifyBackend, raw: Raw, unasked: str, foreign: str
) -> None:
    before, calls = served.dump(), len(served.calls)
    unsafe: Any = UNASKED[unasked]
    method, headers = unsafe
    port = raw.host.rpartition(":")[2]
    told: Any = {
        name.replace("-", "_"): value and value.format(port=port)
        for name, value in (headers | FOREIGN[foreign]).items()
    }
    for target, body in unasked_requests(served, method):
        raw.request(method, target, body, **told)
        status, got, _ = raw.answer(head=method == "HEAD")
        assert status == 403
        assert got["vary"] == "Origin"
        assert not [name for name in got if name.startswith("access-control")]
    assert served.dump() == before
    assert len(served.calls) == calls


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_program_s_requests_of_that_kind_do_count(
    served: FakeAmplifyBackend, raw: Raw, method: str
) -> None:
    """What the refusals are worth: without these headers the state changes."""
    before = served.dump()
    for target, body in unasked_requests(served, method):
        raw.ask(method, target, body, Content_Type=None)
    assert served.dump() != before


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (
            {"Origin": EVIL},
            f"A page of {EVIL} asked for this. To let it in, start the server with --allow-origin "
            f"{EVIL}; in Python, with serve(allowed_origins=['{EVIL}']).",
        ),
        (
            {"Sec_Fetch_Site": "cross-site", "Referer": f"{EVIL}/a?b"},
            f"A page of {EVIL} asked for this. To let it in, start the server with --allow-origin "
            f"{EVIL}; in Python, with serve(allowed_origins=['{EVIL}']).",
        ),
        (
            {"Origin": "null"},
            "A page of another origin asked for this, and its browser does not say which one: it "
            "says 'null'. Serve the page from http://localhost, or from an origin that this "
            "server was started with (--allow-origin), and ask with fetch().",
        ),
    ],
)
def test_what_a_foreign_page_is_told(raw: Raw, page: dict[str, str], says: str) -> None:
    status, body = raw.ask("POST", DETAILS, b"{}", **page)
    assert (status, body) == (403, {"message": says})


def test_a_long_origin_is_not_repeated(raw: Raw) -> None:
    _, body = raw.ask("POST", DETAILS, b"{}", Origin="https://" + "e" * 20_000 + "/")
    assert len(body["message"]) < 500


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "https://127.0.0.1", "http://[::1]:1", "http://a.localhost"]
)
def test_pages_of_this_machine_may_read_answers(raw: Raw, origin: str) -> None:
    for site in (None, "cross-site", "same-site"):
        raw.request("POST", DETAILS, b"{}", Origin=origin, Sec_Fetch_Site=site)
        status, headers, _ = raw.answer()
        assert (status, headers["access-control-allow-origin"]) == (200, origin)
        assert headers["vary"] == "Origin"


def test_pages_of_an_origin_that_was_let_in(served: FakeAmplifyBackend) -> None:
    allowed = ["https://app.example", "http://10.0.0.5:3000"]
    with served.serve(allowed_origins=allowed) as server, Raw(server.url) as raw:
        for origin in allowed:
            raw.request("POST", DETAILS, b"{}", Origin=origin, Sec_Fetch_Site="cross-site")
            status, headers, _ = raw.answer()
            assert (status, headers["access-control-allow-origin"]) == (200, origin)
        for other in (f"{allowed[0]}:444", "http://app.example", "https://a.app.example", "null"):
            assert raw.ask("POST", DETAILS, b"{}", Origin=other)[0] == 403


def test_options_for_whom_they_are(raw: Raw) -> None:
    preflight = {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
        "access-control-allow-headers": "*",
    }
    for origin in (None, "http://localhost:3000"):
        raw.request("OPTIONS", DETAILS, Origin=origin)
        status, headers, _ = raw.answer()
        assert status == 200
        assert {name: headers[name] for name in preflight} == preflight
        assert headers["vary"] == "Origin"
    raw.request("OPTIONS", DETAILS, Origin=EVIL, Access_Control_Request_Method="POST")
    status, headers, _ = raw.answer()
    assert status == 403
    assert not set(headers) & set(preflight)


def test_the_address_bar_and_the_server_s_own_pages(raw: Raw) -> None:
    for page in (
        {"Sec_Fetch_Site": "none", "Sec_Fetch_Mode": "navigate"},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "same-origin", "Origin": f"http://{raw.host}"},
    ):
        assert raw.ask("POST", DETAILS, b"{}", **page)[0] == 200


def test_a_server_s_own_pages_under_a_name_that_was_allowed(served: FakeAmplifyBackend) -> None:
    with served.serve(allowed_hosts=["fake.test"]) as server, Raw(server.url) as raw:
        own = {"Host": "fake.test:80", "Origin": "http://fake.test:80"}
        assert raw.ask("POST", DETAILS, b"{}", **own)[0] == 200
        other = {"Host": "fake.test:80", "Origin": "http://fake.test:8080"}
        assert raw.ask("POST", DETAILS, b"{}", **other)[0] == 403


def test_pictures_in_a_page_of_this_machine(raw: Raw, served: FakeAmplifyBackend) -> None:
    """A page of localhost shows what 127.0.0.1 serves: no Origin, and another site to a browser."""
    job = job_of(served)
    site: Any = {"Sec_Fetch_Site": "cross-site"}
    assert raw.ask("GET", job, **site, Referer="http://localhost:3000/gallery?x#y")[0] == 200
    for other in ("http://localhost:3000@evil.example/", "http://localhost.evil.example/", "x", ""):
        assert raw.ask("GET", job, **site, Referer=other)[0] == 403


SMUGGLED = {
    "length, then chunks": "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "chunks, then length": "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    "no length to speak of": "Content-Length: 0\r\ntransfer-encoding: Chunked\r\n",
    "chunks of chunks": "Transfer-Encoding: chunked, chunked\r\n",
    "chunks said twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "no coding": "Content-Length: 5\r\nTransfer-Encoding: \r\n",
    "nothing but commas": "Content-Length: 5\r\nTransfer-Encoding: ,\r\n",
    "on two lines": "Content-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n",
}


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("name", SMUGGLED)
def test_no_second_request_is_smuggled(
    server: Server, served: FakeAmplifyBackend, name: str, version: str
) -> None:
    calls = len(served.calls)
    with Raw(server.url) as raw:
        inner = f"POST {DETAILS} HTTP/1.1\r\nHost: {raw.host}\r\n\r\n"
        head = f"POST {DETAILS} HTTP/{version}\r\nHost: {raw.host}\r\n{SMUGGLED[name]}\r\n"
        raw.send(f"{head}0\r\n\r\n{inner}".encode())
        status, headers, body = raw.answer()
        assert (status, json.loads(body)) == (400, {"message": "Bad Request"})
        assert headers["connection"] == "close"
        assert raw.at_end()
    assert len(served.calls) == calls


@pytest.mark.parametrize("version", ["1.0", "1.2", "2.0"])
def test_chunks_are_for_http_1_1(server: Server, version: str) -> None:
    with Raw(server.url) as raw:
        head = f"POST {DETAILS} HTTP/{version}\r\nHost: {raw.host}\r\nTransfer-Encoding: chunked"
        raw.send(f"{head}\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n".encode())
        assert raw.answer()[0] == 400
        assert raw.at_end()
