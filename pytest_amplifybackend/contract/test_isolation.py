"""Apps, environments and regions keep out of each other's way."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, assumed, documented, modeled
from pytest_amplifybackend.contract._support.samples import LOGIN, sample
from pytest_amplifybackend.contract._support.states import a_bucket, meta, place
from pytest_amplifybackend.contract._support.tidying import new_app

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
def test_a_resource_is_in_its_own_app(backend: Backend, give: Any, family: str) -> None:
    given, other = give(FAMILIES[family]), give("app with environment dev")
    named = {"ResourceName": given["ResourceName"]}
    backend.call(f"GetBackend{family}", {**place(given), **named})
    backend.refused(f"GetBackend{family}", {**place(other), **named}, errors.NotFound)
    assert set(meta(backend, other)) == {"providers"}, f"CreateBackend{family}"


@documented("REST reference: a resource belongs to an app and an environment")
@pytest.mark.parametrize("family", EACH)
def test_a_resource_is_in_its_own_environment(backend: Backend, give: Any, family: str) -> None:
    given = give(FAMILIES[family])
    test = place(given, BackendEnvironmentName="test")
    backend.done("CreateBackend", sample("CreateBackend", test))
    named = {"ResourceName": given["ResourceName"]}
    backend.refused(f"GetBackend{family}", {**test, **named}, errors.NotFound)
    assert set(meta(backend, test)) == {"providers"}, f"CreateBackend{family}"


@about("CloneBackend")
@documented("REST reference: a resource belongs to an app and an environment")
@pytest.mark.parametrize("family", EACH)
def test_a_change_here_is_none_there(backend: Backend, give: Any, family: str) -> None:
    """A clone has the same resources; what becomes of the one is nothing to the other."""
    given = give(FAMILIES[family])
    backend.done("CloneBackend", sample("CloneBackend", given))
    copy = place(given, BackendEnvironmentName="copy", ResourceName=given["ResourceName"])
    before = backend.call(f"GetBackend{family}", copy)
    backend.done(f"UpdateBackend{family}", sample(f"UpdateBackend{family}", given, full=True))
    backend.done(f"DeleteBackend{family}", sample(f"DeleteBackend{family}", given))
    assert backend.call(f"GetBackend{family}", copy) == before, f"UpdateBackend{family}"


@about("DeleteBackend", "GetBackend")
@documented("REST reference: removes an existing environment")
def test_the_other_environments_stay(backend: Backend, give: Any) -> None:
    given = give("app with environments dev and test")
    test = place(given, BackendEnvironmentName="test")
    before = meta(backend, test)
    backend.done("DeleteBackend", place(given))
    assert backend.seen(test)["BackendEnvironmentList"] == ["test"], "DeleteBackend"
    assert meta(backend, test) == before, "DeleteBackend"


@about("RemoveAllBackends", "GetBackend")
@documented("REST reference: removes all backend environments from your Amplify project")
@pytest.mark.parametrize("clean", [False, True], ids=["kept", "cleaned"])
def test_the_other_apps_stay(backend: Backend, give: Any, clean: bool) -> None:
    given, other = give("app with environments dev and test"), give("auth present")
    before = backend.seen(place(other))
    params = {"AppId": given["AppId"]}
    backend.done("RemoveAllBackends", {**params, "CleanAmplifyApp": clean})
    assert backend.seen(place(other)) == before, "RemoveAllBackends"
    if clean:
        backend.refused("GetBackend", params, errors.NotFound)
    else:
        assert backend.call("GetBackend", params)["BackendEnvironmentList"] == []


@about("UpdateBackendAuth", "CreateBackendAuth")
@assumed("a pending job is that of one app and environment, as the recorded text names them")
@pytest.mark.parametrize("other", ["environment", "app", "region"])
def test_a_job_keeps_nobody_else_out(backend: Backend, give: Any, other: str) -> None:
    given = give("app with environments dev and test")
    where, there = backend, place(given, BackendEnvironmentName="test")
    if other == "app":
        there = place(give("app with environment dev"))
    if other == "region":
        where, there = backend.elsewhere(), place(given)
        give("app with environment dev", region=where, app=_same(backend, given))
    first = backend.submit("UpdateBackendAuth", sample("UpdateBackendAuth", place(given)))
    where.done("CreateBackendAuth", sample("CreateBackendAuth", there))
    assert backend.wait(first)["Status"] == "FAILED", "UpdateBackendAuth"


@about("GetBackendJob", "ListBackendJobs", "UpdateBackendJob")
@modeled("a job is asked for with its app and its environment")
@pytest.mark.parametrize("other", ["environment", "app", "region"])
def test_a_job_is_found_in_its_own_place(backend: Backend, give: Any, other: str) -> None:
    given = give("job completed")
    where, there = backend, place(given, BackendEnvironmentName="test")
    if other == "environment":
        backend.done("CreateBackend", sample("CreateBackend", there))
    elif other == "app":
        there = place(give("app with environment dev"))
    else:
        where = backend.elsewhere()
        there = place(give("app with environment dev", region=where, app=_same(backend, given)))
    job = {**there, "JobId": given["JobId"]}
    where.refused("GetBackendJob", job, errors.NotFound)
    where.refused("UpdateBackendJob", {**job, "Status": "FAILED"}, errors.NotFound)
    listed = [one["JobId"] for one in where.jobs(there)]
    assert given["JobId"] not in listed, "ListBackendJobs: a job of elsewhere"


def _same(backend: Backend, given: dict[str, Any]) -> str:
    """The same app id, in another region; it is removed there as well."""
    app_id: str = given["AppId"]
    backend.noted.apps.append((backend.target.other_region, app_id))
    return app_id


@about("GetBackend", "CreateBackend")
@documented("REST reference: the endpoints are regional")
def test_an_app_is_in_its_own_region(backend: Backend, give: Any) -> None:
    given, elsewhere = give("auth present"), backend.elsewhere()
    elsewhere.refused("GetBackend", {"AppId": given["AppId"]}, errors.NotFound)
    before = backend.seen(place(given))
    give("app with environment dev", region=elsewhere, app=_same(backend, given))
    assert set(meta(elsewhere, given)) == {"providers"}, "CreateBackend"
    elsewhere.done("RemoveAllBackends", {"AppId": given["AppId"]})
    assert backend.seen(place(given)) == before, "RemoveAllBackends: reached into another region"


@about("GetBackend")
@documented("Amplify CLI: amplify-meta.json names the region")
def test_what_is_provisioned_names_its_region(backend: Backend, give: Any) -> None:
    given, elsewhere = give("auth present"), backend.elsewhere()
    other = give("auth present", region=elsewhere, app=new_app(elsewhere))
    for where, there in ((backend, given), (elsewhere, other)):
        held = meta(where, there)
        region = held["providers"]["awscloudformation"]["Region"]
        assert region == where.region, f"GetBackend: {region} in {where.region}"
        (auth,) = held["auth"].values()
        pool = auth["output"]["UserPoolId"]
        assert pool.startswith(f"{where.region}_"), f"GetBackend: {pool} in {where.region}"


@about("CreateToken", "GetToken", "DeleteToken")
@modeled("a token is asked for with its app")
def test_a_token_is_that_of_its_app(backend: Backend, give: Any) -> None:
    given, other = give("token active"), give("token active")
    stolen = {"AppId": other["AppId"], "SessionId": given["SessionId"]}
    backend.refused("GetToken", stolen, errors.NotFound)
    backend.refused("DeleteToken", stolen, errors.NotFound)
    own = {"AppId": given["AppId"], "SessionId": given["SessionId"]}
    assert backend.call("GetToken", own)["SessionId"] == given["SessionId"], "GetToken"


@about("UpdateBackendConfig", "RemoveBackendConfig")
@modeled("a backend configuration is asked for with its app")
def test_a_studio_config_is_that_of_its_app(backend: Backend, give: Any) -> None:
    given, other = give("studio enabled"), give("studio enabled")
    app = {"AppId": other["AppId"]}
    before = backend.call("UpdateBackendConfig", app)
    backend.call("UpdateBackendConfig", {"AppId": given["AppId"], "LoginAuthConfig": LOGIN})
    assert backend.call("UpdateBackendConfig", app) == before, "UpdateBackendConfig"
    backend.call("RemoveBackendConfig", {"AppId": given["AppId"]})
    assert backend.call("UpdateBackendConfig", app) == before, "RemoveBackendConfig"


@about("CreateToken", "GetToken", "DeleteToken")
@documented("REST reference: the endpoints are regional")
def test_a_token_is_that_of_its_region(backend: Backend, give: Any) -> None:
    given, elsewhere = give("token active"), backend.elsewhere()
    give("app with environment dev", region=elsewhere, app=_same(backend, given))
    token = {"AppId": given["AppId"], "SessionId": given["SessionId"]}
    elsewhere.refused("GetToken", token, errors.NotFound)
    elsewhere.refused("DeleteToken", token, errors.NotFound)
    assert backend.call("GetToken", token)["SessionId"] == given["SessionId"], "GetToken"


@about("CreateBackendConfig", "UpdateBackendConfig", "RemoveBackendConfig")
@documented("REST reference: the endpoints are regional")
def test_a_studio_config_is_that_of_its_region(backend: Backend, give: Any) -> None:
    given, elsewhere = give("studio enabled"), backend.elsewhere()
    give("app with environment dev", region=elsewhere, app=_same(backend, given))
    app = {"AppId": given["AppId"]}
    before = backend.call("UpdateBackendConfig", app)
    elsewhere.refused("UpdateBackendConfig", app, errors.NotFound)
    elsewhere.refused("RemoveBackendConfig", app, errors.NotFound)
    assert backend.call("UpdateBackendConfig", app) == before, "RemoveBackendConfig"


@about("GenerateBackendAPIModels", "GetBackendAPIModels")
@documented("REST reference: a resource belongs to an app and an environment")
def test_models_are_those_of_their_environment(backend: Backend, give: Any) -> None:
    given = give("models LATEST")
    backend.done("CloneBackend", sample("CloneBackend", given))
    copy = place(given, BackendEnvironmentName="copy", ResourceName=given["ResourceName"])
    backend.done("UpdateBackendAPI", sample("UpdateBackendAPI", copy))
    backend.done("GenerateBackendAPIModels", copy)
    here, there = (backend.call("GetBackendAPIModels", at) for at in (given, copy))
    assert "note" not in here["Models"], "GenerateBackendAPIModels: in another environment too"
    assert "note" in there["Models"], "GetBackendAPIModels: of another environment"
    assert here["Status"] == there["Status"] == "LATEST", "UpdateBackendAPI"


@about("ListS3Buckets")
@documented("REST reference: the list of S3 buckets in your account")
def test_buckets_are_those_of_the_account(backend: Backend, give: Any) -> None:
    given, elsewhere = give("app with environment dev"), backend.elsewhere()
    bucket = a_bucket(backend, given)
    for where in (backend, elsewhere):
        names = [one["Name"] for one in where.call("ListS3Buckets", {})["Buckets"]]
        assert bucket in names, f"ListS3Buckets: {bucket} is not listed in {where.region}"
