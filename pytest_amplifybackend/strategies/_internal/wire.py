"""Strategies for HTTP requests as careless clients send them: bytes, not params."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.strategies._internal.operations import drawn_requests, operation_names
from pytest_amplifybackend.strategies._internal.plan import Plan, check_choice, named, one_of

Headers = dict[str, str]


@dataclass(frozen=True)
class WireRequest:
    """One HTTP request: what a client of ``operation`` sends, changed as ``fault`` says.

    ``path`` has its query. No service may answer it with a status of 500 or more.
    """

    operation: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    fault: str


@named
def wire_requests(
    operation: str | None = None, fault: str | None = None
) -> SearchStrategy[WireRequest]:
    """HTTP requests that a careless client sends for an operation.

    A valid request is encoded as botocore does, and then changed in one thing. ``fault`` narrows
    to one: ``null``, ``type``, ``unknown``, ``twice``, ``cut``, ``no-json``, ``no-object``,
    ``encoding``, ``mark``, ``deep``, ``content-type``, ``empty``, ``method``, ``slash``, ``escape``
    or ``query``. Raises InvalidArgument for another one, and UnknownOperation.
    """
    check_choice("wire_requests", "fault", fault, _FAULTS)
    names = operation_names(operation, "wire_requests")
    return _wired(names, tuple(_FAULTS) if fault is None else (fault,))


@functools.lru_cache(maxsize=256)
def _wired(operations: tuple[str, ...], faults: tuple[str, ...]) -> SearchStrategy[WireRequest]:
    which = one_of(faults)
    valid = drawn_requests(operations, Plan(), {})

    @st.composite
    def wire_requests(draw: Callable[..., Any]) -> WireRequest:
        call, fault = draw(valid), draw(which)
        method, path, headers, body = _encoded(call.operation, call.params)
        sent = _FAULTS[fault](draw, method, path, headers, body)
        return WireRequest(call.operation, *sent, fault)

    return wire_requests()


_Sent = tuple[str, str, Headers, bytes]


def _encoded(operation: str, params: dict[str, Any]) -> _Sent:
    """A request as botocore sends it, with its content type."""
    from urllib.parse import urlencode

    from botocore.serialize import create_serializer

    made = create_serializer("rest-json").serialize_to_request(
        params, catalogue.service_model().operation_model(operation)
    )
    query = urlencode(made["query_string"])
    path = f"{made['url_path']}{'?' if query else ''}{query}"
    return made["method"], path, {"Content-Type": "application/json"}, bytes(made["body"] or b"{}")


_Fault = Callable[[Callable[..., Any], str, str, Headers, bytes], _Sent]


def _in_body(change: Callable[[Callable[..., Any], bytes], bytes]) -> _Fault:
    def changed(
        draw: Callable[..., Any], method: str, path: str, headers: Headers, body: bytes
    ) -> _Sent:
        return method, path, headers, change(draw, body)

    return changed


def _in_member(values: tuple[Any, ...]) -> _Fault:
    """Puts a value in the place of any member, at any depth, or of a new one."""
    which = st.sampled_from(values)

    def change(draw: Callable[..., Any], body: bytes) -> bytes:
        content = json.loads(body)
        places = [(content, "surprise"), *_members(content)]
        container, name = places[draw(st.integers(0, len(places) - 1))]
        container[name] = draw(which)
        return json.dumps(content).encode()

    return _in_body(change)


def _members(value: Any) -> list[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[tuple[Any, Any]] = []
    for name, item in items:
        found.append((value, name))
        if isinstance(item, (dict, list)):
            found += _members(item)
    return found


def _twice(draw: Callable[..., Any], body: bytes) -> bytes:
    return body if body == b"{}" else b"".join((body[:-1], b",", body[1:]))


def _cut(draw: Callable[..., Any], body: bytes) -> bytes:
    size: int = draw(st.integers(0, len(body) - 1))
    return body[:size]


def _deep(draw: Callable[..., Any], body: bytes) -> bytes:
    depth: int = draw(st.integers(1, 3000))
    return b'{"a":' * depth + b"1" + b"}" * depth


def _one_of_bodies(*bodies: bytes) -> _Fault:
    return _in_body(lambda draw, body: bytes(draw(one_of(bodies))))


def _content_type(
    draw: Callable[..., Any], method: str, path: str, headers: Headers, body: bytes
) -> _Sent:
    kind = draw(one_of(_CONTENT_TYPES))
    return method, path, {} if kind is None else {"Content-Type": kind}, body


_CONTENT_TYPES = (
    *(None, "", "text/plain", "application/x-www-form-urlencoded", "application/JSON"),
    *("application/json; charset=utf-16", "application/json;", "*/*"),
)


def _method(
    draw: Callable[..., Any], method: str, path: str, headers: Headers, body: bytes
) -> _Sent:
    methods = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", method.lower())
    return draw(one_of(methods)), path, headers, body


def _slash(
    draw: Callable[..., Any], method: str, path: str, headers: Headers, body: bytes
) -> _Sent:
    way, question, query = path.partition("?")
    ways = (f"{way}/", f"/{way}", way.rstrip("/"), f"{way}/../x", f"{way}//", way.upper())
    return method, f"{draw(one_of(ways))}{question}{query}", headers, body


def _escape(
    draw: Callable[..., Any], method: str, path: str, headers: Headers, body: bytes
) -> _Sent:
    parts = path.split("/")
    place = draw(st.integers(1, len(parts) - 1))
    parts[place] = draw(one_of(("%", "%zz", "%ff", "%00", "%2F", "%0A", ".", "..", "%C3%A9", "")))
    return method, "/".join(parts), headers, body


def _query(
    draw: Callable[..., Any], method: str, path: str, headers: Headers, body: bytes
) -> _Sent:
    more = draw(one_of(("a=b", "maxResults=x", "&&==", "jobId=%ff", "status=&status=")))
    return method, f"{path}{'&' if '?' in path else '?'}{more}", headers, body


_FAULTS: dict[str, _Fault] = {
    "null": _in_member((None,)),
    "type": _in_member((7, -1.5, True, "text", [], [None], {}, 10**400)),
    "unknown": _in_member(({"surprise": {"more": [1, None]}},)),
    "twice": _in_body(_twice),
    "cut": _in_body(_cut),
    "no-json": _one_of_bodies(b"{", b"}", b"{'a': 1}", b"a=b", b"<a/>", b"NaN", b'{"a": Infinity}'),
    "no-object": _one_of_bodies(b"[]", b"null", b'"text"', b"5", b"true", b"[{}]"),
    "encoding": _one_of_bodies(b"\xff\xfe{\x00}\x00", b'{"a": "\xff"}', b'{"a": "\\ud800"}'),
    "mark": _in_body(lambda draw, body: b"\xef\xbb\xbf" + body),
    "deep": _in_body(_deep),
    "content-type": _content_type,
    "empty": _one_of_bodies(b"", b" ", b"\n", b"\x00"),
    "method": _method,
    "slash": _slash,
    "escape": _escape,
    "query": _query,
}
"""What is changed, each by its name."""


st.register_type_strategy(WireRequest, lambda _: wire_requests())
