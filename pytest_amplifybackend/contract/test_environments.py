"""Environments: their stacks, what is said of them, clones, and the end of them all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract._support import samples
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import (
    about,
    assumed,
    documented,
    modeled,
    observed,
)
from pytest_amplifybackend.contract._support.samples import sample
from pytest_amplifybackend.contract._support.states import config_of, meta, place


@about("GetBackend", "CreateBackend")
@assumed("the order in which environments were made")
def test_environments_are_listed_as_they_were_made(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environment dev")
    names = ["zoo", "abc", "mid"]
    for name in names:
        at = {**existing, "BackendEnvironmentName": name}
        backend.done("CreateBackend", sample("CreateBackend", at))
    listed = backend.call("GetBackend", {"AppId": existing["AppId"]})
    assert listed["BackendEnvironmentList"] == ["dev", *names], "GetBackend"
    assert "AmplifyMetaConfig" not in listed, "GetBackend: of which environment?"


@about("GetBackend")
@observed("programs grep for members of AmplifyMetaConfig: it is compact JSON")
def test_the_meta_text_is_compact(backend: Backend, shared: Any) -> None:
    existing = shared("auth, API and storage present")
    text = backend.seen(existing)["AmplifyMetaConfig"]
    assert text == json.dumps(json.loads(text), separators=(",", ":")), "GetBackend: white space"
    first, *categories = json.loads(text)
    assert first == "providers", f"GetBackend: {first} is the first member"
    assert sorted(categories) == ["api", "auth", "storage"], "GetBackend"


@about("CreateBackend", "GetBackend")
@documented("Amplify CLI: stack amplify-<project>-<env>-<suffix>, bucket <stack>-deployment")
def test_an_environment_has_a_stack_of_its_own(backend: Backend, shared: Any) -> None:
    existing = shared("app with environments dev and test")
    stacks = []
    for name in ("dev", "test"):
        at = {**existing, "BackendEnvironmentName": name}
        provider = meta(backend, at)["providers"]["awscloudformation"]
        assert f"-{name}-" in provider["StackName"], f"CreateBackend: {provider['StackName']}"
        assert provider["DeploymentBucketName"] == f"{provider['StackName']}-deployment"
        stacks.append(provider["StackName"])
    assert stacks[0] != stacks[1], "CreateBackend: two environments have one stack"


@about("CloneBackend")
@documented("Amplify documentation: the same infrastructure in a new environment")
def test_a_clone_has_what_its_source_has(backend: Backend, arrange: Any) -> None:
    existing = arrange("auth, API and storage present")
    backend.done("CloneBackend", sample("CloneBackend", existing))
    copy = {**existing, "BackendEnvironmentName": "copy"}
    assert set(meta(backend, copy)) == {"providers", "auth", "api", "storage"}, "CloneBackend"
    for family, name in (("Auth", "users"), ("API", "orders"), ("Storage", "media")):
        found = [
            config_of(backend, family, {**at, "ResourceName": name}) for at in (existing, copy)
        ]
        assert found[0] == found[1], f"CloneBackend: another {family}"
    pools = [
        next(iter(meta(backend, at)["auth"].values()))["output"]["UserPoolId"]
        for at in (existing, copy)
    ]
    assert pools[0] != pools[1], "CloneBackend: both have one user pool"


@about("CloneBackend")
@documented("Amplify documentation, import: what is imported has to be imported again")
@pytest.mark.parametrize("state", ["auth imported", "storage imported"])
def test_a_clone_leaves_out_what_is_imported(backend: Backend, arrange: Any, state: str) -> None:
    existing = arrange(state)
    backend.done("CloneBackend", sample("CloneBackend", existing))
    copy = {**existing, "BackendEnvironmentName": "copy"}
    assert state.split()[0] not in meta(backend, copy), "CloneBackend"


@about("RemoveAllBackends")
@documented("REST reference: CleanAmplifyApp cleans up the app as well")
@pytest.mark.parametrize("clean", [False, True], ids=["kept", "cleaned"])
def test_an_app_without_backends(backend: Backend, arrange: Any, clean: bool) -> None:
    existing = arrange("auth, API and storage present")
    app = {"AppId": existing["AppId"]}
    backend.done("RemoveAllBackends", {**app, "CleanAmplifyApp": clean})
    if clean:
        backend.rejected("CreateToken", app, errors.NotFound)
    else:
        backend.call("CreateToken", app)
        assert backend.call("GetBackend", app)["BackendEnvironmentList"] == [], "RemoveAllBackends"


@about("GetBackend", "CreateBackend")
@modeled("AppName: a required member of CreateBackend and of GetBackendRespObj")
def test_an_app_has_the_name_that_it_was_given(backend: Backend, shared: Any) -> None:
    existing = shared("app with environment dev")
    told = backend.seen(place(existing))["AppName"]
    assert told == sample("CreateBackend", existing)["AppName"], (
        f"CreateBackend: the name is {told!r}"
    )


@about("GetBackend", "CreateBackend")
@assumed("the name that came with the first environment stays")
def test_a_second_environment_renames_nothing(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environment dev")
    test = place(existing, BackendEnvironmentName="test", AppName="another")
    before = backend.seen(place(existing))["AppName"]
    backend.done("CreateBackend", test)
    assert backend.seen(place(existing))["AppName"] == before, (
        "CreateBackend: the app has a new name"
    )


@about("GetBackend")
@documented("REST reference: the feature flags of the backend environment, in JSON")
def test_an_environment_has_feature_flags(backend: Backend, shared: Any) -> None:
    told = backend.seen(place(shared("app with environment dev"))).get("AmplifyFeatureFlags")
    assert told, "GetBackend: an environment without AmplifyFeatureFlags"
    assert isinstance(json.loads(told), dict), "GetBackend: AmplifyFeatureFlags"


@about("GetBackend", "UpdateBackendAuth", "UpdateBackendAPI", "UpdateBackendStorage")
@assumed("the lastPush... members of amplify-meta.json files are of the last update")
@pytest.mark.parametrize("family", ["Auth", "API", "Storage"])
def test_an_update_is_a_push(backend: Backend, arrange: Any, family: str) -> None:
    operation = f"UpdateBackend{family}"
    existing = arrange(samples.STATES[operation])
    before = _push(backend, existing, family)
    if backend.target.shift is not None:
        backend.target.shift(60)
    backend.done(operation, sample(operation, existing, full=True))
    after = _push(backend, existing, family)
    assert after["lastPushDirHash"] != before["lastPushDirHash"], f"{operation}: lastPushDirHash"
    times = [one["lastPushTimeStamp"] for one in (before, after)]
    assert times == sorted(times), f"{operation}: lastPushTimeStamp"
    if backend.target.shift is not None:
        assert times[0] != times[1], f"{operation}: lastPushTimeStamp has not moved"


def _push(backend: Backend, existing: dict[str, Any], family: str) -> dict[str, Any]:
    """What the meta text says of a resource of a family."""
    (entry,) = meta(backend, existing)[family.lower()].values()
    found: dict[str, Any] = entry
    return found
