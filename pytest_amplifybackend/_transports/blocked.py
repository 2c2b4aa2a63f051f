"""``amplifybackend_block_network``: outside of a fake, nothing reaches the real service.

Calls that a fake claims pass. Any other is stopped when the method of the client is entered:
before event handlers, retries and look-ups of credentials. Requests that are not calls of a
client are stopped by the guard. Nothing of botocore is imported here: it is patched when the
program imports it.
"""

from __future__ import annotations

import contextlib
import importlib
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import services
from pytest_amplifybackend._patching import Change, Changes, LateImports, Patch
from pytest_amplifybackend._transports.activation import (
    ACTIVE,
    CURRENT,
    SERVED_BY,
    Activation,
)
from pytest_amplifybackend._transports.children import ChildEnvironment, let_children_inherit
from pytest_amplifybackend._transports.guard import Guard
from pytest_amplifybackend._transports.hosts import is_on_this_machine

_WHY = (
    "no FakeAmplifyBackend is active, and amplifybackend_block_network is on. Request the fixture "
    "'amplifybackend' in the test, or use `with FakeAmplifyBackend():`. To reach the real service, "
    "turn amplifybackend_block_network off."
)
BLOCKED_CALL = f"{{operation}} was not sent to {{where}}: {_WHY}"
BLOCKED_REQUEST = f"A request for {{host}} was not sent: {_WHY}"

_Make = Callable[[Callable[..., Any]], Callable[..., Any]]


class Net:
    """Blocks the real service for the process, from :meth:`start` to :meth:`stop`.

    Clients of an endpoint on this machine are left alone, and so are those on which a test has
    activated botocore's Stubber, since none of their calls is sent. ``neighbor`` blocks that too.
    """

    def __init__(self, *, neighbor: bool = False) -> None:
        blocked = frozenset({services.OWN, services.NEIGHBOR}) if neighbor else services.ALONE
        self._activation = Activation(
            "amplifybackend_block_network", serves=False, services=blocked
        )
        self._stubbed: weakref.WeakSet[Any] = weakref.WeakSet()
        self._changes = Guard(self._activation, BLOCKED_REQUEST).changes()

    def start(self) -> None:
        """Block, also in libraries that are imported later; if a change fails, undo the others."""
        modules: dict[str, Changes] = {
            _CREDENTIALS: lambda module: module.changes(self._activation, without_profile=False),
            "botocore.session": _import_credentials,
            "botocore.client": lambda module: self._in_client(module.BaseClient),
            "botocore.stub": lambda module: self._in_stubber(module.Stubber),
            "aiobotocore.client": lambda module: self._in_async_client(module.AioBaseClient),
        }
        self._activation.begin([*self._changes, LateImports(self._activation.add, modules)])

    def stop(self) -> None:
        """Put everything back; does nothing when nothing is blocked."""
        self._activation.end()

    @contextlib.contextmanager
    def lifted(self) -> Iterator[None]:
        """Within it, nothing is blocked in this process."""
        self._activation.active = False
        try:
            yield
        finally:
            self._activation.active = True

    def pytest_runtest_setup(self) -> None:
        """Let children inherit a closed endpoint, whatever an earlier test has unset."""
        if self._activation.closed_url is not None:
            let_children_inherit()

    def leave_children(self) -> None:
        """Give other processes no endpoint any more: those to come have nets of their own."""
        for change in self._changes:
            if isinstance(change, ChildEnvironment):
                change.undo()

    def _in_client(self, owner: Any) -> list[Change]:
        return [
            Patch(owner, "_make_api_call", self._calling),
            Patch(owner, "_emit_api_params", self._emitting),
        ]

    def _in_async_client(self, owner: Any) -> list[Change]:
        return [
            Patch(owner, "_make_api_call", self._awaiting),
            Patch(owner, "_emit_api_params", self._emitting),
        ]

    def _in_stubber(self, owner: Any) -> list[Change]:
        def noting(note: Callable[[Any], None]) -> _Make:
            def make(previous: Callable[..., Any]) -> Callable[..., Any]:
                def method(stubber: Any) -> Any:
                    note(stubber.client)
                    return previous(stubber)

                return method

            return make

        return [
            Patch(owner, "activate", noting(self._stubbed.add)),
            Patch(owner, "deactivate", noting(self._stubbed.discard)),
        ]

    def _calling(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """``_make_api_call``, which a method of a client calls first."""

        def _make_api_call(client: Any, operation_name: str, api_params: Any) -> Any:
            __tracebackhide__ = True
            self._check(client, operation_name)
            return previous(client, operation_name, api_params)

        return _make_api_call

    def _awaiting(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """The same where it is awaited."""

        async def _make_api_call(client: Any, operation_name: str, api_params: Any) -> Any:
            __tracebackhide__ = True
            self._check(client, operation_name)
            return await previous(client, operation_name, api_params)

        return _make_api_call

    def _emitting(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """``_emit_api_params``, on the way of calls whose ``_make_api_call`` a test has replaced.

        What is presigned passes: nothing is sent.
        """

        def _emit_api_params(
            client: Any, api_params: Any, operation_model: Any, context: Any
        ) -> Any:
            __tracebackhide__ = True
            if SERVED_BY not in (context or ()) and "is_presign_request" not in (context or ()):
                self._check(client, operation_model.name)
            return previous(
                client, api_params=api_params, operation_model=operation_model, context=context
            )

        return _emit_api_params

    def _check(self, client: Any, operation: str) -> None:
        """Raise UnservedRequest for a call that would leave this machine."""
        __tracebackhide__ = True
        if not self._activation.active or not self._activation.is_about(client):
            return
        claim = CURRENT.get()
        if claim is not None and claim.client is client and not claim.bound:
            return
        where = client.meta.endpoint_url
        if self._in_a_fake() or client in self._stubbed or is_on_this_machine(where):
            return
        raise errors.UnservedRequest(BLOCKED_CALL.format(operation=operation, where=where))

    def _in_a_fake(self) -> bool:
        """Whether a fake has been activated since; its guard then stops what it does not serve.

        One that has not begun yet will never see a call that is here already.
        """
        for activation in reversed(ACTIVE):
            if activation is self._activation:
                return False
            if activation.serves and activation.begun:
                return True
        return False


_CREDENTIALS = "pytest_amplifybackend._transports.credentials"
"""It imports botocore, and what it changes there follows at the end of its import."""


def _import_credentials(_: Any) -> list[Change]:
    importlib.import_module(_CREDENTIALS)  # which may be what imports the session
    return []
