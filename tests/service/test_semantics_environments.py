"""Environments: creating, cloning, deleting, and removing all of an app."""

from __future__ import annotations

import pytest
from shop_calls import APP, DEV, POOL, buckets, environments, failure, held, job_of, meta, run

from pytest_amplifybackend import FakeAmplifyBackend, errors

CLONE = {"AppId": APP, "BackendEnvironmentName": "dev", "TargetEnvironmentName": "test"}


@pytest.fixture
def blocked_clone(full_shop: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """A full shop whose next clone will find the name of its bucket taken."""
    twin = FakeAmplifyBackend()
    twin.load(full_shop.dump())
    run(twin, "CloneBackend", CLONE)
    full_shop.add_bucket(meta(twin, "test")["storage"]["media"]["output"]["BucketName"])
    return full_shop


class TestCreate:
    def test_makes_app_stack_and_deployment_bucket(self, fake: FakeAmplifyBackend) -> None:
        run(fake, "CreateBackend", {**DEV, "AppName": "My Shop!"})

        assert fake.call("GetBackend", {"AppId": APP})["AppName"] == "My Shop!"
        stack = meta(fake)["providers"]["awscloudformation"]
        assert stack["StackName"].startswith("amplify-myshop-dev-")
        assert buckets(fake) == [stack["DeploymentBucketName"]]


class TestClone:
    def test_leaves_generated_models_behind(self, full_shop: FakeAmplifyBackend) -> None:
        orders = {**DEV, "ResourceName": "orders"}
        run(full_shop, "GenerateBackendAPIModels", orders)
        run(full_shop, "CloneBackend", CLONE)

        with pytest.raises(errors.NotFound, match="have not been generated"):
            full_shop.call("GetBackendAPIModels", {**orders, "BackendEnvironmentName": "test"})

    def test_leaves_imported_auth_and_what_needs_it_behind(self, shop: FakeAmplifyBackend) -> None:
        shop.add_auth(APP, imported=POOL)
        shop.add_storage(APP, name="media")
        shop.add_api(APP, name="orders")
        run(shop, "CloneBackend", CLONE)

        assert held(shop, "test") == {"api": "orders"}

    def test_leaves_nothing_half_made_when_it_fails_on_the_way(
        self, blocked_clone: FakeAmplifyBackend
    ) -> None:
        before = buckets(blocked_clone)

        error = failure(blocked_clone, "CloneBackend", CLONE)

        assert "The requested bucket name is not available" in error
        assert held(blocked_clone, "test") == {}
        (own,) = set(buckets(blocked_clone)) - set(before)
        assert (
            own
            == meta(blocked_clone, "test")["providers"]["awscloudformation"]["DeploymentBucketName"]
        )
        assert set(before) <= set(buckets(blocked_clone))


class TestDelete:
    def test_takes_its_resources_and_buckets_along(self, full_shop: FakeAmplifyBackend) -> None:
        full_shop.add_bucket("our-pictures")
        assert len(buckets(full_shop)) == 3

        run(full_shop, "DeleteBackend", DEV)

        assert environments(full_shop) == []
        assert buckets(full_shop) == ["our-pictures"]

    def test_unlinks_what_was_imported(self, shop: FakeAmplifyBackend) -> None:
        shop.add_bucket("our-pictures")
        shop.add_auth(APP, name="users")
        shop.add_storage(APP, bucket="our-pictures")

        run(shop, "DeleteBackend", DEV)

        assert buckets(shop) == ["our-pictures"]


class TestRemoveAll:
    def test_lets_a_cleaned_app_be_made_anew(self, shop: FakeAmplifyBackend) -> None:
        run(shop, "CreateBackendConfig", {"AppId": APP})
        run(shop, "RemoveAllBackends", {"AppId": APP, "CleanAmplifyApp": True})
        run(shop, "CreateBackend", {**DEV, "AppName": "again"})

        assert shop.call("GetBackend", {"AppId": APP})["AppName"] == "again"
        with pytest.raises(errors.NotFound, match="has no backend configuration"):
            shop.call("RemoveBackendConfig", {"AppId": APP})

    def test_of_an_app_without_environments_has_a_job_under_any_name(
        self, fake: FakeAmplifyBackend
    ) -> None:
        fake.add_app(APP, environments=())

        job = fake.call("RemoveAllBackends", {"AppId": APP})

        assert job_of(fake, job, BackendEnvironmentName="any")["Status"] == "COMPLETED"
        listed = fake.call("ListBackendJobs", {"AppId": APP, "BackendEnvironmentName": "any"})
        assert [found["JobId"] for found in listed["Jobs"]] == [job["JobId"]]

    def test_of_an_app_without_environments_is_listed_among_the_jobs_of_later_ones(
        self, fake: FakeAmplifyBackend
    ) -> None:
        fake.add_app(APP, environments=())
        job = fake.call("RemoveAllBackends", {"AppId": APP})
        later = fake.call("CreateBackend", {**DEV, "AppName": "shop"})

        listed = fake.call("ListBackendJobs", DEV)["Jobs"]
        assert [found["JobId"] for found in listed] == [later["JobId"], job["JobId"]]


class TestMeanwhile:
    """What is read while the job of an environment is at work."""

    def test_one_that_never_was_is_missing_also_while_the_others_are_deleted(
        self, manual: FakeAmplifyBackend
    ) -> None:
        manual.add_app(APP)
        manual.call("RemoveAllBackends", {"AppId": APP})

        with pytest.raises(errors.NotFound, match="BackendEnvironment test does not exist"):
            manual.call("GetBackend", {**DEV, "BackendEnvironmentName": "test"})

    def test_the_app_exists_once_its_first_environment_does(
        self, manual: FakeAmplifyBackend
    ) -> None:
        job = manual.call("CreateBackend", {**DEV, "AppName": "shop"})["JobId"]

        with pytest.raises(errors.NotFound, match="App d1shop not found"):
            manual.call("GetBackend", {"AppId": APP})
        manual.jobs.finish(job)

        assert manual.call("GetBackend", {"AppId": APP})["BackendEnvironmentList"] == ["dev"]
