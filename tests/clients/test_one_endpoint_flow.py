"""A whole flow on one endpoint for all of AWS: deploy a backend, then use what it names."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent.parent / "provisioning"))

pytest.importorskip("moto", reason="moto is not installed")
pytest.importorskip("flask_cors", reason="what moto's server needs is not installed")

from clients import SECONDS, command_line, environment, located
from moto_shop import API, AUTH, DEV, STORAGE

from pytest_amplifybackend import FakeAmplifyBackend

HERE = Path(__file__).parent
CREATES = {
    "CreateBackendAuth": {"ResourceName": "auth", "ResourceConfig": AUTH},
    "CreateBackendAPI": {"ResourceName": "api", "ResourceConfig": API},
    "CreateBackendStorage": {"ResourceName": "media", "ResourceConfig": STORAGE},
}


@pytest.fixture
def server() -> Iterator[Any]:
    """A server of all of AWS."""
    pytest.importorskip("httptools", reason="httptools is not installed")
    with FakeAmplifyBackend(moto=True).serve() as server:
        yield server


@pytest.mark.parametrize("name", ["AWSCLI1", "AWSCLI2"])
def test_the_aws_cli(name: str, server: Any, tmp_path: Path) -> None:
    executable = located(name, None)

    def aws(*arguments: str) -> Any:
        command = [executable, *arguments, "--endpoint-url", server.url, "--output", "json"]
        ran = subprocess.run(
            command,
            env={**environment(server), "AWS_PAGER": ""},
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout or "{}")

    def run(operation: str, **params: Any) -> None:
        started = aws("amplifybackend", *command_line(operation, {**DEV, **params}))
        poll = command_line("GetBackendJob", {**DEV, "JobId": started["JobId"]})
        job = aws("amplifybackend", *poll)
        assert job["Status"] == "COMPLETED", job

    run("CreateBackend", AppName="shop")
    for operation, params in CREATES.items():
        run(operation, **params)
    answer = aws("amplifybackend", *command_line("GetBackend", DEV))
    meta = json.loads(answer["AmplifyMetaConfig"])
    auth, api, storage = (
        next(iter(meta[family].values()))["output"] for family in ("auth", "api", "storage")
    )

    signed_up = aws(
        *("cognito-idp", "sign-up", "--client-id", auth["AppClientIDWeb"]),
        *("--username", "ada@shop.example", "--password", "Correct-horse-1"),
        *("--user-attributes", "Name=email,Value=ada@shop.example"),
    )
    assert signed_up["UserConfirmed"] is False
    picture, copy = tmp_path / "cat.png", tmp_path / "copy.png"
    picture.write_bytes(b"\0cat" * 100_000)
    there = ("--bucket", storage["BucketName"], "--key", "a folder/ü+1.png")
    aws("s3api", "put-object", *there, "--body", str(picture))
    aws("s3api", "get-object", *there, str(copy))
    assert copy.read_bytes() == picture.read_bytes()
    (key,) = aws("appsync", "list-api-keys", "--api-id", api["GraphQLAPIIdOutput"])["apiKeys"]
    assert key["id"] == api["GraphQLAPIKeyOutput"]


def test_the_sdk_for_javascript(server: Any) -> None:
    folder = located("JS", None)
    node = shutil.which("node") or "node"
    ran = subprocess.run(
        [node, str(HERE / "flow_js.cjs"), folder, json.dumps(CREATES)],
        env=environment(server),
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert found["confirmed"] is False
    assert found["picture"] == "picture"
    assert found["keys"] == [found["key"]]
