"""Jobs: how they are read, listed, paged and moved on, and that there is one at a time."""

from __future__ import annotations

import re
from typing import Any

import pytest
from shop_calls import APP, DEV, POOL, job_of, refusal
from states_by_name import REQUESTS

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._service.worker import makes_job

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
MAKES_JOB = [operation for operation in REQUESTS if makes_job(operation)]
TEST = {**DEV, "BackendEnvironmentName": "test"}


@pytest.fixture
def busy(manual: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """``dev`` has an unfinished job, UpdateBackendAuth; ``test`` has none."""
    manual.add_app(APP, environments=("test",))
    manual.add_auth(APP, name="users")
    manual.call("UpdateBackendAuth", REQUESTS["UpdateBackendAuth"])
    return manual


@pytest.fixture
def historic(shop: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """``dev`` has thirty ended jobs, one a second: fifteen imports, fifteen deletions of auth."""
    for _ in range(15):
        shop.call("ImportBackendAuth", {**DEV, **POOL})
        shop.clock.shift(1)
        shop.call("DeleteBackendAuth", {**DEV, "ResourceName": f"{APP}auth"})
        shop.clock.shift(1)
    return shop


def pages(fake: FakeAmplifyBackend, **params: Any) -> list[list[dict[str, Any]]]:
    """Every page of a list; a page must never hand out the token that it was asked with."""
    found, token = [], {}
    while True:
        answer = fake.call("ListBackendJobs", {**DEV, **params, **token})
        found.append(answer["Jobs"])
        if "NextToken" not in answer:
            return found
        assert answer["NextToken"] != token.get("NextToken")
        token = {"NextToken": answer["NextToken"]}


class TestOneJob:
    def test_looks_as_recorded_ones_do(self, busy: FakeAmplifyBackend) -> None:
        (job,) = busy.call("ListBackendJobs", DEV)["Jobs"]

        assert UUID4.fullmatch(job.pop("JobId"))
        assert job == {
            "AppId": APP,
            "BackendEnvironmentName": "dev",
            "Operation": "UpdateBackendAuth",
            "Status": "PENDING",
            "CreateTime": "1704067200000",
            "UpdateTime": "1704067200000",
        }

    def test_has_an_error_only_when_it_failed(self, busy: FakeAmplifyBackend) -> None:
        (job,) = busy.jobs
        busy.clock.shift(0.25)
        busy.jobs.fail(job.id, error="Command failed with exit code 1: amplify")

        shown = busy.call("GetBackendJob", {**DEV, "JobId": job.id})

        assert shown["Status"] == "FAILED"
        assert shown["Error"] == "Command failed with exit code 1: amplify"
        assert shown["UpdateTime"] == "1704067200250"

    @pytest.mark.parametrize("operation", MAKES_JOB)
    def test_is_answered_pending_by_every_operation_that_makes_one(
        self, manual: FakeAmplifyBackend, operation: str
    ) -> None:
        environments = ("test",) if operation in ("CreateBackend", "CloneBackend") else ("dev",)
        manual.add_app(APP, environments=environments)
        if operation == "GenerateBackendAPIModels":
            manual.add_api(APP, name="orders")

        answer = manual.call(operation, REQUESTS[operation])

        assert answer["Status"] == "PENDING"
        assert answer["AppId"] == APP
        assert UUID4.fullmatch(answer["JobId"])
        assert "Error" not in answer
        assert manual.jobs[answer["JobId"]].operation == operation

    def test_of_delete_backend_has_no_operation_in_the_answer(self, shop: Any) -> None:
        """As recorded, although the model has the member."""
        assert shop.call("DeleteBackend", DEV).keys() == {
            "AppId",
            "BackendEnvironmentName",
            "JobId",
            "Status",
        }

    def test_is_read_under_its_own_app_environment_and_region_only(
        self, busy: FakeAmplifyBackend
    ) -> None:
        (job,) = busy.jobs
        busy.add_app("d2other")

        for elsewhere in ({"BackendEnvironmentName": "test"}, {"AppId": "d2other"}):
            text = refusal(
                busy, "GetBackendJob", {**DEV, **elsewhere, "JobId": job.id}, errors.NotFound
            )
            assert f"Job {job.id} of app" in text
        with pytest.raises(errors.NotFound):
            busy.call("GetBackendJob", {**DEV, "JobId": job.id}, region="eu-west-1")

    def test_stays_readable_when_its_environment_is_gone(self, shop: Any) -> None:
        job = shop.call("DeleteBackend", DEV)

        assert job_of(shop, job)["Status"] == "COMPLETED"
        assert [job["Operation"] for job in shop.call("ListBackendJobs", DEV)["Jobs"]] == [
            "DeleteBackend"
        ]


class TestOneAtATime:
    PENDING = (
        "There is already a pending job for the requested appId: d1shop and "
        "backendEnvironmentName: dev, wait for it to complete before creating a new job."
    )

    @pytest.mark.parametrize("operation", [name for name in MAKES_JOB if "Config" not in name])
    def test_no_operation_starts_a_second_job(
        self, busy: FakeAmplifyBackend, operation: str
    ) -> None:
        assert refusal(busy, operation, REQUESTS[operation]) == self.PENDING

    def test_a_running_job_counts_too(self, busy: FakeAmplifyBackend) -> None:
        busy.jobs.advance()

        assert refusal(busy, "DeleteBackend", DEV) == self.PENDING

    @pytest.mark.parametrize("end", ["finish", "fail"])
    def test_an_ended_job_does_not(self, busy: FakeAmplifyBackend, end: str) -> None:
        (job,) = busy.jobs
        getattr(busy.jobs, end)(job.id)

        assert busy.call("DeleteBackend", DEV)["Status"] == "PENDING"

    def test_other_environments_apps_and_regions_go_on(self, busy: FakeAmplifyBackend) -> None:
        busy.add_app("d2other")
        busy.add_app(APP, region="eu-west-1")

        assert busy.call("DeleteBackend", TEST)["Status"] == "PENDING"
        assert busy.call("DeleteBackend", {**DEV, "AppId": "d2other"})["Status"] == "PENDING"
        assert busy.call("DeleteBackend", DEV, region="eu-west-1")["Status"] == "PENDING"

    def test_a_clone_keeps_its_target_busy_and_not_its_source(
        self, manual: FakeAmplifyBackend
    ) -> None:
        manual.add_app(APP, environments=("test",))
        manual.call("CloneBackend", REQUESTS["CloneBackend"])

        assert refusal(manual, "CreateBackend", REQUESTS["CreateBackend"]) == self.PENDING
        assert manual.call("DeleteBackend", TEST)["Status"] == "PENDING"

    def test_removing_all_backends_waits_for_every_job_and_keeps_all_out(
        self, busy: FakeAmplifyBackend
    ) -> None:
        assert refusal(busy, "RemoveAllBackends", {"AppId": APP}) == self.PENDING
        busy.jobs.finish(next(iter(busy.jobs)).id)

        busy.call("RemoveAllBackends", {"AppId": APP})

        for operation in ("DeleteBackend", "CloneBackend", "CreateBackendAuth"):
            assert "pending job" in refusal(busy, operation, REQUESTS[operation])
        new = {**REQUESTS["CreateBackend"], "BackendEnvironmentName": "new"}
        assert "backendEnvironmentName: new" in refusal(busy, "CreateBackend", new)


class TestList:
    def test_is_newest_first(self, historic: FakeAmplifyBackend) -> None:
        (first, second) = pages(historic)

        times = [int(job["CreateTime"]) for job in [*first, *second]]
        assert times == [1704067200000 + second * 1000 for second in reversed(range(30))]

    @pytest.mark.parametrize("size", [1, 7, 10, 25])
    def test_comes_in_pages_of_at_most_the_size_that_is_asked_for(
        self, historic: FakeAmplifyBackend, size: int
    ) -> None:
        found = pages(historic, MaxResults=size)

        assert [len(page) for page in found[:-1]] == [size] * (len(found) - 1)
        assert len({job["JobId"] for page in found for job in page}) == 30

    def test_has_pages_of_25_by_default(self, historic: FakeAmplifyBackend) -> None:
        assert [len(page) for page in pages(historic)] == [25, 5]

    def test_is_filtered_by_operation_status_and_id(self, historic: FakeAmplifyBackend) -> None:
        (deletions,) = pages(historic, Operation="DeleteBackendAuth")
        (one,) = pages(historic, JobId=deletions[3]["JobId"])
        both = pages(historic, Operation="ImportBackendAuth", Status="COMPLETED", MaxResults=10)

        assert {job["Operation"] for job in deletions} == {"DeleteBackendAuth"}
        assert len(deletions) == 15
        assert one == [deletions[3]]
        assert [len(page) for page in both] == [10, 5]
        assert pages(historic, Status="FAILED") == [[]]
        assert pages(historic, Operation="NoSuchOperation") == [[]]

    def test_shows_a_new_job_only_to_who_starts_again(self, historic: FakeAmplifyBackend) -> None:
        first = historic.call("ListBackendJobs", {**DEV, "MaxResults": 20})
        new = historic.call("DeleteBackend", DEV)["JobId"]

        rest = historic.call("ListBackendJobs", {**DEV, "NextToken": first["NextToken"]})

        assert len(rest["Jobs"]) == 10
        assert new not in {job["JobId"] for job in rest["Jobs"]}
        assert historic.call("ListBackendJobs", DEV)["Jobs"][0]["JobId"] == new

    def test_says_nothing_in_its_token(self, historic: FakeAmplifyBackend) -> None:
        token = historic.call("ListBackendJobs", DEV)["NextToken"]

        assert APP not in token
        assert re.fullmatch(r"[\w=-]+", token)

    @pytest.mark.parametrize(
        "token", ["", "x", "bm8=", "W10=", "WzEsIDJd", "é", "\ud800", "null", "=" * 5000]
    )
    def test_refuses_a_token_it_never_gave(self, historic: FakeAmplifyBackend, token: str) -> None:
        text = refusal(historic, "ListBackendJobs", {**DEV, "NextToken": token})

        assert text == "The NextToken is not one that ListBackendJobs gave for this request."

    @pytest.mark.parametrize(
        "other",
        [
            {"BackendEnvironmentName": "test"},
            {"AppId": "d2other"},
            {"Operation": "DeleteBackendAuth"},
            {"Status": "COMPLETED"},
        ],
    )
    def test_refuses_the_token_of_another_list(
        self, historic: FakeAmplifyBackend, other: dict[str, str]
    ) -> None:
        historic.add_app(APP, environments=("test",))
        historic.add_app("d2other")
        token = historic.call("ListBackendJobs", DEV)["NextToken"]

        assert "NextToken" in refusal(
            historic, "ListBackendJobs", {**DEV, **other, "NextToken": token}
        )

    def test_is_empty_for_an_environment_without_jobs(self, shop: FakeAmplifyBackend) -> None:
        assert shop.call("ListBackendJobs", DEV) == {"Jobs": []}

    def test_is_refused_for_what_never_was(self, shop: FakeAmplifyBackend) -> None:
        text = refusal(shop, "ListBackendJobs", TEST, errors.NotFound)
        assert text == "BackendEnvironment test does not exist."
        text = refusal(shop, "ListBackendJobs", {**DEV, "AppId": "d2"}, errors.NotFound)
        assert text == "App d2 not found."

    @pytest.mark.parametrize("status", ["PENDING", "RUNNING", "COMPLETED", "FAILED"])
    @pytest.mark.parametrize("policy", ["manual", "after_reads:1", "after_seconds:9"])
    def test_shows_only_jobs_of_the_status_that_is_asked_for(
        self, policy: str, status: str
    ) -> None:
        fake = FakeAmplifyBackend(jobs=progress.parse(policy))
        fake.add_app(APP)
        fake.call("DeleteBackend", DEV)

        for _ in range(4):
            found = fake.call("ListBackendJobs", {**DEV, "Status": status})["Jobs"]
            assert {job["Status"] for job in found} <= {status}

    def test_of_completed_jobs_ends_a_wait_by_reads(self) -> None:
        """Who polls with a filter is served like who polls without."""
        fake = FakeAmplifyBackend(jobs=progress.after_reads(2))
        fake.add_app(APP)
        fake.call("DeleteBackend", DEV)

        counts = [len(pages(fake, Status="COMPLETED")[0]) for _ in range(4)]

        assert counts == [0, 0, 1, 1]


class TestUpdate:
    """UpdateBackendJob is the way out for a job that is stuck."""

    def test_failed_ends_a_stuck_job_without_its_effect(self, manual: FakeAmplifyBackend) -> None:
        manual.add_app(APP)
        job = manual.call("DeleteBackend", DEV)["JobId"]

        shown = manual.call("UpdateBackendJob", {**DEV, "JobId": job, "Status": "FAILED"})

        assert shown["Status"] == "FAILED"
        assert manual.call("GetBackend", DEV)["BackendEnvironmentList"] == ["dev"]
        assert manual.call("DeleteBackend", DEV)["Status"] == "PENDING"

    def test_completed_ends_it_with_its_effect(self, manual: FakeAmplifyBackend) -> None:
        manual.add_app(APP)
        job = manual.call("DeleteBackend", DEV)["JobId"]

        manual.call("UpdateBackendJob", {**DEV, "JobId": job, "Status": "COMPLETED"})

        assert manual.call("GetBackend", {"AppId": APP})["BackendEnvironmentList"] == []

    def test_completed_cannot_make_the_impossible_true(self, busy: FakeAmplifyBackend) -> None:
        busy.jobs.finish(next(iter(busy.jobs)).id)
        job = busy.call("CreateBackendAuth", REQUESTS["CreateBackendAuth"])["JobId"]

        shown = busy.call("UpdateBackendJob", {**DEV, "JobId": job, "Status": "COMPLETED"})

        assert shown["Status"] == "FAILED"
        assert "Auth has already been added" in shown["Error"]

    def test_a_new_operation_is_a_new_label_and_no_new_work(
        self, manual: FakeAmplifyBackend
    ) -> None:
        manual.add_app(APP)
        job = manual.call("DeleteBackend", DEV)["JobId"]
        manual.clock.shift(3)

        shown = manual.call(
            "UpdateBackendJob", {**DEV, "JobId": job, "Operation": "CreateBackendAuth"}
        )
        manual.jobs.finish(job)

        assert shown["Operation"] == "CreateBackendAuth"
        assert int(shown["UpdateTime"]) - int(shown["CreateTime"]) == 3000
        assert manual.call("GetBackend", {"AppId": APP})["BackendEnvironmentList"] == []

    def test_nothing_new_changes_nothing(self, busy: FakeAmplifyBackend) -> None:
        before = busy.dump()
        (job,) = busy.jobs
        busy.clock.shift(1)

        shown = busy.call("UpdateBackendJob", {**DEV, "JobId": job.id, "Status": "PENDING"})

        assert shown["UpdateTime"] == shown["CreateTime"]
        assert busy.dump()["jobs"] == before["jobs"]
