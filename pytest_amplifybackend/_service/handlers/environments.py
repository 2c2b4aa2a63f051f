"""CreateBackend, CloneBackend, DeleteBackend, RemoveAllBackends and GetBackend."""

from __future__ import annotations

import copy
from dataclasses import replace

from pytest_amplifybackend._api.catalogue import FAMILIES
from pytest_amplifybackend._api.paths import copied
from pytest_amplifybackend._api.provenance import DOCUMENTED, OBSERVED
from pytest_amplifybackend._rules.states import broken
from pytest_amplifybackend._service import meta
from pytest_amplifybackend._service.categories import without
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.entities import ABSENT, READY
from pytest_amplifybackend._service.flags import FEATURE_FLAGS
from pytest_amplifybackend._service.handlers.resources import dependents
from pytest_amplifybackend._service.names import Outputs, recorded_outputs
from pytest_amplifybackend._service.operations import (
    Declaration,
    Params,
    app_exists,
    environment_exists,
    target_environment,
    whole_app,
)
from pytest_amplifybackend._service.state import App, Environment, Resource


def add_environment(context: Context, app: App, name: str) -> Environment:
    """A new, empty environment with its stack and deployment bucket."""
    environment = Environment(name, _recorded(context, app, name), created=context.now)
    environment.outputs = context.provisioner.create_environment(context.place(app, environment))
    app.environments[name] = environment
    return environment


def _recorded(context: Context, app: App, name: str) -> Outputs:
    """The names that are recorded for an environment's stack and bucket, if no other has them."""
    if app.hosting is None or name not in app.hosting.environments:
        return {}
    outputs = recorded_outputs(app.hosting.environments[name])
    taken = {
        environment.outputs.get("StackName")
        for other in context.state.apps.values()
        for environment in other.environments.values()
    }
    return {} if outputs.get("StackName") in taken else outputs


@Declaration(
    "CreateBackend",
    entity="environment",
    moves={ABSENT: READY},
    evidence=DOCUMENTED,
    during="creating",
    rules={READY: "environment.exists"},
    command="init",
)
def create(context: Context, params: Params) -> None:
    app_id = params["AppId"]
    app = context.find_app(app_id) or App(app_id, params["AppName"], created=context.now)
    add_environment(context, app, params["BackendEnvironmentName"])
    context.state.apps[context.region, app.app_id] = app


def clonable(source: Environment) -> dict[str, Resource]:
    """The resources that a clone copies, auth first.

    Imported resources must be imported again in the new environment (documented); those that
    rely on an imported auth resource are not copied either (assumed).
    """
    resources = {
        family: source.resources[family]
        for family in FAMILIES
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


def _leave_empty(context: Context, params: Params) -> None:
    """A failed clone leaves its target behind, but empty (observed)."""
    app = context.find_app(params["AppId"])
    if app is None:
        return
    name = params["TargetEnvironmentName"]
    if name in app.environments:
        _dismantle(context, app, app.environments[name])
        app.environments[name].resources.clear()
        app.environments[name].categories.clear()
    else:
        add_environment(context, app, name)


@Declaration(
    "CloneBackend",
    entity="environment",
    moves={ABSENT: READY},
    evidence=OBSERVED,
    during="creating",
    filed_under=target_environment,
    needs=(environment_exists,),
    rules={READY: "environment.exists"},
    on_failure=READY,
    leave=_leave_empty,
    command="env add",
)
def clone(context: Context, params: Params) -> None:
    app = context.app(params["AppId"])
    source = app.environments.get(params["BackendEnvironmentName"])
    if source is None:
        raise broken("clone.source-missing", environment=params["BackendEnvironmentName"])
    target = add_environment(context, app, params["TargetEnvironmentName"])
    target.categories = copy.deepcopy(source.categories)
    copies = target.resources
    for family, resource in clonable(source).items():
        copies[family] = _cloned(context, app, target, family, resource)
    target.resources = {family: copies[family] for family in source.resources if family in copies}
    target.categories = without(target.categories, source.resources.keys() - copies.keys())


@Declaration(
    "DeleteBackend",
    entity="environment",
    moves={READY: ABSENT},
    evidence=OBSERVED,
    during="deleting",
    needs=(app_exists,),
    rules={ABSENT: "environment.missing"},
    omits=frozenset({"Operation"}),  # as recorded answers do, although the model has it (observed)
    command="env remove",
)
def delete(context: Context, params: Params) -> None:
    app = context.app(params["AppId"])
    environment = app.environments[params["BackendEnvironmentName"]]
    _dismantle(context, app, environment)
    context.provisioner.delete_environment(context.place(app, environment))
    del app.environments[environment.name]
    if app.hosting is not None:
        recorded = {k: v for k, v in app.hosting.environments.items() if k != environment.name}
        app.hosting = replace(app.hosting, environments=recorded)


def _dismantle(context: Context, app: App, environment: Environment) -> None:
    """Remove an environment's resources, dependents first; the state keeps them.

    Should the provisioner fail half-way, the job fails and the state is as it was.
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


@Declaration(
    "RemoveAllBackends",
    entity="environment",
    moves={READY: ABSENT, ABSENT: ABSENT},
    evidence=DOCUMENTED,
    during="deleting",
    filed_under=whole_app,
    needs=(app_exists,),
    command="delete --force",
)
def remove_all(context: Context, params: Params) -> None:
    app = context.app(params["AppId"])
    for environment in app.environments.values():
        _dismantle(context, app, environment)
        context.provisioner.delete_environment(context.place(app, environment))
    app.environments.clear()
    if app.hosting is not None:
        app.hosting = replace(app.hosting, environments={})
    if params.get("CleanAmplifyApp"):
        if app.studio is not None:
            context.provisioner.delete_studio(context.region, app.app_id, app.studio.outputs)
        del context.state.apps[context.region, app.app_id]


@Declaration("GetBackend")
def get(context: Context, params: Params) -> Params:
    app_id, name = params["AppId"], params.get("BackendEnvironmentName")
    environment = None if name is None else context.environment(app_id, name)
    app = context.app(app_id)
    answer: Params = {
        "AppId": app.app_id,
        "AppName": app.name,
        "BackendEnvironmentList": list(app.environments),
    }
    if environment is None:
        return answer
    if context.during(app_id, environment.name) == "deleting":
        raise broken("environment.deleting", environment=environment.name)
    return {
        **answer,
        "BackendEnvironmentName": environment.name,
        "AmplifyMetaConfig": meta.amplify_meta(environment),
        "AmplifyFeatureFlags": FEATURE_FLAGS,
    }
