"""The last value that a limit allows is taken, and the first that it does not is refused."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.paths import put
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.limits import LIMITS, Limit
from pytest_amplifybackend.contract._support.marks import about, provenance
from pytest_amplifybackend.contract._support.samples import STATES, sample


def _cases(which: str) -> list[Any]:
    return [
        pytest.param(
            limit,
            value,
            id=f"{limit.operation}-{limit.path.removeprefix('ResourceConfig.')}-{number}",
            marks=(about(limit.operation), provenance(limit.kind, limit.source)),
        )
        for limit in LIMITS
        for number, value in enumerate(getattr(limit, which), 1)
    ]


def _request(existing: dict[str, Any], limit: Limit, value: Any) -> dict[str, Any]:
    params = sample(limit.operation, existing, full=True)
    for member in ("JobId", "Operation", "Status"):
        if limit.operation == "ListBackendJobs":
            params.pop(member, None)
    params = copy.deepcopy(params)
    put(params, limit.path, value)
    return params


@pytest.mark.parametrize(("limit", "value"), _cases("taken"))
def test_the_last_value_that_is_allowed(
    backend: Backend, arrange: Any, shared: Any, limit: Limit, value: Any
) -> None:
    operation, state = limit.operation, STATES[limit.operation]
    undo = operation.replace("Create", "Delete")
    if operation in ("CreateBackend", "CloneBackend"):
        existing = arrange(state)
    else:
        existing = shared(state, reconfigured=operation.startswith("Update"))
    params = _request(existing, limit, value)
    if operation == "ListBackendJobs":
        assert len(backend.call(operation, params)["Jobs"]) == 1, operation
        return
    backend.done(operation, params)
    if undo != operation != "CreateBackend":
        backend.done(undo, sample(undo, params))


@pytest.mark.parametrize(("limit", "value"), _cases("refused"))
def test_the_first_value_that_is_not(
    backend: Backend, shared: Any, limit: Limit, value: Any
) -> None:
    params = _request(shared(STATES[limit.operation]), limit, value)
    if limit.at_once:
        backend.rejected(limit.operation, params, errors.BadRequest)
    else:
        backend.fails(limit.operation, params)
