"""The neighbor ``amplify`` on the state of the fake: what it makes, shares and hides."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from calling import client_of

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._api import services

DEV = {"appId": "d1shop", "environmentName": "dev"}


def meta_of(fake: FakeAmplifyBackend, environment: str = "dev") -> dict[str, Any]:
    found = fake.call("GetBackend", {"AppId": "d1shop", "BackendEnvironmentName": environment})
    return dict(json.loads(found["AmplifyMetaConfig"])["providers"]["awscloudformation"])


def test_an_app_of_the_neighbor_is_one_for_backends(fake: FakeAmplifyBackend, amplify: Any) -> None:
    app = amplify.create_app(name="store")["app"]
    assert re.fullmatch(r"d[a-z0-9]{11,13}", app["appId"])
    assert app["appArn"] == f"arn:aws:amplify:us-east-1:123456789012:apps/{app['appId']}"
    backends = client_of("amplifybackend")
    assert backends.get_backend(AppId=app["appId"])["BackendEnvironmentList"] == []
    backends.create_backend(AppId=app["appId"], AppName="x", BackendEnvironmentName="dev")
    found = backends.get_backend(AppId=app["appId"])
    assert (found["AppName"], found["BackendEnvironmentList"]) == ("store", ["dev"])


def test_ids_of_apps_are_of_thirteen_and_fourteen_characters() -> None:
    fake = FakeAmplifyBackend(amplify=True)
    ids = []
    for _ in range(200):
        ids.append(fake.call("CreateApp", {"name": "a"})["app"]["appId"])
        fake.call("DeleteApp", {"appId": ids[-1]})
    assert len(set(ids)) == 200
    assert 0.15 < sum(len(app) == 13 for app in ids) / 200 < 0.45
    assert {len(app) for app in ids} == {13, 14}


def test_the_stack_is_that_of_the_meta(fake: FakeAmplifyBackend, amplify: Any) -> None:
    fake.clock.shift(90)
    fake.add_app("d1shop", environments=["test"])
    stack = meta_of(fake, "test")
    found = amplify.get_backend_environment(appId="d1shop", environmentName="test")
    environment = found["backendEnvironment"]
    assert environment["stackName"] == stack["StackName"]
    assert environment["deploymentArtifacts"] == stack["DeploymentBucketName"]
    assert environment["createTime"] == fake.clock.now()
    listed = amplify.list_backend_environments(appId="d1shop")["backendEnvironments"]
    assert [one["environmentName"] for one in listed] == ["dev", "test"]


def test_a_preset_branch_leads_to_its_environment(fake: FakeAmplifyBackend, amplify: Any) -> None:
    fake.add_app("d1shop", environments=["prod"], branches={"main": "prod", "next": None})
    arn = amplify.get_backend_environment(appId="d1shop", environmentName="prod")[
        "backendEnvironment"
    ]["backendEnvironmentArn"]
    main, following = amplify.list_branches(appId="d1shop")["branches"]
    assert main["backendEnvironmentArn"] == arn
    assert (main["stage"], main["ttl"], main["displayName"]) == ("NONE", "5", "main")
    assert "backendEnvironmentArn" not in following
    fake.add_app("d1shop", branches={"main": "dev"})
    linked = amplify.get_branch(appId="d1shop", branchName="main")["branch"]
    assert linked["backendEnvironmentArn"].endswith(":apps/d1shop/backendenvironments/dev")


def test_a_recorded_environment_is_not_deployed(fake: FakeAmplifyBackend, amplify: Any) -> None:
    amplify.create_backend_environment(appId="d1shop", environmentName="stage")
    backends = client_of("amplifybackend")
    assert backends.get_backend(AppId="d1shop")["BackendEnvironmentList"] == ["dev"]
    backends.create_backend(AppId="d1shop", AppName="shop", BackendEnvironmentName="stage")
    found = amplify.get_backend_environment(appId="d1shop", environmentName="stage")
    assert found["backendEnvironment"]["stackName"] == meta_of(fake, "stage")["StackName"]


def test_names_that_a_request_leaves_out_are_made_up(
    fake: FakeAmplifyBackend, amplify: Any
) -> None:
    made = [
        amplify.create_backend_environment(appId="d1shop", environmentName=name)
        for name in ("one", "two")
    ]
    stacks = [one["backendEnvironment"]["stackName"] for one in made]
    assert [stack.rpartition("-")[0] for stack in stacks] == [
        f"amplify-shop-{name}" for name in ("one", "two")
    ]
    artifacts = [one["backendEnvironment"]["deploymentArtifacts"] for one in made]
    assert artifacts == [f"{stack}-deployment" for stack in stacks]
    named = amplify.create_backend_environment(
        appId="d1shop", environmentName="three", stackName="mine"
    )
    assert named["backendEnvironment"]["stackName"] == "mine"


def test_the_defaults_that_are_seen_on_aws(fake: FakeAmplifyBackend, amplify: Any) -> None:
    app = amplify.create_app(name="store")["app"]
    expected = {"description": "", "repository": "", "platform": "WEB", "environmentVariables": {}}
    assert {name: app[name] for name in expected} == expected
    if "cacheConfig" in services.operation("GetApp").output_shape.members["app"].members:
        assert app["cacheConfig"] == {"type": "AMPLIFY_MANAGED"}
    branch = amplify.create_branch(appId=app["appId"], branchName="feature/x")["branch"]
    assert (branch["stage"], branch["ttl"], branch["framework"]) == ("NONE", "5", "")
    assert branch["displayName"] == "feature-x"


def test_removing_all_backends_removes_the_app_if_asked_to(
    fake: FakeAmplifyBackend, amplify: Any
) -> None:
    amplify.create_backend_environment(appId="d1shop", environmentName="old")
    backends = client_of("amplifybackend")
    backends.remove_all_backends(AppId="d1shop")
    assert amplify.list_backend_environments(appId="d1shop")["backendEnvironments"] == []
    assert amplify.get_app(appId="d1shop")["app"]["name"] == "shop"
    backends.remove_all_backends(AppId="d1shop", CleanAmplifyApp=True)
    assert amplify.list_apps()["apps"] == []


def test_a_backend_that_is_deleted_is_recorded_no_more(
    fake: FakeAmplifyBackend, amplify: Any
) -> None:
    stage = {"appId": "d1shop", "environmentName": "stage"}
    amplify.create_backend_environment(appId="d1shop", environmentName="other")
    amplify.create_backend_environment(**stage, stackName="amplify-shop-stage-12345")
    place = {"AppId": "d1shop", "BackendEnvironmentName": "stage"}
    fake.call("CreateBackend", {**place, "AppName": "shop"})
    fake.call("DeleteBackend", place)
    with pytest.raises(amplify.exceptions.NotFoundException, match="stage does not exist"):
        amplify.get_backend_environment(**stage)
    assert amplify.get_backend_environment(appId="d1shop", environmentName="other")


def test_what_the_neighbor_deletes_is_gone_for_backends(
    fake: FakeAmplifyBackend, amplify: Any
) -> None:
    amplify.delete_backend_environment(**DEV)
    backends = client_of("amplifybackend")
    assert backends.get_backend(AppId="d1shop")["BackendEnvironmentList"] == []
    amplify.delete_app(appId="d1shop")
    with pytest.raises(backends.exceptions.NotFoundException, match="App d1shop not found"):
        backends.get_backend(AppId="d1shop")


def test_regions_are_apart(fake: FakeAmplifyBackend, amplify: Any) -> None:
    other = fake.client("eu-west-1", service_name="amplify")
    app = other.create_app(name="there")["app"]
    assert "eu-west-1" in app["appArn"]
    assert [one["appId"] for one in amplify.list_apps()["apps"]] == ["d1shop"]
    with pytest.raises(amplify.exceptions.NotFoundException) as caught:
        amplify.get_app(appId=app["appId"])
    (note,) = caught.value.__notes__
    assert f"The fake has an app {app['appId']} in eu-west-1" in note


def test_lists_come_page_by_page(fake: FakeAmplifyBackend, amplify: Any) -> None:
    fake.add_app("d1shop", branches={f"b{number}": None for number in range(5)})
    pages = amplify.get_paginator("list_branches").paginate(
        appId="d1shop", PaginationConfig={"PageSize": 2}
    )
    names = [[branch["branchName"] for branch in page["branches"]] for page in pages]
    assert names == [["b0", "b1"], ["b2", "b3"], ["b4"]]


@pytest.mark.parametrize(
    ("members", "kept"),
    [
        ({}, {"stackName", "deploymentArtifacts"}),
        ({"stackName": "Mine"}, {"stackName", "deploymentArtifacts"}),
        (
            {"stackName": "x" * 128, "deploymentArtifacts": "y" * 63},
            {"stackName", "deploymentArtifacts"},
        ),
        ({"stackName": "x" * 129, "deploymentArtifacts": "y" * 64}, set()),
        ({"stackName": "my_stack", "deploymentArtifacts": "here"}, {"deploymentArtifacts"}),
        ({"stackName": "1st", "deploymentArtifacts": "10.0.0.1"}, set()),
        ({"stackName": "first", "deploymentArtifacts": "s3://mine"}, {"stackName"}),
    ],
)
def test_a_backend_takes_over_the_recorded_names(
    fake: FakeAmplifyBackend, amplify: Any, members: dict[str, str], kept: set[str]
) -> None:
    stage = {"appId": "d1shop", "environmentName": "stage"}
    recorded = amplify.create_backend_environment(**stage, **members)["backendEnvironment"]
    place = {"AppId": "d1shop", "BackendEnvironmentName": "stage"}
    fake.call("CreateBackend", {**place, "AppName": "shop"})
    found = amplify.get_backend_environment(**stage)["backendEnvironment"]
    names = ("stackName", "deploymentArtifacts")
    assert {name for name in names if found[name] == recorded[name]} == kept
    stack = meta_of(fake, "stage")
    assert [stack[name] for name in ("StackName", "DeploymentBucketName")] == [
        found[name] for name in names
    ]
    assert f":stack/{stack['StackName']}/" in stack["StackId"]
    assert len(stack["UnauthRoleName"]) <= 64
    fake.add_auth("d1shop", "stage")
    fake.add_storage("d1shop", "stage")
    dumped = json.loads(json.dumps(fake.dump()))
    resources = dumped["apps"][0]["environments"]["stage"]["resources"]
    bucket = resources["storage"]["outputs"]["BucketName"]
    assert re.fullmatch(r"[a-z0-9-]{3,63}", bucket)
    fake.load(dumped)


def test_names_that_another_environment_has_are_not_taken_over(
    fake: FakeAmplifyBackend, amplify: Any
) -> None:
    names = {"stackName": "mine", "deploymentArtifacts": "my-bucket"}
    for environment in ("one", "two"):
        amplify.create_backend_environment(appId="d1shop", environmentName=environment, **names)
        fake.add_app("d1shop", environments=[environment])
    other = {"stackName": "other", "deploymentArtifacts": "my-bucket"}
    amplify.create_backend_environment(appId="d1shop", environmentName="three", **other)
    fake.add_app("d1shop", environments=["three"])
    one, two, three = (meta_of(fake, name) for name in ("one", "two", "three"))
    assert (one["StackName"], one["DeploymentBucketName"]) == ("mine", "my-bucket")
    assert two["StackName"].startswith("amplify-shop-two-")
    assert three["StackName"] == "other"
    assert len({stack["DeploymentBucketName"] for stack in (one, two, three)}) == 3


@pytest.mark.parametrize("name", ["my_stage", "Ö/ü", "x" * 255, "Stage"])
def test_made_up_names_are_legal(fake: FakeAmplifyBackend, amplify: Any, name: str) -> None:
    made = amplify.create_backend_environment(appId="d1shop", environmentName=name)
    environment = made["backendEnvironment"]
    assert re.fullmatch(r"[a-zA-Z][a-zA-Z0-9-]{0,127}", environment["stackName"])
    assert re.fullmatch(r"[a-z0-9-]{3,63}", environment["deploymentArtifacts"])


def test_environments_of_both_kinds_are_listed_oldest_first(
    fake: FakeAmplifyBackend, amplify: Any
) -> None:
    amplify.create_backend_environment(appId="d1shop", environmentName="stage")
    fake.clock.shift(1)
    fake.add_app("d1shop", environments=["beta"])
    fake.clock.shift(1)
    amplify.create_backend_environment(appId="d1shop", environmentName="alpha")
    listed = amplify.list_backend_environments(appId="d1shop")["backendEnvironments"]
    assert [one["environmentName"] for one in listed] == ["dev", "stage", "beta", "alpha"]


@pytest.mark.parametrize(
    ("deleted", "rest"),
    [
        ("b0 b1", "b2 b3 b4 b5"),
        ("b1 b2", "b0 b3 b4 b5"),
        ("b0 b1 b2", "b3 b4 b5"),
        ("b0 b2", "b3 b4 b5"),
        ("b2 b3 b4 b5", ""),
    ],
)
def test_no_page_skips_what_is_left_after_deletions(
    fake: FakeAmplifyBackend, amplify: Any, deleted: str, rest: str
) -> None:
    fake.add_app("d1shop", branches={f"b{number}": None for number in range(6)})
    token = amplify.list_branches(appId="d1shop", maxResults=2)["nextToken"]
    for name in deleted.split():
        amplify.delete_branch(appId="d1shop", branchName=name)
    page = amplify.list_branches(appId="d1shop", nextToken=token)
    assert [branch["branchName"] for branch in page["branches"]] == rest.split()


# ---------------------------------------------------------------- levers, history, secrets


def test_faults_overrides_and_history(fake: FakeAmplifyBackend, amplify: Any) -> None:
    fake.fail("GetApp", errors.TooManyRequests("slow down"), when={"appId": "d1shop"})
    fake.delay("ListApps", seconds=5)
    fake.override("ListBranches", {"branches": []})
    with pytest.raises(amplify.exceptions.ClientError, match="slow down"):
        amplify.get_app(appId="d1shop")
    before = fake.clock.now()
    amplify.list_apps()
    assert (fake.clock.now() - before).seconds == 5
    assert amplify.list_branches(appId="d9")["branches"] == []
    fake.assert_called("GetApp", times=1, appId="d1shop")
    fake.assert_not_called("DeleteApp")
    assert [call.operation for call in fake.calls] == ["GetApp", "ListApps", "ListBranches"]
    assert len(fake.calls.of("ListBranches")) == 1
    with pytest.raises(errors.UsageError, match="when has no member 'app': did you mean 'appId'"):
        fake.fail("GetApp", errors.NotFound(), when={"app": "d1"})


SECRETS = {
    "oauthToken": "a-token-of-theirs",
    "accessToken": "another-token-of-theirs",
    "basicAuthCredentials": "dXNlcjpwYXNz",
    "buildSpec": "version: 1 # inner workings",
}


def test_secrets_show_nowhere(fake: FakeAmplifyBackend, amplify: Any) -> None:
    answer = amplify.create_app(name="store", **SECRETS)["app"]
    assert answer["basicAuthCredentials"] == SECRETS["basicAuthCredentials"]
    amplify.create_branch(appId=answer["appId"], branchName="b", buildSpec="version: 2 # secret")
    shown = repr(list(fake.calls))
    for secret in (*SECRETS.values(), "version: 2 # secret"):
        assert secret not in shown
        assert secret in fake.known_secrets()
    other = FakeAmplifyBackend(amplify=True)
    other.load(json.loads(json.dumps(fake.dump())))
    assert SECRETS["basicAuthCredentials"] in other.known_secrets()
    assert SECRETS["oauthToken"] not in json.dumps(fake.dump())
    with pytest.raises(amplify.exceptions.BadRequestException) as caught:
        amplify.create_app(name="x", basicAuthCredentials="s" * 2001)
    assert "sss" not in str(caught.value)
