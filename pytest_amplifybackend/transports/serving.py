"""Which clients a transport serves: attached ones always, and while active all of the process."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any, Protocol

from botocore.client import BaseClient

from pytest_amplifybackend import errors
from pytest_amplifybackend.model import catalogue
from pytest_amplifybackend.service.backend import Backend
from pytest_amplifybackend.transports import guard
from pytest_amplifybackend.transports.patching import Patch

SERVED_BY = "amplifybackend_served_by"
"""Where a call's context says what serves it: the first claim stands, but for an attached one's."""


class Served(Protocol):
    """What serves one client, by handlers of the client's own events, which keep it alive."""

    client: Any
    attached: bool
    active: bool

    def activate(self) -> None:
        """Serve the client from now on; does nothing when it is served already."""

    def deactivate(self) -> None:
        """Leave the client as it was; does nothing when it is not served."""

    def reset(self) -> None:
        """Forget what was asked of it for single calls."""


def claim(context: dict[str, Any], served: Served) -> bool:
    """Whether a call is ours to answer; to be asked at ``before-parameter-build``.

    A client that was attached is served by whom it was attached to, whatever is active. What is
    presigned is sent by nobody.
    """
    if served.attached and served.active and not context.get("is_presign_request"):
        context[SERVED_BY] = served
    return context.get(SERVED_BY) is served


class _ServedByClient:
    """What serves each client, as long as the client lives."""

    def __init__(self) -> None:
        self._refs: weakref.WeakKeyDictionary[Any, weakref.ref[Any]] = weakref.WeakKeyDictionary()

    def get(self, client: Any) -> Any:
        ref = self._refs.get(client)
        return None if ref is None else ref()

    def add(self, served: Served) -> None:
        self._refs[served.client] = weakref.ref(served)

    def pop(self, client: Any) -> Any:
        ref = self._refs.pop(client, None)
        return None if ref is None else ref()

    def all(self) -> list[Any]:
        return [served for ref in list(self._refs.values()) if (served := ref()) is not None]


class ClientTransport:
    """A transport that serves botocore clients in the process; subclasses say with what."""

    def __init__(self, backend: Backend, *, error_style: str) -> None:
        self._backend = backend
        self._error_style = error_style
        self._served = _ServedByClient()
        self._lasting: weakref.WeakSet[Any] = weakref.WeakSet()
        self._detached: weakref.WeakSet[Any] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._patches: list[Patch] = []

    def _serve(self, client: Any) -> Served:
        """What is to serve a client, not active yet."""
        raise NotImplementedError

    def _patches_while_active(self) -> list[Patch]:
        """What is replaced in the process while the transport is active."""
        return [Patch(BaseClient, "_emit_api_params", self._serving), *guard.patches()]

    def activate(self) -> None:
        self._patches = self._patches_while_active()
        for patch in self._patches:
            patch.apply()

    def deactivate(self) -> None:
        for patch in reversed(self._patches):
            patch.undo()
        self._patches = []
        with self._lock:
            for served in self._served.all():
                if served.client not in self._lasting:
                    served.deactivate()
                    self._served.pop(served.client)
            self._detached.clear()

    def attach(self, client: Any, *, lasting: bool = True) -> Any:
        _check(client)
        with self._lock:
            self._detached.discard(client)
            served = self._served.get(client) or self._new(client)
            served.activate()
            served.attached = True
            if lasting:
                self._lasting.add(client)
            return served

    def reset(self) -> None:
        with self._lock:
            for served in self._served.all():
                served.reset()

    def detach(self, client: Any) -> None:
        _check(client)
        with self._lock:
            served = self._served.pop(client)
            if served is not None:
                served.deactivate()
            self._lasting.discard(client)
            self._detached.add(client)

    def _new(self, client: Any) -> Served:
        served = self._serve(client)
        served.activate()
        self._served.add(served)
        return served

    def _claim_for(self, client: Any, context: Any) -> None:
        """See to it that a client of ours is served, and that the call knows by whom."""
        if context is None or SERVED_BY in context or context.get("is_presign_request"):
            return
        served = self._served.get(client)
        if served is None and client not in self._detached:
            with self._lock:
                served = self._served.get(client) or self._new(client)
        if served is not None and served.active:
            context[SERVED_BY] = served

    def _serving(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """``BaseClient._emit_api_params`` that first sees to it that the client is served.

        It runs in every call of every client, also in one whose ``_make_api_call`` a test has
        replaced by something that calls the original.
        """

        def _emit_api_params(
            client: Any, api_params: Any, operation_model: Any, context: Any
        ) -> Any:
            if client.meta.service_model.service_name == catalogue.SERVICE:
                self._claim_for(client, context)
            return previous(
                client, api_params=api_params, operation_model=operation_model, context=context
            )

        return _emit_api_params


def _check(client: Any) -> None:
    meta = getattr(client, "meta", None)
    name = getattr(getattr(meta, "service_model", None), "service_name", None)
    if name != catalogue.SERVICE:
        what = f"a client of {name}" if name else repr(client)
        raise errors.UsageError(
            f"only clients of {catalogue.SERVICE} can be attached or detached, not {what}."
        )
