"""The state as a whole: dumped, loaded, damaged, repeated, and never shared."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from populated import everything_read, populated
from shop_calls import APP, DEV, ORDERS, environments, job_of, meta, run
from states_by_name import REQUESTS

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress


class TestDump:
    def test_is_json(self) -> None:
        dumped = populated().dump()

        assert json.loads(json.dumps(dumped)) == dumped

    def test_shares_nothing_with_the_state(self) -> None:
        fake = populated()
        dumped = fake.dump()
        kept = copy.deepcopy(dumped)

        dumped["apps"].clear()
        dumped["jobs"][0]["environments"].append("x")
        dumped["buckets"].clear()

        assert fake.dump() == kept

    def test_changes_with_every_mutation_and_with_no_read(self) -> None:
        fake = populated()
        before = fake.dump()

        fake.call("GetBackend", DEV)
        assert fake.dump() == before
        fake.call("CreateToken", {"AppId": APP})

        assert fake.dump() != before

    def test_of_a_fresh_fake_is_that_of_a_reset_one(self, fake: FakeAmplifyBackend) -> None:
        used = populated(progress.immediate())

        used.reset()

        assert used.dump() == fake.dump()
        assert not used.calls
        assert not list(used.jobs)


class TestLoad:
    def test_gives_back_everything(self) -> None:
        fake, other = populated(), FakeAmplifyBackend(jobs=progress.manual())

        other.load(json.loads(json.dumps(fake.dump())))

        assert other.dump() == fake.dump()
        assert everything_read(other) == everything_read(fake)

    def test_unfinished_jobs_go_on_to_their_effect(self) -> None:
        fake, other = populated(), FakeAmplifyBackend(jobs=progress.manual())
        other.load(fake.dump())

        for job in other.jobs:
            if job.status == "PENDING":
                other.jobs.finish(job.id)

        assert other.call("GetBackendAPIModels", ORDERS)["Status"] == "STALE"
        assert other.call("GetBackend", {"AppId": APP}, region="eu-west-1") == {
            "AppId": APP,
            "AppName": APP,
            "BackendEnvironmentList": [],
        }
        assert fake.call("GetBackendAPIModels", ORDERS)["Status"] == "LATEST"

    def test_counted_reads_stay_counted(self) -> None:
        fake, other = (FakeAmplifyBackend(jobs=progress.after_reads(2)) for _ in range(2))
        fake.add_app(APP)
        answer = fake.call("DeleteBackend", DEV)
        job_of(fake, answer)

        other.load(fake.dump())

        assert [job_of(other, answer)["Status"] for _ in range(2)] == ["RUNNING", "COMPLETED"]

    def test_planned_failures_of_jobs_that_are_there_stay_planned(self) -> None:
        fake, other = (FakeAmplifyBackend(jobs=progress.manual()) for _ in range(2))
        fake.add_app(APP)
        fake.jobs.fail_next("DeleteBackend", error="no")
        answer = fake.call("DeleteBackend", DEV)

        other.load(fake.dump())

        assert other.jobs.finish(answer["JobId"]).error == "no"
        assert environments(other) == ["dev"]

    def test_ids_go_on_where_they_were(self) -> None:
        fake, other = populated(), FakeAmplifyBackend(jobs=progress.manual())
        other.load(fake.dump())

        token = {"AppId": APP}

        assert other.call("CreateToken", token) == fake.call("CreateToken", token)

    def test_takes_the_clock_over_and_leaves_calls_and_faults(self) -> None:
        fake, other = populated(), FakeAmplifyBackend()
        other.call("ListS3Buckets")
        other.fail("GetBackend", errors.TooManyRequests())

        other.load(fake.dump())

        assert other.clock.now() == fake.clock.now()
        assert [call.operation for call in other.calls] == ["ListS3Buckets"]
        with pytest.raises(errors.TooManyRequests):
            other.call("GetBackend", DEV)


class TestTwoRuns:
    def test_are_byte_identical(self) -> None:
        first, second = (
            json.dumps([everything_read(fake), fake.dump()])
            for fake in (populated(seed=7), populated(seed=7))
        )

        assert first == second

    def test_with_other_seeds_differ_in_their_ids_only(self) -> None:
        first, second = populated(seed=1), populated(seed=2)

        def api(fake: FakeAmplifyBackend) -> dict[str, Any]:
            return dict(meta(fake)["api"]["orders"]["output"])

        assert api(first).keys() == api(second).keys()
        assert api(first)["GraphQLAPIIdOutput"] != api(second)["GraphQLAPIIdOutput"]
        assert {job.id for job in first.jobs}.isdisjoint(job.id for job in second.jobs)
        assert first.call("GetBackendAPI", ORDERS) == second.call("GetBackendAPI", ORDERS)


def test_two_fakes_never_see_each_other() -> None:
    one, other = FakeAmplifyBackend(), FakeAmplifyBackend()

    one.add_app(APP)
    one.add_bucket("ours")
    one.clock.shift(1)

    assert other.dump() == FakeAmplifyBackend().dump()
    assert not other.calls
    with pytest.raises(errors.NotFound):
        other.call("GetBackend", {"AppId": APP})


def test_regions_have_apps_of_their_own(fake: FakeAmplifyBackend) -> None:
    fake.add_app(APP, environments=("dev",))
    fake.add_app(APP, environments=("test",), region="eu-west-1")

    run(fake, "DeleteBackend", DEV)

    assert environments(fake) == []
    there = fake.call("GetBackend", {"AppId": APP}, region="eu-west-1")
    assert there["BackendEnvironmentList"] == ["test"]
    assert fake.call("ListBackendJobs", DEV)["Jobs"]
    with pytest.raises(errors.NotFound):
        fake.call("ListBackendJobs", DEV, region="eu-west-1")


def test_jobs_work_in_the_region_of_their_call_whoever_ends_them(
    manual: FakeAmplifyBackend,
) -> None:
    job = manual.call("CreateBackend", REQUESTS["CreateBackend"], region="eu-west-1")["JobId"]

    manual.jobs.finish(job)

    place = meta(manual, region="eu-west-1")["providers"]["awscloudformation"]["Region"]
    assert place == "eu-west-1"


class TestClock:
    def test_stands_still_until_it_is_moved(self, fake: FakeAmplifyBackend) -> None:
        assert fake.clock.now() == datetime(2024, 1, 1, tzinfo=UTC)

        fake.clock.shift(timedelta(days=1))
        assert fake.clock.now() == datetime(2024, 1, 2, tzinfo=UTC)
        fake.clock.move_to(datetime(2030, 6, 1))  # noqa: DTZ001  (naive means UTC)

        assert fake.clock.now() == datetime(2030, 6, 1, tzinfo=UTC)

    def test_stays_in_the_calendar(self, fake: FakeAmplifyBackend) -> None:
        fake.clock.shift(10**11)
        fake.clock.shift(10**11)

        with pytest.raises(ValueError, match="between the years 1 and 9999"):
            fake.clock.shift(10**11)

        assert fake.clock.now().year == 8361

    @pytest.mark.parametrize("by", [float("nan"), float("inf"), 10**12])
    def test_is_shifted_by_finite_numbers(self, fake: FakeAmplifyBackend, by: float) -> None:
        with pytest.raises(ValueError, match=r"clock.shift\(\): by must be a number of seconds"):
            fake.clock.shift(by)
