"""GetBackend's AmplifyMetaConfig and AmplifyFeatureFlags, read the way known clients read them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from full_requests import FULL
from shop_calls import API, APP, MEDIA, ORDERS, OTHER_SCHEMA, USERS, meta, run
from states_by_name import REQUESTS

from pytest_amplifybackend import FakeAmplifyBackend

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.fixture
def everything(shop: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """Auth, API and storage with every setting there is, all made by jobs."""
    for operation in ("CreateBackendAuth", "CreateBackendAPI", "CreateBackendStorage"):
        run(shop, operation, FULL[operation])
    return shop


def test_it_grows_and_shrinks_with_the_resources(shop: FakeAmplifyBackend) -> None:
    seen = [list(meta(shop))]
    for operation, params in (
        ("CreateBackendAuth", FULL["CreateBackendAuth"]),
        ("CreateBackendAPI", FULL["CreateBackendAPI"]),
        ("CreateBackendStorage", FULL["CreateBackendStorage"]),
        ("DeleteBackendAPI", ORDERS),
        ("DeleteBackendStorage", {**MEDIA, "ServiceName": "S3"}),
        ("DeleteBackendAuth", USERS),
    ):
        run(shop, operation, params)
        seen.append(list(meta(shop)))

    assert seen == [
        ["providers"],
        ["providers", "auth"],
        ["providers", "auth", "api"],
        ["providers", "auth", "api", "storage"],
        ["providers", "auth", "storage"],
        ["providers", "auth"],
        ["providers"],
    ]


class TestEntries:
    def test_of_auth(self, everything: FakeAmplifyBackend) -> None:
        auth = meta(everything)["auth"]["users"]

        assert auth["service"] == "Cognito"
        assert auth["providerPlugin"] == "awscloudformation"
        assert (auth["dependsOn"], auth["customAuth"]) == ([], False)
        assert auth["frontendAuthConfig"] == {
            "socialProviders": ["FACEBOOK", "GOOGLE", "AMAZON", "APPLE"],
            "usernameAttributes": ["EMAIL"],
            "signupAttributes": ["EMAIL"],
            "passwordProtectionSettings": {
                "passwordPolicyMinLength": 12,
                "passwordPolicyCharacters": ["REQUIRES_NUMBERS"],
            },
            "mfaConfiguration": "ON",
            "mfaTypes": ["SMS", "TOTP"],
            "verificationMechanisms": ["EMAIL"],
        }
        assert auth["output"]["UserPoolName"] == "users"
        assert auth["output"]["IdentityPoolName"] == "visitors__dev"
        assert auth["output"]["HostedUIDomain"] == "shop-login-dev"
        assert re.fullmatch(f"us-east-1:{UUID}", auth["output"]["IdentityPoolId"])

    def test_of_an_api(self, everything: FakeAmplifyBackend) -> None:
        output = meta(everything)["api"]["shopapi"]["output"]

        assert "GraphQLAPIKeyOutput" not in output  # no mode of it is API_KEY
        assert output["authConfig"] == {
            "defaultAuthentication": {"authenticationType": "AWS_IAM"},
            "additionalAuthenticationProviders": [
                {
                    "authenticationType": "AMAZON_COGNITO_USER_POOLS",
                    "userPoolConfig": {"userPoolId": "us-east-1_a1B2c3D4e"},
                }
            ],
        }

    @pytest.mark.parametrize(
        ("mode", "settings", "shown"),
        [
            (
                "API_KEY",
                {"ExpirationTime": 30, "Description": "for all"},
                {
                    "apiKeyConfig": {
                        "apiKeyExpirationDays": 30,
                        "apiKeyExpirationDate": "2024-01-31T00:00:00.000Z",
                        "description": "for all",
                    }
                },
            ),
            ("AMAZON_COGNITO_USER_POOLS", {}, {"userPoolConfig": {"userPoolId": "authusers"}}),
            (
                "OPENID_CONNECT",
                {
                    "OpenIDClientId": "client",
                    "OpenIDIssueURL": "https://login.example/",
                    "OpenIDProviderName": "login",
                },
                {
                    "openIDConnectConfig": {
                        "name": "login",
                        "issuerUrl": "https://login.example/",
                        "clientId": "client",
                        "authTTL": "",
                        "iatTTL": "",
                    }
                },
            ),
        ],
    )
    def test_of_an_api_by_mode(
        self, shop: FakeAmplifyBackend, mode: str, settings: Any, shown: Any
    ) -> None:
        shop.add_auth(APP, name="users")
        config = {**API, "DefaultAuthType": {"Mode": mode, "Settings": settings}}
        run(shop, "CreateBackendAPI", {**ORDERS, "ResourceConfig": config})

        default = meta(shop)["api"]["orders"]["output"]["authConfig"]["defaultAuthentication"]
        assert default == {"authenticationType": mode, **shown}
        on_users = [{"category": "auth", "resourceName": "users", "attributes": ["UserPoolId"]}]
        depends = on_users if mode == "AMAZON_COGNITO_USER_POOLS" else []
        assert meta(shop)["api"]["orders"]["dependsOn"] == depends

    @pytest.mark.parametrize("renewed", [30, 60])
    @pytest.mark.parametrize("member", ["DefaultAuthType", "AdditionalAuthTypes"])
    def test_a_key_expires_counted_from_when_it_was_configured(
        self, shop: FakeAmplifyBackend, member: str, renewed: int
    ) -> None:
        def key(days: int) -> dict[str, Any]:
            kind = {"Mode": "API_KEY", "Settings": {"ExpirationTime": days}}
            return {member: kind if member == "DefaultAuthType" else [kind]}

        def update(**config: Any) -> str:
            run(shop, "UpdateBackendAPI", {**ORDERS, "ResourceConfig": config})
            return expires()

        def expires() -> str:
            auth = meta(shop)["api"]["orders"]["output"]["authConfig"]
            modes = [auth["defaultAuthentication"], *auth["additionalAuthenticationProviders"]]
            (found,) = (mode["apiKeyConfig"] for mode in modes if "apiKeyConfig" in mode)
            return str(found["apiKeyExpirationDate"])

        config = {**API, "DefaultAuthType": {"Mode": "AWS_IAM"}, **key(30)}
        run(shop, "CreateBackendAPI", {**ORDERS, "ResourceConfig": config})
        created = "2024-01-31T00:00:00.000Z"
        assert expires() == created
        for _ in range(2):
            shop.clock.shift(timedelta(days=3))
            assert update(TransformSchema=OTHER_SCHEMA) == created

        anew = {30: "2024-02-06T00:00:00.000Z", 60: "2024-03-07T00:00:00.000Z"}[renewed]
        assert update(**key(renewed)) == anew
        shop.clock.shift(timedelta(days=3))
        other = FakeAmplifyBackend()
        other.load(shop.dump())
        shop.load(other.dump())
        assert update(TransformSchema=API["TransformSchema"]) == anew

    def test_a_key_of_an_earlier_dump_was_configured_with_its_push(
        self, shop: FakeAmplifyBackend
    ) -> None:
        run(shop, "CreateBackendAPI", {**ORDERS, "ResourceConfig": API})
        dumped, before = shop.dump(), meta(shop)
        del dumped["apps"][0]["environments"]["dev"]["resources"]["api"]["keyed"]
        shop.load(dumped)
        assert meta(shop) == before

    def test_change_their_push_with_every_update(self, full_shop: FakeAmplifyBackend) -> None:
        before = meta(full_shop)["api"]["orders"]
        assert before["lastPushTimeStamp"] == "2024-01-01T00:00:00.000Z"
        full_shop.clock.shift(60)

        run(full_shop, "UpdateBackendAPI", REQUESTS["UpdateBackendAPI"])

        after = meta(full_shop)["api"]["orders"]
        assert after["lastPushTimeStamp"] == "2024-01-01T00:01:00.000Z"
        assert after["lastPushDirHash"] != before["lastPushDirHash"]
        assert re.fullmatch(r"[\w+/]{27}=", after["lastPushDirHash"])
        assert after["providerMetadata"]["logicalId"] == "apiorders"
