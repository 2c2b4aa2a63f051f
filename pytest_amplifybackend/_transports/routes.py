"""The operation of an HTTP request, by its method and path, and the params in the path."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue, installed, services
from pytest_amplifybackend._transports.codec import NoOperation, gateway_error

_STAGE = "prod"


@dataclass(slots=True)
class _Route:
    """A place in the tree of paths: what leads on, by name or by a label, and the operations."""

    literals: dict[str, _Route] = field(default_factory=dict)
    label: _Route | None = None
    operations: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """By method: the operation, and the members that the labels on the way stand for."""


@functools.cache
def _routes(served: frozenset[str]) -> _Route:
    """The paths of the services that are served; none of one is also another's."""
    root = _Route()
    for operation in services.operations(served):
        place = root
        for segment in operation.path.strip("/").split("/"):
            if segment.startswith("{"):
                place.label = place.label or _Route()
                place = place.label
            else:
                place = place.literals.setdefault(segment, _Route())
        members = {
            shape.serialization["name"]: member
            for member, shape in operation.input_shape.members.items()
            if shape.serialization.get("location") == "uri"
        }
        labels = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
        named = tuple(members[label] for label in labels)
        place.operations[operation.method] = (operation.name, named)
    return root


def route(
    method: str, path: str, served: frozenset[str] = services.ALONE
) -> tuple[str, dict[str, Any]]:
    """The operation of a request and the params in its path, percent-decoded.

    The path may have the stage prefix ``/prod`` of the REST reference (documented); a query is
    ignored. Raises NoOperation, 403 as API Gateway answers, for an unknown path or method,
    UnknownOperation for those of an operation that only the installed botocore knows, and
    BadRequest for a path that is not UTF-8.
    """
    segments = path.partition("?")[0].removeprefix("/").split("/")
    if segments[0] == _STAGE:
        segments = segments[1:]
    if len(segments) > 1 and not segments[0]:
        segments = segments[1:]  # one client keeps the slash of an endpoint that ends in one
    place, values = _routes(served), []
    for segment in segments:
        if segment in place.literals:
            place = place.literals[segment]
        elif place.label is not None:
            values.append(segment)
            place = place.label
        else:
            raise _no_operation(method, segments)
    if method not in place.operations:
        raise _no_operation(method, segments)
    operation, members = place.operations[method]
    return operation, dict(zip(members, map(_text, values), strict=True))


def _no_operation(method: str, segments: list[str]) -> NoOperation:
    """API Gateway's answer; raises UnknownOperation for an operation of a newer botocore."""
    name = installed.operation_at(method, segments)
    if name is not None:
        catalogue.named(name)
    return NoOperation(gateway_error(403, "MissingAuthenticationTokenException"))


def is_known_path(path: str, served: frozenset[str] = services.ALONE) -> bool:
    """Whether a path is that of an operation, whatever the method."""
    for method in {operation.method for operation in services.operations(served)}:
        try:
            route(method, path, served)
        except NoOperation:
            continue
        except (errors.BadRequest, errors.UnknownOperation):
            return True
        return True
    return False


def _text(segment: str) -> str:
    if "%" not in segment and segment.isascii():
        return segment
    try:
        return unquote_to_bytes(segment.encode("utf-8", "surrogateescape")).decode("utf-8")
    except UnicodeError:
        raise errors.BadRequest(f"{errors.OBSERVED_PREFIX}The path is not UTF-8.") from None
