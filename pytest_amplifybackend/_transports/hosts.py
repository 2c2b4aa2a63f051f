"""Which ``Host`` and ``Origin`` headers are the server's own, or those of this machine.

A page on the web can make a browser call a server on loopback under a name of the page's own
(DNS rebinding); the header then has that name.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE = ("0.0.0.0", "::", "")

_ORIGIN = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
)
"""An origin as browsers write it: lower case, no default port, nothing after it."""

_HOST = re.compile(
    r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+?)\.?)(?::(?P<port>[0-9]{0,5}))?",
    re.IGNORECASE,
)
"""A ``Host`` header: a name, of which a dot at the end is no part, or an address, and a port."""

_DEFAULT_PORTS = {"http": "80", "https": "443"}


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
        self._is_own = functools.lru_cache(maxsize=64)(self._leads_here)

    def __contains__(self, header: str) -> bool:
        return self._is_own(header)

    def _leads_here(self, header: str) -> bool:
        found = _HOST.fullmatch(header) if header.isascii() else None
        if found is None:
            return False
        name = (found["address"] or found["name"]).lower()
        if name in self._allowed or header.lower() in self._allowed:
            return True
        if self._everywhere and _address(name) is not None:
            return True
        return name in self._names and int(found["port"] or 80) == self._port


def leads_to(url: str, host: str, port: int) -> bool:
    """Whether a URL is that of a server of this machine, by loopback or the address it has."""
    try:
        parts = urlsplit(url)
        there = parts.port or 80
    except ValueError:
        return False
    name = (parts.hostname or "").rstrip(".")
    return parts.scheme == "http" and there == port and name in {*_LOOPBACK, host.lower()}


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens on ``host``, a name or an address."""
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def is_origin(text: str) -> bool:
    """Whether a text is an origin exactly as a browser writes it; ``null`` is not."""
    found = _ORIGIN.fullmatch(text)
    return found is not None and _DEFAULT_PORTS.get(found["scheme"]) != (found["port"] or "")


def is_loopback_origin(origin: str) -> bool:
    """Whether an ``Origin`` is a page that this machine serves to itself.

    That is localhost and the names below it, which browsers look up nowhere (RFC 6761), and the
    addresses of loopback.
    """
    found = _ORIGIN.fullmatch(origin)
    if found is None or found["scheme"] not in _DEFAULT_PORTS or not is_origin(origin):
        return False
    host = found["host"].removeprefix("[").removesuffix("]")
    address = _address(host)
    if address is None:
        return f".{host}".endswith(".localhost")
    # An IPv4 address written as IPv6 is loopback from Python 3.13 on; no browser writes it so.
    is_mapped = getattr(address, "ipv4_mapped", None) is not None
    return address.is_loopback and not is_mapped and str(address) == host


_LOCAL_NAMES = ("localhost", "localhost.localstack.cloud")
"""Names of this machine. LocalStack's is a public one for 127.0.0.1."""


def is_on_this_machine(url: str) -> bool:
    """Whether a URL leads to a loopback address, or to a name that is always one."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    address = _address(host)
    if address is None:
        return f".{host}".endswith(tuple(f".{name}" for name in _LOCAL_NAMES))
    return address.is_loopback or address.is_unspecified


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
