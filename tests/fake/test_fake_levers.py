"""``fake.jobs`` ends jobs by hand; ``fake.clock`` is moved by the test alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress


def _create(fake: FakeAmplifyBackend, environment: str = "test") -> str:
    params = {"AppId": "d1abc", "AppName": "shop", "BackendEnvironmentName": environment}
    return str(fake.call("CreateBackend", params)["JobId"])


def _environments(fake: FakeAmplifyBackend) -> list[str]:
    return list(fake.call("GetBackend", {"AppId": "d1abc"})["BackendEnvironmentList"])


def test_jobs_are_looked_at_in_order(waiting) -> None:
    ids = [_create(waiting, name) for name in ("one", "two")]
    assert [job.id for job in waiting.jobs] == ids
    assert len(waiting.jobs) == 2
    assert repr(waiting.jobs) == (
        "<Jobs [('CreateBackend', 'PENDING'), ('CreateBackend', 'PENDING')]>"
    )
    job = waiting.jobs[ids[1]]
    assert (job.operation, job.app_id, job.environment, job.region) == (
        "CreateBackend",
        "d1abc",
        "two",
        "us-east-1",
    )
    assert (job.status, job.error) == ("PENDING", None)
    assert job.created == job.updated == waiting.clock.now()


def test_a_job_stays_as_it_was_when_looked_at(waiting) -> None:
    job = waiting.jobs[_create(waiting)]
    waiting.jobs.finish(job.id)
    assert job.status == "PENDING"
    assert waiting.jobs[job.id].status == "COMPLETED"


def test_finish(waiting) -> None:
    job = _create(waiting)
    assert _environments(waiting) == ["dev"]
    waiting.clock.shift(5)
    ended = waiting.jobs.finish(job)
    assert (ended.status, ended.error) == ("COMPLETED", None)
    assert ended.updated - ended.created == timedelta(seconds=5)
    assert _environments(waiting) == ["dev", "test"]


def test_finish_may_still_fail_in_the_worker(waiting, dev) -> None:
    params = {"ResourceName": "auth", **dev}
    job = waiting.call("DeleteBackendAuth", params)["JobId"]
    ended = waiting.jobs.finish(job)
    assert ended.status == "FAILED"
    assert "No resources added for this category" in ended.error


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (None, "Command failed with exit code 1: /root/.amplify/bin/amplify init"),
        ("no quota", "no quota"),
        ("", ""),
    ],
)
def test_fail(waiting, error: str | None, text: str) -> None:
    job = _create(waiting)
    ended = waiting.jobs.fail(job, error)
    assert (ended.status, ended.error) == ("FAILED", text)
    assert _environments(waiting) == ["dev"]
    params = {"AppId": "d1abc", "BackendEnvironmentName": "test", "JobId": job}
    assert waiting.call("GetBackendJob", params)["Error"] == text


def test_advance_moves_every_job_one_status_on(waiting) -> None:
    ids = [_create(waiting, name) for name in ("one", "two")]
    waiting.jobs.finish(ids[0])
    seen = []
    for _ in range(3):
        seen.append([job.status for job in waiting.jobs])
        waiting.jobs.advance()
    assert seen == [["COMPLETED", "PENDING"], ["COMPLETED", "RUNNING"], ["COMPLETED", "COMPLETED"]]


def test_fail_next(fake) -> None:
    fake.jobs.fail_next("CreateBackend", "first")
    fake.jobs.fail_next("CreateBackend")
    jobs = [fake.jobs[_create(fake, name)] for name in ("one", "two", "three")]
    assert [(job.status, job.error) for job in jobs] == [
        ("FAILED", "first"),
        ("FAILED", "Command failed with exit code 1: /root/.amplify/bin/amplify init"),
        ("COMPLETED", None),
    ]
    assert _environments(fake) == ["dev", "three"]


def test_fail_next_is_about_its_operation_only(fake, dev) -> None:
    fake.jobs.fail_next("DeleteBackend")
    assert fake.jobs[_create(fake)].status == "COMPLETED"
    assert fake.jobs[fake.call("DeleteBackend", dev)["JobId"]].status == "FAILED"


def test_fail_next_waits_for_a_call_that_makes_a_job(fake) -> None:
    fake.jobs.fail_next("CreateBackend", "later")
    with pytest.raises(errors.BadRequest, match="already exists"):
        _create(fake, "dev")
    assert fake.jobs[_create(fake)].error == "later"


@pytest.mark.parametrize("lever", ["finish", "fail", "__getitem__"])
def test_an_unknown_id_names_the_newest(waiting, lever: str) -> None:
    job = _create(waiting)
    with pytest.raises(KeyError) as caught:
        getattr(waiting.jobs, lever)("nonsense")
    called = {"__getitem__": "jobs[...]"}.get(lever, f"jobs.{lever}()")
    assert str(caught.value) == (
        f"{called}: job_id 'nonsense' is not the id of a job; the newest are {job}."
    )
    assert isinstance(caught.value, errors.UsageError)


@pytest.mark.parametrize("lever", ["finish", "fail"])
def test_an_ended_job_says_what_to_do_instead(fake, lever: str) -> None:
    job = _create(fake)
    with pytest.raises(errors.UsageError) as caught:
        getattr(fake.jobs, lever)(job)
    assert str(caught.value) == (
        f"jobs.{lever}(): job {job} (CreateBackend) is already COMPLETED. With "
        "jobs=progress.manual() jobs wait for the test; jobs.fail_next() schedules a failure "
        "before the call."
    )


def test_fail_next_of_an_operation_without_jobs(fake) -> None:
    with pytest.raises(errors.UsageError) as caught:
        fake.jobs.fail_next("GetBackend")
    assert str(caught.value) == (
        "jobs.fail_next(): GetBackend starts no job. To make the call itself fail, use "
        "fake.fail('GetBackend', ...)."
    )
    with pytest.raises(errors.UnknownOperation, match="did you mean 'CreateBackend'"):
        fake.jobs.fail_next("CreateBackends")


def test_the_clock_stands_still(fake) -> None:
    assert fake.clock.now() == datetime(2024, 1, 1, tzinfo=UTC)
    _create(fake)
    assert fake.clock.now() == datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("by", [90, 90.0, timedelta(minutes=1, seconds=30)])
def test_shift(fake, by: Any) -> None:
    fake.clock.shift(by)
    assert fake.clock.now() == datetime(2024, 1, 1, 0, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "when",
    [
        datetime(2020, 2, 3),  # noqa: DTZ001  (a naive one counts as UTC)
        datetime(2020, 2, 3, tzinfo=UTC),
        datetime(2020, 2, 3, 2, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_move_to(fake, when: datetime) -> None:
    fake.clock.move_to(when)
    assert fake.clock.now() == datetime(2020, 2, 3, tzinfo=UTC)


@pytest.mark.parametrize("by", [float("nan"), float("inf"), -(10**12)])
def test_a_shift_out_of_the_calendar(fake, by: float) -> None:
    with pytest.raises(ValueError, match=r"clock.shift\(\): by must be a number of seconds"):
        fake.clock.shift(by)


def test_time_ends_jobs() -> None:
    fake = FakeAmplifyBackend(jobs=progress.after_seconds(60))
    job = _create(fake)
    seen = []
    for _ in range(3):
        seen.append(fake.jobs[job].status)
        fake.clock.shift(30)
    assert seen == ["PENDING", "PENDING", "COMPLETED"]


def test_reset_puts_clock_and_ids_back(fake) -> None:
    first = FakeAmplifyBackend()
    job = _create(first)
    _create(fake)
    fake.clock.shift(100)
    fake.reset()
    assert len(fake.jobs) == len(fake.calls) == 0
    assert fake.dump() == FakeAmplifyBackend().dump()
    assert _create(fake) == job
