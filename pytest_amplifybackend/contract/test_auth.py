"""What an auth resource holds after an update, an import, or a removal."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from pytest_amplifybackend.contract._support import samples
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, assumed, documented, modeled
from pytest_amplifybackend.contract._support.samples import sample
from pytest_amplifybackend.contract._support.states import config_of, meta, place

HEADLESS = "Amplify CLI headless interface"


@about("UpdateBackendAuth")
@documented(f"{HEADLESS}: a given field replaces the whole field, an omitted one stays")
def test_an_auth_update_replaces_what_it_names(backend: Backend, give: Any) -> None:
    given = place(give("app with environment dev"))
    params = sample("CreateBackendAuth", given, full=True)
    backend.done("CreateBackendAuth", params)
    given["ResourceName"] = params["ResourceName"]
    before = config_of(backend, "Auth", given)["UserPoolConfigs"]
    policy = {"MinimumLength": 20}
    backend.done("UpdateBackendAuth", _auth_update(given, PasswordPolicy=policy))
    after = config_of(backend, "Auth", given)["UserPoolConfigs"]
    assert after.pop("PasswordPolicy") == policy, "UpdateBackendAuth: PasswordPolicy"
    before.pop("PasswordPolicy")
    assert after == before, "UpdateBackendAuth: what was not named has changed"


@about("UpdateBackendAuth")
@documented(f"{HEADLESS}: an empty OAuth removes it")
def test_an_empty_oauth_removes_it(backend: Backend, give: Any) -> None:
    given = place(give("app with environment dev"))
    backend.done("CreateBackendAuth", sample("CreateBackendAuth", given, full=True))
    given["ResourceName"] = "users"
    backend.done("UpdateBackendAuth", _auth_update(given, OAuth={}))
    config = config_of(backend, "Auth", given)
    assert "OAuth" not in config["UserPoolConfigs"], "UpdateBackendAuth: OAuth is still there"


def _auth_update(given: dict[str, Any], **pool: Any) -> dict[str, Any]:
    config = {**samples.AUTH_UPDATE, "UserPoolConfigs": pool}
    return {**given, "ResourceConfig": config}


@about("DeleteBackendAuth")
@documented("Amplify CLI, remove-resource: what others depend on stays")
@pytest.mark.parametrize("family", ["Storage", "API"])
def test_auth_stays_while_others_need_it(backend: Backend, give: Any, family: str) -> None:
    given = give("storage present" if family == "Storage" else "auth present")
    dev = place(given)
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
def test_an_imported_pool_is_the_one_that_was_named(backend: Backend, give: Any) -> None:
    given = give("app with a user pool to import")
    backend.done("ImportBackendAuth", given)
    (entry,) = meta(backend, given)["auth"].values()
    assert entry["serviceType"] == "imported", "ImportBackendAuth"
    assert entry["output"]["UserPoolId"] == given["UserPoolId"], "ImportBackendAuth"


@about("ImportBackendAuth")
@documented("Amplify documentation, import: a pool that exists; ids begin with the region")
def test_a_pool_of_another_region_is_not_imported(backend: Backend, give: Any) -> None:
    given = give("app with a user pool to import")
    pool = given["UserPoolId"].partition("_")[2]
    backend.fails(
        "ImportBackendAuth", {**given, "UserPoolId": f"{backend.target.other_region}_{pool}"}
    )
    assert "auth" not in meta(backend, given), "ImportBackendAuth"


@about("ImportBackendAuth", "GetBackend")
@documented("Amplify documentation, import: an identity pool may be imported as well")
def test_an_identity_pool_is_imported_as_well(backend: Backend, give: Any) -> None:
    if backend.target.name == "aws":
        pytest.skip("it takes a real identity pool of the user pool")
    given = give("app with a user pool to import")
    pool = f"{backend.region}:{samples.NOBODY}"
    backend.done("ImportBackendAuth", {**given, "IdentityPoolId": pool})
    (entry,) = meta(backend, given)["auth"].values()
    assert entry["output"].get("IdentityPoolId") == pool, "ImportBackendAuth: IdentityPoolId"


@about("UpdateBackendAuth")
@documented(f"{HEADLESS}: the name of an identity pool cannot be changed")
def test_an_identity_pool_keeps_its_name(backend: Backend, give: Any) -> None:
    given = _full(backend, give)
    update = sample("UpdateBackendAuth", given, full=True)
    backend.done("UpdateBackendAuth", update)
    told = config_of(backend, "Auth", given)["IdentityPoolConfigs"]
    assert told == {"IdentityPoolName": "visitors", "UnauthenticatedLogin": False}, (
        f"UpdateBackendAuth: {told}"
    )


@about("UpdateBackendAuth")
@assumed("an auth of a user pool alone says nothing of an identity pool, nor does its meta")
def test_an_identity_pool_goes_when_it_is_not_wanted(backend: Backend, give: Any) -> None:
    given = _full(backend, give)
    backend.done("UpdateBackendAuth", _auth_update(given))
    assert "IdentityPoolConfigs" not in config_of(backend, "Auth", given), "UpdateBackendAuth"
    (entry,) = meta(backend, given)["auth"].values()
    assert "IdentityPoolId" not in entry["output"], "UpdateBackendAuth: the pool is still there"


def _full(backend: Backend, give: Any) -> dict[str, Any]:
    """An environment with an auth resource of the fullest config."""
    given = place(give("app with environment dev"))
    backend.done("CreateBackendAuth", sample("CreateBackendAuth", given, full=True))
    return {**given, "ResourceName": "users"}


@about("CreateBackendAuth", "GetBackend", "ListBackendJobs")
@modeled("the trait sensitive of the social providers and of the messages")
@pytest.mark.parametrize("ends", ["COMPLETED", "FAILED"])
def test_nobody_is_told_a_secret(backend: Backend, give: Any, ends: str) -> None:
    given = place(give("app with environment dev"))
    params = copy.deepcopy(sample("CreateBackendAuth", given, full=True))
    if ends == "FAILED":
        params["ResourceConfig"]["UserPoolConfigs"]["PasswordPolicy"]["MinimumLength"] = 5
    assert backend.wait(backend.submit("CreateBackendAuth", params))["Status"] == ends
    backend.keeps_secrets("CreateBackendAuth", params, json.dumps(backend.jobs(given)))
    backend.keeps_secrets("CreateBackendAuth", params, json.dumps(backend.seen(given)))
