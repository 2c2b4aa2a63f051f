"""The four ways in which jobs come to their end, and their spelling in an ini file."""

from __future__ import annotations

import pytest
from shop_calls import API, APP, DEV, ORDERS, environments, job_of, meta

from pytest_amplifybackend import FakeAmplifyBackend, progress

POLICIES = {
    "immediate": progress.immediate(),
    "manual": progress.manual(),
    "after_reads:0": progress.after_reads(0),
    "after_reads:3": progress.after_reads(3),
    "after_seconds:0": progress.after_seconds(0),
    "after_seconds:2.5": progress.after_seconds(2.5),
    "after_seconds:90": progress.after_seconds(90),
}


def deleting(policy: progress.Progress) -> tuple[FakeAmplifyBackend, dict[str, str]]:
    """A fake with a job that deletes ``dev``, and what the call answered."""
    fake = FakeAmplifyBackend(jobs=policy)
    fake.add_app(APP)
    return fake, fake.call("DeleteBackend", DEV)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_every_job_is_answered_pending(policy: progress.Progress) -> None:
    _, answer = deleting(policy)

    assert answer["Status"] == "PENDING"


class TestImmediate:
    def test_a_job_has_ended_by_the_next_call(self) -> None:
        fake, answer = deleting(progress.immediate())

        assert environments(fake) == []
        assert job_of(fake, answer)["Status"] == "COMPLETED"

    def test_nothing_but_a_look_is_needed(self) -> None:
        fake, _ = deleting(progress.immediate())

        assert [job.status for job in fake.jobs] == ["COMPLETED"]


class TestManual:
    def test_neither_reads_nor_time_move_a_job(self) -> None:
        fake, answer = deleting(progress.manual())

        for _ in range(10):
            fake.clock.shift(3600)
            assert job_of(fake, answer)["Status"] == "PENDING"

    def test_the_test_does(self) -> None:
        fake, answer = deleting(progress.manual())

        fake.jobs.advance()
        assert job_of(fake, answer)["Status"] == "RUNNING"
        fake.jobs.advance()
        assert job_of(fake, answer)["Status"] == "COMPLETED"
        fake.jobs.advance()
        assert job_of(fake, answer)["Status"] == "COMPLETED"


class TestAfterReads:
    @pytest.mark.parametrize("reads", [0, 1, 3])
    def test_a_job_runs_for_so_many_reads_and_has_ended_at_the_next(self, reads: int) -> None:
        fake, answer = deleting(progress.after_reads(reads))

        seen = [job_of(fake, answer)["Status"] for _ in range(reads + 2)]

        assert seen == ["RUNNING"] * reads + ["COMPLETED"] * 2

    def test_a_list_counts_as_a_read(self) -> None:
        fake, answer = deleting(progress.after_reads(2))

        (first,) = fake.call("ListBackendJobs", DEV)["Jobs"]
        second = job_of(fake, answer)
        (third,) = fake.call("ListBackendJobs", DEV)["Jobs"]

        assert [job["Status"] for job in (first, second, third)] == [
            "RUNNING",
            "RUNNING",
            "COMPLETED",
        ]

    def test_a_list_about_other_jobs_does_not(self) -> None:
        fake, answer = deleting(progress.after_reads(1))

        fake.call("ListBackendJobs", {**DEV, "Operation": "CreateBackend"})
        fake.call("ListBackendJobs", {**DEV, "JobId": "another"})

        assert job_of(fake, answer)["Status"] == "RUNNING"

    def test_nor_do_reads_of_anything_else(self) -> None:
        fake, _ = deleting(progress.after_reads(1))

        for _ in range(5):
            assert environments(fake) == ["dev"]
        assert [job.status for job in fake.jobs] == ["PENDING"]

    def test_each_job_has_its_own_count(self) -> None:
        fake, first = deleting(progress.after_reads(1))
        fake.add_app(APP, environments=("test",))
        test = {"BackendEnvironmentName": "test"}
        second = fake.call("DeleteBackend", {**DEV, **test})

        assert job_of(fake, first)["Status"] == "RUNNING"
        assert job_of(fake, second, **test)["Status"] == "RUNNING"
        assert job_of(fake, first)["Status"] == "COMPLETED"


class TestAfterSeconds:
    def test_a_job_ends_by_the_clock(self) -> None:
        fake, answer = deleting(progress.after_seconds(2.5))

        fake.clock.shift(2.499)
        assert job_of(fake, answer)["Status"] == "RUNNING"
        fake.clock.shift(0.001)

        assert job_of(fake, answer)["Status"] == "COMPLETED"

    def test_it_ended_when_its_time_had_come_however_late_it_is_read(self) -> None:
        fake, answer = deleting(progress.after_seconds(60))
        fake.clock.shift(3600)

        job = job_of(fake, answer)

        assert int(job["UpdateTime"]) - int(job["CreateTime"]) == 60_000

    def test_what_it_makes_bears_the_time_it_ended(self) -> None:
        fake = FakeAmplifyBackend(jobs=progress.after_seconds(60))
        fake.call("CreateBackend", {**DEV, "AppName": "shop"})
        fake.clock.shift(60)
        fake.call("CreateBackendAPI", {**ORDERS, "ResourceConfig": API})
        fake.clock.shift(3600)

        assert meta(fake)["api"]["orders"]["lastPushTimeStamp"] == "2024-01-01T00:02:00.000Z"
        (bucket,) = fake.call("ListS3Buckets")["Buckets"]
        assert bucket["CreationDate"] == "2024-01-01T00:01:00.000Z"

    def test_its_effect_comes_with_any_call(self) -> None:
        fake, _ = deleting(progress.after_seconds(60))
        assert environments(fake) == ["dev"]

        fake.clock.shift(60)

        assert environments(fake) == []

    def test_jobs_end_in_the_order_in_which_they_were_made(self) -> None:
        fake = FakeAmplifyBackend(jobs=progress.after_seconds(60))
        fake.add_app(APP, environments=("dev", "test"))
        fake.call("DeleteBackend", DEV)
        fake.clock.shift(30)
        clone = {"AppId": APP, "BackendEnvironmentName": "test", "TargetEnvironmentName": "prod"}
        fake.call("CloneBackend", clone)
        fake.clock.shift(30)
        assert environments(fake) == ["test"]

        fake.clock.shift(30)

        assert environments(fake) == ["test", "prod"]


class TestSpelling:
    @pytest.mark.parametrize(("text", "policy"), POLICIES.items())
    def test_a_policy_is_read_from_its_ini_value(self, text: str, policy: object) -> None:
        assert progress.parse(text) == policy
        assert progress.parse(f"  {text}\n") == policy

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "later",
            "immediate:1",
            "manual:0",
            "after_reads",
            "after_reads:",
            "after_reads:x",
            "after_reads:-1",
            "after_reads:1.5",
            "after_seconds:nan",
            "after_seconds:inf",
            "after_seconds:-1",
            "Immediate",
        ],
    )
    def test_anything_else_is_refused_with_what_there_is(self, text: str) -> None:
        with pytest.raises(ValueError, match="write immediate, manual, after_reads:N or after_sec"):
            progress.parse(text)

    @pytest.mark.parametrize("reads", [-1, 1.0, True, "1", None])
    def test_reads_are_counted_in_whole_numbers(self, reads: object) -> None:
        with pytest.raises(ValueError, match="after_reads"):
            progress.after_reads(reads)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "seconds", [-1, float("nan"), float("inf"), 10**400, 1e308, True, "1", None]
    )
    def test_seconds_are_finite_numbers(self, seconds: object) -> None:
        with pytest.raises(ValueError, match="after_seconds"):
            progress.after_seconds(seconds)  # type: ignore[arg-type]


def test_a_job_of_no_time_ends_when_it_was_made() -> None:
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc")
    made = fake.call("DeleteBackend", {"AppId": "d1abc", "BackendEnvironmentName": "dev"})
    fake.clock.shift(86400)
    job = fake.jobs[made["JobId"]]
    assert job.updated == job.created
