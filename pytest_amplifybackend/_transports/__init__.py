"""How calls reach the service: one module per transport, each knowing the service it serves.

A transport turns a call into an operation, its params and a region, and the answer back into
what the client expects. ``stubber`` answers inside botocore; others have their own modules.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue, installed
from pytest_amplifybackend._service.backend import Backend

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
        """Serve only the attached clients again; everything else is as it was before."""

    def attach(self, client: Any, *, lasting: bool = True) -> Any:
        """Serve one client before all others, and give what serves it.

        Until it is detached if that is ``lasting``, else until the transport is deactivated.
        """

    def reset(self) -> None:
        """Forget what was asked for single calls of attached clients."""

    def detach(self, client: Any) -> None:
        """Stop serving one client, also while active."""


def create(name: str, backend: Backend, *, error_style: str) -> Transport:
    """The transport of a name; raises UsageError for a name or a style that is not known."""
    if not isinstance(name, str) or name not in TRANSPORTS:
        raise errors.UsageError(f"no transport {name!r}: {errors.nearest(str(name), TRANSPORTS)}")
    if not isinstance(error_style, str) or error_style not in ERROR_STYLES:
        raise errors.UsageError(
            f"no error style {error_style!r}: {errors.nearest(str(error_style), ERROR_STYLES)}"
        )
    module, _, attribute = TRANSPORTS[name].partition(":")
    made: Transport = getattr(importlib.import_module(module), attribute)(
        backend, error_style=error_style
    )
    return made


def isolated_client(region_name: str, **options: Any) -> Any:
    """An ``amplifybackend`` client that knows of the machine at most an ``AWS_ENDPOINT_URL``.

    ``options`` go to botocore's ``Session.create_client``.
    """
    return installed.isolated_session().create_client(
        catalogue.SERVICE,
        region_name=region_name,
        aws_access_key_id=options.pop("aws_access_key_id", "testing"),
        aws_secret_access_key=options.pop("aws_secret_access_key", "testing"),
        **options,
    )
