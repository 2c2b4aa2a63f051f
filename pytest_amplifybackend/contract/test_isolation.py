"""Apps, environments and regions keep out of each other's way."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.paths import walk
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import (
    about,
    assumed,
    documented,
    modeled,
    observed,
)
from pytest_amplifybackend.contract._support.meanwhile import rejected_while
from pytest_amplifybackend.contract._support.pictures import generated, text
from pytest_amplifybackend.contract._support.samples import LOGIN, sample
from pytest_amplifybackend.contract._support.states import a_bucket, config_of, meta, place
from pytest_amplifybackend.contract._support.tidying import new_app

_REGION = re.compile(r"(?<![a-z])[a-z]{2}(?:-[a-z]+){1,2}-[0-9](?![0-9a-z])")
FAMILIES = {
    "Auth": "auth present",
    "API": "API present",
    "Storage": "storage present",
}
EACH = [
    pytest.param(family, marks=about(f"GetBackend{family}", f"CreateBackend{family}", "GetBackend"))
    for family in FAMILIES
]


@documented("REST reference: a resource belongs to an app and an environment")
@pytest.mark.parametrize("family", EACH)
def test_a_resource_is_in_its_own_app(backend: Backend, shared: Any, family: str) -> None:
    existing, other = shared(FAMILIES[family]), shared("app with environment dev")
    named = {"ResourceName": existing["ResourceName"]}
    backend.call(f"GetBackend{family}", {**place(existing), **named})
    backend.rejected(f"GetBackend{family}", {**place(other), **named}, errors.NotFound)
    assert set(meta(backend, other)) == {"providers"}, f"CreateBackend{family}"


@documented("REST reference: a resource belongs to an app and an environment")
@pytest.mark.parametrize("family", EACH)
def test_a_resource_is_in_its_own_environment(backend: Backend, arrange: Any, family: str) -> None:
    existing = arrange(FAMILIES[family])
    test = place(existing, BackendEnvironmentName="test")
    backend.done("CreateBackend", sample("CreateBackend", test))
    named = {"ResourceName": existing["ResourceName"]}
    backend.rejected(f"GetBackend{family}", {**test, **named}, errors.NotFound)
    assert set(meta(backend, test)) == {"providers"}, f"CreateBackend{family}"


@about("CloneBackend")
@documented("REST reference: a resource belongs to an app and an environment")
@pytest.mark.parametrize("family", EACH)
def test_a_change_here_is_none_there(backend: Backend, arrange: Any, family: str) -> None:
    """A clone has the same resources; what becomes of the one is nothing to the other."""
    existing = arrange(FAMILIES[family])
    backend.done("CloneBackend", sample("CloneBackend", existing))
    copy = place(existing, BackendEnvironmentName="copy", ResourceName=existing["ResourceName"])
    named = {**existing, "ResourceName": existing["ResourceName"]}
    before, update = backend.call(f"GetBackend{family}", copy), f"UpdateBackend{family}"
    backend.done(update, sample(update, existing, full=True))
    assert backend.call(f"GetBackend{family}", copy) == before, f"{update}: shown by a clone"
    changed = config_of(backend, family, named)
    backend.done(update, sample(update, copy))
    assert config_of(backend, family, named) == changed, f"{update}: shown by a clone's source"
    before = backend.call(f"GetBackend{family}", copy)
    backend.done(f"DeleteBackend{family}", sample(f"DeleteBackend{family}", existing))
    assert backend.call(f"GetBackend{family}", copy) == before, f"UpdateBackend{family}"


@about("DeleteBackend", "GetBackend")
@documented("REST reference: removes an existing environment")
def test_the_other_environments_stay(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environments dev and test")
    test = place(existing, BackendEnvironmentName="test")
    before = meta(backend, test)
    backend.done("DeleteBackend", place(existing))
    assert backend.seen(test)["BackendEnvironmentList"] == ["test"], "DeleteBackend"
    assert meta(backend, test) == before, "DeleteBackend"


@about("RemoveAllBackends", "GetBackend", "GetToken", "ListBackendJobs")
@documented("REST reference: removes all backend environments from your Amplify project")
@pytest.mark.parametrize("clean", [False, True], ids=["kept", "cleaned"])
def test_the_other_apps_stay(backend: Backend, arrange: Any, clean: bool) -> None:
    existing, other = arrange("app with environments dev and test"), arrange("auth present")
    token = backend.call("CreateToken", {"AppId": other["AppId"]})
    own = {"AppId": other["AppId"], "SessionId": token["SessionId"]}
    before = backend.seen(place(other)), backend.newest_jobs(place(other))
    params = {"AppId": existing["AppId"]}
    backend.done("RemoveAllBackends", {**params, "CleanAmplifyApp": clean})
    after = backend.seen(place(other)), backend.newest_jobs(place(other))
    assert after == before, "RemoveAllBackends"
    assert backend.call("GetToken", own) == token, "RemoveAllBackends: another app's token"
    if clean:
        backend.rejected("GetBackend", params, errors.NotFound)
    else:
        assert backend.call("GetBackend", params)["BackendEnvironmentList"] == []


@about("UpdateBackendAuth", "CreateBackendAuth")
@assumed("a pending job is that of one app and environment, as the recorded text names them")
@pytest.mark.parametrize("other", ["environment", "app", "region"])
def test_a_job_keeps_nobody_else_out(backend: Backend, arrange: Any, other: str) -> None:
    existing = arrange("app with environments dev and test")
    where, there = backend, place(existing, BackendEnvironmentName="test")
    if other == "app":
        there = place(arrange("app with environment dev"))
    if other == "region":
        where, there = backend.elsewhere(), place(existing)
        arrange("app with environment dev", region=where, app=_same(backend, existing))
    first = backend.submit("UpdateBackendAuth", sample("UpdateBackendAuth", place(existing)))
    where.done("CreateBackendAuth", sample("CreateBackendAuth", there))
    assert backend.wait(first)["Status"] == "FAILED", "UpdateBackendAuth"


@about("GetBackendJob", "ListBackendJobs", "UpdateBackendJob")
@modeled("a job is asked for with its app and its environment")
@pytest.mark.parametrize("other", ["environment", "app", "region"])
def test_a_job_is_found_in_its_own_place(backend: Backend, arrange: Any, other: str) -> None:
    existing = arrange("job completed")
    where, there = backend, place(existing, BackendEnvironmentName="test")
    if other == "environment":
        backend.done("CreateBackend", sample("CreateBackend", there))
    elif other == "app":
        there = place(arrange("app with environment dev"))
    else:
        where = backend.elsewhere()
        there = place(
            arrange("app with environment dev", region=where, app=_same(backend, existing))
        )
    job = {**there, "JobId": existing["JobId"]}
    where.rejected("GetBackendJob", job, errors.NotFound)
    where.rejected("UpdateBackendJob", {**job, "Status": "FAILED"}, errors.NotFound)
    listed = [one["JobId"] for one in where.jobs(there)]
    assert existing["JobId"] not in listed, "ListBackendJobs: a job of elsewhere"


def _same(backend: Backend, existing: dict[str, Any]) -> str:
    """The same app id, in another region; it is removed there as well."""
    app_id: str = existing["AppId"]
    backend.noted.apps.append((backend.target.other_region, app_id))
    return app_id


@about("GetBackend", "CreateBackend")
@documented("REST reference: the endpoints are regional")
def test_an_app_is_in_its_own_region(backend: Backend, arrange: Any) -> None:
    existing, elsewhere = arrange("auth present"), backend.elsewhere()
    elsewhere.rejected("GetBackend", {"AppId": existing["AppId"]}, errors.NotFound)
    before = backend.seen(place(existing))
    arrange("app with environment dev", region=elsewhere, app=_same(backend, existing))
    assert set(meta(elsewhere, existing)) == {"providers"}, "CreateBackend"
    elsewhere.done("RemoveAllBackends", {"AppId": existing["AppId"]})
    assert backend.seen(place(existing)) == before, "RemoveAllBackends: reached into another region"


@about("GetBackend")
@documented("Amplify CLI: amplify-meta.json names the region")
def test_what_is_provisioned_names_its_region(backend: Backend, arrange: Any) -> None:
    existing, elsewhere = arrange("auth present"), backend.elsewhere()
    other = arrange("auth present", region=elsewhere, app=new_app(elsewhere))
    for where, there in ((backend, existing), (elsewhere, other)):
        held = meta(where, there)
        region = held["providers"]["awscloudformation"]["Region"]
        assert region == where.region, f"GetBackend: {region} in {where.region}"
        (auth,) = held["auth"].values()
        pool = auth["output"]["UserPoolId"]
        assert pool.startswith(f"{where.region}_"), f"GetBackend: {pool} in {where.region}"
        _names_its_region(where, held)


def _names_its_region(where: Backend, told: Any) -> None:
    """Each region in the ids, ARNs, URLs and names of a meta text is the one it was read in."""
    for path, value, _ in walk(told):
        if isinstance(value, str):
            others = set(_REGION.findall(value)) - {where.region}
            assert not others, f"GetBackend: {path} is {value} in {where.region}"


@about("CreateToken", "GetToken", "DeleteToken")
@modeled("a token is asked for with its app")
def test_a_token_is_that_of_its_app(backend: Backend, arrange: Any) -> None:
    existing, other = arrange("token active"), arrange("token active")
    stolen = {"AppId": other["AppId"], "SessionId": existing["SessionId"]}
    backend.rejected("GetToken", stolen, errors.NotFound)
    backend.rejected("DeleteToken", stolen, errors.NotFound)
    own = {"AppId": existing["AppId"], "SessionId": existing["SessionId"]}
    assert backend.call("GetToken", own)["SessionId"] == existing["SessionId"], "GetToken"


@about("GetToken", "DeleteToken")
@assumed("an id of a session is another in letters of the other case")
def test_a_token_is_that_of_its_session(backend: Backend, shared: Any) -> None:
    app = {"AppId": shared("app with environment dev")["AppId"]}
    token = backend.call("CreateToken", app)
    own = {**app, "SessionId": token["SessionId"]}
    other = {**app, "SessionId": token["SessionId"].swapcase()}
    if other != own:  # an id of digits alone has no case
        backend.rejected("GetToken", other, errors.NotFound)
        backend.rejected("DeleteToken", other, errors.NotFound)
    assert backend.call("GetToken", own) == token, "DeleteToken: of another session"
    backend.call("DeleteToken", own)


@about("UpdateBackendConfig", "RemoveBackendConfig")
@modeled("a backend configuration is asked for with its app")
def test_a_studio_config_is_that_of_its_app(backend: Backend, arrange: Any) -> None:
    existing, other = arrange("studio enabled"), arrange("studio enabled")
    app = {"AppId": other["AppId"]}
    before = backend.call("UpdateBackendConfig", app)
    backend.call("UpdateBackendConfig", {"AppId": existing["AppId"], "LoginAuthConfig": LOGIN})
    assert backend.call("UpdateBackendConfig", app) == before, "UpdateBackendConfig"
    backend.call("RemoveBackendConfig", {"AppId": existing["AppId"]})
    assert backend.call("UpdateBackendConfig", app) == before, "RemoveBackendConfig"


@about("CreateToken", "GetToken", "DeleteToken")
@documented("REST reference: the endpoints are regional")
def test_a_token_is_that_of_its_region(backend: Backend, arrange: Any) -> None:
    existing, elsewhere = arrange("token active"), backend.elsewhere()
    arrange("app with environment dev", region=elsewhere, app=_same(backend, existing))
    token = {"AppId": existing["AppId"], "SessionId": existing["SessionId"]}
    elsewhere.rejected("GetToken", token, errors.NotFound)
    elsewhere.rejected("DeleteToken", token, errors.NotFound)
    assert backend.call("GetToken", token)["SessionId"] == existing["SessionId"], "GetToken"


@about("CreateBackendConfig", "UpdateBackendConfig", "RemoveBackendConfig")
@documented("REST reference: the endpoints are regional")
def test_a_studio_config_is_that_of_its_region(backend: Backend, arrange: Any) -> None:
    existing, elsewhere = arrange("studio enabled"), backend.elsewhere()
    arrange("app with environment dev", region=elsewhere, app=_same(backend, existing))
    app = {"AppId": existing["AppId"]}
    before = backend.call("UpdateBackendConfig", app)
    elsewhere.rejected("UpdateBackendConfig", app, errors.NotFound)
    elsewhere.rejected("RemoveBackendConfig", app, errors.NotFound)
    assert backend.call("UpdateBackendConfig", app) == before, "RemoveBackendConfig"


@about("GenerateBackendAPIModels", "GetBackendAPIModels")
@documented("REST reference: a resource belongs to an app and an environment")
def test_models_are_those_of_their_environment(backend: Backend, arrange: Any) -> None:
    existing = arrange("models LATEST")
    backend.done("CloneBackend", sample("CloneBackend", existing))
    copy = place(existing, BackendEnvironmentName="copy", ResourceName=existing["ResourceName"])
    backend.done("UpdateBackendAPI", sample("UpdateBackendAPI", copy))
    backend.done("GenerateBackendAPIModels", copy)
    here, there = (backend.call("GetBackendAPIModels", at) for at in (existing, copy))
    assert "note" not in here["Models"], "GenerateBackendAPIModels: in another environment too"
    assert "note" in there["Models"], "GetBackendAPIModels: of another environment"
    assert here["Status"] == there["Status"] == "LATEST", "UpdateBackendAPI"


@about("ListS3Buckets")
@documented("REST reference: the list of S3 buckets in your account")
def test_buckets_are_those_of_the_account(backend: Backend, shared: Any) -> None:
    existing, elsewhere = shared("app with environment dev"), backend.elsewhere()
    bucket = a_bucket(backend, existing)
    for where in (backend, elsewhere):
        names = [one["Name"] for one in where.call("ListS3Buckets", {})["Buckets"]]
        assert bucket in names, f"ListS3Buckets: {bucket} is not listed in {where.region}"


OF_ALL = ("CreateBackendAuth", "CreateBackendAPI", "CreateBackendStorage", "CloneBackend")
ACCOUNT_WIDE = (".AmplifyAppId",)
"""The generated values that the environments of an app have in common."""


@about("GetBackend", *OF_ALL)
@observed("amplify-meta.json files: no two have an id, a bucket, a role or an endpoint in common")
def test_no_two_places_have_a_value_in_common(backend: Backend, arrange: Any) -> None:
    existing, other = (arrange("auth, API and storage present") for _ in range(2))
    backend.done("CloneBackend", sample("CloneBackend", existing))
    elsewhere = backend.elsewhere()
    abroad = arrange(
        "auth, API and storage present", region=elsewhere, app=_same(backend, existing)
    )
    copy = place(existing, BackendEnvironmentName="copy")
    for where, there in ((backend, existing), (backend, copy), (elsewhere, abroad)):
        _names_its_region(where, meta(where, there))
    told = {
        "its own": dict(generated(meta(backend, existing))),
        "a clone": dict(generated(meta(backend, copy))),
        "another app": dict(generated(meta(backend, other))),
        "another region": dict(generated(meta(elsewhere, abroad))),
    }
    assert len(told["its own"]) > 12, "GetBackend: it tells no ids"
    for (one, here), (another, there) in combinations(told.items(), 2):
        for path in here.keys() & there.keys():
            shared = path.endswith(ACCOUNT_WIDE) and "another app" not in (one, another)
            assert shared or here[path] != there[path], (
                f"GetBackend: {path} is {here[path]} in {one} and in {another}"
            )


@about("CreateBackendAuth", "GetBackend")
@observed("amplify-meta.json files: no two environments have an identity pool in common")
def test_no_two_places_have_an_identity_pool_in_common(backend: Backend, arrange: Any) -> None:
    existing, other = arrange("app with environments dev and test"), arrange("auth present")
    backend.done("DeleteBackendAuth", sample("DeleteBackendAuth", other))
    pools = []
    for at in (place(existing), place(existing, BackendEnvironmentName="test"), place(other)):
        backend.done("CreateBackendAuth", sample("CreateBackendAuth", at, full=True))
        (entry,) = meta(backend, at)["auth"].values()
        pools.append(entry["output"]["IdentityPoolId"])
    assert len(set(pools)) == len(pools), f"GetBackend: identity pools {pools}"


@about("CreateBackendConfig", "UpdateBackendConfig")
@documented("Amplify documentation, Studio: a user pool of its own, named after the app")
def test_no_two_apps_have_a_studio_in_common(backend: Backend, arrange: Any) -> None:
    elsewhere = backend.elsewhere()
    existing = arrange("studio enabled")
    arrange("studio enabled", region=elsewhere, app=_same(backend, existing))
    apps = [(backend, existing), (backend, arrange("studio enabled")), (elsewhere, existing)]
    told = [
        where.call("UpdateBackendConfig", {"AppId": there["AppId"]})["LoginAuthConfig"]
        for where, there in apps
    ]
    for (where, _), login in zip(apps, told, strict=True):
        assert login["AwsCognitoRegion"] == where.region, f"CreateBackendConfig: {login}"
        for member in ("AwsUserPoolsId", "AwsCognitoIdentityPoolId"):
            assert login[member].startswith(where.region), f"CreateBackendConfig: {login[member]}"
    for member in set(told[0]) - {"AwsCognitoRegion"}:
        values = [login[member] for login in told]
        assert len(set(values)) == len(values), f"CreateBackendConfig: {member} {values}"


@about("GetBackend", "GetToken", "GetBackendJob", "UpdateBackendAuth", "CreateBackendAuth")
@documented("REST reference: an error is about the request that it answers")
def test_an_error_tells_of_no_other_app(backend: Backend, arrange: Any) -> None:
    existing, other = arrange("job failed"), arrange("auth present")
    token = backend.call("CreateToken", {"AppId": other["AppId"]})
    job = backend.submit("UpdateBackendAuth", sample("UpdateBackendAuth", place(existing)))
    foreign = backend.submit("UpdateBackendAuth", sample("UpdateBackendAuth", other))
    here, app = place(existing), {"AppId": existing["AppId"]}
    answers = [
        rejected_while(backend, job, "CreateBackendAuth", sample("CreateBackendAuth", here)),
        backend.rejected("GetBackend", {**app, "BackendEnvironmentName": "test"}, errors.NotFound),
        backend.rejected("GetToken", {**app, "SessionId": token["SessionId"]}, errors.NotFound),
        backend.rejected("GetBackendJob", {**here, "JobId": foreign["JobId"]}, errors.NotFound),
        backend.rejected("GetBackendAuth", {**here, "ResourceName": "users"}, errors.NotFound),
        backend.rejected("GetBackend", {"AppId": new_app(backend)}, errors.NotFound),
        backend.wait(job),
    ]
    assert backend.wait(foreign)["Status"] == "COMPLETED", "UpdateBackendAuth"
    secrets = [other["AppId"], token["ChallengeCode"]]
    secrets += [value for _, value in generated(meta(backend, other))]
    for answer in answers:
        found = [secret for secret in secrets if secret in text(answer)]
        assert not found, f"GetBackend: an error of {existing['AppId']} tells {found}"
