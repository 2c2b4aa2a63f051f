"""What a second call of the same kind does: reads change nothing, changes are not made twice."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support.backend import READS, Backend
from pytest_amplifybackend.contract._support.marks import (
    about,
    assumed,
    documented,
    modeled,
    observed,
)
from pytest_amplifybackend.contract._support.samples import LOGIN, STATES, sample
from pytest_amplifybackend.contract._support.states import place
from pytest_amplifybackend.strategies._internal.checking import scribble


@documented("REST reference: returns information")
@pytest.mark.parametrize(
    "operation", [pytest.param(name, marks=about(name)) for name in sorted(READS)]
)
def test_a_read_changes_nothing(backend: Backend, shared: Any, operation: str) -> None:
    params = sample(operation, shared(STATES[operation]))
    if operation == "ListS3Buckets":
        found = [set(_names(backend.call(operation, params))) for _ in range(2)]
        assert found[0] <= found[1], f"{operation}: a bucket is gone"
        return
    answers = []
    for _ in range(3):
        answer = backend.call(operation, params)
        answers.append(copy.deepcopy(answer))
        scribble(answer)
    assert answers[0] == answers[1] == answers[2], f"{operation}: not the same twice"


def _names(answer: dict[str, Any]) -> list[str]:
    return [bucket["Name"] for bucket in answer["Buckets"]]


@documented("REST reference: returns information, whoever asks for it")
@pytest.mark.parametrize(
    "family",
    [
        pytest.param(name, marks=about("GetBackend", f"GetBackend{name}", f"UpdateBackend{name}"))
        for name in ("Auth", "API", "Storage")
    ],
)
def test_reads_agree_whoever_asks(backend: Backend, shared: Any, family: str) -> None:
    """What one client has changed another one reads, and reads again after other reads."""
    operation, read = f"UpdateBackend{family}", f"GetBackend{family}"
    there, other = shared(STATES[operation], reconfigured=True), shared(STATES[operation])
    named, at = sample(read, there), place(there)
    second = backend.of_another_client()
    seen = []
    for full in (True, False):
        for where in (backend, second):
            where.call(read, named)
        backend.done(operation, sample(operation, there, full=full))
        answers = [(where.call(read, named), where.seen(at)) for where in (second, backend)]
        second.call(read, sample(read, other))
        second.seen(place(other))
        answers.append((second.call(read, named), second.seen(at)))
        assert answers[0] == answers[1] == answers[2], f"{read}: reads do not agree"
        seen.append(answers[0])
    assert seen[0][1] != seen[1][1], "GetBackend: an update has not come to what is read"


@about("GetToken", "DeleteToken")
@documented("the login function that Amplify ships reads a token once and then deletes it")
def test_a_token_goes_when_it_is_deleted(backend: Backend, arrange: Any) -> None:
    existing = arrange("token active")
    token = {name: existing[name] for name in ("AppId", "SessionId")}
    assert backend.call("DeleteToken", token)["IsSuccess"] is True, "DeleteToken"
    backend.rejected("GetToken", token, errors.NotFound)
    backend.rejected("DeleteToken", token, errors.NotFound)


@about("CreateToken", "GetToken")
@modeled("one-time challenge code, unique id of the session")
def test_each_token_is_another(backend: Backend, arrange: Any) -> None:
    app = {"AppId": arrange("app with environment dev")["AppId"]}
    made = [backend.call("CreateToken", app) for _ in range(12)]
    for member in ("SessionId", "ChallengeCode"):
        assert len({token[member] for token in made}) == 12, f"CreateToken: the same {member}"
    for token in made:
        own = {**app, "SessionId": token["SessionId"]}
        assert backend.call("GetToken", own) == token, "GetToken: not what CreateToken gave"


@about("CreateToken")
@assumed("the expiry as seconds since 1970, and later than now; no value was recorded")
def test_a_token_lives_for_some_time(backend: Backend, arrange: Any) -> None:
    existing = arrange("job completed")
    token = backend.call("CreateToken", {"AppId": existing["AppId"]})
    job = {name: existing[name] for name in ("AppId", "BackendEnvironmentName", "JobId")}
    now = int(backend.job(job)["UpdateTime"]) // 1000
    assert token["Ttl"].isdecimal(), f"CreateToken: Ttl {token['Ttl']!r}"
    assert int(token["Ttl"]) > now, f"CreateToken: Ttl {token['Ttl']} is over at {now}"


@about("UpdateBackendConfig")
@modeled("shape BackendConfigRespObj; LoginAuthConfig replaces the one before")
def test_a_studio_config_stays_as_it_was_set(backend: Backend, arrange: Any) -> None:
    app = {"AppId": arrange("studio enabled")["AppId"]}
    first = backend.call("UpdateBackendConfig", app)
    before = copy.deepcopy(first)
    scribble(first)
    assert backend.call("UpdateBackendConfig", app) == before, "UpdateBackendConfig"
    changed = backend.call("UpdateBackendConfig", {**app, "LoginAuthConfig": LOGIN})
    assert changed["LoginAuthConfig"] == LOGIN, "UpdateBackendConfig"
    assert backend.call("UpdateBackendConfig", app) == changed, "UpdateBackendConfig"
    assert changed["BackendManagerAppId"] == before["BackendManagerAppId"], "UpdateBackendConfig"


@about("CreateBackendConfig", "RemoveBackendConfig")
@documented("Amplify documentation, Studio: enabling it again makes a new user pool")
def test_studio_can_be_enabled_again(backend: Backend, arrange: Any) -> None:
    app = {"AppId": arrange("studio enabled")["AppId"]}
    before = backend.call("UpdateBackendConfig", app)["LoginAuthConfig"]
    backend.call("RemoveBackendConfig", app)
    backend.done("CreateBackendConfig", app)
    after = backend.call("UpdateBackendConfig", app)["LoginAuthConfig"]
    assert after["AwsUserPoolsId"] != before["AwsUserPoolsId"], "CreateBackendConfig: the same pool"


@about("CreateBackend", "DeleteBackend")
@observed("recorded jobs of the real service: an environment is made again after its removal")
def test_an_environment_is_made_again_empty(backend: Backend, arrange: Any) -> None:
    existing = arrange("auth present")
    dev = place(existing)
    backend.done("DeleteBackend", dev)
    backend.done("CreateBackend", sample("CreateBackend", dev))
    backend.rejected("GetBackendAuth", existing, errors.NotFound)
    backend.done("CreateBackendAuth", sample("CreateBackendAuth", dev))


@documented("Amplify CLI: an update may be repeated")
@pytest.mark.parametrize(
    ("operation", "read"),
    [
        pytest.param(f"UpdateBackend{family}", f"GetBackend{family}", marks=about(operation))
        for family in ("Auth", "API", "Storage")
        for operation in [f"UpdateBackend{family}"]
    ],
)
def test_an_update_made_twice_is_one(
    backend: Backend, shared: Any, operation: str, read: str
) -> None:
    existing = shared(STATES[operation], reconfigured=True)
    params = sample(operation, existing, full=True)
    named = sample(read, existing)
    backend.done(operation, params)
    once = backend.call(read, named)["ResourceConfig"]
    backend.done(operation, params)
    assert backend.call(read, named)["ResourceConfig"] == once, operation


@about(*(name for name in catalogue.operations() if "Create" in name and "Backend" in name))
@modeled("JobId: the ID for the job")
def test_no_two_jobs_have_one_id(backend: Backend, arrange: Any) -> None:
    existing = arrange("auth, API and storage present")
    other = arrange("job completed")
    jobs = [job["JobId"] for one in (existing, other) for job in backend.jobs(place(one))]
    assert len(set(jobs)) == len(jobs) == 5, "CreateBackend: a JobId came twice"


@documented("Amplify CLI, remove-resource: No resources added for this category")
@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(f"DeleteBackend{family}", marks=about(f"DeleteBackend{family}"))
        for family in ("Auth", "API", "Storage")
    ],
)
def test_what_is_gone_is_not_deleted_again(backend: Backend, arrange: Any, operation: str) -> None:
    params = sample(operation, arrange(STATES[operation]))
    backend.done(operation, params)
    for _ in range(2):
        backend.fails(operation, params)


@about("DeleteBackendAPI", "CreateBackendAPI", "GetBackendAPIModels")
@assumed("models are a file of their API, and go with it")
def test_models_go_with_their_api(backend: Backend, arrange: Any) -> None:
    existing = arrange("models LATEST")
    backend.done("DeleteBackendAPI", sample("DeleteBackendAPI", existing))
    backend.rejected("GetBackendAPIModels", existing, errors.NotFound)
    backend.done("CreateBackendAPI", sample("CreateBackendAPI", existing))
    backend.rejected("GetBackendAPIModels", existing, errors.NotFound)


@about("CreateBackendConfig", "UpdateBackendConfig")
@modeled("BackendManagerAppId: a member of the request, and of UpdateBackendConfigRespObj")
def test_studio_has_the_manager_that_it_is_given(backend: Backend, arrange: Any) -> None:
    app = {"AppId": arrange("app with environment dev")["AppId"]}
    for manager in ("d1first", "d1second"):
        backend.done("CreateBackendConfig", {**app, "BackendManagerAppId": manager})
        told = backend.call("UpdateBackendConfig", app)["BackendManagerAppId"]
        assert told == manager, f"CreateBackendConfig: the manager is {told}"
        backend.call("RemoveBackendConfig", app)


@about("UpdateBackendConfig")
@assumed("LoginAuthConfig replaces the one before, whatever it leaves out")
def test_a_login_is_replaced_whole(backend: Backend, arrange: Any) -> None:
    app = {"AppId": arrange("studio enabled")["AppId"]}
    backend.call("UpdateBackendConfig", {**app, "LoginAuthConfig": LOGIN})
    part = {"AwsCognitoRegion": "eu-west-1"}
    backend.call("UpdateBackendConfig", {**app, "LoginAuthConfig": part})
    told = backend.call("UpdateBackendConfig", app)["LoginAuthConfig"]
    assert told == part, "UpdateBackendConfig: the login before is still there"
