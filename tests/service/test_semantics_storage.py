"""Storage and S3 buckets: creating, updating, importing, deleting and listing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from full_requests import FULL
from shop_calls import APP, DEV, MEDIA, buckets, held, meta, run
from states_by_name import REQUESTS

from pytest_amplifybackend import FakeAmplifyBackend

IMPORT, DELETE = REQUESTS["ImportBackendStorage"], {**MEDIA, "ServiceName": "S3"}


@pytest.fixture
def with_auth(shop: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """Auth, no storage, and the bucket ``our-pictures``."""
    shop.add_auth(APP, name="users")
    shop.add_bucket("our-pictures")
    return shop


def config(fake: FakeAmplifyBackend) -> dict[str, Any]:
    name = held(fake)["storage"]
    return dict(fake.call("GetBackendStorage", {**DEV, "ResourceName": name})["ResourceConfig"])


def bucket(fake: FakeAmplifyBackend) -> str:
    (entry,) = meta(fake)["storage"].values()
    return str(entry["output"]["BucketName"])


class TestCreate:
    def test_names_the_bucket_after_the_stack_and_the_environment(
        self, with_auth: FakeAmplifyBackend
    ) -> None:
        run(with_auth, "CreateBackendStorage", FULL["CreateBackendStorage"])

        stack = meta(with_auth)["providers"]["awscloudformation"]["StackName"]
        assert bucket(with_auth) == f"pictures{stack.rpartition('-')[2]}-dev"
        assert bucket(with_auth) in buckets(with_auth)

    def test_makes_up_a_bucket_name_of_the_documented_form(
        self, with_auth: FakeAmplifyBackend
    ) -> None:
        run(with_auth, "CreateBackendStorage", REQUESTS["CreateBackendStorage"])

        assert re.fullmatch(r"shop[0-9a-f]{32}", config(with_auth)["BucketName"])
        assert len(bucket(with_auth)) <= 63


class TestImport:
    def test_uses_the_bucket_as_it_is_under_a_name_of_its_own(
        self, with_auth: FakeAmplifyBackend
    ) -> None:
        run(with_auth, "ImportBackendStorage", IMPORT)

        assert bucket(with_auth) == "our-pictures"
        assert re.fullmatch(r"shop[0-9a-f]{8}", held(with_auth)["storage"])
        assert config(with_auth) == {
            "BucketName": "our-pictures",
            "Imported": True,
            "ServiceName": "S3",
        }


class TestListS3Buckets:
    def test_has_every_bucket_of_the_account_by_name(self, shop: FakeAmplifyBackend) -> None:
        shop.clock.shift(1.5)
        shop.add_bucket("zebra")
        shop.add_bucket("aardvark")

        answer = shop.call("ListS3Buckets")

        deployment = meta(shop)["providers"]["awscloudformation"]["DeploymentBucketName"]
        assert answer == {
            "Buckets": [
                {"Name": "aardvark", "CreationDate": "2024-01-01T00:00:01.500Z"},
                {"Name": deployment, "CreationDate": "2024-01-01T00:00:00.000Z"},
                {"Name": "zebra", "CreationDate": "2024-01-01T00:00:01.500Z"},
            ]
        }

    def test_is_the_same_in_every_region_and_for_any_token(
        self, full_shop: FakeAmplifyBackend
    ) -> None:
        here = full_shop.call("ListS3Buckets")

        assert full_shop.call("ListS3Buckets", region="eu-west-1") == here
        assert full_shop.call("ListS3Buckets", {"NextToken": "reserved"}) == here
