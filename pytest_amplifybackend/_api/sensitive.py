"""Which members are secret, and copies of values that do not show them."""

from __future__ import annotations

import functools
from typing import Any

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.values import copied

SENSITIVE_MEMBERS = frozenset({"SmsMessage"})
"""Members that are secret though the model does not mark them: the settings of MFA have the same
text of an SMS as SmsSettings, which it does mark (assumed)."""

REDACTED = "<redacted>"


def is_sensitive(shape: Any, member: str = "") -> bool:
    """Whether a shape has the ``sensitive`` trait, or is that of a ``member`` which is secret."""
    return bool(shape.metadata.get("sensitive")) or member in SENSITIVE_MEMBERS


def secret_paths(shape: Any) -> frozenset[str]:
    """The paths below a structure whose values must never be shown, children included."""
    roots = tuple(
        path
        for path, member in catalogue.members(shape)
        if is_sensitive(member, path.rpartition(".")[2])
    )
    return frozenset(
        path
        for path, _ in catalogue.members(shape)
        if path in roots or path.startswith(tuple(f"{root}." for root in roots))
    )


@functools.cache
def sensitive_paths(operation: str) -> frozenset[str]:
    """The paths of an operation's request whose values must never be shown, children included."""
    return secret_paths(catalogue.operations()[operation].input_shape)


class Secret(str):
    """A secret string: equal to what it is, but its repr, and so every diff, is ``<redacted>``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(REDACTED)


def redact(value: Any, shape: Any) -> Any:
    """A deep copy of ``value`` in which every leaf below a sensitive member is a :class:`Secret`.

    ``shape`` is the botocore shape that describes the value; a value that does not fit it is
    left as it is, because it never got past client-side validation. A member that the shape
    does not have may be a secret under a misspelt name, and is one too.
    """
    if is_sensitive(shape):
        return _blank(value)
    if shape.type_name == "structure" and isinstance(value, dict):
        known = shape.members
        return {
            name: redact(item, known[name])
            if name in known and name not in SENSITIVE_MEMBERS
            else _blank(item)
            for name, item in value.items()
        }
    if shape.type_name == "list" and isinstance(value, (list, tuple)):
        return [redact(item, shape.member) for item in value]
    return copied(value)


def _blank(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _blank(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_blank(item) for item in value]
    return Secret(value) if isinstance(value, str) else REDACTED


def redact_request(operation: str, params: Any) -> Any:
    """A deep copy of a request's params that does not show its secrets."""
    return redact(params, catalogue.operations()[operation].input_shape)


def redact_response(operation: str, response: Any) -> Any:
    """A deep copy of a response that does not show its secrets."""
    return redact(response, catalogue.operations()[operation].output_shape)
