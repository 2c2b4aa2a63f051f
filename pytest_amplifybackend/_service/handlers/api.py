"""CreateBackendAPI, UpdateBackendAPI, DeleteBackendAPI, GetBackendAPI, and an API's models."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._api.paths import copied
from pytest_amplifybackend._api.provenance import ASSUMED, DOCUMENTED
from pytest_amplifybackend._rules.rule import ProvisioningError
from pytest_amplifybackend._rules.states import broken
from pytest_amplifybackend._schema import modelgen
from pytest_amplifybackend._schema.faults import SchemaError
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.entities import (
    ABSENT,
    LATEST,
    NONE,
    PRESENT,
    STALE,
    models_state,
)
from pytest_amplifybackend._service.handlers.resources import details, uses_own_pool
from pytest_amplifybackend._service.operations import Declaration, Params, environment_exists
from pytest_amplifybackend._service.provisioning import modes
from pytest_amplifybackend._service.state import Resource


def _with_defaults(context: Context, params: Params) -> Params:
    """The request with what a headless command cannot do without, and one value suits (assumed)."""
    defaults = {"ApiName": params["ResourceName"], "Service": "AppSync"}
    return {**params, "ResourceConfig": {**defaults, **params["ResourceConfig"]}}


def _check_auth(context: Context, params: Params) -> None:
    environment = context.environment(params["AppId"], params["BackendEnvironmentName"])
    config, auth = params["ResourceConfig"], environment.resources.get("auth")
    if auth is None and uses_own_pool(environment, config):
        raise broken("api.needs-auth")
    has_roles = auth is None or not auth.imported or "IdentityPoolId" in auth.outputs
    if "AWS_IAM" in modes(config) and not has_roles:
        raise broken("api.iam-needs-identity-pool")


@Declaration(
    "CreateBackendAPI",
    entity="api",
    moves={ABSENT: PRESENT},
    evidence=DOCUMENTED,
    during="creating",
    needs=(environment_exists,),
    rules={PRESENT: "api.exists"},
    completed=_with_defaults,
    command="add api --headless",
)
def create(context: Context, params: Params) -> None:
    _check_auth(context, params)
    name, config = params["ResourceName"], params["ResourceConfig"]
    context.check_free(params, "api", config["ApiName"])
    outputs = context.provisioner.create_api(context.at(params), name, config)
    context.resources(params)["api"] = Resource(name, config, outputs, context.now)


_SKIPPED_EMPTY = ("TransformSchema", "AdditionalAuthTypes")


def _with_config_before(context: Context, params: Params) -> Params:
    """The request with all that its config leaves as it is (documented by the CLI's source).

    An update cannot rename, and what it names without a value stays.
    """
    before = context.resources(params)["api"].config
    changes = {
        name: value
        for name, value in params.get("ResourceConfig", {}).items()
        if name != "ApiName" and not (name in _SKIPPED_EMPTY and not value)
    }
    return {**params, "ResourceConfig": {**before, **changes}}


@Declaration(
    "UpdateBackendAPI",
    entity="api",
    moves={PRESENT: PRESENT},
    evidence=DOCUMENTED,
    also={"models": ({LATEST: STALE}, ASSUMED)},  # where the schema becomes another
    during="updating",
    needs=(environment_exists,),
    rules={ABSENT: "api.missing"},
    completed=_with_config_before,
    command="update api --headless",
)
def update(context: Context, params: Params) -> None:
    _check_auth(context, params)
    api, config = context.resources(params)["api"], params["ResourceConfig"]
    api.outputs = context.provisioner.update_api(
        context.at(params), api.name, config, api.outputs, api.config
    )
    if _configures_key(api, config):
        api.keyed = None
    elif api.keyed is None:
        api.keyed = api.pushed
    api.config, api.pushed = config, context.now


def _configures_key(api: Resource, config: dict[str, Any]) -> bool:
    """Whether an update names a mode with a key, be it as it was.

    What the request left out is the very object from before, which tells it from an equal value.
    """
    named = {name: value for name, value in config.items() if value is not api.config.get(name)}
    return "API_KEY" in modes(named)


@Declaration(
    "DeleteBackendAPI",
    entity="api",
    moves={PRESENT: ABSENT},
    evidence=DOCUMENTED,
    during="deleting",
    needs=(environment_exists,),
    rules={ABSENT: "resource.none"},
    command="remove api --yes",
)
def delete(context: Context, params: Params) -> None:
    environment = context.environment(params["AppId"], params["BackendEnvironmentName"])
    context.provisioner.delete_api(context.at(params), environment.resources["api"].outputs)
    environment.remove("api")


@Declaration("GetBackendAPI")
def get(context: Context, params: Params) -> Params:
    return details(params, copied(context.resource(params, "api").config))


def _api_exists(context: Context, params: Params) -> None:
    api = context.resources(params).get("api")
    if api is None or api.name != params["ResourceName"]:
        raise broken("models.no-api", name=params["ResourceName"])


@Declaration(
    "GenerateBackendAPIModels",
    entity="models",
    moves={NONE: LATEST, LATEST: LATEST, STALE: LATEST},
    evidence=DOCUMENTED,
    during="generating",
    needs=(_api_exists,),
    command="codegen models",
)
def generate_models(context: Context, params: Params) -> None:
    api = context.resources(params)["api"]
    text = api.config["TransformSchema"]
    try:
        made = modelgen.generate(text)
    except SchemaError as error:
        raise ProvisioningError(str(error), rule=error.rule) from error
    api.models = {"schema": text, "models": made.models, "introspection": made.introspection}


@Declaration("GetBackendAPIModels")
def get_models(context: Context, params: Params) -> Params:
    api = context.resource(params, "api")
    if api.models is None:
        raise broken("models.missing", name=api.name)
    environment = context.environment(params["AppId"], params["BackendEnvironmentName"])
    return {
        "Models": api.models["models"],
        "Status": models_state(environment),
        "ModelIntrospectionSchema": api.models["introspection"],
    }
