"""Which ``Host`` and ``Origin`` headers are the server's own.

A page on the web can make a browser call a server on loopback under a name of the page's own
(DNS rebinding); the header then has that name.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE = ("0.0.0.0", "::", "")


class OwnHosts:
    """The values of ``Host`` that mean a server listening on ``host`` and ``port``.

    Its own address and the names of loopback, with its port; the names in ``allowed``, with
    any; and, when it listens on every interface, whatever is an address rather than a name.
    """

    def __init__(self, host: str, port: int, allowed: Iterable[str]) -> None:
        self._port = port
        self._names = {*_LOOPBACK, host.lower()}
        self._allowed = {name.lower() for name in allowed}
        self._everywhere = host in _EVERYWHERE

    def __contains__(self, header: str) -> bool:
        try:
            parts = urlsplit(f"//{header}")
            name, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            return False
        if parts.netloc != header or "@" in header:
            return False
        if name in self._allowed or header.lower() in self._allowed:
            return True
        if self._everywhere and _is_address(name):
            return True
        return name in self._names and (80 if port is None else port) == self._port


def leads_to(url: str, host: str, port: int) -> bool:
    """Whether a URL is that of a server of this machine, by loopback or the address it has."""
    try:
        parts = urlsplit(url)
        there = parts.port or 80
    except ValueError:
        return False
    name = (parts.hostname or "").rstrip(".")
    return parts.scheme == "http" and there == port and name in {*_LOOPBACK, host.lower()}


def is_loopback_origin(origin: str) -> bool:
    """Whether an ``Origin`` is a page that this machine serves to itself."""
    try:
        parts = urlsplit(origin)
        return parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
