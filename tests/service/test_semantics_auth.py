"""Auth: creating, updating field by field, importing and deleting."""

from __future__ import annotations

from typing import Any

import pytest
from full_requests import FULL
from shop_calls import APP, DEV, POOL, USERS, failure, held, meta, run

from pytest_amplifybackend import FakeAmplifyBackend

CREATE, UPDATE = FULL["CreateBackendAuth"], FULL["UpdateBackendAuth"]


@pytest.fixture
def users(shop: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """A shop whose auth was made with every setting there is."""
    run(shop, "CreateBackendAuth", CREATE)
    return shop


def config(fake: FakeAmplifyBackend, name: str = "users") -> dict[str, Any]:
    return dict(fake.call("GetBackendAuth", {**DEV, "ResourceName": name})["ResourceConfig"])


def output(fake: FakeAmplifyBackend) -> dict[str, Any]:
    (entry,) = meta(fake)["auth"].values()
    return dict(entry["output"])


def update(fake: FakeAmplifyBackend, resources: str = "USER_POOL_ONLY", **pool: Any) -> None:
    change = {"AuthResources": resources, "Service": "COGNITO", "UserPoolConfigs": pool}
    run(fake, "UpdateBackendAuth", {**USERS, "ResourceConfig": change})


def test_what_was_created_is_what_is_read(users: FakeAmplifyBackend) -> None:
    assert users.call("GetBackendAuth", USERS) == {
        **DEV,
        "ResourceName": "users",
        "ResourceConfig": CREATE["ResourceConfig"],
    }


def test_an_identity_pool_needs_no_config(shop: FakeAmplifyBackend) -> None:
    settings = {**CREATE["ResourceConfig"]}
    del settings["IdentityPoolConfigs"]
    run(shop, "CreateBackendAuth", {**CREATE, "ResourceConfig": settings})

    assert output(shop)["IdentityPoolName"] == "users__dev"
    assert config(shop)["IdentityPoolConfigs"] == {
        "IdentityPoolName": "users",
        "UnauthenticatedLogin": False,
    }


def test_without_an_identity_pool_nothing_is_said_of_one(shop: FakeAmplifyBackend) -> None:
    settings = {**CREATE["ResourceConfig"], "AuthResources": "USER_POOL_ONLY"}
    run(shop, "CreateBackendAuth", {**CREATE, "ResourceConfig": settings})

    assert "IdentityPoolConfigs" not in config(shop)
    assert "IdentityPoolId" not in output(shop)


class TestUpdate:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("PasswordPolicy", {"MinimumLength": 12}),
            ("Mfa", {"MFAMode": "OFF"}),
            (
                "ForgotPassword",
                {"DeliveryMethod": "SMS", "SmsSettings": {"SmsMessage": "{####}!"}},
            ),
            (
                "OAuth",
                {
                    "OAuthGrantType": "IMPLICIT",
                    "OAuthScopes": ["PROFILE"],
                    "RedirectSignInURIs": ["myapp://in/"],
                    "RedirectSignOutURIs": ["myapp://out/"],
                },
            ),
        ],
    )
    def test_replaces_a_given_field_whole_and_leaves_the_others(
        self, users: FakeAmplifyBackend, field: str, value: dict[str, Any]
    ) -> None:
        before = config(users)["UserPoolConfigs"]

        update(users, **{field: value})

        assert config(users)["UserPoolConfigs"] == {**before, field: value}

    def test_of_nothing_changes_nothing(self, users: FakeAmplifyBackend) -> None:
        before, made = config(users), output(users)

        update(users, "IDENTITY_POOL_AND_USER_POOL")

        assert config(users) == before
        assert output(users) == made

    def test_with_an_empty_oauth_removes_it(self, users: FakeAmplifyBackend) -> None:
        assert "HostedUIDomain" in output(users)

        update(users, OAuth={})

        assert "OAuth" not in config(users)["UserPoolConfigs"]
        assert "HostedUIDomain" not in output(users)

    def test_gives_a_policy_without_a_minimum_the_default(self, users: FakeAmplifyBackend) -> None:
        update(users, PasswordPolicy={"AdditionalConstraints": ["REQUIRE_SYMBOL"]})

        assert config(users)["UserPoolConfigs"]["PasswordPolicy"] == {
            "AdditionalConstraints": ["REQUIRE_SYMBOL"],
            "MinimumLength": 8,
        }

    def test_may_leave_out_the_private_key_of_apple(self, users: FakeAmplifyBackend) -> None:
        oauth = CREATE["ResourceConfig"]["UserPoolConfigs"]["OAuth"]
        apple = {"ClientId": "c2", "KeyId": "k2", "TeamId": "t2"}

        update(users, OAuth={**oauth, "SocialProviderSettings": {"SignInWithApple": apple}})

        pool = config(users)["UserPoolConfigs"]
        assert pool["OAuth"]["SocialProviderSettings"] == {"SignInWithApple": apple}

    def test_keeps_what_can_never_change(self, users: FakeAmplifyBackend) -> None:
        before, made = config(users), output(users)

        run(users, "UpdateBackendAuth", UPDATE)

        after = config(users)
        for member in ("SignInMethod", "RequiredSignUpAttributes", "UserPoolName"):
            assert after["UserPoolConfigs"][member] == before["UserPoolConfigs"][member]
        assert after["IdentityPoolConfigs"] == {
            "IdentityPoolName": "visitors",
            "UnauthenticatedLogin": False,
        }
        for member in ("UserPoolId", "AppClientID", "AppClientIDWeb", "IdentityPoolId"):
            assert output(users)[member] == made[member]

    def test_adds_an_identity_pool_and_takes_it_away(self, shop: FakeAmplifyBackend) -> None:
        shop.add_auth(APP, name="users")
        assert "IdentityPoolId" not in output(shop)

        update(shop, "IDENTITY_POOL_AND_USER_POOL")
        assert output(shop)["IdentityPoolId"].startswith("us-east-1:")
        assert config(shop)["IdentityPoolConfigs"]["UnauthenticatedLogin"] is False
        update(shop, "USER_POOL_ONLY")

        assert "IdentityPoolConfigs" not in config(shop)
        assert "IdentityPoolId" not in output(shop)

    def test_of_another_name_fails(self, users: FakeAmplifyBackend) -> None:
        wrong = {**UPDATE, "ResourceName": "people"}

        assert "Resource people has not been added to auth" in failure(
            users, "UpdateBackendAuth", wrong
        )


class TestImport:
    def test_shows_the_ids_that_were_given(self, shop: FakeAmplifyBackend) -> None:
        run(shop, "ImportBackendAuth", {**DEV, **POOL, "IdentityPoolId": "us-east-1:0a-1b"})

        (entry,) = meta(shop)["auth"].values()
        assert entry["serviceType"] == "imported"
        assert {
            "UserPoolId": "us-east-1_a1B2c3D4e",
            "AppClientIDWeb": "web1client",
            "AppClientID": "native1client",
            "IdentityPoolId": "us-east-1:0a-1b",
        }.items() <= entry["output"].items()

    @pytest.mark.parametrize(
        ("more", "resources"),
        [
            ({}, "USER_POOL_ONLY"),
            ({"IdentityPoolId": "us-east-1:0a-1b"}, "IDENTITY_POOL_AND_USER_POOL"),
        ],
    )
    def test_can_be_read_like_auth_that_was_made(
        self, shop: FakeAmplifyBackend, more: dict[str, str], resources: str
    ) -> None:
        run(shop, "ImportBackendAuth", {**DEV, **POOL, **more})

        assert config(shop, held(shop)["auth"])["AuthResources"] == resources

    def test_is_unlinked_by_a_delete_and_can_come_back(self, shop: FakeAmplifyBackend) -> None:
        run(shop, "ImportBackendAuth", {**DEV, **POOL})
        run(shop, "DeleteBackendAuth", {**DEV, "ResourceName": held(shop)["auth"]})
        assert held(shop) == {}

        run(shop, "ImportBackendAuth", {**DEV, **POOL})

        assert output(shop)["UserPoolId"] == POOL["UserPoolId"]


class TestDelete:
    def test_is_refused_while_storage_is_there(self, full_shop: FakeAmplifyBackend) -> None:
        error = failure(full_shop, "DeleteBackendAuth", USERS)
        assert "Dependency: S3 - media. Remove the dependency first." in error

        run(
            full_shop, "DeleteBackendStorage", {**DEV, "ResourceName": "media", "ServiceName": "S3"}
        )
        run(full_shop, "DeleteBackendAuth", USERS)

        assert held(full_shop) == {"api": "orders"}

    @pytest.mark.parametrize(
        ("modes", "depends"),
        [
            ({"DefaultAuthType": {"Mode": "AMAZON_COGNITO_USER_POOLS"}}, True),
            ({"AdditionalAuthTypes": [{"Mode": "AMAZON_COGNITO_USER_POOLS"}]}, True),
            ({"DefaultAuthType": {"Mode": "AWS_IAM"}}, False),
            (
                {
                    "DefaultAuthType": {
                        "Mode": "AMAZON_COGNITO_USER_POOLS",
                        "Settings": {"CognitoUserPoolId": "us-east-1_another"},
                    }
                },
                False,
            ),
        ],
    )
    def test_is_refused_while_an_api_lives_on_its_users(
        self, shop: FakeAmplifyBackend, modes: dict[str, Any], depends: bool
    ) -> None:
        shop.add_auth(APP, name="users")
        shop.add_api(APP, name="orders", config=modes)

        if depends:
            error = failure(shop, "DeleteBackendAuth", USERS)
            assert "Dependency: AppSync - orders. Remove the dependency first." in error
        else:
            run(shop, "DeleteBackendAuth", USERS)
        assert ("auth" in held(shop)) == depends
