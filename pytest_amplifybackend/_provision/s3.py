"""S3: the buckets of storage and deployments, and the files in the latter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_amplifybackend._provision.siblings import SiblingError, is_missing, unless_missing
from pytest_amplifybackend._provision.site import Site
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


def create(site: Site, bucket: str, *, cors: bool = False) -> None:
    """Make a bucket; raises ProvisioningError when the name is taken, by whomever."""
    if exists(site, bucket):
        raise broken("storage.bucket-taken", bucket=bucket)

    def make() -> str:
        site.call(S3, "create_bucket", Bucket=bucket, **where)
        return bucket

    where = {}
    if site.region != "us-east-1":
        where["CreateBucketConfiguration"] = {"LocationConstraint": site.region}
    site.make(
        make,
        lambda bucket: site.call(S3, "delete_bucket", Bucket=bucket),
        lambda: [bucket] if exists(site, bucket) else [],
        before=(),
    )
    if cors:
        site.call(S3, "put_bucket_cors", Bucket=bucket, CORSConfiguration=_CORS)


def exists(site: Site, bucket: str) -> bool:
    """Whether somebody has a bucket of this name, also one that may not be looked into."""
    try:
        site.call(S3, "head_bucket", Bucket=bucket)
    except SiblingError as error:
        if is_missing(error):
            return False
        if error.code not in _OF_OTHERS:
            raise
    return True


def region_of(site: Site, bucket: str) -> str:
    """The region of a bucket; raises ProvisioningError when there is none of the name."""
    try:
        answer = site.call(S3, "get_bucket_location", Bucket=bucket)
    except SiblingError as error:
        if is_missing(error):
            raise broken("storage.no-such-bucket", bucket=bucket) from error
        raise
    return answer.get("LocationConstraint") or "us-east-1"


def check(site: Site, bucket: str) -> None:
    """Raise ProvisioningError when a bucket is gone."""
    if not exists(site, bucket):
        raise broken("storage.no-such-bucket", bucket=bucket)


def delete(site: Site, bucket: str) -> None:
    """Empty and delete a bucket at the end of the work; it may be gone."""
    site.work.last(lambda: unless_missing(lambda: _empty(site, bucket)))


def _empty(site: Site, bucket: str) -> None:
    while True:
        listed = site.call(S3, "list_object_versions", Bucket=bucket)
        found = [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]
        if not found:
            break
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
        told = site.call(
            S3, "delete_objects", Bucket=bucket, Delete={"Objects": objects, "Quiet": True}
        )
        if told.get("Errors"):
            kept = told["Errors"][0]
            raise broken("bucket-kept", bucket=bucket, key=kept["Key"], why=kept["Message"])
    site.call(S3, "delete_bucket", Bucket=bucket)


def publish(site: Site, bucket: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Turn the files of a bucket from what they were into what they are.

    Raises ProvisioningError when the bucket is gone.
    """
    try:
        for key, text in after.items():
            if before.get(key) != text:
                _undo(site, bucket, key, before.get(key))
                site.call(S3, "put_object", Bucket=bucket, Key=key, **_body(key, text))
        for key, text in before.items():
            if key not in after:
                _undo(site, bucket, key, text)
                site.call(S3, "delete_object", Bucket=bucket, Key=key)
    except SiblingError as error:
        if is_missing(error):
            raise broken("storage.no-such-bucket", bucket=bucket) from error
        raise


def _undo(site: Site, bucket: str, key: str, text: str | None) -> None:
    """If the work fails, put back what a file held, or that there was none."""

    def step() -> None:
        if text is None:
            site.call(S3, "delete_object", Bucket=bucket, Key=key)
        else:
            site.call(S3, "put_object", Bucket=bucket, Key=key, **_body(key, text))

    site.work.undo(lambda: unless_missing(step))


def _body(key: str, text: str) -> dict[str, Any]:
    kind = "application/json" if key.endswith(".json") else "text/plain"
    return {"Body": text.encode(), "ContentType": kind}


def buckets(site: Site) -> list[tuple[str, int]]:
    """Every bucket of the account as (name, creation in milliseconds since 1970)."""
    listed = site.call(S3, "list_buckets").get("Buckets", ())
    return sorted((one["Name"], round(one["CreationDate"].timestamp() * 1000)) for one in listed)
