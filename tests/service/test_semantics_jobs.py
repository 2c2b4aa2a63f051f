"""Jobs: how they are read, listed, paged and moved on, and that there is one at a time."""

from __future__ import annotations

import re
from typing import Any

import pytest
from shop_calls import APP, DEV, POOL, refusal
from states_by_name import REQUESTS

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
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

    def test_of_delete_backend_has_no_operation_in_the_answer(self, shop: Any) -> None:
        """As recorded, although the model has the member."""
        assert shop.call("DeleteBackend", DEV).keys() == {
            "AppId",
            "BackendEnvironmentName",
            "JobId",
            "Status",
        }


class TestList:
    def test_has_pages_of_25_by_default(self, historic: FakeAmplifyBackend) -> None:
        assert [len(page) for page in pages(historic)] == [25, 5]

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
