"""Validates a loaded dump, once each field is of its type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_amplifybackend._api import validity
from pytest_amplifybackend._api.catalogue import FAMILIES
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.checking import BrokenRule
from pytest_amplifybackend._rules.rule import Layer
from pytest_amplifybackend._service import categories
from pytest_amplifybackend._service.clock import in_calendar
from pytest_amplifybackend._service.entities import ABSENT, IMPORTED, PRESENT
from pytest_amplifybackend._service.handlers import OPERATIONS
from pytest_amplifybackend._service.jobs import JobTable
from pytest_amplifybackend._service.state import App, Environment, State

_CREATING: Mapping[str, str] = {
    declared.entity: name
    for name, declared in OPERATIONS.items()
    if declared.entity in FAMILIES and declared.moves == {ABSENT: PRESENT}
}
"""By family the request whose ``ResourceConfig`` a resource's config has the shape of."""

_IMPORTABLE = {
    declared.entity for declared in OPERATIONS.values() if IMPORTED in declared.moves.values()
}
"""The families whose resources can be imported."""

_FILLED: Mapping[str, tuple[str, ...]] = {
    "api": ("ApiName", "Service"),
    "auth": (),
    "storage": ("BucketName",),
}
"""The members that a config has even where its request left them out."""

_OUTPUTS: Mapping[str, tuple[str, ...]] = {
    "api": (),
    "auth": ("UserPoolId",),
    "storage": ("BucketName",),
    "environment": ("DeploymentBucketName", "StackName"),
}
"""The outputs that the service itself reads."""


def validate(state: State, counters: Mapping[str, int]) -> None:
    """Raise ValueError or UsageError for a state that no fake can have dumped.

    Of the outputs, which a provisioner makes, only those that the service reads are checked.
    """
    for app in state.apps.values():
        for environment in app.environments.values():
            _check_outputs(f"environment {environment.name}", "environment", environment.outputs)
            categories.check(environment.keys(), environment.categories)
            for operation, params, imported in _as_requests(app, environment):
                if imported:  # its provider made it, by rules of its own
                    _check_shape(operation, params)
                else:
                    _check_request(operation, params, checked_by_worker=True)
        _check_hosting(app)
        if app.studio is not None:
            login = {"AppId": app.app_id, "LoginAuthConfig": app.studio.login}
            _check_shape("UpdateBackendConfig", login)
    _check_jobs(state.jobs)
    for kind, count in counters.items():
        if type(count) is not int or count < 0:
            raise ValueError(f"the counter {kind!r} is {count!r}")
    if counters.get("job", 0) < len(state.jobs):
        raise ValueError(f"{len(state.jobs)} jobs, but the counter is {counters.get('job', 0)}")


def _check_hosting(app: App) -> None:
    """Check what the neighbor keeps by the requests that would have made it."""
    if app.hosting is None:
        return
    _check_shape("CreateApp", {"name": app.name, **app.hosting.members})
    for operation, names, kept in (
        ("CreateBranch", "branchName", app.hosting.branches),
        ("CreateBackendEnvironment", "environmentName", app.hosting.environments),
    ):
        for name, members in kept.items():
            made = dict(members)
            clock(made.pop("createTime"))
            _check_shape(operation, {"appId": app.app_id, names: name, **made})


def clock(value: Any) -> int:
    """The time of a dump; raises ValueError for a value that is not a time."""
    if type(value) is not int:
        raise ValueError(f"the clock is of type {type(value).__name__}")
    return in_calendar(value)


def _as_requests(app: App, environment: Environment) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """The requests that would make the resources of an environment, and which are imported."""
    for family, resource in environment.resources.items():
        if family not in _CREATING:
            raise ValueError(f"environment {environment.name} has a resource {family!r}")
        _check_outputs(f"{family} {resource.name}", family, resource.outputs)
        for name in _FILLED[family]:
            if name not in resource.config:
                raise ValueError(f"the config of {family} {resource.name} has no {name}")
        if resource.imported and family not in _IMPORTABLE:
            raise ValueError(f"{family} {resource.name} cannot be imported")
        place = {"AppId": app.app_id, "BackendEnvironmentName": environment.name}
        if resource.imported and family == "storage":  # its config is what its request has
            yield "ImportBackendStorage", {**place, **resource.config}, True
            continue
        whole = {**place, "ResourceName": resource.name, "ResourceConfig": resource.config}
        yield _CREATING[family], whole, resource.imported


def _check_request(operation: str, params: Any, *, checked_by_worker: bool = False) -> None:
    """Check the shape of a request, and its rules; an existing resource's passed the worker too."""
    _check_shape(operation, params)
    layers = (Layer.SERVICE, Layer.PROVISIONING) if checked_by_worker else (Layer.SERVICE,)
    for layer in layers:
        for violation in table.current().violations(operation, layer, params):
            raise ValueError(str(BrokenRule(operation, violation)))


def _check_shape(operation: str, params: Any) -> None:
    try:
        validity.check_params(operation, params)
    except validity.InvalidParams as error:
        path, text = error.problems[0]
        raise ValueError(f"{operation}: {path or 'the request'} {text}") from None


def _check_jobs(jobs: JobTable) -> None:
    for job in jobs.unfinished():
        assert job.work is not None
        operation, params = job.work
        if operation not in OPERATIONS or not OPERATIONS[operation].makes_job:
            raise ValueError(f"job {job.id} does {operation!r}")
        _check_request(operation, params)
        for environment in job.environments:
            first = jobs.blocking(job.region, job.app_id, environment)
            if first is not None and first is not job:
                raise ValueError(f"jobs {first.id} and {job.id} are both unfinished")


def _check_outputs(of: str, kind: str, outputs: Mapping[str, Any]) -> None:
    for name in _OUTPUTS[kind]:
        if not isinstance(outputs.get(name), str):
            raise ValueError(f"{of} has no output {name}")
