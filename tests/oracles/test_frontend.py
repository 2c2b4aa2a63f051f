"""Amplify's generator of front-end configs reads the meta of every backend that strategies draw.

It turns amplify-meta.json into aws-exports, which web and mobile apps are configured by.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from comparison import Packages
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from volume import budget

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend.strategies import api_configs, auth_configs, storage_configs

APP = "d1shop"
DEV = {"AppId": APP, "BackendEnvironmentName": "dev"}
POOL = {
    "UserPoolId": "us-east-1_a1B2c3D4e",
    "WebClientId": "web1client",
    "NativeClientId": "native1client",
}
IDENTITIES = "us-east-1:11111111-2222-4333-8444-555555555555"
REST = {
    "service": "API Gateway",
    "providerPlugin": "awscloudformation",
    "output": {"ApiName": "rest", "RootUrl": "https://x.example/dev", "ApiId": "x"},
}

_AUTH = {
    "aws_cognito_region",
    "aws_user_pools_id",
    "aws_user_pools_web_client_id",
    "oauth",
    "aws_cognito_username_attributes",
    "aws_cognito_social_providers",
    "aws_cognito_signup_attributes",
    "aws_cognito_mfa_configuration",
    "aws_cognito_mfa_types",
    "aws_cognito_password_protection_settings",
    "aws_cognito_verification_mechanisms",
}
_API = {"aws_appsync_graphqlEndpoint", "aws_appsync_region", "aws_appsync_authenticationType"}
_SCOPES = {
    "PHONE": "phone",
    "EMAIL": "email",
    "OPENID": "openid",
    "PROFILE": "profile",
    "AWS_COGNITO_SIGNIN_USER_ADMIN": "aws.cognito.signin.user.admin",
}
_GRANTS = {"CODE": "code", "IMPLICIT": "token"}


def hosted(oauth: dict[str, Any]) -> dict[str, Any]:
    """What a front end needs to know of hosted sign-in, but for its domain."""
    return {
        "redirectSignIn": ",".join(oauth["RedirectSignInURIs"]),
        "redirectSignOut": ",".join(oauth["RedirectSignOutURIs"]),
        "responseType": _GRANTS[oauth["OAuthGrantType"]],
        "scope": sorted({_SCOPES[scope] for scope in oauth["OAuthScopes"]}),  # a pool has a set
    }


@dataclass
class Drawn:
    """A backend: ``expected`` members by value, and the ``names`` of all that it should lead to."""

    fake: FakeAmplifyBackend
    auth: str | None
    expected: dict[str, Any] = field(default_factory=lambda: {"aws_project_region": "us-east-1"})
    names: set[str] = field(default_factory=set)


@st.composite
def backends(draw: st.DrawFn) -> Drawn:
    """Backends with and without auth, imported and not, an API, storage and a REST API."""
    auth = draw(st.sampled_from(["managed", "managed", "imported", "imported whole", None]))
    made = Drawn(FakeAmplifyBackend(seed=draw(st.integers(0, 10_000))), auth)
    made.fake.add_app(APP)
    if auth == "managed":
        _add_auth(made, draw(auth_configs()))
    elif auth is not None:
        _import_auth(made, {"IdentityPoolId": IDENTITIES} if auth == "imported whole" else {})
    if draw(st.booleans()):
        _add_api(made, draw(api_configs(own_user_pool=auth is not None)))
    if auth is not None and draw(st.booleans()):
        made.fake.add_storage(APP, config=draw(storage_configs()))
        made.names |= {"aws_user_files_s3_bucket", "aws_user_files_s3_bucket_region"}
    if draw(st.booleans()):
        made.fake.add_category("api", {"other-rest": REST})
        made.names.add("aws_cloud_logic_custom")
    return made


def _add_auth(made: Drawn, config: dict[str, Any]) -> None:
    made.fake.add_auth(APP, config=config)
    made.names |= _AUTH
    if config["AuthResources"] == "IDENTITY_POOL_AND_USER_POOL":
        made.names.add("aws_cognito_identity_pool_id")
    oauth = config["UserPoolConfigs"].get("OAuth")
    made.expected["oauth"] = {} if oauth is None else hosted(oauth)
    if oauth is not None:
        made.expected["federationTarget"] = "COGNITO_USER_POOLS"


def _import_auth(made: Drawn, identities: dict[str, str]) -> None:
    made.fake.add_auth(APP, imported={**POOL, **identities})
    made.names |= _AUTH
    made.expected["aws_user_pools_web_client_id"] = "web1client"
    if identities:
        made.expected["aws_cognito_identity_pool_id"] = IDENTITIES


def _add_api(made: Drawn, config: dict[str, Any]) -> None:
    kinds = [config["DefaultAuthType"], *config.get("AdditionalAuthTypes", ())]
    modes = [kind["Mode"] for kind in kinds]
    if made.auth == "imported" and "AWS_IAM" in modes:
        return  # there are no roles for it
    made.fake.add_api(APP, config=config)
    made.names |= _API
    made.expected["aws_appsync_authenticationType"] = modes[0]
    if "API_KEY" in modes:
        made.names.add("aws_appsync_apiKey")


@pytest.mark.volume
def test_every_meta_becomes_the_config_of_a_front_end(packages: Packages) -> None:
    @settings(
        max_examples=budget(2_000, 100),
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],  # a backend takes its time to draw
    )
    @given(backends())
    def is_read(made: Drawn) -> None:
        meta = json.loads(made.fake.call("GetBackend", DEV)["AmplifyMetaConfig"])
        exports = packages.aws_exports(meta)
        assert set(exports) == made.names | made.expected.keys()
        domain = exports.get("oauth", {}).pop("domain", None)
        assert (domain is not None) == bool(exports.get("oauth"))
        if domain is not None:
            assert domain.endswith("-dev.auth.us-east-1.amazoncognito.com")
            exports["oauth"]["scope"].sort()
        assert {name: exports[name] for name in made.expected} == made.expected

    is_read()
