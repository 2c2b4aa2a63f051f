import deploy
import pytest
from freezegun import freeze_time

PLACE = {"AppId": "d1", "BackendEnvironmentName": "dev"}


@pytest.mark.amplifybackend(clock="system", jobs="after_seconds:60")
def test_frozen_time_drives_jobs(amplifybackend):
    amplifybackend.add_app("d1")
    with freeze_time("2026-01-01") as frozen:
        job = deploy.client.delete_backend(**PLACE)["JobId"]
        assert deploy.client.get_backend_job(**PLACE, JobId=job)["Status"] == "RUNNING"
        frozen.tick(61)
        assert deploy.client.get_backend_job(**PLACE, JobId=job)["Status"] == "COMPLETED"


@pytest.mark.amplifybackend(transport="wire")
@freeze_time("2026-01-01")
def test_signatures_in_frozen_time(amplifybackend):
    assert deploy.deploy("d1") == "COMPLETED"


@pytest.mark.amplifybackend(clock="system", jobs="after_seconds:60")
def test_the_fixture_freezer(amplifybackend, freezer):
    amplifybackend.add_app("d1")
    job = deploy.client.delete_backend(**PLACE)["JobId"]
    freezer.tick(61)
    assert deploy.client.get_backend_job(**PLACE, JobId=job)["Status"] == "COMPLETED"
