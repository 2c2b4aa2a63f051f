"""What stands in front of the exchange for requests from other programs: region and signature."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pytest_amplifybackend._api.regions import is_host_label
from pytest_amplifybackend._transports import sigv4
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.exchange import Exchange

_REGIONAL_HOST = re.compile(r"amplifybackend(?:-fips)?\.([a-z0-9-]{1,63})\..+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HTTPRequest:
    """A request as it came: header names are in lower case, the target is not decoded.

    Bytes of the target that are no UTF-8 are lone surrogates (``surrogateescape``). One that is
    not ``ready`` may be put off (see ``later.py``).
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    ready: bool = True

    @property
    def host(self) -> str:
        """Whom the request is for, with the port: the target's own host before the header."""
        if self.target.startswith("/") or "://" not in self.target:
            return self.headers.get("host", "")
        return self.target.partition("://")[2].partition("/")[0]

    @property
    def path(self) -> str:
        """The target without scheme and host; the query is still there."""
        if self.target.startswith("/") or "://" not in self.target:
            return self.target
        _, slash, path = self.target.partition("://")[2].partition("/")
        return f"{slash}{path}"


def region_of(request: HTTPRequest, default: str) -> str:
    """The region a request means: of its credential scope, else of its host, else the default."""
    scope = sigv4.scope_of(request.headers.get("authorization", ""))
    if scope is not None:
        return scope.region
    host = _REGIONAL_HOST.fullmatch(urlsplit(f"//{request.host}").netloc)
    return default if host is None else host[1].lower()


class Front:
    """Answers requests from other programs, whose signatures it checks if it has ``secrets``.

    ``secrets`` maps access keys to secret keys; None lets every request pass, signed or not.
    """

    def __init__(
        self, exchange: Exchange, *, default_region: str, secrets: Mapping[str, str] | None
    ) -> None:
        self._exchange = exchange
        self._default_region = default_region
        self._secrets = None if secrets is None else dict(secrets)

    def answer(self, request: HTTPRequest) -> HTTPResponse:
        """The response to one request; raises TransportFault, for the caller to act out."""
        region = region_of(request, self._default_region)
        if not is_host_label(region):
            # Any that botocore makes a client for is served, "local" too: programs that talk to an
            # endpoint of their own call it so.
            return self._exchange.dressed(sigv4.no_region(region))
        refused = None if request.method == "OPTIONS" else self.unsigned(request)
        if refused is not None:
            return refused
        return self._exchange.answer(
            request.method,
            request.path,
            request.headers,
            request.body,
            region=region,
            ready=request.ready,
        )

    def unsigned(self, request: HTTPRequest) -> HTTPResponse | None:
        """The refusal of a request without a signature that holds; None where none is needed."""
        if self._secrets is None:
            return None
        refused = sigv4.refusal(
            request.method,
            request.path,
            request.headers,
            request.body,
            secrets=self._secrets,
            default_region=self._default_region,
        )
        return None if refused is None else self._exchange.dressed(refused)
