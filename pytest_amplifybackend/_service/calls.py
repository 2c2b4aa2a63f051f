"""The history of calls: what was asked and what was answered."""

from __future__ import annotations

from typing import Any, NamedTuple

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.secrets.shapes import redact_request, redact_response


class Call(NamedTuple):
    """One call that reached the fake.

    ``response`` is None when ``error`` is not. Secrets never show in the repr.
    """

    operation: str
    params: dict[str, Any]
    response: dict[str, Any] | None
    error: errors.ServiceError | errors.TransportFault | None
    region: str
    transport: str

    def copy(self) -> Call:
        """The call with params and response of its own, whose secrets are equal but never shown."""
        return self._replace(
            params=redact_request(self.operation, self.params),
            response=redact_response(self.operation, self.response),
        )

    def __repr__(self) -> str:
        outcome = (
            f"response={redact_response(self.operation, self.response)!r}"
            if self.error is None
            else f"error={self.error!r}"
        )
        params = redact_request(self.operation, self.params)
        return (
            f"Call({self.operation!r}, params={params!r}, {outcome}, "
            f"region={self.region!r}, transport={self.transport!r})"
        )
