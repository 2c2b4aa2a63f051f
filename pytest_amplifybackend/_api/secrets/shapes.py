"""Which members of requests and responses are secret, and copies that do not show them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from pytest_amplifybackend._api import catalogue, paths, services
from pytest_amplifybackend._api.paths import copied

SENSITIVE_MEMBERS = frozenset({"SmsMessage"})
"""Members that are secret though the model does not mark them: the settings of MFA have the same
text of an SMS as SmsSettings, which it does mark (assumed)."""

REDACTED = "<redacted>"


def is_sensitive(shape: Any, member: str = "") -> bool:
    """Whether a shape has the ``sensitive`` trait, or is that of a ``member`` which is secret."""
    return bool(shape.metadata.get("sensitive")) or member in SENSITIVE_MEMBERS


@functools.cache
def _roots(shape: Any) -> tuple[str, ...]:
    """The topmost secret paths below a structure."""
    return tuple(
        path
        for path, member in catalogue.members(shape)
        if is_sensitive(member, path.rpartition(".")[2])
    )


def is_secret(path: str, shape: Any) -> bool:
    """Whether what a path leads to, from a structure with some shape, must never be shown.

    What is below a sensitive member is secret too, whether the model knows it or not.
    """
    path = paths.general(path)
    return any(path == root or path.startswith((f"{root}.", f"{root}[")) for root in _roots(shape))


def holds_secrets(path: str, shape: Any) -> bool:
    """Whether a path of a root shape is secret, or leads to something in which a secret may be."""
    path = paths.general(path)
    below = (f"{path}.", f"{path}[") if path else ("",)
    return is_secret(path, shape) or any(root.startswith(below) for root in _roots(shape))


@functools.cache
def sensitive_paths(operation: str) -> frozenset[str]:
    """The paths of an operation's request whose values must never be shown."""
    shape = services.operation(operation).input_shape
    return frozenset(path for path, _ in catalogue.members(shape) if is_secret(path, shape))


class Secret(str):
    """A secret string: equal to what it is, but its repr, and so every diff, is ``<redacted>``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(REDACTED)


def redact(value: Any, shape: Any) -> Any:
    """A deep copy of ``value`` in which every leaf below a sensitive member is a :class:`Secret`.

    ``shape`` is the botocore shape of the value. What it does not describe may be a secret under a
    misspelt name, and becomes one too.
    """

    def shown(leaf: Any, path: str, below: Any) -> Any:
        if below is not None and not is_secret(path, shape):
            return copied(leaf)
        return Secret(leaf) if isinstance(leaf, str) else REDACTED

    return paths.map_leaves(value, shown, shape)


def redact_request(operation: str, params: Any) -> Any:
    """A deep copy of a request's params that does not show its secrets."""
    return redact(params, services.operation(operation).input_shape)


def redact_response(operation: str, response: Any) -> Any:
    """A deep copy of a response that does not show its secrets."""
    return redact(response, services.operation(operation).output_shape)


def secrets_in(value: Any, shape: Any) -> Iterator[str]:
    """The strings below the sensitive members of a value that a shape describes."""
    for path, item, _ in paths.walk(value, shape):
        if isinstance(item, str) and is_secret(path, shape):
            yield str.__str__(item)
