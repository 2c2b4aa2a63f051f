"""`shopops-trial`: uses what was deployed, in moto, in the process and over one endpoint."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from pytest_amplifybackend import FakeAmplifyBackend

from shopops import deploy, outputs, trial

pytest.importorskip("moto", reason="moto is not installed")

REGION = "us-east-1"
CONFIG = Path(__file__).parent.parent / "shop.json"
EMAIL = "ada@shop.example"


@pytest.fixture
def deployed(amplifybackend_moto: FakeAmplifyBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop of the config file, deployed by the program that deploys it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    assert deploy.main(["--config", str(CONFIG)]) == 0


@pytest.mark.usefixtures("deployed")
class TestInTheProcess:
    def test_everything_that_the_outputs_name_is_there(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert trial.main(["d1shop", "dev", "--email", EMAIL]) == 0

        told = capsys.readouterr().out
        assert "picture s3://shop-media" in told
        users = boto3.client("cognito-idp", region_name=REGION)
        (pool,) = users.list_user_pools(MaxResults=60)["UserPools"]
        (user,) = users.list_users(UserPoolId=pool["Id"])["Users"]
        assert {"Name": "email", "Value": EMAIL} in user["Attributes"]

    def test_a_second_sign_up_is_refused(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert trial.main(["d1shop", "dev", "--email", EMAIL]) == 0
        assert trial.main(["d1shop", "dev", "--email", EMAIL]) == 1
        assert "UsernameExistsException" in capsys.readouterr().err

    def test_a_bucket_that_is_gone_is_noticed(self, capsys: pytest.CaptureFixture[str]) -> None:
        s3 = boto3.resource("s3", region_name=REGION)
        for bucket in s3.buckets.all():
            bucket.objects.delete()
            bucket.delete()
        assert trial.main(["d1shop", "dev", "--email", EMAIL]) == 1
        assert "NoSuchBucket" in capsys.readouterr().err


def test_an_environment_with_nothing_in_it(
    amplifybackend_moto: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
) -> None:
    amplifybackend_moto.add_app("d1shop")
    assert trial.main(["d1shop", "dev", "--email", EMAIL, "--region", REGION]) == 1
    assert "has no AppClientIDWeb, BucketName, GraphQLAPIKeyOutput" in capsys.readouterr().err


@pytest.fixture
def endpoint(
    request: pytest.FixtureRequest, amplifybackend_moto: FakeAmplifyBackend
) -> Iterator[Any]:
    """One URL for all of AWS, on which the shop is deployed by another process."""
    pytest.importorskip("httptools", reason="the extra http is not installed")
    pytest.importorskip("flask_cors", reason="what moto's server needs is not installed")
    with amplifybackend_moto.serve() as server:
        program(server, "shopops.deploy", "--config", str(CONFIG))
        yield server


def program(server: Any, module: str, *arguments: str) -> str:
    """What a program of this project prints on the endpoint."""
    ran = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=CONFIG.parent,
        env=server.env,
        check=True,
        timeout=120,
        capture_output=True,
        encoding="utf-8",
    )
    return ran.stdout


def test_over_one_endpoint(endpoint: Any) -> None:
    told = program(endpoint, "shopops.trial", "d1shop", "dev", "--email", EMAIL)
    assert "picture s3://shop-media" in told


def test_over_one_endpoint_with_the_aws_cli(endpoint: Any, tmp_path: Path) -> None:
    command = os.environ.get("AMPLIFYBACKEND_TEST_AWSCLI2") or shutil.which("aws")
    command = os.environ.get("AMPLIFYBACKEND_TEST_AWSCLI1") or command
    if command is None:
        pytest.skip("there is no AWS CLI")

    def aws(*arguments: str) -> Any:
        ran = subprocess.run(
            [command, *arguments, "--endpoint-url", endpoint.url, "--output", "json"],
            env={**endpoint.env, "AWS_PAGER": ""},
            check=True,
            timeout=60,
            capture_output=True,
            encoding="utf-8",
        )
        return json.loads(ran.stdout or "{}")

    place = ("--app-id", "d1shop", "--backend-environment-name", "dev")
    meta = json.loads(aws("amplifybackend", "get-backend", *place)["AmplifyMetaConfig"])
    found = outputs.select({name: meta[name] for name in ("auth", "api", "storage")})
    signed_up = aws(
        *("cognito-idp", "sign-up", "--client-id", found["AppClientIDWeb"]),
        *("--username", EMAIL, "--password", "Correct-horse-1"),
        *("--user-attributes", f"Name=email,Value={EMAIL}"),
    )
    assert signed_up["UserConfirmed"] is False
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"\0cat" * 1000)
    bucket = found["BucketName"]
    aws("s3api", "put-object", "--bucket", bucket, "--key", "cat", "--body", str(picture))
    copy = tmp_path / "copy.png"
    aws("s3api", "get-object", "--bucket", bucket, "--key", "cat", str(copy))
    assert copy.read_bytes() == picture.read_bytes()
    keys = aws("appsync", "list-api-keys", "--api-id", found["GraphQLAPIIdOutput"])["apiKeys"]
    assert [key["id"] for key in keys] == [found["GraphQLAPIKeyOutput"]]
