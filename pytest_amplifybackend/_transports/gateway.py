"""From an HTTP request to its answer: region, signature, and the exchange with the service.

Every HTTP transport hands its requests to the :class:`Gateway`, except ``wire``: it comes after
botocore's own signing, and uses the :class:`Exchange`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import services
from pytest_amplifybackend._api.regions import is_host_label
from pytest_amplifybackend._service import ahead
from pytest_amplifybackend._service.ahead import Work
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._transports import codec, routes, sigv4
from pytest_amplifybackend._transports.codec import NEIGHBORLY, HTTPResponse

_REGIONAL_HOST = re.compile(r"amplify(?:backend)?(?:-fips)?\.([a-z0-9-]{1,63})\..+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HTTPRequest:
    """A request as it came: header names are in lower case, the target is not decoded.

    Bytes of the target that are no UTF-8 are lone surrogates (``surrogateescape``). One that is
    not ``ready`` may be put off (see :class:`Later`).
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


class Later(Exception):
    """Do ``work`` in another thread, then ask again with a request that is ``ready``.

    Nothing has happened for the request yet. A transport that serves several clients handles it.
    """

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work


def unless_done(work: Work | None) -> None:
    """Raise :class:`Later` where there is work to do."""
    if work is not None:
        raise Later(work)


class Exchange:
    """Answers HTTP requests from a backend; every answer has a request id and a date."""

    def __init__(self, backend: Service, *, error_style: str, transport: str) -> None:
        self._backend = backend
        self.served = backend.services
        self._error_style = error_style
        self._transport = transport

    def answer(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        region: str,
        ready: bool = True,
    ) -> HTTPResponse:
        """The response to one request; ``headers`` have lower-case names.

        Raises ConnectionReset and ReadTimeout, for the transport to act out, and Later where the
        request is not ``ready``: its answer takes long, and others may be waiting.
        """
        if method == "OPTIONS":
            return self.dressed(codec.preflight())
        style = self._error_style
        try:
            operation, params = routes.route(method, path, self._backend.services)
            if services.service_of(operation) != services.OWN:
                style = NEIGHBORLY
                self._backend.named(operation)
            codec.add_content(operation, params, path, headers, body)
            if not ready:
                unless_done(ahead.of_call(self._backend, operation, params, region))
            answer = self._backend.call(operation, params, region=region, transport=self._transport)
        except codec.NoOperation as rejected:
            return self.dressed(rejected.response)
        except errors.StateNotSaved as error:  # not the service's own, so not in its style
            return self.dressed(codec.gateway_error(error.status, error.code, error.message))
        except errors.ServiceError as error:
            return self.dressed(codec.modeled_error(error, style))
        except errors.GarbledResponse:
            return self.dressed(codec.GARBLED)
        body = codec.encode(operation, answer)
        return HTTPResponse(200, self._headers(body, {"content-type": "application/json"}), body)

    def dressed(self, response: HTTPResponse) -> HTTPResponse:
        """The response with the headers that every answer has."""
        headers = self._headers(response.body, response.headers)
        return HTTPResponse(response.status, headers, response.body)

    def _headers(self, body: bytes, headers: dict[str, str]) -> dict[str, str]:
        return {
            "date": self._backend.clock.http_date(),
            "x-amzn-requestid": self._backend.request_id(),
            "content-length": str(len(body)),
            **headers,
        }


def region_of(request: HTTPRequest, default: str) -> str:
    """The region a request means: of its credential scope, else of its host, else the default."""
    scope = sigv4.scope_of(request.headers.get("authorization", ""))
    if scope is not None:
        return scope.region
    host = _REGIONAL_HOST.fullmatch(urlsplit(f"//{request.host}").netloc)
    return default if host is None else host[1].lower()


class Gateway:
    """Answers requests from other programs, whose signatures it checks if it has ``secrets``.

    ``secrets`` maps access keys to secret keys; None lets every request pass, signed or not.
    """

    def __init__(
        self, exchange: Exchange, *, default_region: str, secrets: Mapping[str, str] | None
    ) -> None:
        self._exchange = exchange
        self._served = exchange.served
        self._default_region = default_region
        self._secrets = None if secrets is None else dict(secrets)

    def answer(self, request: HTTPRequest) -> HTTPResponse:
        """The response to one request; raises TransportFault, for the caller to act out."""
        region = region_of(request, self._default_region)
        if not is_host_label(region):
            # Any that botocore makes a client for is served, "local" too: programs that talk to an
            # endpoint of their own call it so.
            return self._exchange.dressed(sigv4.no_region(region))
        rejected = None if request.method == "OPTIONS" else self.unsigned(request)
        if rejected is not None:
            return rejected
        return self._exchange.answer(
            request.method,
            request.path,
            request.headers,
            request.body,
            region=region,
            ready=request.ready,
        )

    def unsigned(self, request: HTTPRequest) -> HTTPResponse | None:
        """The 403 for a request without a valid signature; None if none is needed."""
        if self._secrets is None:
            return None
        rejected = sigv4.rejection(
            request.method,
            request.path,
            request.headers,
            request.body,
            secrets=self._secrets,
            default_region=self._default_region,
            service=self._service_at(request.path),
        )
        return None if rejected is None else self._exchange.dressed(rejected)

    def _service_at(self, path: str) -> str:
        """The service that a request has to be signed for: the neighbor's paths are its own."""
        is_own = self._served == services.ALONE or not routes.is_known_path(path, self._served)
        return services.OWN if is_own or routes.is_known_path(path) else services.NEIGHBOR
