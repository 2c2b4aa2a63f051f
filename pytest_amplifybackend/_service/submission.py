"""How an operation that makes a job is accepted: guards in order, then a PENDING job."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._service import lifecycle
from pytest_amplifybackend._service.context import STUDIO_ENVIRONMENT, Context
from pytest_amplifybackend._service.jobs import Job
from pytest_amplifybackend._service.rules import refuse
from pytest_amplifybackend._service.worker import Worker

Params = dict[str, Any]

_OMITTED: Mapping[str, frozenset[str]] = {"DeleteBackend": frozenset({"Operation"})}
"""Members that a recorded answer lacked although the model has them (observed)."""


def submit(context: Context, worker: Worker, operation: str, params: Params) -> Params:
    """Check the guards, file the job and answer as the service does: PENDING."""
    where = _FILED.get(operation, _own)(context, params)
    _no_other_job(context, params, where)
    for guard in _GUARDS.get(operation, (_app_exists, _environment_exists)):
        guard(context, operation, params)
    app_wide = where is None
    environments = (where,) if where is not None else _every_name(context, params)
    job = worker.take(context, operation, params, environments, app_wide=app_wide)
    return _answer(operation, job)


@functools.cache
def _members(operation: str) -> frozenset[str]:
    shape = catalogue.operations()[operation].output_shape
    return frozenset(shape.members) - _OMITTED.get(operation, frozenset())


def _answer(operation: str, job: Job) -> Params:
    values = {
        "AppId": job.app_id,
        "BackendEnvironmentName": job.environment,
        "JobId": job.id,
        "Operation": operation,
        "Status": job.status,
    }
    members = _members(operation)
    return {name: value for name, value in values.items() if name in members}


def _own(context: Context, params: Params) -> str | None:
    return str(params["BackendEnvironmentName"])


def _target(context: Context, params: Params) -> str | None:
    return str(params["TargetEnvironmentName"])


def _studio(context: Context, params: Params) -> str | None:
    return STUDIO_ENVIRONMENT


def _whole_app(context: Context, params: Params) -> str | None:
    return None


_FILED: Mapping[str, Callable[[Context, Params], str | None]] = {
    "CloneBackend": _target,
    "CreateBackendConfig": _studio,
    "RemoveAllBackends": _whole_app,
}
"""Under which environment a job is filed, where it is not the request's own (assumed, but for
CreateBackendConfig, whose callers were observed to poll with the answer's name)."""


def _every_name(context: Context, params: Params) -> tuple[str, ...]:
    """The names under which a job of the whole app is read: all that the app has or had."""
    app_id = params["AppId"]
    names = dict.fromkeys(context.app(app_id).environments)
    names.update(dict.fromkeys(context.state.jobs.environments(context.region, app_id)))
    names.pop(STUDIO_ENVIRONMENT, None)
    return tuple(names)


def _no_other_job(context: Context, params: Params, where: str | None) -> None:
    app_id = params["AppId"]
    job = context.state.jobs.blocking(context.region, app_id, where)
    if job is not None:
        raise refuse("job.pending", app=app_id, environment=where or job.environment)


def _app_exists(context: Context, operation: str, params: Params) -> None:
    context.app(params["AppId"])


def _environment_exists(context: Context, operation: str, params: Params) -> None:
    context.environment(params["AppId"], params["BackendEnvironmentName"])


def _environment_is_new(context: Context, operation: str, params: Params) -> None:
    name = str(params.get("TargetEnvironmentName", params["BackendEnvironmentName"]))
    state = lifecycle.environment_state(context.find_app(params["AppId"]), name)
    rule = lifecycle.refusal(operation, state)
    if rule is not None:
        raise refuse(rule, environment=name)


def _api_is_there(context: Context, operation: str, params: Params) -> None:
    environment = context.environment(params["AppId"], params["BackendEnvironmentName"])
    api = environment.resources.get("api")
    if api is None or api.name != params["ResourceName"]:
        raise refuse("models.no-api", name=params["ResourceName"])


_Guard = Callable[[Context, str, Params], None]

_GUARDS: Mapping[str, tuple[_Guard, ...]] = {
    "CreateBackend": (_environment_is_new,),
    "CloneBackend": (_app_exists, _environment_exists, _environment_is_new),
    "RemoveAllBackends": (_app_exists,),
    "CreateBackendConfig": (_app_exists,),
    "GenerateBackendAPIModels": (_app_exists, _environment_exists, _api_is_there),
}
"""What is checked at once, where it is not just that app and environment exist."""
