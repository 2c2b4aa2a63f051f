"""A botocore that is newer than the shipped model changes nothing but what a client lets through.

Everything runs in processes of their own, where AWS_DATA_PATH leads to a model with more in it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import newer
import pytest
from volume import full_only

pytest.importorskip("hypothesis")
pytest.importorskip("httptools", reason="a server is one of the ways")

HERE = Path(__file__).parent
CHEAP = "test_operations test_errors test_enums"  # all of it passes too, and takes minutes


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = newer.install(tmp_path_factory.mktemp("models"), newer.extended())
    return {**os.environ, "AWS_DATA_PATH": folder}


def run(environment: dict[str, str], *arguments: str, code: int = 0) -> list[str]:
    command = [sys.executable, "-W", "error", "-m", *arguments]
    done = subprocess.run(command, env=environment, cwd=HERE, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout.splitlines()


def pytest_run(environment: dict[str, str], *arguments: str) -> None:
    options = [f"-pno:{name}" for name in ("cacheprovider", "randomly", "hypothesispytest")]
    run(environment, "pytest", "-q", *options, *arguments)


def test_what_a_newer_client_can_do(environment: dict[str, str]) -> None:
    pytest_run(environment, "with_newer_botocore.py")


@full_only
@pytest.mark.parametrize("target", ["stubber", "wire"])
def test_the_contract_suite(environment: dict[str, str], target: str) -> None:
    suite = [f"pytest_amplifybackend.contract.{name}" for name in CHEAP.split()]
    pytest_run(environment, f"--amplifybackend-target={target}", "--pyargs", *suite)


def test_the_command(environment: dict[str, str]) -> None:
    command = "pytest_amplifybackend", "operations"
    assert "ListFutures" not in "".join(run(environment, *command))
    changes = run(environment, *command, "--diff", code=1)[1:]
    changes = [change for change in changes if "errors" not in change]
    values = [change for change in changes if "enum value PEEK" in change]
    assert len(values) > 50
    some = [change for change in values if "Permissions.Authenticated" not in change]
    assert [change for change in changes if change not in some] == [
        "+ CreateBackend request ClientToken: string",
        "+ CreateBackendStorage request ResourceConfig.ClientToken: string",
        "+ CreateBackendStorage request ResourceConfig.Permissions.Authenticated[]: "
        "enum value PEEK",
        "+ GetBackend response Color: string",
        "+ GetBackendStorage response ResourceConfig.Permissions.Authenticated[]: enum value PEEK",
        "+ ListFutures: a new operation, POST /backend/{appId}/futures",
        "+ UpdateBackendStorage request ResourceConfig.Permissions.Authenticated[]: "
        "enum value PEEK",
    ]


def test_models_in_the_home_folder_count_too(tmp_path: Path) -> None:
    newer.install(tmp_path / ".aws" / "models", newer.extended())
    apart = {name: value for name, value in os.environ.items() if name != "AWS_DATA_PATH"}
    environment = {**apart, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    lines = run(environment, "pytest_amplifybackend", "operations", "--diff", code=1)
    assert "+ GetBackend response Color: string" in lines
