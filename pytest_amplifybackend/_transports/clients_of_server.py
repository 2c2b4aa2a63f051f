"""Clients in this process that call a served fake over HTTP: what their calls raise after its end.

Such a call is botocore's own from beginning to end, and leads to a port of this machine. When the
server ends meanwhile, the port is closed; the call then says why, in place of what a client says
that cannot connect.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ConnectionError, HTTPClientError  # noqa: A004  # no builtin

from pytest_amplifybackend._patching import Change, LateImports, Patch
from pytest_amplifybackend._tracebacks import transparent
from pytest_amplifybackend._transports.activation import Activation, Claim


def changes(activation: Activation) -> list[Change]:
    """What is replaced in the clients of botocore and aiobotocore."""

    def is_under_way(client: Any) -> bool:
        return (
            activation.active
            and activation.is_about(client)
            and str(client.meta.endpoint_url).startswith(activation.url or "/")
        )

    def calling(previous: Callable[..., Any]) -> Callable[..., Any]:
        @transparent
        def _make_api_call(client: Any, operation_name: str, api_params: Any) -> Any:
            claim = activation.claim(client) if is_under_way(client) else None
            if claim is None:
                return previous(client, operation_name, api_params)
            with _explained(claim, operation_name):
                return previous(client, operation_name, api_params)

        return _make_api_call

    def awaited_calling(previous: Callable[..., Any]) -> Callable[..., Any]:
        @transparent
        async def _make_api_call(client: Any, operation_name: str, api_params: Any) -> Any:
            claim = activation.claim(client) if is_under_way(client) else None
            if claim is None:
                return await previous(client, operation_name, api_params)
            with _explained(claim, operation_name):
                return await previous(client, operation_name, api_params)

        return _make_api_call

    return [
        Patch(BaseClient, "_make_api_call", calling),
        LateImports(
            activation.add,
            {
                "aiobotocore.client": lambda module: [
                    Patch(module.AioBaseClient, "_make_api_call", awaited_calling)
                ]
            },
        ),
    ]


@contextlib.contextmanager
def _explained(claim: Claim, operation: str) -> Iterator[None]:
    """Close the claim, and say so where the call broke because the fake ended."""
    try:
        yield
    except (ConnectionError, HTTPClientError):
        if not claim.activation.active:
            claim.raise_ended(operation)
        raise
    finally:
        claim.close()
