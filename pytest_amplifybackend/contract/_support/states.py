"""Provider states: what has to be there before a test, by name.

The suite builds each by calls. A hook, ``pytest_amplifybackend_state``, builds it in another way:
see docs/contract.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract import Unbuildable
from pytest_amplifybackend.contract._support import samples
from pytest_amplifybackend.contract._support.backend import Backend

Given = dict[str, Any]


def _no_app(backend: Backend, given: Given) -> Given:
    return given


def _dev(backend: Backend, given: Given) -> Given:
    backend.done("CreateBackend", samples.sample("CreateBackend", given))
    return given


def _empty_app(backend: Backend, given: Given) -> Given:
    _dev(backend, given)
    backend.done("DeleteBackend", place(given))
    return given


def _dev_and_test(backend: Backend, given: Given) -> Given:
    _dev(backend, given)
    _dev(backend, {**given, "BackendEnvironmentName": "test"})
    return given


def _resource(operation: str, base: str) -> Callable[[Backend, Given], Given]:
    def build(backend: Backend, given: Given) -> Given:
        given = _BUILDERS[base](backend, given)
        given.pop("ResourceName", None)
        params = samples.sample(operation, given)
        backend.done(operation, params)
        return {**given, "ResourceName": params["ResourceName"]}

    return build


def pool_of(region: str) -> dict[str, str]:
    """The ids of a user pool and its clients in a region; a real one needs real ids."""
    return {
        "NativeClientId": "native1client",
        "UserPoolId": f"{region}_a1B2c3D4e",
        "WebClientId": "web1client",
    }


def _user_pool(backend: Backend, given: Given) -> Given:
    if backend.target.name == "aws":
        raise Unbuildable("it takes the ids of a real user pool; give them by the hook")
    return {**_dev(backend, given), **pool_of(backend.region)}


def _auth_imported(backend: Backend, given: Given) -> Given:
    given = _user_pool(backend, given)
    backend.done("ImportBackendAuth", given)
    (name,) = meta(backend, given)["auth"]
    return {**place(given), "ResourceName": name}


def a_bucket(backend: Backend, given: Given) -> str:
    """A bucket that is there: the one that the environment is deployed from."""
    found = meta(backend, given)["providers"]["awscloudformation"]["DeploymentBucketName"]
    return str(found)


def _bucket(backend: Backend, given: Given) -> Given:
    given = place(_BUILDERS["auth present"](backend, given))
    return {**given, "BucketName": a_bucket(backend, given)}


def _storage_imported(backend: Backend, given: Given) -> Given:
    given = _bucket(backend, given)
    backend.done("ImportBackendStorage", {**given, "ServiceName": "S3"})
    (name,) = meta(backend, given)["storage"]
    return {**given, "ResourceName": name}


def _models(backend: Backend, given: Given) -> Given:
    given = _BUILDERS["API present"](backend, given)
    backend.done("GenerateBackendAPIModels", samples.sample("GenerateBackendAPIModels", given))
    return given


def _stale_models(backend: Backend, given: Given) -> Given:
    given = _models(backend, given)
    backend.done("UpdateBackendAPI", samples.sample("UpdateBackendAPI", given))
    return given


def _all_three(backend: Backend, given: Given) -> Given:
    given = _BUILDERS["storage present"](backend, given)
    backend.done("CreateBackendAPI", samples.sample("CreateBackendAPI", place(given)))
    return place(given)


def _studio(backend: Backend, given: Given) -> Given:
    _dev(backend, given)
    backend.done("CreateBackendConfig", {"AppId": given["AppId"]})
    return given


def _token(backend: Backend, given: Given) -> Given:
    _dev(backend, given)
    token = backend.call("CreateToken", {"AppId": given["AppId"]})
    return {**given, "SessionId": token["SessionId"]}


def _expired_token(backend: Backend, given: Given) -> Given:
    if backend.target.shift is None:
        raise Unbuildable("nobody waits until a token expires; override the state")
    given = _token(backend, given)
    backend.target.shift(24 * 60 * 60)
    return given


def _pending(backend: Backend, given: Given) -> Given:
    """A job that has just been accepted, of an operation that changes nothing."""
    _dev(backend, given)
    job = backend.submit("UpdateBackendAuth", samples.sample("UpdateBackendAuth", given))
    return {**given, **job}


def _running(backend: Backend, given: Given) -> Given:
    given = _pending(backend, given)
    for _ in backend.target.polling.pauses():
        status = backend.job(job_in(given))["Status"]
        if status == "RUNNING":
            return given
        if status != "PENDING":
            break
    raise Unbuildable("the target's jobs end before they can be seen RUNNING")


def _failed(backend: Backend, given: Given) -> Given:
    _dev(backend, given)
    failed = backend.fails("UpdateBackendAuth", samples.sample("UpdateBackendAuth", given))
    return {**given, "JobId": failed["JobId"]}


def _completed(backend: Backend, given: Given) -> Given:
    done = backend.done("CreateBackend", samples.sample("CreateBackend", given))
    return {**given, "JobId": done["JobId"]}


_BUILDERS: dict[str, Callable[[Backend, Given], Given]] = {
    "no app": _no_app,
    "app with environment dev": _dev,
    "app without environments": _empty_app,
    "app with environments dev and test": _dev_and_test,
    "app with a user pool to import": _user_pool,
    "auth imported": _auth_imported,
    "auth and a bucket": _bucket,
    "storage imported": _storage_imported,
    "models LATEST": _models,
    "models STALE": _stale_models,
    "auth, API and storage present": _all_three,
    "studio enabled": _studio,
    "token active": _token,
    "token expired": _expired_token,
    "job pending": _pending,
    "job running": _running,
    "job failed": _failed,
    "job completed": _completed,
}
_BUILDERS["auth present"] = _resource("CreateBackendAuth", "app with environment dev")
_BUILDERS["API present"] = _resource("CreateBackendAPI", "app with environment dev")
_BUILDERS["storage present"] = _resource("CreateBackendStorage", "auth present")

NAMES = tuple(_BUILDERS)
_NEEDED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("auth present", "auth imported", "API present", "models LATEST", "models STALE"),
        ("ResourceName",),
    ),
    **dict.fromkeys(("storage present", "storage imported"), ("ResourceName",)),
    "app with a user pool to import": ("NativeClientId", "UserPoolId", "WebClientId"),
    "auth and a bucket": ("BucketName",),
    **dict.fromkeys(("token active", "token expired"), ("SessionId",)),
    **dict.fromkeys(("job pending", "job running", "job failed", "job completed"), ("JobId",)),
}
"""What a hook has to say of a state that it builds, besides app and environment."""


def table() -> str:
    """The states as a Markdown table: each name, and what a hook has to say of it."""
    rows = ["| state | a hook that builds it gives |", "| --- | --- |"]
    for name in sorted(NAMES):
        needed = ", ".join(f"`{member}`" for member in _NEEDED.get(name, ()))
        rows.append(f"| {name} | {needed or 'nothing, or other names than `dev`'} |")
    return "\n".join(rows)


def build(config: pytest.Config, backend: Backend, state: str, app_id: str) -> Given:
    """Build a state for an app that is not there yet; skips the test where that cannot be.

    Gives AppId and BackendEnvironmentName, and ResourceName, JobId, SessionId or BucketName where
    the state has one. Raises UsageError for a state without a name here, or a hook whose answer
    lacks one of these.
    """
    if state not in _BUILDERS:
        raise pytest.UsageError(f"no provider state {state!r}: {errors.nearest(state, _BUILDERS)}")
    start = {"AppId": app_id, "BackendEnvironmentName": "dev"}
    try:
        built = config.hook.pytest_amplifybackend_state(
            config=config,
            state=state,
            app_id=app_id,
            region=backend.region,
            client=backend.target.client(backend.region),
        )
        if built is None:
            return _BUILDERS[state](backend, start)
    except Unbuildable as error:
        pytest.skip(f"the state {state!r} cannot be built: {error}")
    _check_built(state, built)
    return {**start, **built}


def _check_built(state: str, built: Any) -> None:
    """Raise UsageError unless a hook has said what its state is made of, and nothing else."""
    hook = f"pytest_amplifybackend_state built {state!r}"
    if not isinstance(built, Mapping):
        raise pytest.UsageError(f"{hook} and returned a {type(built).__name__}, not a dict.")
    needed = _NEEDED.get(state, ())
    missing = [name for name in needed if name not in built]
    if missing:
        raise pytest.UsageError(f"{hook} without saying its {missing[0]}.")
    known = ("AppId", "BackendEnvironmentName", *needed)
    for name in built:
        if name not in known:
            raise pytest.UsageError(f"{hook} with {name!r}: {errors.nearest(name, known)}")


def place(given: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The app and the environment of what a state has given, and what else a call needs."""
    return {**{name: given[name] for name in ("AppId", "BackendEnvironmentName")}, **changes}


def job_in(given: Mapping[str, Any]) -> dict[str, Any]:
    """The place of the job that a state has given, as GetBackendJob wants it."""
    return {**place(given), "JobId": given["JobId"]}


def meta(backend: Backend, given: Mapping[str, Any]) -> dict[str, Any]:
    """What AmplifyMetaConfig says of an environment."""
    found: dict[str, Any] = json.loads(backend.seen(place(given))["AmplifyMetaConfig"])
    return found


def config_of(backend: Backend, family: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The config of a resource as its Get operation tells it."""
    params = samples.sample(f"GetBackend{family}", given)
    config: dict[str, Any] = backend.call(f"GetBackend{family}", params)["ResourceConfig"]
    return config
