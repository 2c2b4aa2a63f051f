"""Provider states: what has to be there before a test, by name.

The suite builds each by calls. A hook, ``pytest_amplifybackend_state``, builds it in another way:
see docs/contract.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract import Unbuildable
from pytest_amplifybackend.contract._support import makers, samples
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.noted import ANY_JOB

Existing = dict[str, Any]
MANY = 110
"""How many jobs the state with many of them has: as many pages, where each has one."""


def _no_app(backend: Backend, existing: Existing) -> Existing:
    return existing


def _dev(backend: Backend, existing: Existing) -> Existing:
    backend.done("CreateBackend", samples.sample("CreateBackend", existing))
    return existing


def _empty_app(backend: Backend, existing: Existing) -> Existing:
    _dev(backend, existing)
    backend.done("DeleteBackend", place(existing))
    return existing


def _dev_and_test(backend: Backend, existing: Existing) -> Existing:
    _dev(backend, existing)
    _dev(backend, {**existing, "BackendEnvironmentName": "test"})
    return existing


def _resource(operation: str, base: str) -> Callable[[Backend, Existing], Existing]:
    def build(backend: Backend, existing: Existing) -> Existing:
        existing = _BUILDERS[base](backend, existing)
        existing.pop("ResourceName", None)
        params = samples.sample(operation, existing)
        backend.done(operation, params)
        return {**existing, "ResourceName": params["ResourceName"]}

    return build


def pool_of(region: str) -> dict[str, str]:
    """The ids of a user pool and its clients in a region; a real one needs real ids."""
    return {
        "NativeClientId": "native1client",
        "UserPoolId": f"{region}_a1B2c3D4e",
        "WebClientId": "web1client",
    }


def _user_pool(backend: Backend, existing: Existing) -> Existing:
    if backend.target.name == "aws":
        raise Unbuildable("it takes the ids of a real user pool; return them from the hook")
    return {**_dev(backend, existing), **pool_of(backend.region)}


def _auth_imported(backend: Backend, existing: Existing) -> Existing:
    existing = _user_pool(backend, existing)
    backend.done("ImportBackendAuth", existing)
    (name,) = meta(backend, existing)["auth"]
    return {**place(existing), "ResourceName": name}


def a_bucket(backend: Backend, existing: Existing) -> str:
    """A bucket that is there: the one that the environment is deployed from."""
    found = meta(backend, existing)["providers"]["awscloudformation"]["DeploymentBucketName"]
    return str(found)


def _bucket(backend: Backend, existing: Existing) -> Existing:
    existing = place(_BUILDERS["auth present"](backend, existing))
    return {**existing, "BucketName": a_bucket(backend, existing)}


def _storage_imported(backend: Backend, existing: Existing) -> Existing:
    existing = _bucket(backend, existing)
    backend.done("ImportBackendStorage", {**existing, "ServiceName": "S3"})
    (name,) = meta(backend, existing)["storage"]
    return {**existing, "ResourceName": name}


def _models(backend: Backend, existing: Existing) -> Existing:
    existing = _BUILDERS["API present"](backend, existing)
    backend.done("GenerateBackendAPIModels", samples.sample("GenerateBackendAPIModels", existing))
    return existing


def _stale_models(backend: Backend, existing: Existing) -> Existing:
    existing = _models(backend, existing)
    backend.done("UpdateBackendAPI", samples.sample("UpdateBackendAPI", existing))
    return existing


def _all_three(backend: Backend, existing: Existing) -> Existing:
    existing = _BUILDERS["storage present"](backend, existing)
    backend.done("CreateBackendAPI", samples.sample("CreateBackendAPI", place(existing)))
    return place(existing)


def _studio(backend: Backend, existing: Existing) -> Existing:
    _dev(backend, existing)
    backend.done("CreateBackendConfig", {"AppId": existing["AppId"]})
    return existing


def _token(backend: Backend, existing: Existing) -> Existing:
    _dev(backend, existing)
    token = backend.call("CreateToken", {"AppId": existing["AppId"]})
    return {**existing, "SessionId": token["SessionId"]}


def _expired_token(backend: Backend, existing: Existing) -> Existing:
    if backend.target.shift is None:
        raise Unbuildable("nobody waits until a token expires; override the state")
    existing = _token(backend, existing)
    backend.target.shift(24 * 60 * 60)
    return existing


def _many_jobs(backend: Backend, existing: Existing) -> Existing:
    """More jobs than four pages have; where each takes minutes, a few."""
    jobs = [backend.done("CreateBackend", samples.sample("CreateBackend", existing))]
    count = MANY if backend.target.polling.interval <= 1 else 6
    jobs += islice(makers.jobs(backend, existing), count - 1)
    return {**existing, "JobIds": [job["JobId"] for job in reversed(jobs)]}


def _pending(backend: Backend, existing: Existing) -> Existing:
    """A job that has just been accepted, of an operation that changes as little as possible."""
    _dev(backend, existing)
    with backend.noted.inside(ANY_JOB):
        operation = makers.first(backend).operation
        job = backend.submit(operation, samples.sample(operation, existing))
    return {**existing, **job}


def _running(backend: Backend, existing: Existing) -> Existing:
    existing = _pending(backend, existing)
    for _ in backend.target.polling.pauses():
        status = backend.job(job_in(existing))["Status"]
        if status == "RUNNING":
            return existing
        if status != "PENDING":
            break
    raise Unbuildable("the target's jobs end before they can be seen RUNNING")


def _failed(backend: Backend, existing: Existing) -> Existing:
    _dev(backend, existing)
    with backend.noted.inside(ANY_JOB):
        operation = makers.first(backend, failing=True).operation
        failed = backend.fails(operation, samples.sample(operation, existing))
    return {**existing, "JobId": failed["JobId"]}


def _completed(backend: Backend, existing: Existing) -> Existing:
    done = backend.done("CreateBackend", samples.sample("CreateBackend", existing))
    return {**existing, "JobId": done["JobId"]}


_BUILDERS: dict[str, Callable[[Backend, Existing], Existing]] = {
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
    "app with many jobs": _many_jobs,
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
    "app with many jobs": ("JobIds",),
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


def build(config: pytest.Config, backend: Backend, state: str, app_id: str) -> Existing:
    """Build a state for an app that is not there yet; skips the test where that cannot be.

    Gives AppId and BackendEnvironmentName, and ResourceName, JobId, SessionId or BucketName where
    the state has one. Raises UsageError for a state without a name here, or a hook whose answer
    lacks one of these.
    """
    if state not in _BUILDERS:
        raise pytest.UsageError(f"no provider state {state!r}: {errors.nearest(state, _BUILDERS)}")
    start = {"AppId": app_id, "BackendEnvironmentName": "dev"}
    with backend.noted.inside(state):
        return _build(config, backend, state, start)


def _build(config: pytest.Config, backend: Backend, state: str, start: Existing) -> Existing:
    try:
        built = config.hook.pytest_amplifybackend_state(
            config=config,
            state=state,
            app_id=start["AppId"],
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


def place(existing: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The app and the environment of what a state has set up, and what else a call needs."""
    return {**{name: existing[name] for name in ("AppId", "BackendEnvironmentName")}, **changes}


def job_in(existing: Mapping[str, Any]) -> dict[str, Any]:
    """The place of the job that a state has set up, as GetBackendJob wants it."""
    return {**place(existing), "JobId": existing["JobId"]}


def meta(backend: Backend, existing: Mapping[str, Any]) -> dict[str, Any]:
    """What AmplifyMetaConfig says of an environment."""
    found: dict[str, Any] = json.loads(backend.seen(place(existing))["AmplifyMetaConfig"])
    return found


def config_of(backend: Backend, family: str, existing: Mapping[str, Any]) -> dict[str, Any]:
    """The config of a resource as its Get operation tells it."""
    params = samples.sample(f"GetBackend{family}", existing)
    config: dict[str, Any] = backend.call(f"GetBackend{family}", params)["ResourceConfig"]
    return config
