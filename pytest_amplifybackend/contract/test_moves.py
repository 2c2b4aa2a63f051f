"""UpdateBackendJob: which moves of a job there are, and what they come to."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract._support import makers
from pytest_amplifybackend.contract._support.backend import ENDED, Backend
from pytest_amplifybackend.contract._support.marks import about, assumed
from pytest_amplifybackend.contract._support.samples import sample
from pytest_amplifybackend.contract._support.states import job_in, place

MOVES = {
    ("job pending", "RUNNING"): "RUNNING",
    ("job pending", "COMPLETED"): None,  # as the job ends that was made in this state
    ("job pending", "FAILED"): "FAILED",
    ("job running", "RUNNING"): "RUNNING",
    ("job running", "COMPLETED"): None,
    ("job running", "FAILED"): "FAILED",
    ("job completed", "COMPLETED"): "COMPLETED",
    ("job failed", "FAILED"): "FAILED",
}
NO_MOVES = (
    ("job running", "PENDING"),
    ("job completed", "PENDING"),
    ("job completed", "RUNNING"),
    ("job completed", "FAILED"),
    ("job failed", "PENDING"),
    ("job failed", "RUNNING"),
    ("job failed", "COMPLETED"),
)
NOTHING_KNOWN = "the documentation of UpdateBackendJob is that of the list; no recorded answer"


@about("UpdateBackendJob")
@assumed(NOTHING_KNOWN)
@pytest.mark.parametrize(("state", "status"), MOVES)
def test_a_move_that_there_is(backend: Backend, arrange: Any, state: str, status: str) -> None:
    existing = arrange(state)
    try:
        moved = backend.call("UpdateBackendJob", {**job_in(existing), "Status": status})
    except AssertionError:
        if state in ("job pending", "job running"):
            backend.skip_if_ended(job_in(existing))
        raise
    expected = MOVES[state, status] or makers.first(backend).status
    assert moved["Status"] == expected, "UpdateBackendJob"
    assert moved["JobId"] == existing["JobId"], "UpdateBackendJob"


@about("UpdateBackendJob")
@assumed(NOTHING_KNOWN)
@pytest.mark.parametrize(("state", "status"), NO_MOVES)
def test_a_move_that_there_is_not(backend: Backend, shared: Any, state: str, status: str) -> None:
    existing = shared(state)
    backend.rejected("UpdateBackendJob", {**job_in(existing), "Status": status}, errors.BadRequest)
    before, after = state.removeprefix("job ").upper(), backend.job(job_in(existing))["Status"]
    onward = ENDED if before == "RUNNING" else ()  # by the read itself
    assert after in (before, *onward), "UpdateBackendJob: moved all the same"


@about("UpdateBackendJob", "CreateBackendAuth")
@assumed("COMPLETED lets a job do its work, FAILED keeps it from it")
@pytest.mark.parametrize("status", ["COMPLETED", "FAILED"])
def test_a_job_that_is_ended_by_hand(backend: Backend, arrange: Any, status: str) -> None:
    existing = arrange("app with environment dev")
    params = sample("CreateBackendAuth", existing)
    at = backend.submit("CreateBackendAuth", params)
    backend.skip_if_ended(at)
    assert backend.call("UpdateBackendJob", {**at, "Status": status})["Status"] == status
    name = {**place(existing), "ResourceName": params["ResourceName"]}
    if status == "COMPLETED":
        backend.call("GetBackendAuth", name)
    else:
        backend.rejected("GetBackendAuth", name, errors.NotFound)


@about("UpdateBackendJob")
@assumed(NOTHING_KNOWN)
def test_the_operation_of_a_job_can_be_set(backend: Backend, arrange: Any) -> None:
    existing = arrange("job completed")
    params = {**job_in(existing), "Operation": "DeleteBackendAuth"}
    assert backend.call("UpdateBackendJob", params)["Operation"] == "DeleteBackendAuth"
    record = backend.job(job_in(existing))
    assert record["Operation"] == "DeleteBackendAuth", "UpdateBackendJob: Operation is unchanged"
    assert record["Status"] == "COMPLETED", "UpdateBackendJob: Status has changed"


@about("UpdateBackendJob")
@assumed(NOTHING_KNOWN)
@pytest.mark.parametrize("status", ["RUNNING", "FAILED"])
def test_a_move_is_an_update(backend: Backend, arrange: Any, status: str) -> None:
    existing = arrange("job pending")
    if backend.target.shift is None:
        pytest.skip("the target's clock cannot be moved")
    backend.target.shift(60)
    moved = backend.call("UpdateBackendJob", {**job_in(existing), "Status": status})
    took = int(moved["UpdateTime"]) - int(moved["CreateTime"])
    assert took >= 60_000, f"UpdateBackendJob: the job is as it was {took} ms after its creation"
