import deploy
import pytest
import time_machine

PLACE = {"AppId": "d1", "BackendEnvironmentName": "dev"}


@pytest.mark.amplifybackend(clock="system", jobs="after_seconds:60")
def test_travelling_drives_jobs(amplifybackend):
    amplifybackend.add_app("d1")
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False) as traveller:
        job = deploy.client.delete_backend(**PLACE)["JobId"]
        assert deploy.client.get_backend_job(**PLACE, JobId=job)["Status"] == "RUNNING"
        traveller.shift(61)
        assert deploy.client.get_backend_job(**PLACE, JobId=job)["Status"] == "COMPLETED"
