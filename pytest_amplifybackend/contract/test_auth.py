"""What an auth resource holds after an update, an import, or a removal."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest

from pytest_amplifybackend.contract._support import samples
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import (
    about,
    assumed,
    documented,
    modeled,
    observed,
)
from pytest_amplifybackend.contract._support.samples import sample
from pytest_amplifybackend.contract._support.states import config_of, meta, place

HEADLESS = "Amplify CLI headless interface"


@about("UpdateBackendAuth")
@documented(f"{HEADLESS}: a given field replaces the whole field, an omitted one stays")
def test_an_auth_update_replaces_what_it_names(backend: Backend, arrange: Any) -> None:
    existing = place(arrange("app with environment dev"))
    params = sample("CreateBackendAuth", existing, full=True)
    backend.done("CreateBackendAuth", params)
    existing["ResourceName"] = params["ResourceName"]
    before = config_of(backend, "Auth", existing)["UserPoolConfigs"]
    policy = {"MinimumLength": 20}
    backend.done("UpdateBackendAuth", _auth_update(existing, PasswordPolicy=policy))
    after = config_of(backend, "Auth", existing)["UserPoolConfigs"]
    assert after.pop("PasswordPolicy") == policy, "UpdateBackendAuth: PasswordPolicy"
    before.pop("PasswordPolicy")
    assert after == before, "UpdateBackendAuth: what was not named has changed"


@about("UpdateBackendAuth")
@documented(f"{HEADLESS}: an empty OAuth removes it")
def test_an_empty_oauth_removes_it(backend: Backend, arrange: Any) -> None:
    existing = place(arrange("app with environment dev"))
    backend.done("CreateBackendAuth", sample("CreateBackendAuth", existing, full=True))
    existing["ResourceName"] = "users"
    backend.done("UpdateBackendAuth", _auth_update(existing, OAuth={}))
    config = config_of(backend, "Auth", existing)
    assert "OAuth" not in config["UserPoolConfigs"], "UpdateBackendAuth: OAuth is still there"


@about("UpdateBackendAuth")
@documented("Amplify CLI, category-auth: an update of OAuth is merged with what is there")
def test_an_update_may_name_a_part_of_oauth(backend: Backend, arrange: Any) -> None:
    existing = place(arrange("app with environment dev"))
    backend.done("CreateBackendAuth", sample("CreateBackendAuth", existing, full=True))
    existing["ResourceName"] = "users"
    before = config_of(backend, "Auth", existing)["UserPoolConfigs"]["OAuth"]
    changes = {"OAuthScopes": ["OPENID"], "RedirectSignInURIs": ["myapp://callback"]}
    backend.done("UpdateBackendAuth", _auth_update(existing, OAuth=changes))
    after = config_of(backend, "Auth", existing)["UserPoolConfigs"]["OAuth"]
    assert after == {**before, **changes}, "UpdateBackendAuth: OAuth"


@about("UpdateBackendAuth")
@documented("Amplify CLI, category-auth: with both lists of URIs the rest has defaults")
def test_an_update_adds_oauth_by_its_uris(backend: Backend, arrange: Any) -> None:
    existing = arrange("auth present")
    uris = {"RedirectSignInURIs": ["https://shop.example/in"], "RedirectSignOutURIs": ["shop://"]}
    backend.fails("UpdateBackendAuth", _auth_update(existing, OAuth={"DomainPrefix": "shop"}))
    backend.done("UpdateBackendAuth", _auth_update(existing, OAuth=uris))
    oauth = config_of(backend, "Auth", existing)["UserPoolConfigs"]["OAuth"]
    assert oauth["OAuthGrantType"] == "CODE", "UpdateBackendAuth"
    assert len(oauth["OAuthScopes"]) == 5, "UpdateBackendAuth"
    assert {name: oauth[name] for name in uris} == uris, "UpdateBackendAuth"


def _auth_update(existing: dict[str, Any], **pool: Any) -> dict[str, Any]:
    config = {**samples.AUTH_UPDATE, "UserPoolConfigs": pool}
    return {**existing, "ResourceConfig": config}


@about("DeleteBackendAuth")
@documented("Amplify CLI, remove-resource: what others depend on stays")
@pytest.mark.parametrize("family", ["Storage", "API"])
def test_auth_stays_while_others_need_it(backend: Backend, arrange: Any, family: str) -> None:
    existing = arrange("storage present" if family == "Storage" else "auth present")
    dev = place(existing)
    if family == "API":
        backend.done(
            "CreateBackendAPI",
            {**dev, "ResourceName": "orders", "ResourceConfig": samples.API_BY_POOL},
        )
    backend.fails("DeleteBackendAuth", {**dev, "ResourceName": "users"})
    assert "auth" in meta(backend, dev), "DeleteBackendAuth"
    name = "media" if family == "Storage" else "orders"
    backend.done(
        f"DeleteBackend{family}", sample(f"DeleteBackend{family}", {**dev, "ResourceName": name})
    )
    backend.done("DeleteBackendAuth", {**dev, "ResourceName": "users"})


@about("ImportBackendAuth", "GetBackend")
@documented("Amplify documentation, import: linked, not managed")
def test_an_imported_pool_is_the_one_that_was_named(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with a user pool to import")
    backend.done("ImportBackendAuth", existing)
    (entry,) = meta(backend, existing)["auth"].values()
    assert entry["serviceType"] == "imported", "ImportBackendAuth"
    assert entry["output"]["UserPoolId"] == existing["UserPoolId"], "ImportBackendAuth"


@about("ImportBackendAuth")
@documented("Amplify documentation, import: a pool that exists; ids begin with the region")
def test_a_pool_of_another_region_is_not_imported(backend: Backend, shared: Any) -> None:
    existing = shared("app with a user pool to import")
    pool = existing["UserPoolId"].partition("_")[2]
    backend.fails(
        "ImportBackendAuth", {**existing, "UserPoolId": f"{backend.target.other_region}_{pool}"}
    )
    assert "auth" not in meta(backend, existing), "ImportBackendAuth"


@about("ImportBackendAuth", "GetBackend")
@documented("Amplify documentation, import: an identity pool may be imported as well")
def test_an_identity_pool_is_imported_as_well(backend: Backend, arrange: Any) -> None:
    if backend.target.name == "aws":
        pytest.skip("it takes a real identity pool of the user pool")
    existing = arrange("app with a user pool to import")
    pool = f"{backend.region}:{samples.NOBODY}"
    backend.done("ImportBackendAuth", {**existing, "IdentityPoolId": pool})
    (entry,) = meta(backend, existing)["auth"].values()
    assert entry["output"].get("IdentityPoolId") == pool, "ImportBackendAuth: IdentityPoolId"


@about("UpdateBackendAuth")
@documented(f"{HEADLESS}: the name of an identity pool cannot be changed")
def test_an_identity_pool_keeps_its_name(backend: Backend, arrange: Any) -> None:
    existing = _full(backend, arrange)
    update = sample("UpdateBackendAuth", existing, full=True)
    backend.done("UpdateBackendAuth", update)
    told = config_of(backend, "Auth", existing)["IdentityPoolConfigs"]
    assert told == {"IdentityPoolName": "visitors", "UnauthenticatedLogin": False}, (
        f"UpdateBackendAuth: {told}"
    )


@about("UpdateBackendAuth")
@assumed("an auth of a user pool alone says nothing of an identity pool, nor does its meta")
def test_an_identity_pool_goes_when_it_is_not_wanted(backend: Backend, arrange: Any) -> None:
    existing = _full(backend, arrange)
    backend.done("UpdateBackendAuth", _auth_update(existing))
    assert "IdentityPoolConfigs" not in config_of(backend, "Auth", existing), "UpdateBackendAuth"
    (entry,) = meta(backend, existing)["auth"].values()
    assert "IdentityPoolId" not in entry["output"], "UpdateBackendAuth: the pool is still there"


def _full(backend: Backend, arrange: Any) -> dict[str, Any]:
    """An environment with an auth resource of the fullest config."""
    existing = place(arrange("app with environment dev"))
    backend.done("CreateBackendAuth", sample("CreateBackendAuth", existing, full=True))
    return {**existing, "ResourceName": "users"}


@about("CreateBackendAuth", "GetBackend", "ListBackendJobs")
@modeled("the trait sensitive of the social providers and of the messages")
@pytest.mark.parametrize("ends", ["COMPLETED", "FAILED"])
def test_nobody_is_told_a_secret(backend: Backend, arrange: Any, ends: str) -> None:
    existing = place(arrange("app with environment dev"))
    params = copy.deepcopy(sample("CreateBackendAuth", existing, full=True))
    if ends == "FAILED":
        params["ResourceConfig"]["UserPoolConfigs"]["PasswordPolicy"]["MinimumLength"] = 5
    assert backend.wait(backend.submit("CreateBackendAuth", params))["Status"] == ends
    backend.keeps_secrets("CreateBackendAuth", params, json.dumps(backend.jobs(existing)))
    backend.keeps_secrets("CreateBackendAuth", params, json.dumps(backend.seen(existing)))


@about("CreateBackendAuth", "GetBackend")
@observed("amplify-meta.json files: ids of app clients have 26 letters and digits, or 25")
def test_ids_of_app_clients(backend: Backend, shared: Any) -> None:
    (entry,) = meta(backend, shared("auth present"))["auth"].values()
    ids = [entry["output"][name] for name in ("AppClientID", "AppClientIDWeb")]
    assert all(re.fullmatch("[a-z0-9]{25,26}", one) for one in ids), "GetBackend"
    assert len(set(ids)) == 2, "GetBackend"
