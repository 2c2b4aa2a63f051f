"""GetBackend's AmplifyMetaConfig and AmplifyFeatureFlags, read the way known clients read them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from full_requests import FULL
from shop_calls import API, APP, DEV, MEDIA, ORDERS, USERS, meta, run
from states_by_name import REQUESTS

from pytest_amplifybackend import FakeAmplifyBackend

ID26, UUID = r"[a-z0-9]{26}", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.fixture
def everything(shop: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """Auth, API and storage with every setting there is, all made by jobs."""
    for operation in ("CreateBackendAuth", "CreateBackendAPI", "CreateBackendStorage"):
        run(shop, operation, FULL[operation])
    return shop


def text(fake: FakeAmplifyBackend) -> str:
    return str(fake.call("GetBackend", DEV)["AmplifyMetaConfig"])


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


class TestReaders:
    """The reads of public programs, in Python where they are shell, jq or JavaScript."""

    def test_a_backup_tool_in_python(self, full_shop: FakeAmplifyBackend) -> None:
        found = meta(full_shop)

        [(_, storage)] = found["storage"].items()
        assert storage["output"]["BucketName"] in text(full_shop)
        assert storage["output"]["Region"] == "us-east-1"
        [(_, auth)] = found["auth"].items()
        assert re.fullmatch(r"us-east-1_\w+", auth["output"]["UserPoolId"])
        assert re.fullmatch(ID26, auth["output"]["AppClientIDWeb"])
        assert re.fullmatch(ID26, auth["output"]["AppClientID"])
        [api] = [entry for entry in found["api"].values() if entry["service"] == "AppSync"]
        assert re.fullmatch(
            rf"https://{ID26}\.appsync-api\.us-east-1\.amazonaws\.com/graphql",
            api["output"]["GraphQLAPIEndpointOutput"],
        )
        assert re.fullmatch(f"da2-{ID26}", api["output"]["GraphQLAPIKeyOutput"])

    def test_actions_with_jq(self, everything: FakeAmplifyBackend) -> None:
        found = meta(everything)

        auth = found["auth"][sorted(found["auth"])[0]]["output"]
        assert auth["UserPoolArn"].endswith(f":userpool/{auth['UserPoolId']}")
        assert found["api"]["shopapi"]["output"]["GraphQLAPIEndpointOutput"]
        stack = found["providers"]["awscloudformation"]
        assert re.fullmatch(r"amplify-shop-dev-[0-9a-f]{5,6}", stack["StackName"])
        assert stack["DeploymentBucketName"] == f"{stack['StackName']}-deployment"

    def test_a_script_with_grep(self, full_shop: FakeAmplifyBackend) -> None:
        r"""Namely ``grep -oP '"GraphQLAPIIdOutput":"\K[a-z0-9]{26}(?=")'``."""
        (found,) = re.findall(r'"GraphQLAPIIdOutput":"([a-z0-9]{26})"', text(full_shop))

        assert found == meta(full_shop)["api"]["orders"]["output"]["GraphQLAPIIdOutput"]


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
