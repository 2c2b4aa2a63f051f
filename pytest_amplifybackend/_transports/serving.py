"""Which clients a transport serves: attached ones always, all of the process while active.

A call is claimed when a method of the client is entered, before any event handler runs. From then
on the fake that claimed it answers it, or raises UnservedRequest.
"""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Callable
from typing import Any, Protocol

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import services
from pytest_amplifybackend._arguments import shown
from pytest_amplifybackend._patching import Change, Patch
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._tracebacks import hide
from pytest_amplifybackend._transports import credentials
from pytest_amplifybackend._transports.activation import (
    ACTIVE,
    CURRENT,
    SERVED_BY,
    Activation,
    Claim,
    caller,
    ended,
)
from pytest_amplifybackend._transports.codec import NEIGHBORLY
from pytest_amplifybackend._transports.debug_log import Redacted
from pytest_amplifybackend._transports.guard import Guard

CLAIM = "amplifybackend_claim"
"""Key of the claim in a call's context: the claim ends with the context, if not before."""


class Served(Protocol):
    """What serves one client, by handlers of the client's own events, which keep it alive.

    ``attachment`` is the period for which it is attached, ``permanent`` whether it stays attached
    when the fake is deactivated.
    """

    client: Any
    active: bool
    attachment: Activation | None
    permanent: bool

    def activate(self) -> None:
        """Serve the client from now on; does nothing when it is served already."""

    def deactivate(self) -> None:
        """Leave the client as it was; does nothing when it is not served."""

    def reset(self) -> None:
        """Forget what was asked of it for single calls."""


def claimed(context: dict[str, Any], served: Served) -> bool:
    """Whether a call is ours to answer; to be asked at ``before-parameter-build``.

    Where nothing is active, the call of an attached client learns of its claim only here.
    """
    if SERVED_BY not in context:
        claim = CURRENT.get()
        if (
            claim is not None
            and claim.served is served
            and not claim.bound
            and "is_presign_request" not in context
        ):
            _bind(claim, context)
    return context.get(SERVED_BY) is served


def signs(context: dict[str, Any], served: Served) -> bool:
    """Whether to choose the signer of a request; presigned ones are never sent, so not claimed."""
    return context.get(SERVED_BY) is served or "is_presign_request" in context


def _bind(claim: Claim, context: dict[str, Any]) -> None:
    claim.bound = True
    context[SERVED_BY] = claim.served
    context[CLAIM] = claim


class _ServedByClient:
    """What serves each client, as long as the client lives."""

    def __init__(self) -> None:
        self._refs: dict[int, weakref.ref[Any]] = {}

    def get(self, client: Any) -> Any:
        ref = self._refs.get(id(client))
        served = None if ref is None else ref()
        return served if served is not None and served.client is client else None

    def add(self, served: Served) -> None:
        key = id(served.client)

        def forget(ref: weakref.ref[Any]) -> None:
            if self._refs.get(key) is ref:
                del self._refs[key]

        self._refs[key] = weakref.ref(served, forget)

    def pop(self, client: Any) -> None:
        self._refs.pop(id(client), None)

    def deactivate(self) -> None:
        """Serve none of them any more."""
        for served in self.all():
            served.deactivate()

    def all(self) -> list[Any]:
        return [served for ref in list(self._refs.values()) if (served := ref()) is not None]


_Make = Callable[[Callable[..., Any]], Callable[..., Any]]


class ClientTransport:
    """A transport that serves botocore clients in the process; subclasses say with what."""

    client_classes: tuple[type, ...] = (BaseClient,)
    """The classes of the clients that are served while active."""

    awaited_classes: tuple[type, ...] = ()
    """Those of them whose calls are awaited, or made and then forgotten."""

    def __init__(self, backend: Service, *, error_style: str) -> None:
        self._backend = backend
        self._error_style = error_style
        self._attached = _ServedByClient()
        self._detached: weakref.WeakSet[Any] | tuple[()] = ()
        self._lock = threading.RLock()  # a handler of a program may attach a client
        self._activation: Activation | None = None

    def _serve(self, client: Any) -> Served:
        """What is to serve a client, not active yet."""
        raise NotImplementedError

    def _changes(self, activation: Activation) -> list[Change]:
        """What is replaced in the process while the transport is active, but for clients."""
        return [*Guard(activation).changes(), *credentials.changes(activation), Redacted()]

    @property
    def active(self) -> bool:
        return self._activation is not None and self._activation.active

    def activate(self, stop: Callable[[], None] | None = None) -> None:
        clients = _ServedByClient()
        self._activation = activation = Activation(
            caller(),
            leave=clients.deactivate,
            stop=stop or self.deactivate,
            services=self._backend.services,
            backend=self._backend,
            answers_clients=True,
        )
        served_of = functools.partial(self._served_of, clients)
        claims = [
            Patch(owner, name, make(activation, served_of))
            for owner in self.client_classes
            for name, make in (
                ("_emit_api_params", self._binding),
                ("_make_api_call", functools.partial(self._claiming, owner)),
            )
        ]
        activation.begin([*self._changes(activation), *claims])

    def deactivate(self) -> None:
        if self._activation is not None:
            self._activation.end()
        with self._lock:
            for served in self._attached.all():
                if not served.permanent:
                    self._end(served)
            self._detached = ()

    def attach(self, client: Any, *, permanent: bool = True) -> Any:
        self._check(client)
        with self._lock:
            if self._detached:
                self._detached.discard(client)
            served = self._attached.get(client) or self._attach(client)
            served.activate()
            served.permanent = served.permanent or permanent
            return served

    def _attach(self, client: Any) -> Served:
        served = self._serve(client)
        # It must not keep the client alive, nor what serves it: they keep each other.
        ref = weakref.ref(served)
        served.attachment = Activation(
            None, leave=functools.partial(_deactivate, ref), services=self._backend.services
        )
        claiming = self._claiming(type(client), served.attachment, lambda _: ref())

        def of_this_client(previous: Callable[..., Any]) -> Callable[..., Any]:
            claim = claiming(lambda _, *args, **kwargs: previous(*args, **kwargs))
            return functools.partial(claim, client)

        served.attachment.begin([Patch(client, "_make_api_call", of_this_client)])
        self._attached.add(served)
        return served

    def reset(self) -> None:
        with self._lock:
            for served in self._attached.all():
                served.reset()

    def detach(self, client: Any) -> None:
        self._check(client)
        with self._lock:
            served = self._attached.get(client)
            if served is not None:
                self._end(served)
            self._detached = self._detached or weakref.WeakSet()
            self._detached.add(client)

    def _check(self, client: Any) -> None:
        """Raise UsageError for anything but a client of a service that is served."""
        meta = getattr(client, "meta", None)
        name = getattr(getattr(meta, "service_model", None), "service_name", None)
        if name not in self._backend.services:
            what = f"a client of {name}" if name else shown(client)
            raise errors.UsageError(
                f"only clients of {' and '.join(sorted(self._backend.services, reverse=True))} can "
                f"be attached or detached, not {what}."
            )

    def _style(self, client: Any) -> str:
        """The style of errors for a client: the neighbor's have but one."""
        is_own = client.meta.service_model.service_name == services.OWN
        return self._error_style if is_own else NEIGHBORLY

    def _end(self, served: Served) -> None:
        self._attached.pop(served.client)
        if served.attachment is not None:
            served.attachment.end()

    def _served_of(self, clients: _ServedByClient, client: Any) -> Served | None:
        """What serves a client while active; None where it is detached."""
        if client in self._detached:
            return None
        served: Served | None = clients.get(client)
        if served is None:
            with self._lock:
                served = clients.get(client)
                if served is None:
                    served = self._serve(client)
                    served.activate()
                    clients.add(served)
        return served

    def _claiming(
        self,
        client_class: type,
        activation: Activation,
        served_of: Callable[[Any], Served | None],
    ) -> _Make:
        """``_make_api_call``, which a method of a client calls first, for claimed calls."""
        forgettable = issubclass(client_class, self.awaited_classes)

        def make(previous: Callable[..., Any]) -> Callable[..., Any]:
            def _make_api_call(client: Any, operation_name: str, api_params: Any) -> Any:
                claim = None
                try:
                    if activation.active and activation.is_about(client):
                        inner = CURRENT.get()
                        if inner is None or inner.client is not client or inner.bound:
                            claim = _claim(
                                activation,
                                served_of,
                                client,
                                operation_name,
                                forgettable=forgettable,
                            )
                    if claim is None:
                        return previous(client, operation_name, api_params)
                    return self._under(claim, previous, client, operation_name, api_params)
                except BaseException as error:
                    if claim is not None:
                        explain(self._backend, client, error, api_params)
                    del api_params
                    hide(error)
                    raise

            return _make_api_call

        return make

    def _under(self, claim: Claim, call: Callable[..., Any], *args: Any) -> Any:
        """What a call gives that is over when this returns."""
        token = CURRENT.set(claim)
        try:
            return call(*args)
        finally:
            CURRENT.reset(token)
            claim.close()

    def _binding(self, activation: Activation, served_of: Callable[[Any], Served | None]) -> _Make:
        """``_emit_api_params``, in which the context of a call learns of the claim.

        It runs in every call of every client, also in one whose ``_make_api_call`` a test has
        replaced by something that calls the original.
        """

        def make(previous: Callable[..., Any]) -> Callable[..., Any]:
            def _emit_api_params(
                client: Any, api_params: Any, operation_model: Any, context: Any
            ) -> Any:
                try:
                    claim = CURRENT.get()
                    if claim is not None and claim.client is client and not claim.bound:
                        _bind(claim, context)
                    elif activation.active and _is_to_claim(activation, client, context):
                        name = operation_model.name
                        claim = _claim(activation, served_of, client, name, forgettable=True)
                        if claim is not None:
                            _bind(claim, context)
                    return previous(
                        client,
                        api_params=api_params,
                        operation_model=operation_model,
                        context=context,
                    )
                except BaseException as error:
                    del api_params, context
                    hide(error)
                    raise

            return _emit_api_params

        return make


def explain(backend: Service, client: Any, error: BaseException, params: Any) -> None:
    """Note on a client's error what the fake knows beyond what the service says."""
    if isinstance(error, ClientError) and isinstance(params, dict):
        message = error.response.get("Error", {}).get("Message")
        app_id = params.get("AppId", params.get("appId"))
        backend.explain(error, str(message), client.meta.region_name, app_id)


def _is_to_claim(activation: Activation, client: Any, context: Any) -> bool:
    """Whether a call of a service is unclaimed; presigned requests are never sent."""
    return (
        activation.is_about(client)
        and context is not None
        and SERVED_BY not in context
        and "is_presign_request" not in context
    )


def _claim(
    activation: Activation,
    served_of: Callable[[Any], Served | None],
    client: Any,
    operation: str,
    *,
    forgettable: bool = False,
) -> Claim | None:
    """A claim on a call that has begun; None for a detached client, or if an outer fake serves it.

    Raises UnservedRequest if the fake has ended since the call began and no other is active.
    """
    claim = activation.claim(client, forgettable=forgettable)
    if claim is None:
        if ACTIVE:
            return None
        raise errors.UnservedRequest(ended(operation))
    claim.served = served_of(client)
    if claim.served is None or not claim.served.active:
        claim.close()
        return None
    return claim


def _deactivate(ref: weakref.ref[Served]) -> None:
    served = ref()
    if served is not None:
        served.deactivate()
