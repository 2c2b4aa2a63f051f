"""The transport ``aio``: what ``stubber`` does, for the clients of aiobotocore as well.

aiobotocore awaits what its handlers answer, if that can be awaited; so the same handlers serve
both. Its ``AioBaseClient`` has an ``_emit_api_params`` of its own; that is replaced as well.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._tracebacks import hide
from pytest_amplifybackend._transports import credentials
from pytest_amplifybackend._transports.activation import CURRENT, Claim
from pytest_amplifybackend._transports.serving import explain
from pytest_amplifybackend._transports.stubber import (
    AmplifyBackendStubber,
    LateHeaders,
    StubberTransport,
)

try:
    from aiobotocore.awsrequest import AioAWSResponse
    from aiobotocore.client import AioBaseClient
    from aiobotocore.stub import AioStubber
except ModuleNotFoundError as error:
    raise errors.MissingExtra(
        "the transport 'aio' serves clients of aiobotocore, 2.8 or newer, which is not installed: "
        "pip install 'pytest-amplifybackend[aio]'"
    ) from error


class AioAnswered(LateHeaders, AioAWSResponse):  # type: ignore[misc]  # no types
    """The HTTP response of an awaited call that was answered without one."""


class AioAmplifyBackendStubber(AmplifyBackendStubber, AioStubber):  # type: ignore[misc]  # no types
    """An AioStubber whose answers come from a stateful service.

    One-off answers are those of AmplifyBackendStubber.
    """

    _http_response = AioAnswered
    _dummies = staticmethod(credentials.aio_dummies)


class AioTransport(StubberTransport):
    """Serves the clients of aiobotocore, and botocore's as ``stubber`` does."""

    client_classes = (*StubberTransport.client_classes, AioBaseClient)
    awaited_classes = (AioBaseClient,)

    def _serve(self, client: Any) -> AmplifyBackendStubber:
        kind = (
            AioAmplifyBackendStubber if isinstance(client, AioBaseClient) else AmplifyBackendStubber
        )
        return kind(client, self._backend, error_style=self._style(client), transport="aio")

    def _under(self, claim: Claim, call: Callable[..., Any], client: Any, *args: Any) -> Any:
        if isinstance(client, AioBaseClient):
            return _awaited_under(self._backend, claim, call, client, *args)
        return super()._under(claim, call, client, *args)


async def _awaited_under(
    backend: Service, claim: Claim, call: Callable[..., Any], client: Any, *args: Any
) -> Any:
    """What an awaited call gives, which is claimed from the moment in which it was made."""
    token = CURRENT.set(claim)
    try:
        return await call(client, *args)
    except BaseException as error:
        explain(backend, client, error, args[-1])
        del call, args
        hide(error)
        raise
    finally:
        claim.close()
        with contextlib.suppress(ValueError):  # thrown away in another context
            CURRENT.reset(token)
