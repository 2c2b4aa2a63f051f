"""The neighbor answers alike over every transport."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from calling import Call, by_client, clients

from pytest_amplifybackend import FakeAmplifyBackend, errors

START = datetime(2024, 1, 1, tzinfo=UTC)
BRANCH = "feature/x y+?#%"


def flow(fake: FakeAmplifyBackend, call: Call) -> list[Any]:
    """What a program is answered that uses all there is."""
    made = call(
        "CreateApp",
        name="shop",
        description="Größe",
        tags={"team": "web"},
        environmentVariables={"A": "1"},
        customRules=[{"source": "/a", "target": "/b"}],
        basicAuthCredentials="c2VjcmV0",
        oauthToken="token-of-a-repository",
    )
    app = made["app"]["appId"]
    fake.fail("GetApp", errors.NotFound("gone", resource_type="App"))
    steps: list[tuple[str, dict[str, Any]]] = [
        ("GetApp", {"appId": app}),  # fails
        ("GetApp", {"appId": app}),
        ("CreateBackend", {"AppId": app, "AppName": "shop", "BackendEnvironmentName": "dev"}),
        ("GetBackendEnvironment", {"appId": app, "environmentName": "dev"}),
        ("CreateBackendEnvironment", {"appId": app, "environmentName": "old", "stackName": "s"}),
        ("ListBackendEnvironments", {"appId": app, "environmentName": "old"}),
        ("CreateBranch", {"appId": app, "branchName": BRANCH, "buildSpec": "version: 1"}),
        ("CreateBranch", {"appId": app, "branchName": BRANCH}),
        ("GetBranch", {"appId": app, "branchName": BRANCH}),
        ("CreateBranch", {"appId": app, "branchName": "main", "stage": "PRODUCTION"}),
        ("ListBranches", {"appId": app, "maxResults": 1}),
        ("ListBranches", {"appId": app, "nextToken": "none of mine"}),
        ("DeleteBranch", {"appId": app, "branchName": "main"}),
        ("GetBranch", {"appId": app, "branchName": "main"}),
        ("DeleteBackendEnvironment", {"appId": app, "environmentName": "old"}),
        ("GetBackendEnvironment", {"appId": app, "environmentName": "old"}),
        ("ListApps", {}),
        ("GetApp", {"appId": "nope"}),
        ("GetJob", {"appId": app, "branchName": "main", "jobId": "1"}),
        ("RemoveAllBackends", {"AppId": app, "CleanAmplifyApp": True}),
        ("GetApp", {"appId": app}),
        ("DeleteApp", {"appId": app}),
    ]
    return [made, *(call(operation, **params) for operation, params in steps)]


def without_transport(answer: Any) -> Any:
    """Where a server answers with an error of its own, its sentence is compared."""
    if isinstance(answer, tuple) and answer[1]["Error"]["Code"] == "UnknownOperationException":
        return answer[1]["Error"]["Message"]
    return answer


def test_every_way_gives_the_same(way: tuple[FakeAmplifyBackend, Call]) -> None:
    fake, call = way
    answers = [without_transport(answer) for answer in flow(fake, call)]
    other = FakeAmplifyBackend(amplify=True)
    client = {name: other.client(service_name=name) for name in ("amplify", "amplifybackend")}
    assert answers == flow(other, by_client(client))
    assert [call.operation for call in fake.calls] == [call.operation for call in other.calls]


def test_the_flow_makes_what_it_says(fake: FakeAmplifyBackend) -> None:
    made, failed, app, job, environment, old, listed, branch, twice, *rest = flow(fake, clients())
    assert failed[0] == "NotFoundException"
    assert app == made
    assert app["app"]["createTime"] == START
    assert app["app"]["environmentVariables"] == {"A": "1"}
    assert "oauthToken" not in app["app"]
    assert job["Status"] == "PENDING"
    assert environment["backendEnvironment"]["environmentName"] == "dev"
    assert old["backendEnvironment"]["stackName"] == "s"
    assert listed["backendEnvironments"] == [old["backendEnvironment"]]
    assert branch["branch"]["branchName"] == BRANCH
    assert twice[0] == "BadRequestException"
    assert "'GetJob' of amplify" in rest[-4]
    assert rest[-2][0] == rest[-1][0] == "NotFoundException"
