"""How calls reach the service: one module per transport, each knowing the service it serves.

A transport turns a call into an operation, its params and a region, and the answer back into
what the client expects. ``stubber`` answers inside botocore; others have their own modules.
"""

from __future__ import annotations

import functools
import importlib
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue, installed
from pytest_amplifybackend._service.backend import Service

TRANSPORTS: Mapping[str, str] = {
    "stubber": "pytest_amplifybackend._transports.stubber:StubberTransport",
    "wire": "pytest_amplifybackend._transports.wire:WireTransport",
    "aio": "pytest_amplifybackend._transports.aio:AioTransport",
}
"""Each transport's name and the class that carries it, imported when it is first asked for."""

ERROR_STYLES = ("modeled", "observed")


class Transport(Protocol):
    """What ``fake.py`` asks of a transport."""

    @property
    def active(self) -> bool:
        """Whether it serves every client of the process."""

    def activate(self, stop: Callable[[], None] | None = None) -> None:
        """Serve every client of the process; ``stop`` ends that and all that began with it."""

    def deactivate(self) -> None:
        """Serve only the attached clients again, and undo all changes to the process."""

    def attach(self, client: Any, *, permanent: bool = True) -> Any:
        """Serve one client with priority over active fakes, and return what serves it.

        Until it is detached if ``permanent``, else until the transport is deactivated.
        """

    def reset(self) -> None:
        """Forget what was asked for single calls of attached clients."""

    def detach(self, client: Any) -> None:
        """Stop serving one client, also while active."""


def create(name: str, backend: Service, *, error_style: str) -> Transport:
    """The transport of a name; raises UsageError for an unknown name or error style."""
    if not isinstance(name, str) or name not in TRANSPORTS:
        raise errors.UsageError(
            f"unknown transport {name!r}: {errors.nearest(str(name), TRANSPORTS)}"
        )
    if not isinstance(error_style, str) or error_style not in ERROR_STYLES:
        raise errors.UsageError(
            f"unknown error style {error_style!r}: {errors.nearest(str(error_style), ERROR_STYLES)}"
        )
    module, _, attribute = TRANSPORTS[name].partition(":")
    made: Transport = getattr(importlib.import_module(module), attribute)(
        backend, error_style=error_style
    )
    return made


def isolated_client(region_name: str, service: str = catalogue.SERVICE, **options: Any) -> Any:
    """A client of the service that reads no settings of the machine, but ``AWS_ENDPOINT_URL``.

    ``options`` go to botocore's ``Session.create_client``.
    """
    session, lock = _session()
    with lock:  # sessions are not safe for threads
        return session.create_client(
            service,
            region_name=region_name,
            aws_access_key_id=options.pop("aws_access_key_id", "testing"),
            aws_secret_access_key=options.pop("aws_secret_access_key", "testing"),
            **options,
        )


@functools.cache
def _session() -> tuple[Any, threading.RLock]:
    """The session of all isolated clients: making one takes three times as long as a client."""
    return installed.isolated_session(), threading.RLock()
