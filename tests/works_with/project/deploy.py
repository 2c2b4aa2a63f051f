"""A program as users have it: its client is made at import, and it polls a job."""

from __future__ import annotations

import boto3

client = boto3.client("amplifybackend", region_name="us-east-1")


def deploy(app_id: str) -> str:
    """The status in which the job ends.

    >>> from pytest_amplifybackend import FakeAmplifyBackend
    >>> with FakeAmplifyBackend():
    ...     deploy("d1")
    'COMPLETED'
    >>> fake = getfixture("amplifybackend")
    >>> fake.add_app("d2"); client.get_backend(AppId="d2")["AppName"]
    'd2'
    """
    job = client.create_backend(AppId=app_id, AppName="shop", BackendEnvironmentName="dev")
    names = {name: job[name] for name in ("AppId", "BackendEnvironmentName", "JobId")}
    while (status := client.get_backend_job(**names)["Status"]) in ("PENDING", "RUNNING"):
        pass
    return str(status)
