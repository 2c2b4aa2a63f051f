"""The neighbor ``amplify`` on the state of the fake: what it makes, shares, rejects and hides."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import HTTPClientError
from calling import client_of

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._amplify.operations import OPERATIONS
from pytest_amplifybackend._amplify.rules import MOST_APPS, MOST_BRANCHES, RULES
from pytest_amplifybackend._api import catalogue, services
from pytest_amplifybackend._api.installed import service_model
from pytest_amplifybackend._transports.blocked import Net

DEV = {"appId": "d1shop", "environmentName": "dev"}


def meta_of(fake: FakeAmplifyBackend, environment: str = "dev") -> dict[str, Any]:
    found = fake.call("GetBackend", {"AppId": "d1shop", "BackendEnvironmentName": environment})
    return dict(json.loads(found["AmplifyMetaConfig"])["providers"]["awscloudformation"])


# ---------------------------------------------------------------- one state


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


# ---------------------------------------------------------------- rejections

Broken = Callable[[FakeAmplifyBackend, Any], Any]


def _many(amplify: Any, number: int, call: Callable[[int], Any]) -> None:
    for one in range(number):
        call(one)


def _too_many_apps(fake: FakeAmplifyBackend, amplify: Any) -> Any:
    _many(amplify, MOST_APPS, lambda number: amplify.create_app(name=f"a{number}"))


def _too_many_branches(fake: FakeAmplifyBackend, amplify: Any) -> Any:
    fake.add_app("d1shop", branches={f"b{number}": None for number in range(MOST_BRANCHES)})
    amplify.create_branch(appId="d1shop", branchName="more")


def _with_a_job(fake: FakeAmplifyBackend, amplify: Any) -> Any:
    fake.call("DeleteBackend", {"AppId": "d1shop", "BackendEnvironmentName": "dev"})
    amplify.delete_app(appId="d1shop")


CASES: dict[str, list[Broken]] = {
    "amplify.app-missing": [
        lambda fake, amplify: amplify.get_app(appId="d404"),
        lambda fake, amplify: amplify.list_branches(appId="d404"),
        lambda fake, amplify: amplify.create_backend_environment(
            appId="d404", environmentName="dev"
        ),
    ],
    "amplify.branch-missing": [
        lambda fake, amplify: amplify.get_branch(appId="d1shop", branchName="main"),
        lambda fake, amplify: amplify.delete_branch(appId="d1shop", branchName="main"),
    ],
    "amplify.environment-missing": [
        lambda fake, amplify: amplify.get_backend_environment(**{**DEV, "environmentName": "x"}),
        lambda fake, amplify: [amplify.delete_backend_environment(**DEV) for _ in range(2)],
    ],
    "amplify.environment-exists": [
        lambda fake, amplify: amplify.create_backend_environment(**DEV),
        lambda fake, amplify: [
            amplify.create_backend_environment(appId="d1shop", environmentName="new")
            for _ in range(2)
        ],
    ],
    "amplify.branch-exists": [
        lambda fake, amplify: [
            amplify.create_branch(appId="d1shop", branchName="main") for _ in range(2)
        ],
    ],
    "amplify.apps": [_too_many_apps],
    "amplify.branches": [_too_many_branches],
    "amplify.value": [
        lambda fake, amplify: amplify.create_app(name="x" * 256),
        lambda fake, amplify: amplify.create_app(name="x", platform="DESKTOP"),
        lambda fake, amplify: amplify.create_app(name="x", tags={str(n): "" for n in range(51)}),
        lambda fake, amplify: amplify.create_app(
            name="x", customRules=[{"source": "/", "target": "/", "status": "12345678"}]
        ),
        lambda fake, amplify: amplify.get_app(appId="D1"),
        lambda fake, amplify: amplify.list_branches(appId="d1shop", maxResults=101),
        lambda fake, amplify: amplify.create_branch(appId="d1shop", branchName="b", ttl="long"),
    ],
    "amplify.next-token": [
        lambda fake, amplify: amplify.list_apps(nextToken="mine"),
        lambda fake, amplify: amplify.list_branches(
            appId="d1shop",
            nextToken=amplify.list_apps(maxResults=1, nextToken="").get("nextToken", ""),
        ),
    ],
    "amplify.job-pending": [_with_a_job],
}


def test_each_rule_has_a_case() -> None:
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize(
    ("rule", "broken"), [(rule, case) for rule in CASES for case in CASES[rule]]
)
def test_what_is_rejected(rule: str, broken: Broken) -> None:
    declared = RULES[rule]
    assert declared.error is not None
    with FakeAmplifyBackend(amplify=True, jobs=progress.manual(), errors="observed") as fake:
        fake.add_app("d1shop")
        amplify = client_of()
        with pytest.raises(amplify.exceptions.ClientError) as caught:
            broken(fake, amplify)
        error = caught.value
        assert type(error).__name__ == error.response["Error"]["Code"] == declared.error.code
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == declared.error.status
        text = re.sub(r"\\{\w+\\}", ".+", re.escape(declared.text))
        assert re.fullmatch(text, error.response["Error"]["Message"])
        recorded = fake.calls[-1].error
        assert isinstance(recorded, errors.ServiceError)
        assert recorded.rule == rule


def test_a_rejected_call_changes_nothing(fake: FakeAmplifyBackend, amplify: Any) -> None:
    before = fake.dump()
    for number in range(2):
        with pytest.raises(amplify.exceptions.BadRequestException):
            amplify.create_app(name="x", platform=str(number))
    assert fake.dump() == before


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


# ---------------------------------------------------------------- dumps


def test_answers_are_the_callers_own(fake: FakeAmplifyBackend) -> None:
    client = fake.client(service_name="amplify")
    app = client.create_app(name="a", tags={"a": "b"})["app"]
    before = fake.dump()
    app["tags"]["a"] = app["environmentVariables"]["x"] = "mine"
    assert fake.dump() == before
    assert client.get_app(appId=app["appId"])["app"]["environmentVariables"] == {}


def test_dump_and_load_keep_it(fake: FakeAmplifyBackend, amplify: Any) -> None:
    app = amplify.create_app(name="store", tags={"a": "b"})["app"]["appId"]
    amplify.create_branch(appId=app, branchName="main", environmentVariables={"A": "1"})
    amplify.create_backend_environment(appId=app, environmentName="old", stackName="s")
    dumped = json.loads(json.dumps(fake.dump()))
    other = FakeAmplifyBackend(amplify=True)
    other.load(dumped)
    assert other.dump() == fake.dump()
    for operation, params in {
        "GetApp": {"appId": app},
        "ListBranches": {"appId": app},
        "ListBackendEnvironments": {"appId": app},
    }.items():
        assert other.call(operation, params) == fake.call(operation, params)


@pytest.mark.parametrize(
    "hosting",
    [
        {"members": {"platform": 5}},
        {"members": {"unknown": "x"}},
        {"branches": {"main": {}}},
        {"branches": {"main": {"createTime": "now"}}},
        {"branches": {"main": {"createTime": 0, "stage": 1}}},
        {"environments": {"dev": {"createTime": 0, "stackName": []}}},
        {"environments": []},
        {"more": {}},
        5,
    ],
)
def test_a_damaged_dump_is_rejected(fake: FakeAmplifyBackend, hosting: Any) -> None:
    dumped = json.loads(json.dumps(fake.dump()))
    whole = {"members": {}, "branches": {}, "environments": {}}
    dumped["apps"][0]["hosting"] = {**whole, **hosting} if isinstance(hosting, dict) else hosting
    with pytest.raises(errors.UsageError, match="Nothing was loaded"):
        FakeAmplifyBackend(amplify=True).load(dumped)


def test_a_dump_of_an_older_version_is_loaded(fake: FakeAmplifyBackend, amplify: Any) -> None:
    dumped = json.loads(json.dumps(fake.dump()))
    for app in dumped["apps"]:
        del app["hosting"], app["created"]
        for environment in app["environments"].values():
            del environment["created"]
    fake.load(dumped)
    assert amplify.get_app(appId="d1shop")["app"]["name"] == "shop"
    assert amplify.get_backend_environment(**DEV)["backendEnvironment"]["stackName"]


def test_a_state_file_keeps_it(tmp_path: Path) -> None:
    pytest.importorskip("httptools")
    file, made = tmp_path / "state.db", FakeAmplifyBackend(amplify=True)
    with made.serve(state_file=file) as server:
        amplify = client_of(endpoint_url=server.url)
        app = amplify.create_app(name="store")["app"]["appId"]
        amplify.create_branch(appId=app, branchName="main")
        amplify.create_backend_environment(appId=app, environmentName="old")
        amplify.delete_backend_environment(appId=app, environmentName="old")
        gone = amplify.create_app(name="gone")["app"]["appId"]
        amplify.delete_app(appId=gone)
    with FakeAmplifyBackend(amplify=True).serve(state_file=file) as server:
        assert server.fake.dump() == made.dump()
        found = server.fake.call("ListBranches", {"appId": app})["branches"]
        assert [branch["branchName"] for branch in found] == ["main"]


# ---------------------------------------------------------------- the option


class Nothing(io.BytesIO):
    """The body of an answer, with the method that botocore calls."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        return iter(())


def test_it_is_served_only_if_asked_for() -> None:
    fake = FakeAmplifyBackend()
    sentence = "GetApp is an operation of amplify, which the fake serves with the option amplify"
    for use in (
        lambda: fake.call("GetApp", {"appId": "d1"}),
        lambda: fake.fail("GetApp", errors.NotFound()),
        lambda: fake.calls.of("GetApp"),
        lambda: fake.assert_not_called("GetApp"),
    ):
        with pytest.raises(errors.UnknownOperation, match=sentence):
            use()
    with pytest.raises(errors.UsageError, match="service_name must be one of 'amplifybackend'"):
        fake.client(service_name="amplify")
    with pytest.raises(errors.UsageError, match="only clients of amplifybackend can be attached"):
        fake.attach(client_of())
    with pytest.raises(errors.UsageError, match="branches are of the service amplify"):
        fake.add_app("d1", branches={"main": "dev"})
    with fake, pytest.raises(Exception, match="Could not connect"):
        client_of(endpoint_url="http://127.0.0.1:1").list_apps()


def test_the_operations_are_those_of_the_model() -> None:
    modeled = set(service_model("amplify").operation_names)
    assert set(OPERATIONS) < modeled == set(services.neighbors())
    assert not modeled & set(catalogue.operations())


@pytest.mark.parametrize("operation", sorted(set(services.neighbors()) - set(OPERATIONS)))
def test_any_other_operation_is_named(fake: FakeAmplifyBackend, operation: str) -> None:
    with pytest.raises(errors.UnknownOperation, match=f"'{operation}' of amplify; .* CreateApp,"):
        fake.call(operation)


@pytest.mark.parametrize(
    ("branches", "sentence"),
    [
        ({"main": "prod"}, "branches['main'] must be an environment of the app, not 'prod': known"),
        ({"main": 5}, "branches['main'] must be a string, not 5."),
        ({"": None}, "a name in branches must not be empty."),
        (["main"], "branches must be a dict"),
    ],
)
def test_wrong_branches(fake: FakeAmplifyBackend, branches: Any, sentence: str) -> None:
    before = fake.dump()
    with pytest.raises(errors.UsageError, match=re.escape(sentence)):
        fake.add_app("d1shop", branches=branches)
    assert fake.dump() == before


def test_the_guard_stops_what_is_not_served(fake: FakeAmplifyBackend, amplify: Any) -> None:
    fake.detach(amplify)
    with pytest.raises(HTTPClientError, match=r"amplify\.us-east-1\.amazonaws\.com was stopped"):
        amplify.list_apps()


@pytest.mark.parametrize("blocked", [True, False])
def test_the_network_is_blocked_for_it_too(blocked: bool) -> None:
    client, net = client_of(), Net(neighbor=blocked)
    client.meta.events.register("before-send", lambda **_: AWSResponse("", 200, {}, Nothing()))
    net.start()
    try:
        if blocked:
            with pytest.raises(errors.UnservedRequest, match="ListApps was not sent to"):
                client.list_apps()
            with FakeAmplifyBackend(amplify=True):
                assert client.list_apps()["apps"] == []
        else:
            assert client.list_apps()["ResponseMetadata"]["HTTPStatusCode"] == 200
    finally:
        net.stop()


def test_children_reach_a_server_or_nothing(
    fake: FakeAmplifyBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_amplifybackend._transports.children import _variables

    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    closed = _variables({})
    assert set(closed) == {"AWS_ENDPOINT_URL_AMPLIFYBACKEND", "AWS_ENDPOINT_URL_AMPLIFY"}
    with FakeAmplifyBackend():  # which has no neighbor: that of the fake further out stays
        assert _variables({})["AWS_ENDPOINT_URL_AMPLIFY"] == closed["AWS_ENDPOINT_URL_AMPLIFY"]
    own = {"AWS_ENDPOINT_URL_AMPLIFY": "https://amplify.us-east-1.amazonaws.com"}
    assert _variables(own)["AWS_ENDPOINT_URL_AMPLIFY"] == closed["AWS_ENDPOINT_URL_AMPLIFY"]
    mine = {"AWS_ENDPOINT_URL_AMPLIFY": "http://127.0.0.1:9"}
    assert "AWS_ENDPOINT_URL_AMPLIFY" not in _variables(mine)


def test_signatures_are_checked_by_service() -> None:
    pytest.importorskip("httptools")
    keys = {"AKIDEXAMPLE": "secret"}
    with FakeAmplifyBackend(amplify=True, verify_signatures=keys).serve() as server:
        signed = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret"}
        amplify = client_of(endpoint_url=server.url, **signed)
        assert amplify.list_apps(maxResults=5)["apps"] == []
        wrong = client_of(endpoint_url=server.url, **{**signed, "aws_secret_access_key": "no"})
        with pytest.raises(amplify.exceptions.ClientError, match="signature we calculated"):
            wrong.list_apps()
        backends = client_of("amplifybackend", endpoint_url=server.url, **signed)
        assert backends.list_s3_buckets()["Buckets"] == []
