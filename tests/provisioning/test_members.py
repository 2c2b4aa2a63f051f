"""Every documented member: what was asked for is what the sibling service describes."""

from __future__ import annotations

import time
from typing import Any

import pytest
from moto_shop import API, AUTH, CODE, DEV, KEY, done, failed, outputs, sibling

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._api import catalogue, paths
from pytest_amplifybackend._provision import members

_TEMPLATE = "VerificationMessageTemplate"
_POOL = "UserPoolConfigs"
_OAUTH = f"{_POOL}.OAuth"
_SOCIAL = f"{_OAUTH}.SocialProviderSettings"

AUTH_SHOWN: dict[str, Any] = {
    f"{_POOL}.UserPoolName": "users-dev",
    f"{_POOL}.SignInMethod": ["email"],
    f"{_POOL}.RequiredSignUpAttributes": {"email", "zoneinfo"},
    f"{_POOL}.PasswordPolicy.MinimumLength": 10,
    f"{_POOL}.PasswordPolicy.AdditionalConstraints": {
        "MinimumLength": 10,
        "RequireLowercase": False,
        "RequireNumbers": True,
        "RequireSymbols": True,
        "RequireUppercase": False,
    },
    f"{_POOL}.VerificationMessage.DeliveryMethod": ["email"],
    f"{_POOL}.VerificationMessage.EmailSettings.EmailMessage": CODE,
    f"{_POOL}.VerificationMessage.EmailSettings.EmailSubject": "Welcome",
    f"{_POOL}.VerificationMessage.SmsSettings.SmsMessage": "SMS code {####}",
    f"{_POOL}.Mfa.MFAMode": "OPTIONAL",
    f"{_POOL}.Mfa.Settings.MfaTypes": {"sms", "totp"},
    f"{_POOL}.Mfa.Settings.SmsMessage": "Sign in with {####}",
    f"{_OAUTH}.OAuthGrantType": ["code"],
    f"{_OAUTH}.OAuthScopes": ["email", "openid", "aws.cognito.signin.user.admin"],
    f"{_OAUTH}.RedirectSignInURIs": ["https://shop.example/in/"],
    f"{_OAUTH}.RedirectSignOutURIs": ["https://shop.example/out/"],
    _SOCIAL: ["COGNITO", "Facebook", "Google", "LoginWithAmazon", "SignInWithApple"],
    f"{_OAUTH}.DomainPrefix": "shop-dev",
    f"{_SOCIAL}.Facebook.ClientId": "fb",
    f"{_SOCIAL}.Facebook.ClientSecret": "fb-secret",
    f"{_SOCIAL}.Google.ClientId": "goog",
    f"{_SOCIAL}.Google.ClientSecret": "goog-secret",
    f"{_SOCIAL}.LoginWithAmazon.ClientId": "amzn",
    f"{_SOCIAL}.LoginWithAmazon.ClientSecret": "amzn-secret",
    f"{_SOCIAL}.SignInWithApple.ClientId": "appl",
    f"{_SOCIAL}.SignInWithApple.KeyId": "appl-key",
    f"{_SOCIAL}.SignInWithApple.PrivateKey": KEY,
    f"{_SOCIAL}.SignInWithApple.TeamId": "appl-team",
    "AuthResources": True,
    "IdentityPoolConfigs.IdentityPoolName": "identities__dev",
    "IdentityPoolConfigs.UnauthenticatedLogin": True,
}
"""Member by member, what moto has to show for ``AUTH``, written down by hand."""


def described(part: members.Part, made: dict[str, Any], member: str = "") -> list[Any]:
    """What the sibling that a part names describes, once for each thing of that kind."""
    idp = sibling("cognito-idp")
    pool = made.get("UserPoolId")
    if part is members.POOL:
        answers = [idp.describe_user_pool(UserPoolId=pool)]
    elif part is members.MFA:
        answers = [idp.get_user_pool_mfa_config(UserPoolId=pool)]
    elif part is members.CLIENT:
        answers = [
            idp.describe_user_pool_client(UserPoolId=pool, ClientId=made[client])
            for client in ("AppClientIDWeb", "AppClientID")
        ]
    elif part is members.DOMAIN:
        answers = [idp.describe_user_pool_domain(Domain=made["HostedUIDomain"])]
        assert answers[0]["DomainDescription"]["UserPoolId"] == pool
    elif part is members.PROVIDER:
        name = member.split(".")[3]
        answers = [idp.describe_identity_provider(UserPoolId=pool, ProviderName=name)]
        assert answers[0]["IdentityProvider"]["ProviderType"] == name
    else:
        assert part is members.IDENTITIES
        identity = sibling("cognito-identity")
        answers = [identity.describe_identity_pool(IdentityPoolId=made["IdentityPoolId"])]
    return [answer[part.result] if part.result else answer for answer in answers]


def seen(row: members.Row, there: dict[str, Any]) -> Any:
    """What a sibling shows for a row, in the words of the table above."""
    if row.member == f"{_POOL}.Mfa.Settings.MfaTypes":
        totp = paths.get(there, "SoftwareTokenMfaConfiguration.Enabled")
        return {"sms"} & {"sms" for _ in there.get("SmsMfaConfiguration", ())} | (
            {"totp"} if totp else set()
        )
    if row.member == "AuthResources":
        return bool(there["IdentityPoolId"])
    value = paths.get(there, row.described)
    if row.described == "SchemaAttributes":
        return {attribute["Name"] for attribute in value if attribute["Required"]}
    return value


def test_auth_member_by_member(full: FakeAmplifyBackend) -> None:
    made = outputs(full, "auth")
    rows = [row for row in members.FAMILIES["auth"] if "ForgotPassword" not in row.member]
    assert {row.member for row in rows} == set(AUTH_SHOWN)
    for row in rows:
        for there in described(row.part, made, row.member):
            assert seen(row, there) == AUTH_SHOWN[row.member], row.member


def test_the_older_messages_take_the_place_of_the_newer(shop: FakeAmplifyBackend) -> None:
    pool = {key: value for key, value in AUTH[_POOL].items() if key != "VerificationMessage"}
    pool["ForgotPassword"] = {"DeliveryMethod": "SMS", "SmsSettings": {"SmsMessage": "x {####}"}}
    config = {**AUTH, _POOL: pool}
    done(shop, "CreateBackendAuth", **DEV, ResourceName="auth", ResourceConfig=config)
    there = described(members.POOL, outputs(shop, "auth"))[0]
    shown = {
        row.member.rsplit(".", 1)[1]: paths.get(there, row.described)
        for row in members.FAMILIES["auth"]
        if "ForgotPassword" in row.member
    }
    assert shown == {
        "DeliveryMethod": ["phone_number"],
        "EmailMessage": None,
        "EmailSubject": None,
        "SmsMessage": "x {####}",
    }


@pytest.mark.parametrize(
    ("method", "attributes"),
    [
        ("EMAIL", ["email"]),
        ("PHONE_NUMBER", ["phone_number"]),
        ("EMAIL_AND_PHONE_NUMBER", ["email", "phone_number"]),
        ("USERNAME", None),
    ],
)
def test_every_sign_in_method(
    shop: FakeAmplifyBackend, method: str, attributes: list[str] | None
) -> None:
    config = {**AUTH, _POOL: {**AUTH[_POOL], "SignInMethod": method}}
    done(shop, "CreateBackendAuth", **DEV, ResourceName="auth", ResourceConfig=config)
    there = described(members.POOL, outputs(shop, "auth"))[0]
    assert there.get("UsernameAttributes") == attributes


def test_every_attribute_is_one_that_cognito_has(shop: FakeAmplifyBackend) -> None:
    shape = catalogue.operations()["CreateBackendAuth"].input_shape
    names = shape.members["ResourceConfig"].members[_POOL].members["RequiredSignUpAttributes"]
    wanted = list(names.member.enum)
    config = {**AUTH, _POOL: {**AUTH[_POOL], "RequiredSignUpAttributes": wanted}}
    done(shop, "CreateBackendAuth", **DEV, ResourceName="auth", ResourceConfig=config)
    there = described(members.POOL, outputs(shop, "auth"))[0]
    standard = sibling("cognito-idp").create_user_pool(PoolName="standard")["UserPool"]
    known = {attribute["Name"] for attribute in standard["SchemaAttributes"]}
    required = {attribute["Name"] for attribute in there["SchemaAttributes"]}
    assert len(required) == len(wanted) == 17
    assert required <= known


def test_api_member_by_member(full: FakeAmplifyBackend) -> None:
    made, pool = outputs(full, "api"), outputs(full, "auth")["UserPoolId"]
    appsync = sibling("appsync")
    there = appsync.get_graphql_api(apiId=made["GraphQLAPIIdOutput"])["graphqlApi"]
    assert there["name"] == "orders-dev"
    assert there["authenticationType"] == "API_KEY"
    assert there["additionalAuthenticationProviders"] == [
        {
            "authenticationType": "AMAZON_COGNITO_USER_POOLS",
            "userPoolConfig": {"awsRegion": "us-east-1", "userPoolId": pool},
        },
        {
            "authenticationType": "OPENID_CONNECT",
            "openIDConnectConfig": {
                "authTTL": 60000,
                "clientId": "reader",
                "iatTTL": 30000,
                "issuer": "https://issuer.example/",
            },
        },
    ]
    (key,) = appsync.list_api_keys(apiId=made["GraphQLAPIIdOutput"])["apiKeys"]
    assert key["id"] == made["GraphQLAPIKeyOutput"]
    assert key["description"] == "for the website"
    assert abs(key["expires"] - time.time() - 30 * 24 * 60 * 60) < 3600
    note = appsync.get_type(apiId=made["GraphQLAPIIdOutput"], typeName="Note", format="SDL")
    assert note["type"]["name"] == "Note"


@pytest.mark.parametrize("mode", ["AWS_IAM", "AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT"])
def test_every_default_mode(full: FakeAmplifyBackend, mode: str) -> None:
    settings = API["AdditionalAuthTypes"][1]["Settings"] if mode == "OPENID_CONNECT" else {}
    config = {
        "DefaultAuthType": {"Mode": mode, "Settings": settings},
        "AdditionalAuthTypes": [{"Mode": "API_KEY"}],
    }
    done(full, "UpdateBackendAPI", **DEV, ResourceName="api", ResourceConfig=config)
    api = outputs(full, "api")["GraphQLAPIIdOutput"]
    there = sibling("appsync").get_graphql_api(apiId=api)["graphqlApi"]
    assert there["authenticationType"] == mode
    if mode == "AMAZON_COGNITO_USER_POOLS":
        assert there["userPoolConfig"] == {
            "awsRegion": "us-east-1",
            "defaultAction": "ALLOW",
            "userPoolId": outputs(full, "auth")["UserPoolId"],
        }
    if mode == "OPENID_CONNECT":
        assert there["openIDConnectConfig"]["issuer"] == "https://issuer.example/"


def test_every_member_is_in_the_table_or_said_to_be_nowhere() -> None:
    for family, operation in (
        ("auth", "CreateBackendAuth"),
        ("API", "CreateBackendAPI"),
        ("storage", "CreateBackendStorage"),
    ):
        shape = catalogue.operations()[operation].input_shape.members["ResourceConfig"]
        leaves = {
            path.replace("[]", "")
            for path, member in catalogue.members(shape)
            if member.type_name != "structure" and not path.endswith("[]")
        }
        leaves = {path for path in leaves if not any(o.startswith(f"{path}.") for o in leaves)}
        rows = {row.member.replace("[]", "") for row in members.FAMILIES[family]}
        nowhere = {member.replace("[]", "") for member in members.UNMAPPED[family]}
        assert leaves - rows - nowhere == set(), family
        assert nowhere <= leaves, family
        assert not rows & nowhere, family


def test_a_password_policy_that_cognito_refuses_fails_the_job(shop: FakeAmplifyBackend) -> None:
    config = {**AUTH, _POOL: {**AUTH[_POOL], "PasswordPolicy": {"MinimumLength": 3}}}
    error = failed(shop, "CreateBackendAuth", **DEV, ResourceName="auth", ResourceConfig=config)
    assert "MinimumLength" in error
    assert sibling("cognito-idp").list_user_pools(MaxResults=60)["UserPools"] == []
