"""Secrets in data and text that no shape describes: how they are found, and how they are hidden.

A secret is found by the name beside it: in data of any type, in JSON inside text, and in text such
as a repr, an option or an error message. It is hidden wherever a text repeats it, however it is
written there.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.secrets.shapes import REDACTED, Secret, is_sensitive, secrets_in

_SECRET_NAMES = frozenset(
    {
        "appclientsecret",
        "authorization",
        "clientsecret",
        "cookie",
        "privatekey",
        "password",
        "secretaccesskey",
    }
    | {"sessiontoken", "setcookie", "xamzsecuritytoken"}
    | {"accesstoken", "basicauthcredentials", "buildspec", "oauthtoken"}  # the neighbor's
)
"""Names whose values are secret wherever they stand, as :func:`plain` writes them."""


def plain(name: str) -> str:
    """A name without what tells ``clientSecret``, ``client_secret`` and ``Client-Secret`` apart."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def names_secret(name: str) -> bool:
    """Whether the value of a name is secret, in data of any kind."""
    return plain(name) in _SECRET_NAMES | _sensitive_members()


@functools.cache
def _sensitive_members() -> frozenset[str]:
    """The names of members whose shape the model marks as secret."""
    return frozenset(
        plain(path.rsplit(".", 1)[-1])
        for operation in catalogue.operations().values()
        for structure in (operation.input_shape, operation.output_shape)
        for path, shape in catalogue.members(structure)
        if is_sensitive(shape, path.rsplit(".", 1)[-1])
    )


def secrets_of(value: Any) -> Iterator[str]:
    """The secret strings in a value of any type."""
    return _secrets(value, False, {})


_Seen = dict[tuple[int, bool], Any]
"""What was searched already, by identity; it is kept, so that no other object has its id."""


def _secrets(value: Any, secret: bool, seen: _Seen) -> Iterator[str]:
    """The secret strings of a value, by the names that they stand under."""
    if not isinstance(value, (str, int, float)):
        if (id(value), secret) in seen:
            return
        seen[id(value), secret] = value
    if isinstance(value, (bytes, bytearray)):
        value = bytes(value).decode("utf-8", "replace")
    if isinstance(value, str):
        text = str.__str__(value)
        if secret or isinstance(value, Secret):
            yield text
        yield from _secrets_in_text(text, seen)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _secrets(item, secret or names_secret(str(name)), seen)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _secrets(item, secret, seen)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            below = secret or names_secret(field.name)
            yield from _secrets(getattr(value, field.name, None), below, seen)
    elif isinstance(value, BaseException):
        yield from _secrets((*value.args, getattr(value, "response", None)), secret, seen)


_IN_TEXT = re.compile(
    r"""(?ix)
    (?: client[_-]?secret | private[_-]?key | email[_-]?message | email[_-]?subject
      | sms[_-]?message | secret[_-]?access[_-]?key | session[_-]?token | x-amz-security-token
      | access[_-]?token | oauth[_-]?token | basic[_-]?auth[_-]?credentials | build[_-]?spec
      | authorization | cookie | key_id | team_id | client_id | password )
    (?: (?: \\*["'] )? \s* [:=] \s* b? \\*(["']) (?P<quoted> .*? ) \1
      | \s* = \s* (?P<bare> [^\s"',;&}]+ )
      | \s* : \s* (?P<credentials> (?: AWS4-HMAC-SHA256 | Basic | Bearer ) \s [^\r\n"'\\]+ ) )
    """
)
"""A secret in text that has no JSON in it, such as a repr, an option or a header."""

_END_OF_VALUE = ", type: <class"
_OF_WRONG_TYPE = re.compile(
    r"Invalid type for parameter (?P<path>\S+), value: "
    rf"(?!(?:None|True|False|[\d.-]+),)(?P<value>.*?){_END_OF_VALUE}",
    re.S,
)
"""botocore's message about a member of a wrong type, which quotes its value."""

_MOST_READ = 16
"""How many times over a text is read, at the most, for JSON that turns out to be none."""


def _secrets_in_text(text: str, seen: _Seen) -> Iterator[str]:
    for found in _IN_TEXT.finditer(text):
        yield (found["quoted"] or "").rstrip("\\") or found["bare"] or found["credentials"] or ""
    # Up to the last end only: a beginning without an end would be followed to the end of the text.
    for found in _OF_WRONG_TYPE.finditer(text, 0, text.rfind(_END_OF_VALUE) + len(_END_OF_VALUE)):
        if any(map(names_secret, found["path"].split("."))):
            yield found["value"]
    decoder, start = json.JSONDecoder(), text.find("{")
    left = _MOST_READ * len(text)
    while start >= 0 and left >= 0:
        try:
            inside, end = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            end = start + 1
            left -= error.pos - start + error.pos // 1000  # which json counts the lines of
        except (ValueError, RecursionError):
            end = start + 1
            left -= len(text) - start
        else:
            yield from _secrets(inside, False, seen)
        start = text.find("{", end)


# Hiding

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


_TELLING, _COMPARED = 10, 60  # a private key begins with 27 characters that are no secret


def reveals(text: str, value: Any, shape: Any) -> bool:
    """Whether a text repeats a secret of a value, as it is or as Python writes it.

    Secrets that are short, or one word, are no evidence.
    """
    telling = (found for found in secrets_in(value, shape) if len(found) >= _TELLING)
    return any(
        secret[:_COMPARED] in text or repr(secret)[1 : _COMPARED + 1] in text
        for secret in telling
        if not secret.isalpha()
    )
