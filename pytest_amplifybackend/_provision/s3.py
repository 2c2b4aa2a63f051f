"""S3: the buckets of storage and deployments, and the files in the latter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_amplifybackend._provision.aws_clients import AwsError, is_missing, unless_missing
from pytest_amplifybackend._provision.transaction import Transaction
from pytest_amplifybackend._rules.states import broken

S3 = "s3"
_OF_OTHERS = ("301", "403", "AccessDenied", "PermanentRedirect")
"""How S3 answers to a look at a bucket of another account or region."""

_CORS = {
    "CORSRules": [
        {
            "AllowedHeaders": ["*"],
            "AllowedMethods": ["GET", "HEAD", "PUT", "POST", "DELETE"],
            "AllowedOrigins": ["*"],
            "ExposeHeaders": [
                "x-amz-server-side-encryption",
                "x-amz-request-id",
                "x-amz-id-2",
                "ETag",
            ],
            "MaxAgeSeconds": 3000,
        }
    ]
}
"""What the Amplify CLI's template gives a storage bucket (documented by it)."""


def create(tx: Transaction, bucket: str, *, cors: bool = False) -> None:
    """Make a bucket; raises ProvisioningError if the name is taken, by any account."""
    if exists(tx, bucket):
        raise broken("storage.bucket-taken", bucket=bucket)

    def make() -> str:
        tx.call(S3, "create_bucket", Bucket=bucket, **where)
        return bucket

    where = {}
    if tx.region != "us-east-1":
        where["CreateBucketConfiguration"] = {"LocationConstraint": tx.region}
    tx.make(
        make,
        lambda bucket: tx.call(S3, "delete_bucket", Bucket=bucket),
        lambda: [bucket] if exists(tx, bucket) else [],
        before=(),
    )
    if cors:
        tx.call(S3, "put_bucket_cors", Bucket=bucket, CORSConfiguration=_CORS)


def exists(tx: Transaction, bucket: str) -> bool:
    """Whether somebody has a bucket of this name, also one that may not be looked into."""
    try:
        tx.call(S3, "head_bucket", Bucket=bucket)
    except AwsError as error:
        if is_missing(error):
            return False
        if error.code not in _OF_OTHERS:
            raise
    return True


def region_of(tx: Transaction, bucket: str) -> str:
    """The region of a bucket; raises ProvisioningError if no bucket has the name."""
    try:
        answer = tx.call(S3, "get_bucket_location", Bucket=bucket)
    except AwsError as error:
        if is_missing(error):
            raise broken("storage.no-such-bucket", bucket=bucket) from error
        raise
    return answer.get("LocationConstraint") or "us-east-1"


def check(tx: Transaction, bucket: str) -> None:
    """Raise ProvisioningError when a bucket is gone."""
    if not exists(tx, bucket):
        raise broken("storage.no-such-bucket", bucket=bucket)


def delete(tx: Transaction, bucket: str) -> None:
    """Empty and delete a bucket at the commit; it may not exist any more."""
    tx.log.on_commit(lambda: unless_missing(lambda: _empty(tx, bucket)))


def _empty(tx: Transaction, bucket: str) -> None:
    while True:
        listed = tx.call(S3, "list_object_versions", Bucket=bucket)
        found = [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]
        if not found:
            break
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
        answer = tx.call(
            S3, "delete_objects", Bucket=bucket, Delete={"Objects": objects, "Quiet": True}
        )
        if answer.get("Errors"):
            kept = answer["Errors"][0]
            raise broken("bucket-kept", bucket=bucket, key=kept["Key"], why=kept["Message"])
    tx.call(S3, "delete_bucket", Bucket=bucket)


def publish(
    tx: Transaction, bucket: str, before: Mapping[str, str], after: Mapping[str, str]
) -> None:
    """Update the files of a bucket from their old content to the new.

    Raises ProvisioningError when the bucket is gone.
    """
    try:
        for key, text in after.items():
            if before.get(key) != text:
                _undo(tx, bucket, key, before.get(key))
                tx.call(S3, "put_object", Bucket=bucket, Key=key, **_body(key, text))
        for key, text in before.items():
            if key not in after:
                _undo(tx, bucket, key, text)
                tx.call(S3, "delete_object", Bucket=bucket, Key=key)
    except AwsError as error:
        if is_missing(error):
            raise broken("storage.no-such-bucket", bucket=bucket) from error
        raise


def _undo(tx: Transaction, bucket: str, key: str, text: str | None) -> None:
    """At a rollback, restore a file, or delete it if it is new."""

    def step() -> None:
        if text is None:
            tx.call(S3, "delete_object", Bucket=bucket, Key=key)
        else:
            tx.call(S3, "put_object", Bucket=bucket, Key=key, **_body(key, text))

    tx.log.on_rollback(lambda: unless_missing(step))


def _body(key: str, text: str) -> dict[str, Any]:
    kind = "application/json" if key.endswith(".json") else "text/plain"
    return {"Body": text.encode(), "ContentType": kind}


def buckets(tx: Transaction) -> list[tuple[str, int]]:
    """Every bucket of the account as (name, creation in milliseconds since 1970)."""
    listed = tx.call(S3, "list_buckets").get("Buckets", ())
    return sorted((one["Name"], round(one["CreationDate"].timestamp() * 1000)) for one in listed)
