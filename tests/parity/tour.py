"""A tour of all operations, each answered with success: one app from its making to its end.

The snapshot tests take their responses from this tour: add a call for every operation.

A tour is a generator of calls, ``(operation, params)``, that is sent each answer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from full_requests import FULL

Call = tuple[str, dict[str, Any]]
Tour = Generator[Call, dict[str, Any], None]
BUCKET = "our-pictures"
"""A bucket that must be there already."""


ADD_IT = "add a call of the operation to of_all_operations() in tests/parity/tour.py"
"""What tests say when the tour misses an operation."""


def full(operation: str, **changes: Any) -> Call:
    """A call with every member that the operation has, some changed; ``...`` takes one away."""
    params = {**FULL[operation], **changes}
    return operation, {name: value for name, value in params.items() if value is not ...}


def of_all_operations() -> Tour:
    """Every operation at least once; jobs end by the next call, or wait to be updated."""
    made = yield full("CreateBackend")
    job_id = made["JobId"]
    yield full("GetBackendJob", JobId=job_id)
    yield full("ListBackendJobs", JobId=job_id, NextToken=...)
    yield full("GetBackend")
    yield full("CreateBackendAuth")
    yield full("GetBackendAuth")
    yield full("UpdateBackendAuth")
    yield full("CreateBackendAPI")
    yield full("GetBackendAPI")
    yield full("GenerateBackendAPIModels")
    yield full("GetBackendAPIModels")
    yield full("UpdateBackendAPI")
    yield full("CreateBackendStorage")
    yield full("GetBackendStorage")
    yield full("UpdateBackendStorage")
    yield full("ListS3Buckets", NextToken=...)
    yield full("CloneBackend")
    yield full("DeleteBackendStorage")
    yield full("DeleteBackendAPI")
    deleted = yield full("DeleteBackendAuth")
    yield full("UpdateBackendJob", JobId=deleted["JobId"], Operation="DeleteBackendAuth")
    yield full("ImportBackendAuth")
    yield full("ImportBackendStorage")
    yield full("CreateBackendConfig")
    yield full("UpdateBackendConfig")
    yield full("RemoveBackendConfig")
    token = yield full("CreateToken")
    yield full("GetToken", SessionId=token["SessionId"])
    yield full("DeleteToken", SessionId=token["SessionId"])
    yield full("DeleteBackend")
    yield full("RemoveAllBackends")


def walk(tour: Tour, call: Callable[[str, dict[str, Any]], dict[str, Any]]) -> list[str]:
    """Make the calls of a tour; gives the operations in their order."""
    operations: list[str] = []
    try:
        operation, params = next(tour)
        while True:
            operations.append(operation)
            operation, params = tour.send(call(operation, params))
    except StopIteration:
        return operations
