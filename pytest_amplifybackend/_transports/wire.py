"""The transport ``wire``: botocore goes all the way to the socket, and is answered there.

Serialising, signing, retry modes, parsing and ``RetryAttempts`` are botocore's own. Backoff moves
the fake's clock instead of sleeping. Calls of a client without credentials are not signed.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.hooks import first_non_none_response
from botocore.retries.bucket import CapacityNotAvailableError, TokenBucket

from pytest_amplifybackend import errors
from pytest_amplifybackend._patching import Change, Patch
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._service.clock import ServiceClock
from pytest_amplifybackend._tracebacks import hide
from pytest_amplifybackend._transports import credentials
from pytest_amplifybackend._transports.activation import SERVED_BY, Activation
from pytest_amplifybackend._transports.gateway import Exchange
from pytest_amplifybackend._transports.serving import CLAIM, ClientTransport, claimed, signs


class WireClient:
    """Serves one client at ``before-send``, for the calls that are its own."""

    def __init__(
        self, client: Any, backend: Service, *, error_style: str, sending: threading.local
    ) -> None:
        self.client = client
        self._service = client.meta.service_model.service_id.hyphenize()  # as events name it
        self.active = self.permanent = False
        self.attachment: Activation | None = None
        self.clock = backend.clock
        self._exchange = Exchange(backend, error_style=error_style, transport="wire")
        self._sending = sending
        self._is_limited = (client.meta.config.retries or {}).get("mode") == "adaptive"
        # No event keeps an endpoint from sleeping between two attempts.
        endpoint = client._endpoint  # noqa: SLF001  # see above
        self._patience = Patch(endpoint, "_needs_retry", self._patiently)

    def activate(self) -> None:
        """Serve the client from now on."""
        if self.active:
            return
        self.active = True
        events = self.client.meta.events
        for event, handler, register in self._handlers():
            getattr(events, register)(event, handler, unique_id=self._id(handler))
        self._patience.apply()

    def deactivate(self) -> None:
        """Leave the client as it was."""
        if not self.active:
            return
        self.active = False
        events = self.client.meta.events
        for event, handler, _ in self._handlers():
            events.unregister(event, handler, unique_id=self._id(handler))
        self._patience.undo()

    def reset(self) -> None:
        """Does nothing: there are no one-off answers on the wire."""

    def _handlers(self) -> tuple[tuple[str, Callable[..., Any], str], ...]:
        handlers = (
            (f"before-parameter-build.{self._service}", self._claim, "register_last"),
            (f"choose-signer.{self._service}", self._choose_signer, "register_first"),
            (f"request-created.{self._service}", self._created, "register_last"),
            (f"before-send.{self._service}", self._answer, "register_first"),
        )
        if self._is_limited:
            return (*handlers, ("before-send", self._sent, "register_last"))  # after the limiter
        return handlers

    def _id(self, handler: Callable[..., Any]) -> str:
        return f"amplifybackend-wire-{id(self)}-{handler.__name__}"

    def _claim(self, context: dict[str, Any], **_: Any) -> None:
        claimed(context, self)

    def _choose_signer(self, context: dict[str, Any], **_: Any) -> Any:
        if not signs(context, self):
            return None
        return credentials.signature(self.client, context)

    def _created(self, request: Any, **_: Any) -> None:
        """Remember, for this thread, who serves the request that is about to be sent."""
        self._sending.by = request.context.get(SERVED_BY)
        self._sending.context = request.context
        self._sending.clock = self.clock if self._sending.by is self else None

    def _sent(self, **_: Any) -> None:
        self._sending.by = self._sending.clock = self._sending.context = None

    def _answer(self, request: Any, event_name: str, **_: Any) -> Any:
        if self._sending.by is not self:
            return None
        claim = self._sending.context[CLAIM]
        if not claim.activation.active:
            claim.raise_ended(event_name.rpartition(".")[2])
        if not self._is_limited:  # the limiter still needs the clock; _sent() clears it afterwards
            self._sent()
        url = urlsplit(request.url)
        kind = request.headers.get("content-type")  # of the headers, all that decoding looks at
        headers, broken = {} if kind is None else {"content-type": _text(kind)}, None
        try:
            answer = self._exchange.answer(
                request.method,
                f"{url.path}?{url.query}",
                headers,
                _bytes(request.body),
                region=self.client.meta.region_name,
            )
        except errors.ReadTimeout as error:
            broken = ReadTimeoutError(endpoint_url=request.url, error=repr(error))
        except errors.TransportFault as error:
            broken = ConnectionClosedError(endpoint_url=request.url, error=repr(error))
        except BaseException as error:
            del request
            hide(error)
            raise
        if broken is not None:
            del request
            raise broken
        return AWSResponse(request.url, answer.status, answer.headers, _Raw(answer.body))

    def _patiently(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        def needs_retry(*args: Any, **kwargs: Any) -> Any:
            return (self._needs_retry if self.active else previous)(*args, **kwargs)

        return needs_retry

    def _needs_retry(
        self,
        attempts: int,
        operation_model: Any,
        request_dict: dict[str, Any],
        response: Any = None,
        caught_exception: BaseException | None = None,
    ) -> bool:
        """``Endpoint._needs_retry``, with the clock of the fake that serves in place of a sleep."""
        name = operation_model.name
        responses = self.client.meta.events.emit(
            f"needs-retry.{self._service}.{name}",
            response=response,
            endpoint=self.client._endpoint,  # noqa: SLF001  # what the event is documented to hold
            operation=operation_model,
            attempts=attempts,
            caught_exception=caught_exception,
            request_dict=request_dict,
        )
        delay = first_non_none_response(responses)
        if delay is None or delay is False:
            return False
        served_by = request_dict["context"].get(SERVED_BY)
        if served_by is None:
            time.sleep(delay)
        else:
            served_by.clock.pass_by(delay)
        return True


class _Raw(io.BytesIO):
    """A body as urllib3 gives it."""

    def stream(self, **_: Any) -> Any:
        """All of it, then nothing."""
        while chunk := self.read():
            yield chunk


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else bytes(body)


class WireTransport(ClientTransport):
    """Serves clients through WireClient: attached ones always, all while active."""

    def __init__(self, backend: Service, *, error_style: str) -> None:
        super().__init__(backend, error_style=error_style)
        self._sending = threading.local()

    def _serve(self, client: Any) -> WireClient:
        return WireClient(
            client, self._backend, error_style=self._error_style, sending=self._sending
        )

    def _changes(self, activation: Activation) -> list[Change]:
        return [*super()._changes(activation), Patch(TokenBucket, "acquire", self._acquiring)]

    def _acquiring(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """``TokenBucket.acquire``, the rate limiter of mode ``adaptive``, by the fake's clock."""

        def acquire(bucket: Any, amount: int = 1, block: bool = True) -> Any:
            clock: ServiceClock | None = getattr(self._sending, "clock", None)
            if clock is None or not block:
                return previous(bucket, amount, block)
            try:
                return previous(bucket, amount, block=False)
            except CapacityNotAvailableError:
                clock.pass_by(bucket._sleep_amount(amount))  # noqa: SLF001  # how long it would wait
                return True

        return acquire
