"""Secrets wherever a text repeats them: in error messages, in JSON inside strings, in copies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from pytest_amplifybackend._api.sensitive import REDACTED, is_sensitive

_SHORT = 4
"""A secret with fewer characters, or one of letters alone, may well be part of another word; it is
replaced where it is a word of its own."""


class Scrubber:
    """Replaces every occurrence of some secrets in a text, escaped ones included."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if secret.strip() for form in _forms(secret)}
        patterns = [_pattern(form) for form in sorted(forms, key=lambda form: (-len(form), form))]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    @classmethod
    def of(cls, value: Any, shape: Any) -> Scrubber:
        """A scrubber of the sensitive members of a value that a shape describes."""
        return cls(secrets_in(value, shape))

    def __call__(self, text: str) -> str:
        return self._pattern.sub(REDACTED, text) if self._pattern else text


def secrets_in(value: Any, shape: Any) -> Iterator[str]:
    """The strings below the sensitive members of a value that a shape describes."""
    if is_sensitive(shape):
        yield from _strings(value)
    elif shape.type_name == "structure" and isinstance(value, Mapping):
        for name, member in shape.members.items():
            if name in value:
                secret = is_sensitive(member, name)
                yield from _strings(value[name]) if secret else secrets_in(value[name], member)
    elif shape.type_name == "list" and isinstance(value, (list, tuple)):
        for item in value:
            yield from secrets_in(item, shape.member)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield str.__str__(value)


_WRITINGS: tuple[Callable[[str], str], ...] = (
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: repr(text)[1:-1],
    lambda text: repr(text.encode("utf-8", "surrogatepass"))[2:-1],
    lambda text: quote(text, errors="replace"),
    lambda text: quote(text, safe="", errors="replace"),
    lambda text: quote_plus(text, errors="replace"),
)
"""How a text is written in JSON, in a repr, in one of bytes, in a URL and in a form."""


def _forms(secret: str) -> set[str]:
    """A secret as text, and as it is written once and twice: in JSON inside JSON, in its repr."""
    once = {secret, *(write(secret) for write in _WRITINGS)}
    return once.union(write(form) for form in once - {secret} for write in _WRITINGS)


def _pattern(form: str) -> str:
    escaped = re.escape(form)
    if len(form) >= _SHORT and not form.isalpha():
        return escaped
    return rf"(?<![^\W_]){escaped}(?![^\W_])"
