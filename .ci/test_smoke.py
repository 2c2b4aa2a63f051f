"""What must work where only the wheel and its hard dependencies are installed: no boto3, no extra.

`.ci/run` copies this file alone into an empty folder and runs it there.
"""

from importlib import metadata, resources

import pytest

APP = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}


def test_only_the_hard_dependencies_are_here() -> None:
    for extra in ("boto3", "hypothesis", "syrupy", "responses", "moto", "aiobotocore"):
        with pytest.raises(metadata.PackageNotFoundError):
            metadata.version(extra)


def test_the_wheel_is_complete() -> None:
    assert resources.files("pytest_amplifybackend").joinpath("py.typed").is_file()
    files = metadata.files("pytest-amplifybackend") or []
    assert any(file.name == "LICENSE" for file in files)
    assert not [file for file in files if file.parts[0] in {"tests", "examples", "conftest.py"}]


def test_a_job_completes(amplifybackend) -> None:
    client = amplifybackend.client(region_name="us-east-1")
    job = client.create_backend(AppName="shop", **APP)
    polled = client.get_backend_job(JobId=job["JobId"], **APP)
    assert polled["Status"] == "COMPLETED"
    amplifybackend.assert_called("CreateBackend", times=1, AppName="shop")


def test_a_modeled_error_is_raised(amplifybackend) -> None:
    client = amplifybackend.client(region_name="us-east-1")
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_backend(**APP)
