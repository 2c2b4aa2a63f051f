"""The custom resource: `amplify`, Amplify Backend, CloudFormation and S3 behind one endpoint."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from pytest_amplifybackend import FakeAmplifyBackend, errors, progress

from shopops import stack_resource

pytest.importorskip("moto", reason="moto is not installed")
pytest.importorskip("flask_cors", reason="what moto's server needs is not installed")

pytestmark = pytest.mark.amplifybackend(moto=True)
STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/site/1"
Send = Callable[..., dict[str, Any]]


@pytest.fixture
def send(amplifybackend_server: Any, monkeypatch: pytest.MonkeyPatch) -> Send:
    """Sends a request as CloudFormation does, and gives what the function has answered."""
    for name, value in amplifybackend_server.env.items():
        monkeypatch.setenv(name, value)
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="answers")

    def request(kind: str, made: str | None = None, **properties: str) -> dict[str, Any]:
        place = {"Bucket": "answers", "Key": "answer"}
        event = {
            "RequestType": kind,
            "ResponseURL": s3.generate_presigned_url("put_object", Params=place),
            "StackId": STACK,
            "RequestId": "1",
            "LogicalResourceId": "Backend",
            "ResourceProperties": {
                "Name": "shop",
                "Environment": "dev",
                "Branch": "main",
                **properties,
            },
        }
        stack_resource.handler(
            event if made is None else {**event, "PhysicalResourceId": made}, None
        )
        answer: dict[str, Any] = json.load(s3.get_object(**place)["Body"])
        assert (answer["StackId"], answer["LogicalResourceId"]) == (STACK, "Backend")
        return answer

    return request


def test_everything_is_made(send: Send, amplifybackend: FakeAmplifyBackend) -> None:
    answer = send("Create")

    assert answer["Status"] == "SUCCESS", answer
    made = answer["Data"]
    assert answer["PhysicalResourceId"] == f"{made['AppId']}/dev"
    note = boto3.client("s3").get_object(Bucket=made["Bucket"], Key=stack_resource.NOTE)
    assert json.load(note["Body"]) == {"stack": STACK}
    branch = boto3.client("amplify").get_branch(appId=made["AppId"], branchName="main")["branch"]
    assert branch["backendEnvironmentArn"].endswith(
        f":apps/{made['AppId']}/backendenvironments/dev"
    )
    amplifybackend.assert_called("CreateBackend", times=1, AppId=made["AppId"], AppName="shop")


def test_a_request_that_comes_twice_makes_nothing_new(
    send: Send, amplifybackend: FakeAmplifyBackend
) -> None:
    assert send("Create") == send("Create")
    amplifybackend.assert_called("CreateApp", times=1)
    amplifybackend.assert_called("CreateBackend", times=1)
    amplifybackend.assert_called("CreateBranch", times=1)


def test_another_environment_comes_beside_and_the_old_one_goes(
    send: Send, amplifybackend: FakeAmplifyBackend
) -> None:
    first = send("Create")
    second = send("Update", first["PhysicalResourceId"], Environment="prod", Branch="live")
    app_id = second["Data"]["AppId"]
    assert second["PhysicalResourceId"] == f"{app_id}/prod"

    assert send("Delete", first["PhysicalResourceId"])["Status"] == "SUCCESS"

    found = amplifybackend.call("GetBackend", {"AppId": app_id})
    assert found["BackendEnvironmentList"] == ["prod"]
    branches = boto3.client("amplify").list_branches(appId=app_id)["branches"]
    assert [branch["branchName"] for branch in branches] == ["live"]
    (stack,) = boto3.client("cloudformation").describe_stacks()["Stacks"]
    assert stack["StackName"] == second["Data"]["StackName"]


def test_the_app_goes_with_its_last_environment(send: Send) -> None:
    made = send("Create")["PhysicalResourceId"]
    for _ in range(2):  # the second request finds nothing
        assert send("Delete", made) == {
            **{"StackId": STACK, "RequestId": "1", "LogicalResourceId": "Backend"},
            **{"Status": "SUCCESS", "PhysicalResourceId": made},
        }
    assert boto3.client("amplify").list_apps()["apps"] == []
    assert boto3.client("cloudformation").describe_stacks()["Stacks"] == []


@pytest.mark.amplifybackend(jobs=progress.after_seconds(240))
def test_a_slow_job_is_waited_for(send: Send, amplifybackend: FakeAmplifyBackend) -> None:
    before = amplifybackend.clock.now()
    assert send("Create")["Status"] == "SUCCESS"
    assert (amplifybackend.clock.now() - before).seconds >= 240


def test_a_job_that_fails_is_reported(send: Send, amplifybackend: FakeAmplifyBackend) -> None:
    amplifybackend.jobs.fail_next("CreateBackend", error="no capacity")
    answer = send("Create")
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].endswith("failed: no capacity")
    assert send("Delete", answer["PhysicalResourceId"])["Status"] == "SUCCESS"


@pytest.mark.parametrize("operation", ["ListApps", "CreateApp", "CreateBranch"])
def test_a_role_that_may_not(
    send: Send, amplifybackend: FakeAmplifyBackend, operation: Any
) -> None:
    amplifybackend.fail(operation, errors.AccessDenied(), times=None)
    answer = send("Create")
    assert answer["Status"] == "FAILED"
    assert "AccessDenied" in answer["Reason"]


def test_a_branch_of_another_environment_is_left_alone(
    send: Send, amplifybackend: FakeAmplifyBackend
) -> None:
    amplifybackend.add_app("d1shop", name="shop", environments=["old"], branches={"main": "old"})
    answer = send("Create")
    assert answer["Reason"] == "The branch main of d1shop is built with another environment."
