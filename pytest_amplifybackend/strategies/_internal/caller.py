"""What a caller does with an answer: write all over it, and look whether it tells a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_amplifybackend._api import sensitive

_TELLING, _TOLD = 10, 60  # a private key begins with 27 characters that are no secret


def tells_a_secret(operation: str, params: Mapping[str, Any], text: str) -> bool:
    """Whether a text tells one of the secrets of a request, as it is or as Python writes it."""
    return any(
        secret[:_TOLD] in text or repr(secret)[1 : _TOLD + 1] in text
        for secret in secrets(operation, params)
    )


def secrets(operation: str, params: Mapping[str, Any]) -> list[str]:
    """The telling texts below the sensitive members of a request."""
    found: list[str] = []
    hidden = sensitive.sensitive_paths(operation)

    def walk(value: Any, path: str) -> None:
        if isinstance(value, Mapping):
            for name, item in value.items():
                walk(item, f"{path}.{name}".lstrip("."))
        elif isinstance(value, list):
            for item in value:
                walk(item, f"{path}[]")
        elif isinstance(value, str) and path in hidden and len(value) >= _TELLING:
            found.append(value)

    walk(params, "")
    return [secret for secret in found if not secret.isalpha()]


def scribble(value: Any) -> None:
    """Write all over a value, as a caller may: it is the caller's own."""
    if isinstance(value, dict):
        for item in value.values():
            scribble(item)
        value["Scribbled"] = True
    elif isinstance(value, list):
        for item in value:
            scribble(item)
        value.append("scribbled")
