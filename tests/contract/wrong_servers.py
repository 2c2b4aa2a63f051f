"""Servers that are wrong in HTTP itself: a layer before the fake's server, one fault each."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from pytest_amplifybackend import FakeAmplifyBackend, progress


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def is_json(self) -> bool:
        try:
            json.loads(self.body or b"{}")
        except ValueError:
            return False
        return True


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


Forward = Callable[[Request], Response]
Layer = Callable[[Request, Forward], Response]
BROKEN = Response(500, b"<h1>Server Error</h1>", {"content-type": "text/html"})


@contextmanager
def served(layer: Layer) -> Iterator[str]:
    """The URL of a server with this layer before the fake."""
    fake = FakeAmplifyBackend(jobs=progress.after_reads(1))
    with fake.serve() as server:
        parts = urlsplit(server.url)

        def forward(request: Request) -> Response:
            connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
            try:
                connection.request(request.method, request.path, request.body, request.headers)
                answer = connection.getresponse()
                headers = {name.lower(): value for name, value in answer.getheaders()}
                return Response(answer.status, answer.read(), headers)
            finally:
                connection.close()

        layered = ThreadingHTTPServer(("127.0.0.1", 0), _handler(layer, forward))
        thread = threading.Thread(target=layered.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{layered.server_port}"
        finally:
            layered.shutdown()
            thread.join()
            layered.server_close()


def _handler(layer: Layer, forward: Forward) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {
                name: value for name, value in self.headers.items() if name.lower() != "host"
            }
            response = layer(Request(self.command, self.path, headers, body), forward)
            self.send_response_only(response.status)
            shown = {"content-length": str(len(response.body)), **response.headers}
            if self.command != "HEAD":
                shown["content-length"] = str(len(response.body))
            for name, value in shown.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)

        do_GET = do_POST = do_HEAD = do_OPTIONS = do_PUT = do_DELETE = do_PATCH = answer

        def log_message(self, *_: Any) -> None: ...

    return Handler


def rejecting(when: Callable[[Request], bool], response: Response = BROKEN) -> Layer:
    """Answers some requests by itself."""
    return lambda request, forward: response if when(request) else forward(request)


def changed(change: Callable[[Request, Response], Response]) -> Layer:
    """Changes what the fake answers."""
    return lambda request, forward: change(request, forward(request))


def _as_text(request: Request, forward: Forward) -> Response:
    """Numbers in the place of strings are taken for their digits."""
    if request.is_json() and request.body:
        members = json.loads(request.body)
        if isinstance(members, dict):
            known = {
                name: str(item) if type(item) is int and name != "maxResults" else item
                for name, item in members.items()
            }
            request = replace(request, body=json.dumps(known).encode())
            request.headers.pop("Content-Length", None)
    return forward(request)


def _named(headers: dict[str, str], name: str) -> str:
    return next((value for one, value in headers.items() if one.lower() == name), "")


SERVERS: dict[str, tuple[Layer, str]] = {
    "malformed_json_is_a_server_error": (
        rejecting(lambda r: r.method == "POST" and not r.is_json()),
        "test_what_is_no_json_is_a_bad_request",
    ),
    "arrays_are_a_server_error": (
        rejecting(lambda r: r.is_json() and isinstance(json.loads(r.body or b"{}"), list)),
        "test_what_is_no_json_is_a_bad_request",
    ),
    "preflight_is_not_allowed": (
        rejecting(lambda r: r.method == "OPTIONS", Response(405)),
        "test_a_preflight_needs_no_signature",
    ),
    "head_is_not_implemented": (
        rejecting(lambda r: r.method == "HEAD", Response(501)),
        "test_an_unknown_path_is_the_callers_mistake",
    ),
    "unknown_paths_are_a_page": (
        rejecting(lambda r: not r.path.startswith(("/backend/", "/s3")), Response(200, b"hello")),
        "test_an_unknown_path_is_the_callers_mistake",
    ),
    "missing_content_type_is_a_server_error": (
        rejecting(lambda r: bool(r.body) and not _named(r.headers, "content-type")),
        "test_a_content_type_does_no_harm",
    ),
    "large_bodies_are_a_server_error": (
        rejecting(lambda r: len(r.body) > 1_000_000),
        "test_a_body_that_is_too_large_is_rejected",
    ),
    "numbers_are_taken_for_strings": (_as_text, "test_a_member_of_another_type_is_a_bad_request"),
    "signature_is_echoed": (
        changed(
            lambda request, response: replace(
                response,
                headers={**response.headers, "x-debug": _named(request.headers, "authorization")},
            )
        ),
        "test_an_answer_is_json_by_wire_names",
    ),
    "another_method_is_like_post": (
        lambda request, forward: forward(
            replace(request, method="POST") if request.method in ("PUT", "PATCH") else request
        ),
        "test_another_method_does_nothing",
    ),
}
"""What each does, and the test of test_http.py that has to fail."""
