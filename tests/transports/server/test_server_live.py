"""The live page: who gets it and how it is protected, and the events that keep it current."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any

import pytest

pytest.importorskip("httptools")

from http_client import Raw

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._transports import streams
from pytest_amplifybackend._transports.server import Server

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec_Fetch_Site": "none"}
FILES = ["live.js", "live.css", "icon.svg"]
PATHS = ["/", *(f"/_amplifybackend/{name}" for name in FILES)]
EVENTS = "/_amplifybackend/events"
PAGE = resources.files("pytest_amplifybackend._transports").joinpath("page")
TOKEN = "t0ken-0f-the-test"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "INTERVAL", 0.005)


# ---------------------------------------------------------------- the page and its files


def get(raw: Raw, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    raw.request("GET", path, None, **headers)
    status, found, body = raw.answer()
    return status, found, body.decode()


def test_a_browser_gets_the_page(raw: Raw, server: Server) -> None:
    status, headers, page = get(raw, "/", **BROWSER)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<body data-control="header">' in page
    for path in re.findall(r'(?:src|href)="(/[^"]*)"', page):
        assert get(raw, path, Sec_Fetch_Site="same-origin")[0] == 200
        assert path in PATHS
    assert not server.fake.calls


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {}),
        ("GET", {"Accept": "application/json"}),
        ("GET", {"Accept": "*/*"}),
        ("GET", {**BROWSER, "Authorization": "AWS4-HMAC-SHA256 Credential=A/20240101/..."}),
        ("POST", BROWSER),
        ("DELETE", BROWSER),
    ],
)
def test_a_client_gets_its_error(raw: Raw, method: str, headers: dict[str, str]) -> None:
    status, body = raw.ask(method, "/", None if method == "GET" else b"", **headers)
    assert (status, body) == (403, {"message": "Missing Authentication Token"})


@pytest.mark.parametrize("path", PATHS)
def test_files_are_protected(raw: Raw, path: str) -> None:
    headers = get(raw, path, **BROWSER)[1]
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules.pop("require-trusted-types-for") == "'script'"
    assert rules.pop("default-src") == "'none'"
    assert set(rules.values()) == {"'self'", "'none'"}
    assert rules["script-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


def test_nothing_is_inline_or_from_elsewhere() -> None:
    page = PAGE.joinpath("index.html").read_text()
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=| style=", page)
    script = PAGE.joinpath("live.js").read_text()
    assert not re.search(r"innerHTML|insertAdjacentHTML|eval\(|localStorage|sessionStorage", script)
    for name in ("index.html", "live.css", "live.js"):
        urls = re.findall(r"\w+://[^\"')\s]+", PAGE.joinpath(name).read_text())
        assert set(urls) <= {"http://www.w3.org/2000/svg"}


def test_the_page_is_small() -> None:
    assert sum(len(gzip.compress(file.read_bytes())) for file in PAGE.iterdir()) < 60_000


@pytest.mark.parametrize("path", [*PATHS, EVENTS])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "cross-site", "Referer": "https://evil.example/"},
    ],
)
def test_pages_of_the_web_get_nothing(raw: Raw, path: str, headers: dict[str, str]) -> None:
    asked = {**BROWSER, "X_Amplifybackend_Control": "1", **headers}
    assert get(raw, path, **asked)[0] == 403


@pytest.mark.parametrize(
    ("fake", "options", "needs"),
    [
        ({}, {}, "header"),
        ({}, {"control_token": TOKEN}, "token"),
        ({"verify_signatures": {"key": "hunter2"}}, {}, "signature"),
        ({"verify_signatures": {"key": "hunter2"}}, {"control_token": TOKEN}, "token"),
        ({}, {"host": "0.0.0.0"}, "off"),
        ({}, {"host": "0.0.0.0", "control_token": TOKEN}, "token"),
    ],
)
def test_the_page_says_what_it_needs_and_no_secret(
    fake: dict[str, Any], options: dict[str, Any], needs: str
) -> None:
    with FakeAmplifyBackend(**fake).serve(**options) as server, Raw(server.url) as raw:
        page = get(raw, "/", **BROWSER)[2]
        assert f'<body data-control="{needs}">' in page
        assert TOKEN not in page
        assert "hunter2" not in page
        value = TOKEN if needs == "token" else "1"
        opened = needs in ("token", "header")
        assert get(raw, EVENTS)[0] == 403
        assert get(raw, EVENTS, X_Amplifybackend_Control="wrong")[0] == (
            200 if needs == "header" else 403
        )
        with Raw(server.url) as other:
            assert get(other, EVENTS, X_Amplifybackend_Control=value)[0] == (200 if opened else 403)


# ---------------------------------------------------------------- events


class Listening:
    """A page that listens."""

    def __init__(self, url: str) -> None:
        self.raw = Raw(url)
        status, self.headers, _ = get(self.raw, EVENTS, X_Amplifybackend_Control="1")
        assert status == 200

    def event(self) -> dict[str, str]:
        """The next event."""
        line, end = self.raw._file.readline(), self.raw._file.readline()
        assert (line[:6], end) == (b"data: ", b"\n")
        found: dict[str, str] = json.loads(line[6:])
        return found


@pytest.fixture
def fake() -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend(jobs=progress.manual())
    fake.add_app("d1abc")
    return fake


@pytest.fixture
def listening(fake: FakeAmplifyBackend, quick: None) -> Iterator[Listening]:
    with fake.serve() as server:
        listening = Listening(server.url)
        yield listening
        listening.raw.close()


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    assert set(before) == set(after)
    return {name for name in before if before[name] != after[name]}


def add_auth(fake: FakeAmplifyBackend) -> None:
    fake.add_auth("d1abc", "dev")


def add_fault(fake: FakeAmplifyBackend) -> None:
    fake.fail("GetBackend", errors.NotFound("no"), optional=True)


def plan_failure(fake: FakeAmplifyBackend) -> None:
    fake.jobs.fail_next("CreateBackend", optional=True)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda fake: fake.call("ListS3Buckets"), {"calls"}),
        (lambda fake: fake.clock.shift(0.5), {"clock"}),
        (lambda fake: fake.add_app("d2def"), {"overview"}),
        (add_auth, {"overview"}),
        (add_fault, {"faults"}),
        (plan_failure, {"faults"}),
        (
            lambda fake: fake.call(
                "DeleteBackend", {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
            ),
            {"calls", "jobs", "overview"},
        ),
    ],
)
def test_an_event_says_what_has_changed(
    listening: Listening,
    fake: FakeAmplifyBackend,
    change: Callable[[FakeAmplifyBackend], Any],
    what: set[str],
) -> None:
    before = listening.event()
    assert before["clock"] == "2024-01-01T00:00:00.000Z"
    with fake._backend.lock:
        change(fake)
    assert changed(before, listening.event()) == what


def test_headers_of_events(listening: Listening) -> None:
    assert listening.headers["content-type"] == "text/event-stream"
    assert listening.headers["connection"] == "close"
    assert "content-length" not in listening.headers
    assert "access-control-allow-origin" not in listening.headers


def test_looking_on_changes_nothing(quick: None) -> None:
    fake = FakeAmplifyBackend(jobs=progress.after_reads(1))
    fake.call("CreateBackend", {"AppId": "d1", "AppName": "a", "BackendEnvironmentName": "dev"})
    with fake.serve() as server:
        listening = Listening(server.url)
        for _ in range(3):
            listening.event()
            fake.clock.shift(1)
        listening.event()
        listening.raw.close()
    assert [job.status for job in fake.jobs] == ["PENDING"]
    assert len(fake.calls) == 1


def test_others_are_answered_meanwhile_and_the_end_ends_all(
    fake: FakeAmplifyBackend, quick: None
) -> None:
    with fake.serve() as server:
        pages = [Listening(server.url) for _ in range(20)]
        pages[0].raw.send(b"POST /s3Buckets HTTP/1.1\r\n\r\n")  # is not heard any more
        with Raw(server.url) as raw:
            for _ in range(20):
                assert raw.ask("POST", "/s3Buckets", b"{}")[0] == 200
        for page in pages:
            first = page.event()
            while page.event()["calls"] == first["calls"]:
                pass
        pages.pop().raw.close()
        assert len(fake.calls) == 20
    for page in pages:
        rest = page.raw._file.read()  # the connection has ended
        assert rest.startswith(b"data: ") or not rest
        page.raw.close()


def test_events_are_only_read(raw: Raw) -> None:
    status, body = raw.ask("POST", EVENTS, b"{}", X_Amplifybackend_Control="1")
    assert (status, body) == (405, {"message": "The action events is a GET."})


# ---------------------------------------------------------------- streams by themselves


class Client:
    is_full = False

    def __init__(self) -> None:
        self.got: list[bytes] = []

    def send(self, data: bytes) -> None:
        self.got.append(data)


@pytest.fixture
def opened() -> Iterator[streams.Streams]:
    loop = asyncio.new_event_loop()
    yield streams.Streams(loop)
    loop.close()


def test_a_client_that_does_not_read_gets_the_newest_event_later(opened: streams.Streams) -> None:
    news = [b"1"]
    slow, quick = Client(), Client()
    for client in (slow, quick):
        opened.add(client, lambda: news[-1])
    slow.is_full = True
    for event in (b"2", b"2", b"3"):
        news.append(event)
        opened._ask()
    slow.is_full = False
    opened._ask()
    assert slow.got == [b"1", b"3"]
    assert quick.got == [b"1", b"2", b"3"]


def test_a_feed_is_asked_once_for_all_and_never_without_a_client(opened: streams.Streams) -> None:
    asked: list[int] = []

    def feed() -> bytes:
        asked.append(1)
        return b"1"

    clients = [Client() for _ in range(5)]
    for client in clients:
        opened.add(client, feed)
    before = len(asked)
    opened._ask()
    assert len(asked) == before + 1
    for client in clients:
        assert opened._timer is not None
        opened.discard(client)
    assert (len(opened), opened._timer) == (0, None)


def test_a_quiet_stream_shows_that_it_lives(opened: streams.Streams) -> None:
    client = Client()
    opened.add(client, lambda: b"1")
    for _ in range(streams._QUIET + 2):
        opened._ask()
    assert client.got == [b"1", b":\n\n"]


def test_a_feed_that_fails_is_asked_again(opened: streams.Streams) -> None:
    answers: Iterator[bytes | Exception] = iter([b"1", ZeroDivisionError(), b"2"])

    def feed() -> bytes:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = Client()
    opened.add(client, feed)
    with pytest.raises(ZeroDivisionError):
        opened._ask()
    assert opened._timer is not None
    opened._ask()
    assert client.got == [b"1", b"2"]
