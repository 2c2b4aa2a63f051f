"""Storage that is provisioned is a bucket: made, imported, listed, emptied and taken away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from moto_shop import (
    AUTH_NAMED,
    DEV,
    PLAIN_AUTH,
    STORAGE,
    deployment_bucket,
    done,
    failed,
    inventory,
    meta,
    outputs,
    sibling,
)

from pytest_amplifybackend import FakeAmplifyBackend, errors


def test_a_bucket_is_made_and_goes_with_what_is_in_it(shop: FakeAmplifyBackend) -> None:
    done(shop, "CreateBackendAuth", **AUTH_NAMED, ResourceConfig=PLAIN_AUTH)
    there = set(inventory())
    named = {**DEV, "ResourceName": "media"}
    done(shop, "CreateBackendStorage", **named, ResourceConfig=STORAGE)
    bucket = outputs(shop, "storage")["BucketName"]
    assert sibling("s3").get_bucket_cors(Bucket=bucket)["CORSRules"]
    for number in range(3):
        sibling("s3").put_object(Bucket=bucket, Key=f"{number}.png", Body=b"picture")
    done(shop, "DeleteBackendStorage", **named, ServiceName="S3")
    assert set(inventory()) == there


def test_a_name_by_default_is_one_in_every_environment(empty: FakeAmplifyBackend) -> None:
    empty.add_app("d1shop", name="a shop of a very long name", environments=["a" * 10])
    config = {name: value for name, value in STORAGE.items() if name != "BucketName"}
    empty.add_auth("d1shop", "a" * 10)
    empty.add_storage("d1shop", "a" * 10, config=config)
    assert len(outputs(empty, "storage", "a" * 10)["BucketName"]) == 63


def test_a_name_that_is_taken(shop: FakeAmplifyBackend) -> None:
    done(shop, "CreateBackendAuth", **AUTH_NAMED, ResourceConfig=PLAIN_AUTH)
    digits = deployment_bucket(shop).split("-")[-2]
    taken = f"pictures{digits}-dev"
    sibling("s3").create_bucket(Bucket=taken)
    named = {**DEV, "ResourceName": "media"}
    error = failed(shop, "CreateBackendStorage", **named, ResourceConfig=STORAGE)
    assert error.endswith(f"The requested bucket name is not available: {taken}")
    assert taken in inventory()


def test_a_bucket_deleted_behind_the_fakes_back(full: FakeAmplifyBackend) -> None:
    gone = outputs(full, "storage")["BucketName"]
    sibling("s3").delete_bucket(Bucket=gone)
    config = {"Permissions": {"Authenticated": ["READ"]}, "ServiceName": "S3"}
    named = {**DEV, "ResourceName": "media"}
    error = failed(full, "UpdateBackendStorage", **named, ResourceConfig=config)
    assert error.endswith(f'The specified bucket: "{gone}" does not exist.')
    done(full, "DeleteBackendStorage", **named, ServiceName="S3")


def test_every_version_of_an_object_goes(full: FakeAmplifyBackend) -> None:
    s3, bucket = sibling("s3"), outputs(full, "storage")["BucketName"]
    s3.put_object(Bucket=bucket, Key="older", Body=b"before there were versions")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        s3.put_object(Bucket=bucket, Key="cat.png", Body=b"cat")
    s3.delete_object(Bucket=bucket, Key="cat.png")
    done(full, "DeleteBackendStorage", **DEV, ResourceName="media", ServiceName="S3")
    assert bucket not in inventory()


def test_an_object_that_cannot_be_deleted(full: FakeAmplifyBackend) -> None:
    s3, bucket = sibling("s3"), outputs(full, "storage")["BucketName"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )
    s3.put_object(
        Bucket=bucket,
        Key="ledger",
        Body=b"1",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=datetime(2999, 1, 1, tzinfo=UTC),
    )
    named = {**DEV, "ResourceName": "media", "ServiceName": "S3"}
    error = failed(full, "DeleteBackendStorage", **named)
    assert f'The bucket "{bucket}" cannot be emptied: ledger: Access Denied' in error
    assert outputs(full, "storage")["BucketName"] == bucket
    assert "ledger" in inventory()[bucket]


def test_an_import_checks_the_bucket_and_a_delete_only_unlinks(shop: FakeAmplifyBackend) -> None:
    done(shop, "CreateBackendAuth", **AUTH_NAMED, ResourceConfig=PLAIN_AUTH)
    imported = {**DEV, "ServiceName": "S3", "BucketName": "our-pictures"}
    error = failed(shop, "ImportBackendStorage", **imported)
    assert error.endswith('The specified bucket: "our-pictures" does not exist.')
    sibling("s3", "eu-west-1").create_bucket(
        Bucket="our-pictures",
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
    )
    done(shop, "ImportBackendStorage", **imported)
    assert outputs(shop, "storage") == {"BucketName": "our-pictures", "Region": "eu-west-1"}
    named = {**DEV, "ResourceName": next(iter(meta(shop)["storage"])), "ServiceName": "S3"}
    done(shop, "DeleteBackendStorage", **named)
    assert "our-pictures" in inventory()


def test_list_s3_buckets_lists_motos(shop: FakeAmplifyBackend) -> None:
    shop.add_bucket("given")
    sibling("s3").create_bucket(Bucket="of-the-test")
    names = [bucket["Name"] for bucket in shop.call("ListS3Buckets", {})["Buckets"]]
    assert names == sorted(["given", "of-the-test", deployment_bucket(shop)])
    with pytest.raises(errors.UsageError, match="name 'given': The requested"):
        shop.add_bucket("given")
