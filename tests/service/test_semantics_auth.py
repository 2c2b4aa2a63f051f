"""Auth: creating, updating field by field, importing and deleting."""

from __future__ import annotations

import re
from typing import Any

import pytest
from full_requests import FULL
from shop_calls import API, APP, DEV, USERS, failure, held, meta, run

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


def test_an_identity_pool_needs_no_config(shop: FakeAmplifyBackend) -> None:
    settings = {**CREATE["ResourceConfig"]}
    del settings["IdentityPoolConfigs"]
    run(shop, "CreateBackendAuth", {**CREATE, "ResourceConfig": settings})

    made = config(shop)["IdentityPoolConfigs"]
    assert re.fullmatch("users_identitypool_[0-9a-f]{8}", made["IdentityPoolName"])
    assert not made["UnauthenticatedLogin"]
    assert output(shop)["IdentityPoolName"] == f"{made['IdentityPoolName']}__dev"


def test_without_an_identity_pool_nothing_is_said_of_one(shop: FakeAmplifyBackend) -> None:
    settings = {**CREATE["ResourceConfig"], "AuthResources": "USER_POOL_ONLY"}
    run(shop, "CreateBackendAuth", {**CREATE, "ResourceConfig": settings})

    assert "IdentityPoolConfigs" not in config(shop)
    assert "IdentityPoolId" not in output(shop)


class TestUpdate:
    def test_of_nothing_changes_nothing(self, users: FakeAmplifyBackend) -> None:
        before, made = config(users), output(users)

        update(users, "IDENTITY_POOL_AND_USER_POOL")

        assert config(users) == before
        assert output(users) == made

    def test_gives_a_policy_without_a_minimum_the_default(self, users: FakeAmplifyBackend) -> None:
        update(users, PasswordPolicy={"AdditionalConstraints": ["REQUIRE_SYMBOL"]})

        assert config(users)["UserPoolConfigs"]["PasswordPolicy"] == {
            "AdditionalConstraints": ["REQUIRE_SYMBOL"],
            "MinimumLength": 8,
        }

    @pytest.mark.parametrize(
        "change",
        [
            {"OAuthScopes": ["PROFILE"]},
            {"RedirectSignInURIs": ["https://shop.example/callback"]},
            {"RedirectSignOutURIs": ["myapp://callback"], "OAuthGrantType": "IMPLICIT"},
            {"SocialProviderSettings": {"Google": {"ClientId": "c2", "ClientSecret": "s2"}}},
        ],
    )
    def test_of_a_part_of_oauth_keeps_the_rest(
        self, users: FakeAmplifyBackend, change: dict[str, Any]
    ) -> None:
        before = config(users)["UserPoolConfigs"]["OAuth"]

        update(users, OAuth=change)

        assert config(users)["UserPoolConfigs"]["OAuth"] == {**before, **change}

    def test_adds_oauth_by_its_uris_alone(self, shop: FakeAmplifyBackend) -> None:
        shop.add_auth(APP, name="users")
        uris = {"RedirectSignInURIs": ["myapp://in"], "RedirectSignOutURIs": ["myapp://out"]}

        update(shop, OAuth=uris)

        assert config(shop)["UserPoolConfigs"]["OAuth"] == {
            **uris,
            "OAuthGrantType": "CODE",
            "OAuthScopes": [
                *("PHONE", "EMAIL", "OPENID", "PROFILE"),
                "AWS_COGNITO_SIGNIN_USER_ADMIN",
            ],
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

    def test_of_another_name_fails(self, users: FakeAmplifyBackend) -> None:
        wrong = {**UPDATE, "ResourceName": "people"}

        assert "Resource people has not been added to auth" in failure(
            users, "UpdateBackendAuth", wrong
        )


class TestDelete:
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
        shop.add_api(APP, name="orders", config={**API, **modes})

        if depends:
            error = failure(shop, "DeleteBackendAuth", USERS)
            assert "Dependency: AppSync - orders. Remove the dependency first." in error
        else:
            run(shop, "DeleteBackendAuth", USERS)
        assert ("auth" in held(shop)) == depends
