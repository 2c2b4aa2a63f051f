"""One HTTP exchange with the service: what every HTTP transport hands its requests to."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_amplifybackend import errors
from pytest_amplifybackend._service import ahead
from pytest_amplifybackend._service.backend import Backend
from pytest_amplifybackend._transports import codec, later
from pytest_amplifybackend._transports.codec import HTTPResponse


class Exchange:
    """Answers HTTP requests from a backend; every answer has a request id and a date."""

    def __init__(self, backend: Backend, *, error_style: str, transport: str) -> None:
        self._backend = backend
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
        try:
            operation, params = codec.decode(method, path, headers, body)
            if not ready:
                later.unless_done(ahead.of_call(self._backend, operation, params, region))
            answer = self._backend.call(operation, params, region=region, transport=self._transport)
        except codec.Refusal as refusal:
            return self.dressed(refusal.response)
        except errors.StateNotSaved as error:  # not the service's own, so not in its style
            return self.dressed(codec.gateway_error(error.status, error.code, error.message))
        except errors.ServiceError as error:
            return self.dressed(codec.modeled_error(error, self._error_style))
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
