"""What is imported must be there and match; GetBackendAuth says of it what there is."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.validate import ParamValidator
from moto_shop import (
    DEV,
    deployment_bucket,
    done,
    failed,
    inventory,
    meta,
    sibling,
)
from sequences import own_pool

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._api import catalogue


def imported_config(
    shop: FakeAmplifyBackend, pool: dict[str, Any], client: dict[str, Any]
) -> dict[str, Any]:
    """What GetBackendAuth says of an imported pool, which must be as the model has it."""
    idp = sibling("cognito-idp")
    made = idp.create_user_pool(PoolName="staff", **pool)["UserPool"]["Id"]
    web, native = (
        idp.create_user_pool_client(UserPoolId=made, ClientName=name, **client)["UserPoolClient"]
        for name in ("web", "native")
    )
    clients = {"WebClientId": web["ClientId"], "NativeClientId": native["ClientId"]}
    done(shop, "ImportBackendAuth", **DEV, UserPoolId=made, **clients)
    named = {**DEV, "ResourceName": next(iter(meta(shop)["auth"]))}
    config = shop.call("GetBackendAuth", named)["ResourceConfig"]
    shape = catalogue.operations()["GetBackendAuth"].output_shape.members["ResourceConfig"]
    report = ParamValidator().validate(config, shape)
    assert not report.has_errors(), report.generate_report()
    return dict(config["UserPoolConfigs"])


def test_the_outputs_are_those_of_public_files(shop: FakeAmplifyBackend) -> None:
    ids = own_pool(shop)
    done(shop, "ImportBackendAuth", **DEV, **ids)
    (entry,) = meta(shop)["auth"].values()
    native = sibling("cognito-idp").describe_user_pool_client(
        UserPoolId=ids["UserPoolId"], ClientId=ids["NativeClientId"]
    )["UserPoolClient"]

    assert list(entry["output"].items()) == [
        ("UserPoolId", ids["UserPoolId"]),
        ("UserPoolName", "staff"),
        ("AppClientID", ids["NativeClientId"]),
        ("AppClientSecret", native["ClientSecret"]),
        ("AppClientIDWeb", ids["WebClientId"]),
        ("HostedUIDomain", "staff"),
        ("IdentityPoolId", ids["IdentityPoolId"]),
        ("IdentityPoolName", "staff"),
        (
            "OAuthMetadata",
            '{"AllowedOAuthFlows":["code"],"AllowedOAuthScopes":["openid"],'
            '"CallbackURLs":["https://staff.example/in/"],'
            '"LogoutURLs":["https://staff.example/out/"]}',
        ),
    ]
    assert native["ClientSecret"] in shop.known_secrets()
    told = entry["frontendAuthConfig"]
    assert told["verificationMechanisms"] == ["EMAIL"]
    assert (told["mfaConfiguration"], told["mfaTypes"]) == ("OFF", [])


def test_the_config_is_read_back(shop: FakeAmplifyBackend) -> None:
    ids, there = own_pool(shop), inventory()
    done(shop, "ImportBackendAuth", **DEV, **ids)
    name = next(iter(meta(shop)["auth"]))
    answer = shop.call("GetBackendAuth", {**DEV, "ResourceName": name})
    assert answer["ResourceConfig"] == {
        "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
        "IdentityPoolConfigs": {"IdentityPoolName": "staff", "UnauthenticatedLogin": True},
        "Service": "COGNITO",
        "UserPoolConfigs": {
            "Mfa": {"MFAMode": "OFF"},
            "OAuth": {
                "DomainPrefix": "staff",
                "OAuthGrantType": "CODE",
                "OAuthScopes": ["OPENID"],
                "RedirectSignInURIs": ["https://staff.example/in/"],
                "RedirectSignOutURIs": ["https://staff.example/out/"],
                "SocialProviderSettings": {"Google": {"ClientId": "goog", "ClientSecret": "hush"}},
            },
            "PasswordPolicy": {
                "AdditionalConstraints": ["REQUIRE_SYMBOL"],
                "MinimumLength": 14.0,
            },
            "RequiredSignUpAttributes": ["EMAIL"],
            "SignInMethod": "EMAIL",
            "UserPoolName": "staff",
            "VerificationMessage": answer["ResourceConfig"]["UserPoolConfigs"][
                "VerificationMessage"
            ],
        },
    }
    done(shop, "DeleteBackendAuth", **DEV, ResourceName=name)
    after = inventory()
    assert all(after[key] == there[key] for key in there if key != deployment_bucket(shop))
    assert "auth" not in meta(shop)


@pytest.mark.parametrize(
    ("pool", "members"),
    [
        ({}, {"SignInMethod": "USERNAME"}),
        ({"AutoVerifiedAttributes": ["phone_number", "email"]}, {"DeliveryMethod": "EMAIL"}),
        ({"AutoVerifiedAttributes": ["phone_number"]}, {"DeliveryMethod": "SMS"}),
        (
            {"UsernameAttributes": ["phone_number", "email"]},
            {"SignInMethod": "EMAIL_AND_PHONE_NUMBER"},
        ),
    ],
)
def test_a_pool_that_is_more_or_less_than_a_config_can_say(
    shop: FakeAmplifyBackend, pool: dict[str, Any], members: dict[str, Any]
) -> None:
    config = imported_config(shop, pool, {})
    told = {**config, **config.pop("VerificationMessage", {})}
    assert {name: told.get(name) for name in (*members, "OAuth")} == {**members, "OAuth": None}
    assert ("DeliveryMethod" in told) == ("AutoVerifiedAttributes" in pool)


@pytest.mark.parametrize(
    ("flows", "grant"),
    [
        (["implicit", "code"], "CODE"),
        (["implicit"], "IMPLICIT"),
        (["client_credentials", "implicit"], "IMPLICIT"),
        (["client_credentials"], None),
        ([], None),
    ],
)
def test_clients_with_more_or_fewer_flows_than_a_config_can_say(
    shop: FakeAmplifyBackend, flows: list[str], grant: str | None
) -> None:
    client = {
        "AllowedOAuthFlows": flows,
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthScopes": ["shop/read", "openid"],
    }
    oauth = {
        "OAuthGrantType": grant,
        "OAuthScopes": ["OPENID"],
        "RedirectSignInURIs": [],
        "RedirectSignOutURIs": [],
    }
    config = imported_config(shop, {}, client)
    assert config.get("OAuth") == (oauth if grant else None)


def test_clients_that_name_the_same_in_another_order(shop: FakeAmplifyBackend) -> None:
    ids = own_pool(shop)
    for client, scopes in (("Web", ["openid", "email"]), ("Native", ["email", "openid"])):
        named = {"UserPoolId": ids["UserPoolId"], "ClientId": ids[f"{client}ClientId"]}
        sibling("cognito-idp").update_user_pool_client(**named, AllowedOAuthScopes=scopes)
    done(shop, "ImportBackendAuth", **DEV, **ids)


@pytest.mark.parametrize("member", ["UserPoolId", "WebClientId", "NativeClientId"])
def test_what_is_not_there_cannot_be_imported(shop: FakeAmplifyBackend, member: str) -> None:
    ids = {**own_pool(shop)}
    ids[member] = "us-east-1_nowhere00" if member == "UserPoolId" else "nosuchclient"
    error = failed(shop, "ImportBackendAuth", **DEV, **ids)
    kind = {"WebClientId": "Web", "NativeClientId": "Native"}.get(member)
    if kind is None:
        assert error.endswith("User pool us-east-1_nowhere00 does not exist.")
        assert list(shop.jobs)[-1].rule == "auth.no-such-pool"
    else:
        assert f"The previously configured {kind} app client cannot be found." in error


def test_a_pool_of_another_region(shop: FakeAmplifyBackend) -> None:
    elsewhere = sibling("cognito-idp", "eu-west-1").create_user_pool(PoolName="far")
    ids = {**own_pool(shop), "UserPoolId": elsewhere["UserPool"]["Id"]}
    error = failed(shop, "ImportBackendAuth", **DEV, **ids)
    assert error.endswith(f"User pool {ids['UserPoolId']} does not exist.")


def test_a_web_client_with_a_secret(shop: FakeAmplifyBackend) -> None:
    ids = own_pool(shop)
    ids["WebClientId"] = ids["NativeClientId"]
    assert "has a client secret" in failed(shop, "ImportBackendAuth", **DEV, **ids)


def test_clients_that_differ(shop: FakeAmplifyBackend) -> None:
    ids = own_pool(shop)
    sibling("cognito-idp").update_user_pool_client(
        UserPoolId=ids["UserPoolId"], ClientId=ids["WebClientId"], CallbackURLs=["https://x/"]
    )
    error = failed(shop, "ImportBackendAuth", **DEV, **ids)
    assert error.endswith("do not match: CallbackURLs")


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_an_identity_pool_that_is_not_here(shop: FakeAmplifyBackend, region: str) -> None:
    ids, there = own_pool(shop), inventory()
    far = sibling("cognito-identity", region).create_identity_pool(
        IdentityPoolName="far", AllowUnauthenticatedIdentities=True
    )["IdentityPoolId"]
    if region == "us-east-1":
        sibling("cognito-identity").delete_identity_pool(IdentityPoolId=far)
    error = failed(shop, "ImportBackendAuth", **DEV, **{**ids, "IdentityPoolId": far})
    assert error.endswith(f"\nIdentity pool {far} does not exist in us-east-1.")
    assert inventory() == there


def test_an_identity_pool_of_others(shop: FakeAmplifyBackend) -> None:
    ids = own_pool(shop)
    other = sibling("cognito-identity").create_identity_pool(
        IdentityPoolName="other", AllowUnauthenticatedIdentities=True
    )
    ids["IdentityPoolId"] = other["IdentityPoolId"]
    assert "does not trust both app clients" in failed(shop, "ImportBackendAuth", **DEV, **ids)
