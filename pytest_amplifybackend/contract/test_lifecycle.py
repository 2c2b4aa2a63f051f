"""Each transition of the state tables: carried out, failed, at work, and refused."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, assumed, observed
from pytest_amplifybackend.contract._support.samples import sample
from pytest_amplifybackend.contract._support.states import pool_of
from pytest_amplifybackend.contract._support.transitions import (
    REJECTIONS,
    STEPS,
    case,
    name,
    seen,
    start,
)
from pytest_amplifybackend.strategies._internal.oracle_moves import Move
from pytest_amplifybackend.strategies._internal.oracle_work import WORK

BY_JOB = [step for step in STEPS if step.operation in WORK]
UNSEEN = ("models", "studio")  # asked for by another operation, which a job at work may keep out


def _params(row: Move, existing: dict[str, Any]) -> dict[str, Any]:
    params = sample(row.operation, existing)
    if row.operation == "CloneBackend" and row.source == "ready":
        params["TargetEnvironmentName"] = "test"
    return params


@pytest.mark.parametrize("step", [case(step) for step in STEPS])
def test_a_transition_leads_to_its_state(backend: Backend, arrange: Any, step: Move) -> None:
    existing = arrange(start(step))
    assert seen(backend, existing, step) == step.source, step.operation
    if step.operation in WORK:
        backend.done(step.operation, _params(step, existing))
    else:
        existing = {**existing, **backend.call(step.operation, _params(step, existing))}
    assert seen(backend, existing, step) == step.target, step.operation


def _fail(backend: Backend, at: dict[str, Any]) -> None:
    """Let a job end FAILED; skips the test where it has ended already."""
    backend.skip_if_ended(at)
    assert backend.call("UpdateBackendJob", {**at, "Status": "FAILED"})["Status"] == "FAILED"


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(
            step,
            id=name(step),
            marks=(
                about(step.operation, "UpdateBackendJob"),
                assumed("no evidence of what UpdateBackendJob does; a failed job has no effect"),
            ),
        )
        for step in BY_JOB
    ],
)
def test_a_failed_job_leaves_things_as_they_were(
    backend: Backend, arrange: Any, shared: Any, step: Move
) -> None:
    backend.skip_if_too_fast()
    existing = (arrange if step.after_failure else shared)(start(step))
    _fail(backend, backend.submit(step.operation, _params(step, existing)))
    assert seen(backend, existing, step) == (step.after_failure or step.source), step.operation


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(
            step,
            id=name(step),
            marks=(
                about(step.operation),
                assumed("nothing is known of reads while a job is at work"),
            ),
        )
        for step in BY_JOB
        if step.entity not in UNSEEN
        and step.operation not in ("DeleteBackend", "RemoveAllBackends")
    ],
)
def test_a_job_at_work_has_no_effect_yet(backend: Backend, arrange: Any, step: Move) -> None:
    backend.skip_if_too_fast()
    existing = arrange(start(step))
    at = backend.submit(step.operation, _params(step, existing))
    before = seen(backend, existing, step)
    backend.skip_if_ended(at)
    assert before == step.source, step.operation
    assert backend.wait(at)["Status"] == "COMPLETED", step.operation


@pytest.mark.parametrize("row", [case(row) for row in REJECTIONS])
def test_what_a_state_does_not_allow(backend: Backend, shared: Any, row: Move) -> None:
    existing = shared(start(row))
    before = seen(backend, existing, row)
    params = _params(row, existing)
    if row.operation == "ImportBackendAuth":
        params.update(pool_of(backend.region))
    if row.error is None:
        backend.fails(row.operation, params)
    else:
        backend.rejected(row.operation, params, row.error)
    assert seen(backend, existing, row) == before, row.operation


@about("CreateBackend", "GetBackend")
@observed("recorded answer: Amplify meta file not found")
def test_an_environment_in_the_making_cannot_be_read(backend: Backend, arrange: Any) -> None:
    existing = arrange("no app")
    at = backend.submit("CreateBackend", sample("CreateBackend", existing))
    dev = {name: at[name] for name in ("AppId", "BackendEnvironmentName")}
    _unless_ended(backend, at, "GetBackend", dev, errors.NotFound)


@about("GetBackend")
@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(
            "DeleteBackend",
            marks=(
                about("DeleteBackend"),
                observed("GetBackend was recorded failing while an environment was being deleted"),
            ),
        ),
        pytest.param(
            "RemoveAllBackends",
            marks=(
                about("RemoveAllBackends"),
                assumed("all environments are deleted, as one is by DeleteBackend"),
            ),
        ),
    ],
)
def test_an_environment_being_deleted_cannot_be_read(
    backend: Backend, arrange: Any, operation: str
) -> None:
    existing = arrange("app with environment dev")
    at = backend.submit(operation, sample(operation, existing))
    dev = {name: at[name] for name in ("AppId", "BackendEnvironmentName")}
    _unless_ended(backend, at, "GetBackend", dev, errors.BadRequest)


def _unless_ended(
    backend: Backend,
    job: dict[str, Any],
    operation: str,
    params: dict[str, Any],
    error: type[errors.ServiceError],
) -> None:
    """Expect a refusal while a job is at work; skips the test where the job had ended by then."""
    try:
        backend.rejected(operation, params, error)
    except AssertionError:
        backend.skip_if_ended(job)
        raise


@about("GetToken")
@assumed("no recorded token; an expired one is as good as none")
def test_an_expired_token_is_gone(backend: Backend, arrange: Any) -> None:
    existing = arrange("token expired")
    token = {name: existing[name] for name in ("AppId", "SessionId")}
    backend.rejected("GetToken", token, errors.NotFound)
