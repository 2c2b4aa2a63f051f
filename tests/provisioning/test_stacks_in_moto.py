"""An environment in moto has its stack in CloudFormation, and its roles in IAM."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._provision.stacks import CLOUDFORMATION

pytest.importorskip("openapi_spec_validator", reason="what moto's CloudFormation needs is missing")
EMAILS = {
    "DeliveryMethod": "EMAIL",
    "EmailSettings": {"EmailMessage": "{####}", "EmailSubject": "Your code"},
}
DEV = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}


@pytest.fixture
def fake() -> Iterator[FakeAmplifyBackend]:
    with FakeAmplifyBackend(moto=True, region="eu-west-1") as fake:
        fake.add_app("d1shop", name="shop")
        yield fake


def outputs_of(fake: FakeAmplifyBackend, **names: str) -> dict[str, Any]:
    found = fake.call("GetBackend", {**DEV, **names})
    return dict(json.loads(found["AmplifyMetaConfig"])["providers"]["awscloudformation"])


def sibling(service: str) -> Any:
    return boto3.Session("testing", "testing", region_name="eu-west-1").client(service)


def stacks() -> list[str]:
    listed = sibling("cloudformation").describe_stacks()["Stacks"]
    return [stack["StackName"] for stack in listed]


def roles() -> list[str]:
    return [role["RoleName"] for role in sibling("iam").list_roles()["Roles"]]


@pytest.mark.parametrize("by", ["StackName", "StackId"])
def test_the_stack_has_the_outputs_of_the_meta(fake: FakeAmplifyBackend, by: str) -> None:
    outputs = outputs_of(fake)
    (stack,) = sibling("cloudformation").describe_stacks(StackName=outputs[by])["Stacks"]
    assert (stack["StackName"], stack["StackId"]) == (outputs["StackName"], outputs["StackId"])
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    shown = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    assert shown == {name: value for name, value in outputs.items() if name != "AmplifyAppId"}
    amplify = fake.client(service_name="amplify")
    found = amplify.get_backend_environment(appId="d1shop", environmentName="dev")
    assert found["backendEnvironment"]["stackName"] == stack["StackName"]


def test_the_roles_exist(fake: FakeAmplifyBackend) -> None:
    outputs = outputs_of(fake)
    for role in ("Auth", "Unauth"):
        found = sibling("iam").get_role(RoleName=outputs[f"{role}RoleName"])["Role"]
        assert found["Arn"] == outputs[f"{role}RoleArn"]


def sender(fake: FakeAmplifyBackend) -> str | None:
    """The role of AmplifyMetaConfig by which the user pool sends text messages, if it exists."""
    found = json.loads(fake.call("GetBackend", DEV)["AmplifyMetaConfig"])
    arn = found["auth"]["users"]["output"].get("CreatedSNSRole")
    if arn is None:
        return None
    role = sibling("iam").get_role(RoleName=arn.rpartition("/")[2])["Role"]
    assert role["Arn"] == arn
    (allowed,) = role["AssumeRolePolicyDocument"]["Statement"]
    pool = found["auth"]["users"]["output"]["UserPoolId"]
    assert allowed["Condition"] == {"StringEquals": {"sts:ExternalId": pool}}
    return str(role["RoleName"])


def test_the_role_for_text_messages_comes_and_goes(fake: FakeAmplifyBackend) -> None:
    pool = {
        "RequiredSignUpAttributes": ["EMAIL"],
        "SignInMethod": "EMAIL_AND_PHONE_NUMBER",
        "UserPoolName": "users",
    }
    texts = {"DeliveryMethod": "SMS", "SmsSettings": {"SmsMessage": "{####}"}}
    config = {
        "AuthResources": "USER_POOL_ONLY",
        "Service": "COGNITO",
        "UserPoolConfigs": pool,
    }
    users = {**DEV, "ResourceName": "users"}
    base = sorted(roles())

    fake.add_auth("d1shop", name="users", config=config)
    role = sender(fake)
    assert role is not None
    assert sorted(roles()) == sorted([*base, role])
    fake.call("DeleteBackendAuth", users)
    assert [job.status for job in fake.jobs] == ["COMPLETED"]
    assert sorted(roles()) == base

    email = {**config, "UserPoolConfigs": {**pool, "SignInMethod": "EMAIL"}}
    fake.add_auth("d1shop", name="users", config=email)
    assert (sender(fake), sorted(roles())) == (None, base)
    for message, wanted in ((texts, [role]), (texts, [role]), (EMAILS, [])):
        changed = {**config, "UserPoolConfigs": {"VerificationMessage": message}}
        fake.call("UpdateBackendAuth", {**users, "ResourceConfig": changed})
        assert {(job.status, job.error) for job in fake.jobs} == {("COMPLETED", None)}
        assert sender(fake) == next(iter(wanted), None)
        assert sorted(roles()) == sorted([*base, *wanted])


def test_what_is_deleted_goes_with_its_environment(fake: FakeAmplifyBackend) -> None:
    fake.call("CloneBackend", {**DEV, "TargetEnvironmentName": "test"})
    kept = outputs_of(fake, BackendEnvironmentName="test")
    assert len(stacks()) == 2
    role = outputs_of(fake)["AuthRoleName"]
    allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sibling("iam").put_role_policy(RoleName=role, PolicyName="mine", PolicyDocument=document)
    made = sibling("iam").create_policy(PolicyName="ours", PolicyDocument=document)
    policy = made["Policy"]["Arn"]
    sibling("iam").attach_role_policy(RoleName=role, PolicyArn=policy)
    fake.call("DeleteBackend", DEV)
    (_, job) = fake.jobs
    assert (job.status, job.error) == ("COMPLETED", None)
    assert stacks() == [kept["StackName"]]
    assert sorted(roles()) == sorted([kept["AuthRoleName"], kept["UnauthRoleName"]])
    fake.call("RemoveAllBackends", {"AppId": "d1shop"})
    assert [job.status for job in fake.jobs] == ["COMPLETED"] * 3
    assert (stacks(), roles()) == ([], [])


def test_a_failed_creation_leaves_none(fake: FakeAmplifyBackend) -> None:
    before = stacks(), roles()
    name = outputs_of(fake)["StackName"]

    context = fake._backend.context("eu-west-1")
    place = context.place(context.app("d1shop"), context.environment("d1shop", "dev"))
    place = replace(place, outputs={})  # none of its names are recorded
    with contextlib.suppress(KeyError), context.provisioner.work():
        made = context.provisioner.create_environment(place)
        assert made["StackName"] in stacks()
        raise KeyError
    assert made["StackName"] != name
    assert (stacks(), roles()) == before


def test_a_stack_of_the_test_itself_is_left_alone(fake: FakeAmplifyBackend) -> None:
    made = sibling("cloudformation").create_stack(StackName="mine", TemplateBody='{"Resources":{}}')
    assert made["StackId"].split("/")[1] == "mine"
    assert len(stacks()) == 2


def test_stacks_wait_until_somebody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing moto's CloudFormation takes seconds; so nothing but a request imports it."""
    monkeypatch.delitem(sys.modules, CLOUDFORMATION, raising=False)
    with FakeAmplifyBackend(moto=True, region="eu-west-1") as fake:
        fake.add_app("d1shop", environments=["dev", "gone"])
        fake.call("DeleteBackend", {**DEV, "BackendEnvironmentName": "gone"})
        assert [job.status for job in fake.jobs] == ["COMPLETED"]
        assert CLOUDFORMATION not in sys.modules
        assert stacks() == [outputs_of(fake)["StackName"]]
        assert CLOUDFORMATION in sys.modules
        fake.add_app("d2shop")
        assert len(stacks()) == 2


def test_a_server_has_them_too() -> None:
    pytest.importorskip("httptools")
    with FakeAmplifyBackend(moto=True).serve() as server:
        server.fake.add_app("d1shop")
        cloudformation = boto3.Session("testing", "testing", region_name="us-east-1").client(
            "cloudformation", endpoint_url=server.url
        )
        (stack,) = cloudformation.describe_stacks()["Stacks"]
        assert stack["StackName"] == outputs_of(server.fake)["StackName"]
        with pytest.raises(ClientError, match="does not exist"):
            cloudformation.describe_stacks(StackName="other")
