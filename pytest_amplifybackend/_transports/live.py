"""The live page: what a browser gets at ``/``, its files, and the events that keep it current.

The page asks by the control API, with the same header as any other client; its files need none,
since there is nothing in them but the page itself. An event says only what has changed.
"""

from __future__ import annotations

import functools
import json
from importlib import resources

from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._service.clock import SystemClock, iso
from pytest_amplifybackend._transports import overview, streams
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.control import PREFIX, rejection
from pytest_amplifybackend._transports.gateway import HTTPRequest

EVENTS = f"{PREFIX}events"
"""Where the events are; a request for them is one of the control API."""

_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    f"{PREFIX}live.js": ("live.js", "text/javascript; charset=utf-8"),
    f"{PREFIX}live.css": ("live.css", "text/css; charset=utf-8"),
    f"{PREFIX}icon.svg": ("icon.svg", "image/svg+xml"),
}

_PROTECTED = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


def is_file(request: HTTPRequest) -> bool:
    """Whether a request is for the page, as a browser asks for it, or for one of its files."""
    if request.method != "GET" or request.target not in _FILES:
        return False
    if request.target != "/":
        return True
    return "text/html" in request.headers.get("accept", "") and (
        "authorization" not in request.headers
    )


def file(request: HTTPRequest, control_needs: str) -> HTTPResponse:
    """The page, which is told what control requests need, or one of its files."""
    name, kind = _FILES[request.target]
    body = _read(name).replace(b"{control}", control_needs.encode())
    return HTTPResponse(200, {"content-type": kind, **_PROTECTED}, body)


@functools.lru_cache(maxsize=len(_FILES))
def _read(name: str) -> bytes:
    return resources.files(__package__).joinpath("page", name).read_bytes()


class Events:
    """Tells what of a service has changed, as long as somebody listens."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def answer(self, request: HTTPRequest) -> HTTPResponse:
        """A response that goes on with an event whenever something has changed."""
        if request.method != "GET":
            return rejection(405, "The action events is a GET.")
        headers = {"content-type": "text/event-stream", **_PROTECTED}
        return HTTPResponse(200, headers, feed=self._event)

    def _event(self) -> bytes:
        """The clock, and a version of each thing that can be asked for; equal while it is."""
        service = self._service
        with service.lock:
            now = service.clock.milliseconds()
            if isinstance(service.clock, SystemClock):
                now -= now % 1000
            jobs = service.state.jobs
            # With jobs under way, time may end one; they are settled when somebody asks for them.
            waits = now if jobs.any_unfinished else None
            versions = {
                "calls": (
                    id(service.history),
                    len(service.history),
                    *map(id, service.history[-1:]),
                ),
                "jobs": (waits, *((job.id, job.status) for job in jobs)),
                "overview": (waits, repr(overview.states(service))),
                "faults": repr(overview.faults(service)),
            }
        told = {"clock": iso(now)}
        told |= {name: f"{hash(version):x}" for name, version in versions.items()}
        return streams.event(json.dumps(told))
