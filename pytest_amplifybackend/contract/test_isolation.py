"""Apps, environments and regions keep out of each other's way."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract.backend import Backend
from pytest_amplifybackend.contract.marks import about, assumed, documented, modelled
from pytest_amplifybackend.contract.samples import LOGIN, sample
from pytest_amplifybackend.contract.states import meta
from pytest_amplifybackend.contract.tidying import new_app

FAMILIES = {
    "Auth": "auth present",
    "API": "API present",
    "Storage": "storage present",
}
EACH = [
    pytest.param(family, marks=about(f"GetBackend{family}", f"CreateBackend{family}", "GetBackend"))
    for family in FAMILIES
]


def _at(given: dict[str, Any], **changes: Any) -> dict[str, Any]:
    at = {name: given[name] for name in ("AppId", "BackendEnvironmentName")}
    return {**at, **changes}


@documented("REST reference: a resource belongs to an app and an environment")
@pytest.mark.parametrize("family", EACH)
def test_a_resource_is_in_its_own_app(backend: Backend, give: Any, family: str) -> None:
    given, other = give(FAMILIES[family]), give("app with environment dev")
    named = {"ResourceName": given["ResourceName"]}
    backend.call(f"GetBackend{family}", {**_at(given), **named})
    backend.refused(f"GetBackend{family}", {**_at(other), **named}, errors.NotFound)
    assert set(meta(backend, other)) == {"providers"}, f"CreateBackend{family}"


@documented("REST reference: a resource belongs to an app and an environment")
@pytest.mark.parametrize("family", EACH)
def test_a_resource_is_in_its_own_environment(backend: Backend, give: Any, family: str) -> None:
    given = give(FAMILIES[family])
    test = _at(given, BackendEnvironmentName="test")
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
    copy = _at(given, BackendEnvironmentName="copy", ResourceName=given["ResourceName"])
    before = backend.call(f"GetBackend{family}", copy)
    backend.done(f"UpdateBackend{family}", sample(f"UpdateBackend{family}", given, full=True))
    backend.done(f"DeleteBackend{family}", sample(f"DeleteBackend{family}", given))
    assert backend.call(f"GetBackend{family}", copy) == before, f"UpdateBackend{family}"


@about("DeleteBackend", "GetBackend")
@documented("REST reference: removes an existing environment")
def test_the_other_environments_stay(backend: Backend, give: Any) -> None:
    given = give("app with environments dev and test")
    test = _at(given, BackendEnvironmentName="test")
    before = meta(backend, test)
    backend.done("DeleteBackend", _at(given))
    assert backend.seen(test)["BackendEnvironmentList"] == ["test"], "DeleteBackend"
    assert meta(backend, test) == before, "DeleteBackend"


@about("RemoveAllBackends", "GetBackend")
@documented("REST reference: removes all backend environments from your Amplify project")
@pytest.mark.parametrize("clean", [False, True], ids=["kept", "cleaned"])
def test_the_other_apps_stay(backend: Backend, give: Any, clean: bool) -> None:
    given, other = give("app with environments dev and test"), give("auth present")
    before = backend.seen(_at(other))
    params = {"AppId": given["AppId"]}
    backend.done("RemoveAllBackends", {**params, "CleanAmplifyApp": clean})
    assert backend.seen(_at(other)) == before, "RemoveAllBackends"
    if clean:
        backend.refused("GetBackend", params, errors.NotFound)
    else:
        assert backend.call("GetBackend", params)["BackendEnvironmentList"] == []


@about("UpdateBackendAuth", "CreateBackendAuth")
@assumed("a pending job is that of one app and environment, as the recorded text names them")
@pytest.mark.parametrize("other", ["environment", "app"])
def test_a_job_keeps_nobody_else_out(backend: Backend, give: Any, other: str) -> None:
    given = give("app with environments dev and test")
    there = _at(given, BackendEnvironmentName="test")
    if other == "app":
        there = _at(give("app with environment dev"))
    first = backend.submit("UpdateBackendAuth", sample("UpdateBackendAuth", _at(given)))
    backend.done("CreateBackendAuth", sample("CreateBackendAuth", there))
    assert backend.wait(first)["Status"] == "FAILED", "UpdateBackendAuth"


@about("GetBackendJob", "ListBackendJobs", "UpdateBackendJob")
@modelled("a job is asked for with its app and its environment")
@pytest.mark.parametrize("other", ["environment", "app", "region"])
def test_a_job_is_found_in_its_own_place(backend: Backend, give: Any, other: str) -> None:
    given = give("job completed")
    where, there = backend, _at(given, BackendEnvironmentName="test")
    if other == "environment":
        backend.done("CreateBackend", sample("CreateBackend", there))
    elif other == "app":
        there = _at(give("app with environment dev"))
    else:
        where = backend.elsewhere()
        there = _at(give("app with environment dev", region=where, app=_same(backend, given)))
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
    before = backend.seen(_at(given))
    give("app with environment dev", region=elsewhere, app=_same(backend, given))
    assert set(meta(elsewhere, given)) == {"providers"}, "CreateBackend"
    elsewhere.done("RemoveAllBackends", {"AppId": given["AppId"]})
    assert backend.seen(_at(given)) == before, "RemoveAllBackends: reached into another region"


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
@modelled("a token is asked for with its app")
def test_a_token_is_that_of_its_app(backend: Backend, give: Any) -> None:
    given, other = give("token active"), give("token active")
    stolen = {"AppId": other["AppId"], "SessionId": given["SessionId"]}
    backend.refused("GetToken", stolen, errors.NotFound)
    backend.refused("DeleteToken", stolen, errors.NotFound)
    own = {"AppId": given["AppId"], "SessionId": given["SessionId"]}
    assert backend.call("GetToken", own)["SessionId"] == given["SessionId"], "GetToken"


@about("UpdateBackendConfig", "RemoveBackendConfig")
@modelled("a backend configuration is asked for with its app")
def test_a_studio_config_is_that_of_its_app(backend: Backend, give: Any) -> None:
    given, other = give("studio enabled"), give("studio enabled")
    app = {"AppId": other["AppId"]}
    before = backend.call("UpdateBackendConfig", app)
    backend.call("UpdateBackendConfig", {"AppId": given["AppId"], "LoginAuthConfig": LOGIN})
    assert backend.call("UpdateBackendConfig", app) == before, "UpdateBackendConfig"
    backend.call("RemoveBackendConfig", {"AppId": given["AppId"]})
    assert backend.call("UpdateBackendConfig", app) == before, "RemoveBackendConfig"
