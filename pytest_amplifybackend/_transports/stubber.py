"""The default transport: botocore's own Stubber, answering from the service instead of a queue.

Order of one call in botocore: ``before-parameter-build`` (the params are noted here), the
client's validation and serialisation, ``before-call`` (the fake answers here). So a call
whose params are invalid for the client never reaches the service.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.stub import Stubber

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.paths import copied
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._tracebacks import hide
from pytest_amplifybackend._transports import credentials
from pytest_amplifybackend._transports.activation import SERVED_BY, Activation
from pytest_amplifybackend._transports.codec import NEIGHBORLY
from pytest_amplifybackend._transports.serving import CLAIM, ClientTransport, claimed, signs
from pytest_amplifybackend._transports.short_way import ShortWay

_PARAMS = "amplifybackend_params"
_BUILD, _CALL, _SIGN = "before-parameter-build", "before-call", "choose-signer"
"""The events of every operation: a handler on the general name comes after all on longer ones,
so that handlers of a test run, and may answer, before the fake."""


class LateHeaders:
    """An HTTP response whose headers are made when they are read, which is rare.

    A base class to put before one of botocore's: its case-insensitive headers cost more than all
    the rest of a call.
    """

    url: str | None = None
    raw: Any = None
    _content: bytes | None = None

    def __init__(self, status_code: int, headers: dict[str, str]) -> None:
        self.status_code = status_code
        self._plain_headers = headers

    @functools.cached_property
    def headers(self) -> Any:
        """The headers, in upper or lower case."""
        return HeadersDict(self._plain_headers)


class Answered(LateHeaders, AWSResponse):  # type: ignore[misc]  # botocore has no types
    """The HTTP response of a call that was answered without one."""


class AmplifyBackendStubber(Stubber):  # type: ignore[misc]  # botocore has no types
    """A Stubber whose answers come from a stateful service.

    ``add_response`` and ``add_client_error`` work as ever, each for the next call of its
    operation; ``assert_no_pending_responses`` asks after those alone.
    """

    _http_response: Callable[[int, dict[str, str]], Any] = Answered
    _dummies = staticmethod(credentials.dummies)
    attachment: Activation | None = None
    permanent = False

    def __init__(
        self, client: Any, backend: Service, *, error_style: str, transport: str = "stubber"
    ) -> None:
        super().__init__(client)
        self._backend = backend
        self._error_style = error_style
        self._transport = transport
        self.active = False
        self._short_way = ShortWay(client, self)
        self._own_id = f"amplifybackend-stubber-{id(self)}"

    def __enter__(self) -> AmplifyBackendStubber:
        """The stubber; the fake serves the client before, during and after the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing: see :meth:`__enter__`."""

    def activate(self) -> None:
        """Serve the client from now on."""
        if self.active:
            return
        self.active = True
        events = self.client.meta.events
        for event, handler in self._handlers():
            events.register_last(event, handler, unique_id=f"{self._own_id}-{event}")
        self._short_way.take()

    def deactivate(self) -> None:
        """Leave the client as it was, until it is attached again."""
        if not self.active:
            return
        self.active = False
        events = self.client.meta.events
        for event, handler in self._handlers():
            events.unregister(event, handler, unique_id=f"{self._own_id}-{event}")
        self._short_way.leave()

    def reset(self) -> None:
        """Forget the one-off answers."""
        self._queue.clear()

    def _handlers(self) -> tuple[tuple[str, Callable[..., Any]], ...]:
        return ((_BUILD, self._note_params), (_CALL, self._answer), (_SIGN, self._choose_signer))

    def _note_params(self, params: Any, context: dict[str, Any], **_: Any) -> None:
        if claimed(context, self):
            context[_PARAMS] = copied(params)

    def _choose_signer(self, context: dict[str, Any], **_: Any) -> Any:
        """How to sign: a URL that is presigned, since a call is answered before that."""
        if not signs(context, self):
            return None
        return credentials.signature(self.client, context, self._dummies)

    def _answer(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        if context.get(SERVED_BY) is not self:
            return None
        claim = context[CLAIM]
        if not claim.activation.active:
            claim.raise_ended(model.name)
        params = context[_PARAMS]
        if self._queue:
            canned = self._canned(model, params, context)
            if canned is not None:
                return canned
        status, broken = 200, None
        try:
            parsed = self._backend.call(
                model.name,
                params,
                region=self.client.meta.region_name,
                transport=self._transport,
            )
        except errors.ServiceError as error:
            status, parsed = error.status, parsed_error(error, self._error_style, model)
        except errors.ConnectionReset:
            broken = ConnectionClosedError(endpoint_url=self.client.meta.endpoint_url)
        except errors.GarbledResponse:
            parsed = {}
        except errors.ReadTimeout as error:
            url = self.client.meta.endpoint_url
            broken = ReadTimeoutError(endpoint_url=url, error=repr(error))
        except BaseException as error:
            del context, params
            hide(error)
            raise
        if broken is not None:
            del context, params
            raise broken
        request_id = self._backend.request_id()
        headers = {
            "date": self._backend.clock.http_date(),
            "content-type": "application/json",
            "x-amzn-requestid": request_id,
        }
        parsed["ResponseMetadata"] = {
            "RequestId": request_id,
            "HTTPStatusCode": status,
            "HTTPHeaders": headers,
            "RetryAttempts": 0,
        }
        return self._http_response(status, headers), parsed

    def _canned(self, model: Any, params: Any, context: dict[str, Any]) -> Any:
        """The next one-off answer for this operation, if one was added."""
        for index, entry in enumerate(self._queue):
            if entry["operation_name"] == model.name:
                self._queue.rotate(-index)
                try:
                    self._assert_expected_params(model, params, context)
                    return self._queue.popleft()["response"]
                finally:
                    self._queue.rotate(index)
        return None


class StubberTransport(ClientTransport):
    """Serves clients through AmplifyBackendStubber."""

    def _serve(self, client: Any) -> AmplifyBackendStubber:
        return AmplifyBackendStubber(client, self._backend, error_style=self._style(client))


def parsed_error(error: errors.ServiceError, style: str, model: Any) -> dict[str, Any]:
    """What botocore's parser makes of an operation's error, but for ``ResponseMetadata``.

    ``modeled``: the modeled code and message. ``observed``: the code and the message of
    recorded traffic, whose body holds nothing else. The parser puts message and members at the
    top as well when it finds the code in the model.
    """
    code, message = error.code, error.message
    if style == "observed" and code in errors.MODELED:
        code = error.observed_code
        message = f"{code} - {message}"
    if style == NEIGHBORLY:
        message = message.removeprefix(errors.OBSERVED_PREFIX)
    parsed: dict[str, Any] = {"Error": {"Message": message, "Code": code}}
    if style == NEIGHBORLY:
        shape = model.service_model.shape_for_error_code(code)
        sent = {"message": message, "code": code}
        parsed.update({name: sent[name] for name in getattr(shape, "members", ()) if name in sent})
    elif code == error.code and code in errors.MODELED:
        parsed["Message"] = message
        parsed.update(error.members if style == "modeled" else {})
    return parsed
