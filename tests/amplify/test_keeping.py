"""Dumps and state files keep what the neighbor has made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from calling import client_of

from pytest_amplifybackend import FakeAmplifyBackend, errors

DEV = {"appId": "d1shop", "environmentName": "dev"}


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
    reads: dict[Any, dict[str, Any]] = {
        "GetApp": {"appId": app},
        "ListBranches": {"appId": app},
        "ListBackendEnvironments": {"appId": app},
    }
    for operation, params in reads.items():
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
