"""The transport ``aio``: what ``stubber`` does, for the clients of aiobotocore as well.

aiobotocore awaits what its handlers answer, if that can be awaited; so the same handlers serve
both. Its ``AioBaseClient`` has an ``_emit_api_params`` of its own; that is replaced as well.
"""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend.transports.patching import Patch
from pytest_amplifybackend.transports.stubber import (
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


class AioTransport(StubberTransport):
    """Serves the clients of aiobotocore, and botocore's as ``stubber`` does."""

    def _serve(self, client: Any) -> AmplifyBackendStubber:
        kind = (
            AioAmplifyBackendStubber if isinstance(client, AioBaseClient) else AmplifyBackendStubber
        )
        return kind(client, self._backend, error_style=self._error_style, transport="aio")

    def _patches_while_active(self) -> list[Patch]:
        return [
            *super()._patches_while_active(),
            Patch(AioBaseClient, "_emit_api_params", self._serving),
        ]
