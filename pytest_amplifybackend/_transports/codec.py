"""The rest-json codec: the params in an HTTP request, and an answer back to HTTP.

Read from the service model. What the model does not say is tagged: the answers to requests that
reach no operation are API Gateway's (observed, or documented where the source says so).
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import installed, paths, services
from pytest_amplifybackend._api.secrets.shapes import REDACTED, sensitive_paths

LARGEST_BODY = 1024 * 1024
DEEPEST_BODY = 64
NEIGHBORLY = "neighborly"
"""The style of the neighbor's errors: modeled, without the members that its model has not."""


@dataclass(slots=True)  # not frozen: that takes three times as long to make
class HTTPResponse:
    """An HTTP answer: status, headers with lower-case names, and the body's bytes.

    One with a ``feed`` stays open, and goes on with its events.
    """

    status: int
    headers: dict[str, str]
    body: bytes = b""
    feed: Callable[[], bytes] | None = None


GARBLED = HTTPResponse(200, {"content-type": "application/json"}, b'{"jobs": [{"appId"')
"""What GarbledResponse comes to: a good status, and a body that breaks off."""


class NoOperation(Exception):
    """A request that reaches no operation, with the answer it gets."""

    def __init__(self, response: HTTPResponse) -> None:
        super().__init__(response.status)
        self.response = response


def add_content(
    operation: str, params: dict[str, Any], path: str, headers: Mapping[str, str], body: bytes
) -> None:
    """Add what is in the body and the query of a request to the params in its path.

    They have botocore's names, and ``headers`` have lower-case names. Raises NoOperation for a
    request that reaches no operation and BadRequest, naming the member, for a body that the shape
    does not allow.
    """
    shape = services.operation(operation).input_shape
    members = _json_object(headers, body)
    content = _members_in(operation, None)
    if "?" in path:
        params.update(_in_the_query(operation, path))
    for wire, value in members.items():
        if value is None:
            continue
        if wire not in content:
            if _is_newer(operation, "", wire):
                continue
            raise _unknown(operation, wire, content)
        name, member = content[wire]
        params[name] = _member(operation, value, member, name)
    _require(operation, shape, params, "")


@functools.cache
def _members_in(operation: str, location: str | None) -> dict[str, tuple[str, Any]]:
    """The members in a request's body or query, by wire name: botocore's name, and the shape."""
    return {
        _wire_name(name, member): (name, member)
        for name, member in services.operation(operation).input_shape.members.items()
        if member.serialization.get("location") == location
    }


def _in_the_query(operation: str, path: str) -> dict[str, Any]:
    """The params in a query; what is unknown there is ignored."""
    params = {}
    for wire, value in parse_qsl(path.partition("?")[2], keep_blank_values=True):
        if wire in (known := _members_in(operation, "querystring")):
            name, member = known[wire]
            plain = member.type_name == "integer" and re.fullmatch(r"-?\d{1,9}", value)
            params[name] = _member(operation, int(value) if plain else value, member, name)
    return params


def _json_object(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    if len(body) > LARGEST_BODY:
        raise NoOperation(gateway_error(413, "RequestTooLongException"))
    if not body.strip():
        return {}
    kind = headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind not in ("application/json", "application/x-amz-json-1.1"):
        raise NoOperation(gateway_error(415, "UnsupportedMediaTypeException"))
    try:
        value = _READER.decode(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise errors.BadRequest(f"{errors.OBSERVED_PREFIX}The body is not JSON in UTF-8.") from None
    if body.count(b"{") + body.count(b"[") > DEEPEST_BODY and _depth(value) > DEEPEST_BODY:
        raise errors.BadRequest(f"{errors.OBSERVED_PREFIX}The body is nested too deeply.")
    if not isinstance(value, dict):
        raise errors.BadRequest(f"{errors.OBSERVED_PREFIX}The body must be a JSON object.")
    return value


_READER = json.JSONDecoder(parse_constant=float)


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [
            item
            for outer in level
            if isinstance(outer, (dict, list))
            for item in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return deepest


_TYPES: Mapping[str, tuple[tuple[type[Any], ...], str]] = {
    "string": ((str,), "a string"),
    "boolean": ((bool,), "true or false"),
    "integer": ((int,), "a whole number"),
    "double": ((int, float, bool), "a number"),  # a client takes bool for one, the service does not
    "list": ((list,), "a list"),
    "map": ((dict,), "an object"),
    "structure": ((dict,), "an object"),
}
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
"""How doubles that JSON has no number for are written (rest-json; botocore does so)."""


def _member(operation: str, value: Any, shape: Any, path: str) -> Any:
    """A value by botocore names; raises BadRequest for a wrong type or an unknown member."""
    kind = shape.type_name
    if kind == "double" and isinstance(value, str):
        value = _NOT_FINITE.get(value, value)
    elif kind == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON does not tell 8.0 from 8
    types, name = _TYPES[kind]
    if type(value) not in types:
        raise _bad(operation, f"{path}: {_shown(operation, value, kind, path)} must be {name}")
    if kind == "list":
        return [
            _member(operation, item, shape.member, paths.join(path, index))
            for index, item in enumerate(value)
        ]
    if kind == "map":
        return {
            name: _member(operation, item, shape.value, paths.join(path, name))
            for name, item in value.items()
        }
    if kind != "structure":
        if kind == "string" and not _is_text(value):
            shown = _shown(operation, value, kind, path)
            raise _bad(
                operation, f"{path}: {shown} contains a lone surrogate, which UTF-8 cannot encode"
            )
        return value
    known = {_wire_name(name, member): (name, member) for name, member in shape.members.items()}
    made = {}
    for wire, item in value.items():
        if item is None:
            continue
        if wire not in known:
            if _is_newer(operation, path, wire):
                continue
            raise _unknown(operation, wire, known, f"{path}: ")
        member_name, member = known[wire]
        made[member_name] = _member(operation, item, member, paths.join(path, member_name))
    _require(operation, shape, made, f"{path}.")
    return made


def _shown(operation: str, value: Any, kind: str, path: str) -> str:
    """A value as an error may show it: no secret, nothing that may contain one, nothing long."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    # A string in the place of a structure may be one that was encoded twice.
    if kind in ("list", "map", "structure") or paths.general(path) in sensitive_paths(operation):
        return REDACTED
    if isinstance(value, str) and len(value) > _LONGEST_SHOWN:
        return "a long string"
    return json.dumps(value)


_LONGEST_SHOWN = 40


def _is_text(value: str) -> bool:
    """Whether a string can be written as UTF-8; JSON can also hold lone surrogates."""
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False


def _require(operation: str, shape: Any, value: Mapping[str, Any], prefix: str) -> None:
    for name in shape.required_members:
        if name not in value:
            raise _bad(operation, f"{prefix}{name} is missing")


def _is_newer(operation: str, path: str, wire: str) -> bool:
    """Whether a member of a body, below a path, is one that only the installed botocore knows."""
    members = getattr(installed.input_shape(operation, path), "members", {})
    return any(
        wire == _wire_name(name, member) and member.serialization.get("location") is None
        for name, member in members.items()
    )


def _unknown(
    operation: str, wire: str, known: Mapping[str, Any], prefix: str = ""
) -> errors.BadRequest:
    name = wire if len(wire) <= _LONGEST_SHOWN else f"{wire[:_LONGEST_SHOWN]}..."
    sentence = f"{prefix}unknown member {name!r}: {errors.nearest(name, known)}"
    return _bad(operation, sentence.removesuffix("."))


def _bad(operation: str, sentence: str) -> errors.BadRequest:
    end = "" if sentence.endswith("?") else "."
    return errors.BadRequest(f"{errors.OBSERVED_PREFIX}{operation}: {sentence}{end}")


def _wire_name(name: str, shape: Any) -> str:
    return str(shape.serialization.get("name", name))


def encode(operation: str, answer: Mapping[str, Any]) -> bytes:
    """An answer's body, by wire names."""
    way = _outgoing(services.operation(operation).output_shape)
    try:
        return _dumped(_wired(answer, way))
    except _Unknown:
        way = _outgoing(installed.output_shape(operation))
        return _dumped(_wired(answer, way))


class _Unknown(Exception):
    """A member that only a newer botocore knows: an override may answer with it."""


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """How a value of a shape is written: members by wire name, or elements, or as it is."""

    members: dict[str, tuple[str, _Outgoing]] | None = None
    element: _Outgoing | None = None


@functools.cache
def _outgoing(shape: Any) -> _Outgoing:
    if shape.type_name == "structure":
        return _Outgoing(
            {
                name: (_wire_name(name, member), _outgoing(member))
                for name, member in shape.members.items()
            }
        )
    if shape.type_name == "map":
        return _Outgoing(element=_outgoing(shape.value))
    return _Outgoing(element=_outgoing(shape.member)) if shape.type_name == "list" else _PLAIN


_PLAIN = _Outgoing()


def _wired(value: Any, way: _Outgoing) -> Any:
    if way.members is not None:
        made = {}
        for name, item in value.items():
            if name not in way.members:
                raise _Unknown(name)
            wire, below = way.members[name]
            made[wire] = item if type(item) is str else _wired(item, below)
        return made
    if way.element is not None:
        if isinstance(value, dict):
            return {name: _wired(item, way.element) for name, item in value.items()}
        return [_wired(item, way.element) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def modeled_error(error: errors.ServiceError, style: str) -> HTTPResponse:
    """A service error on the wire.

    ``modeled``: the type in ``x-amzn-errortype`` and in ``code``, which every SDK reads one of,
    and the members by wire name. ``observed``: the body of recorded traffic, without header. An
    error that is not in the model has one form.
    """
    if style == "observed" and error.code in errors.MODELED:
        code = error.observed_code
        body = {"message": f"{code} - {error.message}", "code": code}
        return HTTPResponse(error.status, {"content-type": "application/json"}, _dumped(body))
    known = error.members if style == "modeled" else {}
    message = error.message
    if style == NEIGHBORLY:
        message = message.removeprefix(errors.OBSERVED_PREFIX)
    members = {name[0].lower() + name[1:]: value for name, value in known.items()}
    return HTTPResponse(
        error.status,
        {"content-type": "application/json", "x-amzn-errortype": error.code},
        _dumped({"message": message, **members, "code": error.code}),
    )


_GATEWAY_TEXTS = {
    "MissingAuthenticationTokenException": "Missing Authentication Token",
    "ForbiddenException": "Forbidden",
    "RequestTooLongException": "Request Entity Too Large",
    "UnsupportedMediaTypeException": "Unsupported Media Type",
}


def gateway_error(status: int, kind: str, message: str | None = None) -> HTTPResponse:
    """What API Gateway answers before a request reaches the service (documented)."""
    return HTTPResponse(
        status,
        {"content-type": "application/json", "x-amzn-errortype": kind},
        _dumped({"message": _GATEWAY_TEXTS[kind] if message is None else message}),
    )


def preflight() -> HTTPResponse:
    """The answer to OPTIONS: 200 by the REST reference, with recorded CORS headers."""
    return HTTPResponse(
        200,
        {
            "access-control-allow-origin": "*",
            "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
            "access-control-allow-headers": "*",
        },
    )


def _dumped(body: Mapping[str, Any]) -> bytes:
    return _COMPACT.encode(body).encode()


_COMPACT = json.JSONEncoder(separators=(",", ":"), default=datetime.timestamp)
"""The neighbor answers with times: seconds since 1970 in JSON (rest-json)."""
