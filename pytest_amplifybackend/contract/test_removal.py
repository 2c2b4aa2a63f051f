"""What is gone after a removal, and what has to stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, documented
from pytest_amplifybackend.contract._support.pictures import NAMES, READERS, picture
from pytest_amplifybackend.contract._support.samples import sample
from pytest_amplifybackend.contract._support.states import meta, place

ALL = "auth, API and storage present"
BY_ITSELF: Mapping[str, tuple[str, str]] = {
    "DeleteBackendAPI": ("auth, API and storage present", "api"),
    "DeleteBackendStorage": ("auth, API and storage present", "storage"),
    "DeleteBackendAuth": ("API present", "auth"),
}
"""The state in which a resource is removed beside others, and its category."""


def _buckets(backend: Backend) -> set[str]:
    return {bucket["Name"] for bucket in backend.call("ListS3Buckets", {})["Buckets"]}


@about("GetBackend")
@documented("Amplify CLI, remove-resource: removes the one resource that is named")
@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(name, marks=about(name, READERS[family]))
        for name, (_, family) in BY_ITSELF.items()
    ],
)
def test_a_removal_takes_one_thing(backend: Backend, arrange: Any, operation: str) -> None:
    state, family = BY_ITSELF[operation]
    at = place(arrange(state))
    if family == "auth":
        backend.done("CreateBackendAuth", sample("CreateBackendAuth", at))
    before = picture(backend, at)
    backend.done(operation, sample(operation, {**at, "ResourceName": NAMES[family]}))
    named = {**at, "ResourceName": NAMES[family]}
    backend.rejected(READERS[family], named, errors.NotFound)
    before.pop(family)
    assert picture(backend, at) == before, f"{operation}: something else has changed"


@about("DeleteBackend", *READERS.values(), "ListS3Buckets", "GetToken", "UpdateBackendConfig")
@documented("REST reference: removes an existing environment from your Amplify project")
def test_an_environment_goes_with_all_that_it_has(backend: Backend, arrange: Any) -> None:
    """And nothing of the app: its other environments, tokens, and Studio."""
    at = arrange(ALL)
    app = {"AppId": at["AppId"]}
    backend.done("CloneBackend", sample("CloneBackend", at))
    backend.done("CreateBackendConfig", app)
    token = backend.call("CreateToken", app)
    copy = place(at, BackendEnvironmentName="copy")
    gone, stays = (_own_buckets(meta(backend, where)) for where in (at, copy))
    before = picture(backend, copy), backend.call("UpdateBackendConfig", app)
    assert gone | stays <= _buckets(backend), "ListS3Buckets"
    backend.done("DeleteBackend", at)
    backend.rejected("GetBackend", at, errors.NotFound)
    for family, operation in READERS.items():
        backend.rejected(operation, {**at, "ResourceName": NAMES[family]}, errors.NotFound)
    left = _buckets(backend)
    assert not gone & left, f"DeleteBackend: the buckets {gone & left} are still there"
    assert stays <= left, f"DeleteBackend: the buckets {stays - left} are gone"
    after = picture(backend, copy), backend.call("UpdateBackendConfig", app)
    assert after == before, "DeleteBackend: something else has changed"
    own = {**app, "SessionId": token["SessionId"]}
    assert backend.call("GetToken", own) == token, "DeleteBackend: a token has changed"
    backend.done("CreateBackend", sample("CreateBackend", at))
    assert set(meta(backend, at)) == {"providers"}, "CreateBackend: of what was deleted before"
    for family, operation in READERS.items():
        backend.rejected(operation, {**at, "ResourceName": NAMES[family]}, errors.NotFound)


def _own_buckets(told: Mapping[str, Any]) -> set[str]:
    """The buckets of an environment: of its deployment, and of its storage."""
    (storage,) = told["storage"].values()
    deployment = told["providers"]["awscloudformation"]["DeploymentBucketName"]
    return {deployment, storage["output"]["BucketName"]}


@about("RemoveBackendConfig", "DeleteToken", "GetBackend", "GetToken")
@documented("Amplify documentation, Studio: disabling it changes no resources of the project")
def test_what_is_not_of_an_environment_goes_alone(backend: Backend, arrange: Any) -> None:
    existing = arrange("auth, API and storage present")
    app = {"AppId": existing["AppId"]}
    tokens = [backend.call("CreateToken", app) for _ in range(2)]
    owned = [{**app, "SessionId": token["SessionId"]} for token in tokens]
    backend.done("CreateBackendConfig", app)
    before = picture(backend, existing)
    backend.call("RemoveBackendConfig", app)
    backend.rejected("UpdateBackendConfig", app, errors.NotFound)
    assert [backend.call("GetToken", own) for own in owned] == tokens, "RemoveBackendConfig"
    backend.call("DeleteToken", owned[0])
    backend.rejected("GetToken", owned[0], errors.NotFound)
    assert backend.call("GetToken", owned[1]) == tokens[1], "DeleteToken"
    assert picture(backend, existing) == before, "RemoveBackendConfig"
