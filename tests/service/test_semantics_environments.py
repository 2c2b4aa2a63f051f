"""Environments: creating, cloning, deleting, and removing all of an app."""

from __future__ import annotations

import pytest
from shop_calls import APP, DEV, POOL, buckets, environments, failure, held, job_of, meta, run
from states_by_name import REQUESTS

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

    def test_adds_to_an_app_and_keeps_its_name(self, shop: FakeAmplifyBackend) -> None:
        run(shop, "CreateBackend", {**DEV, "BackendEnvironmentName": "test", "AppName": "other"})

        assert shop.call("GetBackend", {"AppId": APP}) == {
            "AppId": APP,
            "AppName": "shop",
            "BackendEnvironmentList": ["dev", "test"],
        }

    def test_fails_without_a_trace(self, manual: FakeAmplifyBackend) -> None:
        manual.jobs.fail(manual.call("CreateBackend", REQUESTS["CreateBackend"])["JobId"])

        with pytest.raises(errors.NotFound, match="App d1shop not found"):
            manual.call("GetBackend", {"AppId": APP})
        assert buckets(manual) == []


class TestClone:
    def test_takes_along_names_and_configs_and_makes_its_own_resources(
        self, full_shop: FakeAmplifyBackend
    ) -> None:
        job = full_shop.call("CloneBackend", CLONE)

        assert job["BackendEnvironmentName"] == "test"  # where the job is to be polled
        assert job_of(full_shop, job, BackendEnvironmentName="test")["Status"] == "COMPLETED"
        assert held(full_shop, "test") == held(full_shop)
        for name, operation in {
            "users": "GetBackendAuth",
            "orders": "GetBackendAPI",
            "media": "GetBackendStorage",
        }.items():
            here, there = (
                full_shop.call(
                    operation,
                    {"AppId": APP, "BackendEnvironmentName": place, "ResourceName": name},
                )
                for place in ("dev", "test")
            )
            assert here["ResourceConfig"] == there["ResourceConfig"]
        for family in ("auth", "api", "storage"):
            (here,), (there,) = (
                meta(full_shop)[family].values(),
                meta(full_shop, "test")[family].values(),
            )
            assert here["output"].keys() == there["output"].keys()
            assert here["output"] != there["output"]

    def test_is_independent_of_its_source(self, full_shop: FakeAmplifyBackend) -> None:
        run(full_shop, "CloneBackend", CLONE)
        run(full_shop, "DeleteBackend", DEV)

        assert held(full_shop, "test") == {"auth": "users", "api": "orders", "storage": "media"}

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

    def test_leaves_imported_storage_behind(self, shop: FakeAmplifyBackend) -> None:
        shop.add_bucket("our-pictures")
        shop.add_auth(APP, name="users")
        shop.add_storage(APP, bucket="our-pictures")
        run(shop, "CloneBackend", CLONE)

        assert held(shop, "test") == {"auth": "users"}

    def test_leaves_an_empty_environment_when_it_fails(self, full_shop: FakeAmplifyBackend) -> None:
        full_shop.jobs.fail_next("CloneBackend")
        full_shop.call("CloneBackend", CLONE)

        assert environments(full_shop) == ["dev", "test"]
        assert held(full_shop, "test") == {}

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

    def test_leaves_the_other_environments(self, full_shop: FakeAmplifyBackend) -> None:
        full_shop.add_app(APP, environments=("test",))

        run(full_shop, "DeleteBackend", {**DEV, "BackendEnvironmentName": "test"})

        assert environments(full_shop) == ["dev"]
        assert held(full_shop) == {"auth": "users", "api": "orders", "storage": "media"}

    def test_makes_room_for_a_new_one(self, full_shop: FakeAmplifyBackend) -> None:
        run(full_shop, "DeleteBackend", DEV)
        run(full_shop, "CreateBackend", REQUESTS["CreateBackend"])

        assert held(full_shop) == {}


class TestRemoveAll:
    def test_leaves_the_app_without_environments(self, full_shop: FakeAmplifyBackend) -> None:
        full_shop.add_app(APP, environments=("test",))
        token = full_shop.call("CreateToken", {"AppId": APP})

        answer = full_shop.call("RemoveAllBackends", {"AppId": APP})

        assert "BackendEnvironmentName" not in answer
        assert environments(full_shop) == []
        assert buckets(full_shop) == []
        assert full_shop.call("GetToken", {"AppId": APP, "SessionId": token["SessionId"]}) == token

    @pytest.mark.parametrize("clean", [False, True])
    def test_takes_the_app_along_when_it_is_to_be_cleaned(
        self, full_shop: FakeAmplifyBackend, clean: bool
    ) -> None:
        full_shop.call("RemoveAllBackends", {"AppId": APP, "CleanAmplifyApp": clean})

        if clean:
            with pytest.raises(errors.NotFound, match="App d1shop not found"):
                full_shop.call("GetBackend", {"AppId": APP})
        else:
            assert environments(full_shop) == []

    def test_lets_a_cleaned_app_be_made_anew(self, shop: FakeAmplifyBackend) -> None:
        run(shop, "CreateBackendConfig", {"AppId": APP})
        run(shop, "RemoveAllBackends", {"AppId": APP, "CleanAmplifyApp": True})
        run(shop, "CreateBackend", {**DEV, "AppName": "again"})

        assert shop.call("GetBackend", {"AppId": APP})["AppName"] == "again"
        with pytest.raises(errors.NotFound, match="has no backend configuration"):
            shop.call("RemoveBackendConfig", {"AppId": APP})

    @pytest.mark.parametrize("clean", [False, True])
    def test_has_a_job_that_is_read_under_every_name_of_the_app(
        self, shop: FakeAmplifyBackend, clean: bool
    ) -> None:
        shop.add_app(APP, environments=("test", "gone"))
        run(shop, "DeleteBackend", {**DEV, "BackendEnvironmentName": "gone"})

        job = shop.call("RemoveAllBackends", {"AppId": APP, "CleanAmplifyApp": clean})

        for name in ("dev", "test", "gone"):
            shown = job_of(shop, job, BackendEnvironmentName=name)
            assert (shown["BackendEnvironmentName"], shown["Status"]) == (name, "COMPLETED")
            listed = shop.call("ListBackendJobs", {**DEV, "BackendEnvironmentName": name})
            assert listed["Jobs"][0] == shown
        with pytest.raises(errors.NotFound):
            job_of(shop, job, BackendEnvironmentName="never")

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

    def test_leaves_everything_when_it_fails(self, full_shop: FakeAmplifyBackend) -> None:
        before = full_shop.dump()
        full_shop.jobs.fail_next("RemoveAllBackends")
        full_shop.call("RemoveAllBackends", {"AppId": APP, "CleanAmplifyApp": True})

        after = full_shop.dump()
        assert (after["apps"], after["buckets"]) == (before["apps"], before["buckets"])
