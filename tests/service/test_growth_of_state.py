"""A call costs the same however much there is: counted in function calls, at two sizes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, progress

FEW, MANY = 20, 400


def calls(work: Callable[[], object]) -> int:
    """How many functions a piece of work calls, those written in C included."""
    count = 0

    def counting(frame: Any, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def of(app: int) -> dict[str, str]:
    return {"AppId": f"d{app}", "BackendEnvironmentName": "dev"}


def waiting(number: int) -> FakeAmplifyBackend:
    """A fake with so many jobs that end in a while, each of an app of its own."""
    fake = FakeAmplifyBackend(jobs=progress.after_seconds(60))
    for app in range(number):
        fake.add_app(f"d{app}")
        fake.call("DeleteBackend", of(app))
    fake.call("GetBackend", {"AppId": "d0"})
    return fake


@pytest.mark.parametrize(
    ("operation", "params"), [("GetBackend", {"AppId": "d0"}), ("DeleteBackend", of(0))]
)
def test_jobs_that_wait_cost_other_calls_nothing(operation: Any, params: dict[str, str]) -> None:
    def cost(number: int) -> int:
        fake = waiting(number)
        fake.add_app("dnew")
        return calls(lambda: fake.call(operation, {**params, "AppId": "dnew"}))

    assert cost(MANY) == pytest.approx(cost(FEW), abs=5)


def test_jobs_end_in_the_order_in_which_their_time_comes() -> None:
    fake = waiting(3)
    fake.clock.shift(59)
    fake.add_app("dlate")
    fake.call("DeleteBackend", {"AppId": "dlate", "BackendEnvironmentName": "dev"})
    fake.clock.shift(2)
    assert [job.status for job in fake.jobs] == ["COMPLETED"] * 3 + ["PENDING"]
    fake.clock.shift(60)
    assert [job.status for job in fake.jobs] == ["COMPLETED"] * 4


def test_a_job_that_a_test_has_ended_does_not_hold_up_the_others() -> None:
    fake = waiting(3)
    fake.jobs.fail(next(iter(fake.jobs)).id, "no room")
    fake.clock.shift(61)
    assert [job.status for job in fake.jobs] == ["FAILED", "COMPLETED", "COMPLETED"]


def test_jobs_of_a_loaded_dump_end_as_well() -> None:
    fake = waiting(2)
    other = FakeAmplifyBackend(jobs=progress.after_seconds(60))
    other.load(fake.dump())
    other.clock.shift(61)
    assert [job.status for job in other.jobs] == ["COMPLETED"] * 2


def test_an_assertion_looks_at_the_calls_of_its_operation_alone() -> None:
    def cost(number: int) -> int:
        fake = FakeAmplifyBackend()
        fake.add_app("d0")
        fake.call("ListS3Buckets", {})
        for _ in range(number):
            fake.call("GetBackend", {"AppId": "d0"})
        fake.assert_called("ListS3Buckets")  # the first time notes where the calls are
        return calls(lambda: fake.assert_called("ListS3Buckets", times=1))

    assert cost(MANY) == cost(FEW)


def test_an_assertion_knows_of_the_calls_after_the_one_before() -> None:
    fake = FakeAmplifyBackend()
    for times in (1, 2, 3):
        fake.call("ListS3Buckets", {})
        fake.assert_called("ListS3Buckets", times=times)
    fake.assert_no_other_calls()
    fake.reset()
    fake.assert_not_called("ListS3Buckets")
