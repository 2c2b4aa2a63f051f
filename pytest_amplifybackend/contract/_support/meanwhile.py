"""What may be asked while a job is at work, on targets where that can be seen."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract._support.backend import Backend


def rejected_while(
    backend: Backend, job: dict[str, Any], operation: str, params: dict[str, Any]
) -> dict[str, Any]:
    """The error of an operation that a job keeps out; skips where that job had ended by then."""
    try:
        return backend.rejected(operation, params, errors.BadRequest)
    except AssertionError:
        backend.skip_if_ended(job)
        raise
