"""`shopops-unstick`: fails jobs that hang, by hand or as a Lambda function.

The program makes its client when it is imported, before any test runs. The fake serves it as well.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import boto3
import pytest
from pytest_amplifybackend import FakeAmplifyBackend, errors, progress

from shopops import unstick
from shopops.unstick import handler, main

DEV = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}


@pytest.fixture
def client(amplifybackend: FakeAmplifyBackend) -> Any:
    """Whoever starts the jobs, in the region that the program took from its surroundings."""
    return boto3.client("amplifybackend", region_name=unstick.amplify.meta.region_name)


@pytest.fixture
def shop(amplifybackend: FakeAmplifyBackend, client: Any) -> FakeAmplifyBackend:
    """An app with three environments, of which dev and prod have an API."""
    region = client.meta.region_name
    environments = ("dev", "prod", "test")
    amplifybackend.add_app("d1shop", name="shop", environments=environments, region=region)
    amplifybackend.add_api("d1shop", "dev", name="shopapi", region=region)
    amplifybackend.add_api("d1shop", "prod", name="shopapi", region=region)
    return amplifybackend


def start_job(client: Any, environment: str = "dev") -> str:
    """Start something that takes its time, and give the id of the job."""
    job = client.generate_backend_api_models(
        AppId="d1shop", BackendEnvironmentName=environment, ResourceName="shopapi"
    )
    return str(job["JobId"])


@pytest.mark.amplifybackend(jobs=progress.manual())
class TestStuckJob:
    def test_is_failed_so_that_the_next_can_start(
        self, shop: FakeAmplifyBackend, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stuck = start_job(client)
        with pytest.raises(client.exceptions.BadRequestException, match="pending job"):
            start_job(client)
        shop.clock.shift(timedelta(hours=10))

        assert main(["d1shop"]) == 0

        assert capsys.readouterr().out.splitlines() == [
            "1 of 1 jobs in dev, prod, test are stuck.",
            f"dev: GenerateBackendAPIModels {stuck} has been PENDING for 600 minutes, failing it",
        ]
        assert client.get_backend_job(**DEV, JobId=stuck)["Status"] == "FAILED"
        start_job(client)

    def test_is_only_named_in_a_dry_run(
        self, shop: FakeAmplifyBackend, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stuck = start_job(client)
        shop.clock.shift(timedelta(hours=10))

        assert main(["d1shop", "--dry-run"]) == 0

        assert stuck in capsys.readouterr().out
        assert client.get_backend_job(**DEV, JobId=stuck)["Status"] == "PENDING"
        shop.assert_not_called("UpdateBackendJob")

    def test_is_told_from_one_that_has_just_begun(
        self, shop: FakeAmplifyBackend, client: Any
    ) -> None:
        old = start_job(client, "dev")
        shop.clock.shift(timedelta(minutes=70))
        young = start_job(client, "prod")
        shop.clock.shift(timedelta(minutes=50))

        assert main(["d1shop", "--minutes", "90"]) == 0

        shop.assert_called("UpdateBackendJob", times=1, JobId=old, Status="FAILED")
        assert shop.jobs[young].status == "PENDING"

    def test_is_left_alone_in_other_environments(
        self, shop: FakeAmplifyBackend, client: Any
    ) -> None:
        start_job(client, "dev")
        start_job(client, "prod")
        shop.clock.shift(timedelta(hours=2))

        assert main(["d1shop", "--environment", "prod"]) == 0

        shop.assert_called("UpdateBackendJob", times=1, BackendEnvironmentName="prod")

    def test_is_found_among_more_jobs_than_fit_on_a_page(
        self, shop: FakeAmplifyBackend, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for _ in range(60):
            shop.jobs.finish(start_job(client))
        start_job(client)
        shop.clock.shift(timedelta(hours=2))

        assert main(["d1shop", "--environment", "dev"]) == 0

        assert "1 of 61 jobs in dev are stuck." in capsys.readouterr().out
        shop.assert_called("ListBackendJobs", times=3)

    def test_is_failed_when_the_service_is_no_longer_busy(
        self, shop: FakeAmplifyBackend, client: Any
    ) -> None:
        stuck = start_job(client)
        shop.clock.shift(timedelta(hours=2))
        shop.fail("UpdateBackendJob", errors.TooManyRequests(limit_type="Requests"), times=2)

        assert main(["d1shop"]) == 0

        assert client.get_backend_job(**DEV, JobId=stuck)["Status"] == "FAILED"

    def test_that_cannot_be_failed_is_an_error(
        self, shop: FakeAmplifyBackend, client: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        start_job(client)
        shop.clock.shift(timedelta(hours=2))
        shop.fail("UpdateBackendJob", errors.BadRequest("You may not do that."), times=None)

        assert main(["d1shop"]) == 1

        assert "You may not do that." in capsys.readouterr().err

    def test_is_failed_by_the_lambda_function(self, shop: FakeAmplifyBackend, client: Any) -> None:
        stuck = start_job(client)
        shop.clock.shift(timedelta(hours=2))

        assert handler({"app_id": "d1shop"}, None) == {"failed": [stuck]}
        assert handler({"app_id": "d1shop"}, None) == {"failed": []}


@pytest.mark.amplifybackend(jobs=progress.after_seconds(3630))
def test_a_job_that_ends_meanwhile_is_no_error(shop: FakeAmplifyBackend, client: Any) -> None:
    job = start_job(client)
    shop.clock.shift(3610)
    # Before the service gets to this request, the job has ended by itself.
    shop.delay("UpdateBackendJob", seconds=25)

    assert main(["d1shop", "--minutes", "60"]) == 0

    assert client.get_backend_job(**DEV, JobId=job)["Status"] == "COMPLETED"


@pytest.mark.amplifybackend(transport="wire")
def test_a_busy_service_is_asked_again_by_botocore(
    shop: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
) -> None:
    # Answered before it is sent, a call never gets to the retries of botocore; on the wire it does.
    shop.fail("ListBackendJobs", errors.TooManyRequests(), times=2)

    assert main(["d1shop", "--environment", "dev"]) == 0

    assert "0 of 0 jobs in dev are stuck." in capsys.readouterr().out
    shop.assert_called("ListBackendJobs", times=3)


@pytest.mark.usefixtures("amplifybackend")
def test_an_unknown_app_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["d1nowhere"]) == 1

    assert capsys.readouterr().err == "error: d1nowhere has no environments.\n"
