"""Storage: what it needs, whose bucket it has, and what an update replaces."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, assumed, documented, modeled
from pytest_amplifybackend.contract._support.samples import sample
from pytest_amplifybackend.contract._support.states import a_bucket, config_of, meta, place


@about("CreateBackendStorage", "ImportBackendStorage")
@documented("Amplify CLI: Cannot headlessly add storage resource without an existing auth resource")
@pytest.mark.parametrize("operation", ["CreateBackendStorage", "ImportBackendStorage"])
def test_storage_needs_auth(backend: Backend, shared: Any, operation: str) -> None:
    existing = shared("app with environment dev")
    bucket = meta(backend, existing)["providers"]["awscloudformation"]["DeploymentBucketName"]
    params = sample(operation, existing)
    if operation == "ImportBackendStorage":
        params["BucketName"] = bucket
    backend.fails(operation, params)
    assert "storage" not in meta(backend, existing), operation


@about("ImportBackendStorage")
@documented("Amplify CLI: The specified bucket does not exist.")
def test_a_bucket_that_is_not_there_is_not_imported(backend: Backend, shared: Any) -> None:
    existing = place(shared("auth present"))
    params = {**existing, "BucketName": f"nobodys-{existing['AppId']}", "ServiceName": "S3"}
    backend.fails("ImportBackendStorage", params)


@about("UpdateBackendStorage")
@documented("Amplify CLI, category-storage: an update replaces both lists of permissions")
def test_a_storage_update_replaces_the_permissions(backend: Backend, arrange: Any) -> None:
    existing = place(arrange("auth present"))
    params = sample("CreateBackendStorage", existing, full=True)
    backend.done("CreateBackendStorage", params)
    existing["ResourceName"] = params["ResourceName"]
    backend.done("UpdateBackendStorage", sample("UpdateBackendStorage", existing))
    permissions = config_of(backend, "Storage", existing)["Permissions"]
    assert permissions.get("Authenticated") == ["READ"], "UpdateBackendStorage"
    assert not permissions.get("UnAuthenticated"), "UpdateBackendStorage: guests may still read"


@about("GetBackendStorage", "ImportBackendStorage")
@modeled("shape GetBackendStorageResourceConfig: Imported, BucketName")
@pytest.mark.parametrize("state", ["storage present", "storage imported"])
def test_storage_says_whether_it_is_imported(backend: Backend, shared: Any, state: str) -> None:
    existing = shared(state)
    config = config_of(backend, "Storage", existing)
    assert config["Imported"] == (state == "storage imported"), "GetBackendStorage: Imported"
    if config["Imported"]:
        assert config["BucketName"] == existing["BucketName"], "ImportBackendStorage"


@about("ListS3Buckets", "CreateBackendStorage", "DeleteBackendStorage")
@documented("REST reference: the list of S3 buckets in your account")
def test_the_bucket_of_a_storage_is_listed(backend: Backend, arrange: Any) -> None:
    existing = arrange("storage present")
    (entry,) = meta(backend, existing)["storage"].values()
    bucket = entry["output"]["BucketName"]
    assert bucket in _buckets(backend), "ListS3Buckets: a new bucket is not there"
    backend.done("DeleteBackendStorage", sample("DeleteBackendStorage", existing))
    assert bucket not in _buckets(backend), "DeleteBackendStorage: its bucket is still there"


@about("DeleteBackendStorage", "ListS3Buckets")
@documented("Amplify documentation, import: unlinked, not deleted")
def test_an_imported_bucket_is_only_unlinked(backend: Backend, arrange: Any) -> None:
    existing = arrange("storage imported")
    backend.done("DeleteBackendStorage", sample("DeleteBackendStorage", existing))
    assert existing["BucketName"] in _buckets(backend), "DeleteBackendStorage: the bucket is gone"


def _buckets(backend: Backend) -> list[str]:
    buckets = backend.call("ListS3Buckets", {})["Buckets"]
    names = [bucket["Name"] for bucket in buckets]
    assert len(set(names)) == len(names), "ListS3Buckets: a bucket is listed twice"
    return names


@about("ListS3Buckets")
@assumed("ISO 8601; no CreationDate was recorded")
def test_a_bucket_says_when_it_was_made(backend: Backend, shared: Any) -> None:
    bucket = a_bucket(backend, shared("app with environment dev"))
    (made,) = (
        one["CreationDate"]
        for one in backend.call("ListS3Buckets", {})["Buckets"]
        if one["Name"] == bucket
    )
    try:
        datetime.fromisoformat(made.replace("Z", "+00:00"))
    except ValueError:
        pytest.fail(f"ListS3Buckets: the CreationDate {made!r} is no ISO 8601", pytrace=False)
