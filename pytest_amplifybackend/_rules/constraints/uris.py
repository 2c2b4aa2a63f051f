"""Constraints on URIs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pytest_amplifybackend._rules.constraints.base import Constraint
from pytest_amplifybackend._rules.leaves import Leaf, Texts

_NOT_IN_URI = re.compile(r"[#\s]")
_OWN_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:(?!\d+(?:/|$)).+")  # no host and port
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_WEB = (
    ("https://shop.example.com/", ""),
    ("https://shop-", ".example.com"),
    ("http://localhost:3000/", "/"),
    ("http://127.0.0.1/", ""),
)
_APPS = (("", "://"), ("myapp://", ""), ("myapp://", "/"))
_URI_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _is_uri(value: str, *, own_schemes: bool) -> bool:
    if _NOT_IN_URI.search(value) is not None:
        return False
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    if parts.scheme == "http":
        return host in _LOOPBACK
    return own_schemes and _OWN_SCHEME.fullmatch(value) is not None


def _not_uris(value: str) -> list[Any]:
    """Texts that are no URIs, none longer than a valid one: rules on the length come first."""
    return [
        "https://example.com/#top",
        "https://exam ple.com/",
        "http://example.com/",
        "https:///",
        "example.com/",
        "/callback/",
        f"{value[:-1]}#",
    ]


def _uris(leaf: Leaf, affixes: tuple[tuple[str, str], ...]) -> Leaf:
    uris = Texts(_URI_LETTERS, least=1 + min(len(a + b) for a, b in affixes), affixes=affixes)
    return leaf.both(uris) if isinstance(leaf, Texts) else leaf


@dataclass(frozen=True, slots=True)
class RedirectUri(Constraint):
    """An absolute URI without fragment; plain http only for this machine; own schemes allowed."""

    @property
    def message(self) -> str:
        return "must be an absolute URI without '#', with https unless it names localhost"

    def holds(self, value: Any) -> bool:
        return _is_uri(value, own_schemes=True)

    def breaking(self, value: Any) -> list[Any]:
        return _not_uris(value)

    def narrow(self, leaf: Leaf) -> Leaf:
        return _uris(leaf, (*_WEB, *_APPS))


@dataclass(frozen=True, slots=True)
class IssuerUri(Constraint):
    """An OpenID issuer: an absolute URI with https, or http for this machine."""

    @property
    def message(self) -> str:
        return "must be a URI with https, or with http for localhost"

    def holds(self, value: Any) -> bool:
        return _is_uri(value, own_schemes=False)

    def breaking(self, value: Any) -> list[Any]:
        return [*_not_uris(value), "myapp://login/"]

    def narrow(self, leaf: Leaf) -> Leaf:
        return _uris(leaf, _WEB)
