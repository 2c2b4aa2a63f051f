"""The default transport: botocore's own Stubber, answering from the service instead of a queue.

Order of one call in botocore: ``before-parameter-build`` (the params are noted here), the
client's validation and serialisation, ``before-call`` (the answer is given here). So a call
that the client refuses never reaches the service.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.stub import Stubber

from pytest_amplifybackend import errors
from pytest_amplifybackend.model import catalogue
from pytest_amplifybackend.model.values import copied
from pytest_amplifybackend.service.backend import Backend
from pytest_amplifybackend.transports import guard
from pytest_amplifybackend.transports.outcome import parsed_error
from pytest_amplifybackend.transports.patching import Patch

_SERVED_BY = "amplifybackend_served_by"
_PARAMS = "amplifybackend_params"
_BUILD, _CALL = "before-parameter-build", "before-call"
"""The events of every operation: a handler on the general name comes after all on longer ones,
so that whatever a test registers is heard, and may answer, before the fake."""


class AmplifyBackendStubber(Stubber):  # type: ignore[misc]  # botocore has no types
    """A Stubber whose answers come from a stateful service.

    ``add_response`` and ``add_client_error`` work as ever, each for the next call of its
    operation; ``assert_no_pending_responses`` asks after those alone.
    """

    def __init__(self, client: Any, backend: Backend, *, error_style: str, attached: bool) -> None:
        super().__init__(client)
        self._backend = backend
        self._error_style = error_style
        self.attached = attached
        self._own_id = f"amplifybackend-stubber-{id(self)}"

    def activate(self) -> None:
        """Serve the client from now on."""
        events = self.client.meta.events
        events.register_last(_BUILD, self._note_params, unique_id=f"{self._own_id}-params")
        events.register_last(_CALL, self._answer, unique_id=self._own_id)

    def deactivate(self) -> None:
        """Leave the client as it was."""
        events = self.client.meta.events
        events.unregister(_BUILD, self._note_params, unique_id=f"{self._own_id}-params")
        events.unregister(_CALL, self._answer, unique_id=self._own_id)

    def _note_params(self, params: Any, context: dict[str, Any], **_: Any) -> None:
        if self.attached and not context.get("is_presign_request"):
            context[_SERVED_BY] = self
        if context.get(_SERVED_BY) is self:
            context[_PARAMS] = copied(params)

    def _answer(self, model: Any, context: dict[str, Any], **_: Any) -> Any:
        if context.get(_SERVED_BY) is not self:
            return None
        params = context[_PARAMS]
        if self._queue:
            canned = self._canned(model, params, context)
            if canned is not None:
                return canned
        status = 200
        try:
            parsed = self._backend.call(
                model.name, params, region=self.client.meta.region_name, transport="stubber"
            )
        except errors.ServiceError as error:
            status, parsed = error.status, parsed_error(error, self._error_style)
        except errors.ConnectionReset as error:
            raise ConnectionClosedError(endpoint_url=self.client.meta.endpoint_url) from error
        except errors.ReadTimeout as error:
            raise ReadTimeoutError(
                endpoint_url=self.client.meta.endpoint_url, error=error
            ) from error
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
        return AWSResponse(None, status, headers, None), parsed

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


class _StubberByClient:
    """The stubber of each client; the client's own event handlers keep it alive."""

    def __init__(self) -> None:
        self._refs: weakref.WeakKeyDictionary[Any, weakref.ref[AmplifyBackendStubber]] = (
            weakref.WeakKeyDictionary()
        )

    def get(self, client: Any) -> AmplifyBackendStubber | None:
        ref = self._refs.get(client)
        return None if ref is None else ref()

    def add(self, stubber: AmplifyBackendStubber) -> None:
        self._refs[stubber.client] = weakref.ref(stubber)

    def pop(self, client: Any) -> AmplifyBackendStubber | None:
        ref = self._refs.pop(client, None)
        return None if ref is None else ref()

    def all(self) -> list[AmplifyBackendStubber]:
        return [stubber for ref in list(self._refs.values()) if (stubber := ref()) is not None]


class StubberTransport:
    """Serves clients through AmplifyBackendStubber: attached ones always, all while active."""

    def __init__(self, backend: Backend, *, error_style: str) -> None:
        self._backend = backend
        self._error_style = error_style
        self._stubbers = _StubberByClient()
        self._detached: weakref.WeakSet[Any] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._patches: list[Patch] = []

    def activate(self) -> None:
        self._patches = [Patch(BaseClient, "_emit_api_params", self._serving), *guard.patches()]
        for patch in self._patches:
            patch.apply()

    def deactivate(self) -> None:
        for patch in reversed(self._patches):
            patch.undo()
        self._patches = []
        with self._lock:
            for stubber in self._stubbers.all():
                if not stubber.attached:
                    stubber.deactivate()
                    self._stubbers.pop(stubber.client)
            self._detached.clear()

    def attach(self, client: Any) -> AmplifyBackendStubber:
        _check(client)
        with self._lock:
            self._detached.discard(client)
            stubber = self._stubbers.get(client) or self._new(client)
            stubber.attached = True
            return stubber

    def detach(self, client: Any) -> None:
        _check(client)
        with self._lock:
            stubber = self._stubbers.pop(client)
            if stubber is not None:
                stubber.deactivate()
            self._detached.add(client)

    def _new(self, client: Any) -> AmplifyBackendStubber:
        stubber = AmplifyBackendStubber(
            client, self._backend, error_style=self._error_style, attached=False
        )
        stubber.activate()
        self._stubbers.add(stubber)
        return stubber

    def _serving(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """``BaseClient._emit_api_params`` that first sees to it that the client is served.

        It runs in every call of every client, also in one whose ``_make_api_call`` a test has
        replaced by something that calls the original.
        """

        def _emit_api_params(
            client: Any, api_params: Any, operation_model: Any, context: Any
        ) -> Any:
            if (
                client.meta.service_model.service_name == catalogue.SERVICE
                and context is not None
                and _SERVED_BY not in context
                and not context.get("is_presign_request")
            ):
                stubber = self._stubbers.get(client)
                if stubber is None and client not in self._detached:
                    with self._lock:
                        stubber = self._stubbers.get(client) or self._new(client)
                if stubber is not None:
                    context[_SERVED_BY] = stubber
            return previous(
                client, api_params=api_params, operation_model=operation_model, context=context
            )

        return _emit_api_params


def _check(client: Any) -> None:
    name = getattr(
        getattr(getattr(client, "meta", None), "service_model", None), "service_name", None
    )
    if name != catalogue.SERVICE:
        what = f"a client of {name}" if name else repr(client)
        raise errors.UsageError(
            f"only clients of {catalogue.SERVICE} can be attached or detached, not {what}."
        )
