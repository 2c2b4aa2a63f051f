"""CreateBackend, CloneBackend, DeleteBackend, RemoveAllBackends and GetBackend."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._api.values import copied
from pytest_amplifybackend._service import lifecycle, meta
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.handlers.resources import dependents
from pytest_amplifybackend._service.rules import refuse
from pytest_amplifybackend._service.state import App, Environment, Resource


def add_environment(context: Context, app: App, name: str) -> Environment:
    """A new, empty environment with its stack and deployment bucket."""
    environment = Environment(name, {})
    environment.outputs = context.provisioner.create_environment(context.place(app, environment))
    app.environments[name] = environment
    return environment


def _create(context: Context, params: dict[str, Any]) -> None:
    app = context.find_app(params["AppId"]) or App(params["AppId"], params["AppName"])
    add_environment(context, app, params["BackendEnvironmentName"])
    context.state.apps[context.region, app.app_id] = app


def _clone(context: Context, params: dict[str, Any]) -> None:
    app = context.app(params["AppId"])
    source = app.environments.get(params["BackendEnvironmentName"])
    if source is None:
        raise refuse("clone.source-missing", environment=params["BackendEnvironmentName"])
    target = add_environment(context, app, params["TargetEnvironmentName"])
    for family, resource in clonable(source).items():
        target.resources[family] = _cloned(context, app, target, family, resource)


def clonable(source: Environment) -> dict[str, Resource]:
    """What a clone takes along, auth first.

    Imported resources must be imported again in the new environment (documented); what could
    not be without them stays behind too (assumed).
    """
    resources = {
        family: source.resources[family]
        for family in lifecycle.FAMILIES
        if family in source.resources and not source.resources[family].imported
    }
    if "auth" not in resources:
        left = dependents(source)
        resources = {name: item for name, item in resources.items() if item not in left}
    return resources


def _cloned(
    context: Context, app: App, target: Environment, family: str, resource: Resource
) -> Resource:
    create = {
        "auth": context.provisioner.create_auth,
        "api": context.provisioner.create_api,
        "storage": context.provisioner.create_storage,
    }[family]
    config = copied(resource.config)
    outputs = create(context.place(app, target), resource.name, config)
    return Resource(resource.name, config, outputs, context.now)


def _leave_empty(context: Context, params: dict[str, Any]) -> None:
    """A failed clone leaves its target there, but empty (observed)."""
    app = context.find_app(params["AppId"])
    if app is None:
        return
    name = params["TargetEnvironmentName"]
    if name in app.environments:
        _dismantle(context, app, app.environments[name])
        app.environments[name].resources.clear()
    else:
        add_environment(context, app, name)


def _delete(context: Context, params: dict[str, Any]) -> None:
    app = context.app(params["AppId"])
    _remove(context, app, context.environment(app.app_id, params["BackendEnvironmentName"]))


def _remove(context: Context, app: App, environment: Environment) -> None:
    _dismantle(context, app, environment)
    context.provisioner.delete_environment(context.place(app, environment))
    del app.environments[environment.name]


def _dismantle(context: Context, app: App, environment: Environment) -> None:
    """Have an environment's resources removed, in the order in which they depend on each other.

    The state still has them, in case the provisioner fails.
    """
    place = context.place(app, environment)
    remove = {
        "storage": context.provisioner.delete_storage,
        "api": context.provisioner.delete_api,
        "auth": context.provisioner.delete_auth,
    }
    for family, delete in remove.items():
        resource = environment.resources.get(family)
        if resource is not None and not resource.imported:
            delete(place, resource.outputs)


def _remove_all(context: Context, params: dict[str, Any]) -> None:
    app = context.app(params["AppId"])
    for environment in app.environments.values():
        _dismantle(context, app, environment)
        context.provisioner.delete_environment(context.place(app, environment))
    app.environments.clear()
    if params.get("CleanAmplifyApp"):
        if app.studio is not None:
            context.provisioner.delete_studio(context.region, app.app_id, app.studio.outputs)
        del context.state.apps[context.region, app.app_id]


def _get(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    app_id, name = params["AppId"], params.get("BackendEnvironmentName")
    environment = None if name is None else context.environment(app_id, name)
    app = context.app(app_id)
    answer: dict[str, Any] = {
        "AppId": app.app_id,
        "AppName": app.name,
        "BackendEnvironmentList": list(app.environments),
    }
    if environment is None:
        return answer
    job = context.state.jobs.blocking(context.region, app_id, environment.name)
    row = None if job is None or job.work is None else lifecycle.transition_of(job.work[0])
    if row is not None and (row.entity, row.during) == ("environment", "deleting"):
        raise refuse("environment.deleting", environment=environment.name)
    return {
        **answer,
        "BackendEnvironmentName": environment.name,
        "AmplifyMetaConfig": meta.amplify_meta(environment),
        "AmplifyFeatureFlags": meta.feature_flags(),
    }


ANSWERS = {"GetBackend": _get}
EFFECTS = {
    "CreateBackend": _create,
    "CloneBackend": _clone,
    "DeleteBackend": _delete,
    "RemoveAllBackends": _remove_all,
}
FAILURES = {"CloneBackend": _leave_empty}
