"""What GetBackend says of an environment, member by member: forms, and what is there when.

Source: amplify-meta.json files of public repositories, counted. What varies there is held to a
pattern here.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, observed
from pytest_amplifybackend.contract._support.samples import POOL, sample
from pytest_amplifybackend.contract._support.states import meta

_SUFFIX = r"(?:(?:\d|1\d|2[0-3])[0-5]\d[0-5]\d|[0-9a-f]{5})"


@about("GetBackend")
@observed("151 files: amplify-<project>-<env>-, then a time of day or five hexadecimal digits")
def test_a_stack_is_named_after_project_and_environment(backend: Backend, shared: Any) -> None:
    existing = shared("app with environment dev")
    name = meta(backend, existing)["providers"]["awscloudformation"]["StackName"]
    pattern = rf"amplify-[a-z0-9]{{1,20}}-{existing['BackendEnvironmentName']}-{_SUFFIX}"
    assert re.fullmatch(pattern, name), f"GetBackend: StackName {name}"


@about("GetBackend")
@observed("103 files: UserPoolName is never followed by the environment, IdentityPoolName always")
def test_pools_are_shown_without_and_with_the_environment(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environment dev")
    params = sample("CreateBackendAuth", existing, full=True)
    backend.done("CreateBackendAuth", params)
    (entry,) = meta(backend, existing)["auth"].values()
    pool = params["ResourceConfig"]["UserPoolConfigs"]["UserPoolName"]
    shown = entry["output"]["UserPoolName"]
    assert shown == pool, f"GetBackend: UserPoolName {shown}"
    identities = params["ResourceConfig"]["IdentityPoolConfigs"]["IdentityPoolName"]
    shown = entry["output"]["IdentityPoolName"]
    wanted = f"{identities}__{existing['BackendEnvironmentName']}"
    assert shown == wanted, f"GetBackend: IdentityPoolName {shown}"


@about("GetBackend")
@observed("10 files: HostedUIDomain is a prefix, and OAuthMetadata JSON in a string beside it")
def test_hosted_sign_in_is_described(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environment dev")
    backend.done("CreateBackendAuth", sample("CreateBackendAuth", existing, full=True))
    (entry,) = meta(backend, existing)["auth"].values()
    oauth: Any = POOL["OAuth"]
    domain = entry["output"]["HostedUIDomain"]
    wanted = f"{oauth['DomainPrefix']}-{existing['BackendEnvironmentName']}"
    assert domain == wanted, f"GetBackend: HostedUIDomain {domain}"
    told = json.loads(entry["output"]["OAuthMetadata"])
    assert sorted(told.pop("AllowedOAuthScopes")) == ["email", "openid"], "GetBackend: the scopes"
    assert told == {
        "AllowedOAuthFlows": ["code"],
        "CallbackURLs": oauth["RedirectSignInURIs"],
        "LogoutURLs": oauth["RedirectSignOutURIs"],
    }, "GetBackend: OAuthMetadata"


@about("GetBackend")
@observed("67 files: mfaTypes is SMS where mfaConfiguration is OFF")
def test_a_second_factor_that_is_off_has_a_type(backend: Backend, shared: Any) -> None:
    (entry,) = meta(backend, shared("auth present"))["auth"].values()
    told = entry["frontendAuthConfig"]
    shown = (told["mfaConfiguration"], told["mfaTypes"])
    assert shown == ("OFF", ["SMS"]), f"GetBackend: {shown}"


@about("GetBackend")
@observed("105 files: ids of app clients have 26 characters or 25, and differ")
def test_app_clients_have_ids_of_their_own(backend: Backend, shared: Any) -> None:
    (entry,) = meta(backend, shared("auth present"))["auth"].values()
    ids = [entry["output"][name] for name in ("AppClientIDWeb", "AppClientID")]
    assert all(re.fullmatch("[a-z0-9]{25,26}", one) for one in ids), f"GetBackend: {ids}"
    assert ids[0] != ids[1], "GetBackend: both app clients have one id"


@about("GetBackend", "CreateBackendAPI")
@observed("55 files: dependsOn names the user pool for a Cognito mode, and is empty without")
@pytest.mark.parametrize("mode", ["API_KEY", "AMAZON_COGNITO_USER_POOLS"])
def test_an_api_depends_on_the_pool_of_its_mode(backend: Backend, arrange: Any, mode: str) -> None:
    existing = arrange("auth present")
    name = existing.pop("ResourceName")
    params = sample("CreateBackendAPI", existing)
    params["ResourceConfig"] = {**params["ResourceConfig"], "DefaultAuthType": {"Mode": mode}}
    backend.done("CreateBackendAPI", params)
    (entry,) = meta(backend, existing)["api"].values()
    on_pool = [{"category": "auth", "resourceName": name, "attributes": ["UserPoolId"]}]
    wanted = on_pool if mode == "AMAZON_COGNITO_USER_POOLS" else []
    assert entry["dependsOn"] == wanted, f"GetBackend: dependsOn {entry['dependsOn']}"


@about("GetBackend")
@observed("27 files: storage depends on nothing without groups and triggers")
def test_storage_depends_on_nothing(backend: Backend, shared: Any) -> None:
    (entry,) = meta(backend, shared("storage present"))["storage"].values()
    assert entry["dependsOn"] == [], f"GetBackend: dependsOn {entry['dependsOn']}"


@about("GetBackend", "ImportBackendAuth")
@observed("7 files: an imported pool has no ARN, template or hash")
def test_an_imported_pool_is_not_deployed(backend: Backend, shared: Any) -> None:
    (entry,) = meta(backend, shared("auth imported"))["auth"].values()
    assert entry["serviceType"] == "imported", "GetBackend: serviceType"
    there = {"providerMetadata", "lastPushDirHash"} & entry.keys()
    assert not there, f"GetBackend: {sorted(there)}"
    assert "UserPoolArn" not in entry["output"], "GetBackend: UserPoolArn"
