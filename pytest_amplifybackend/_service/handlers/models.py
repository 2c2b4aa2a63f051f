"""GenerateBackendAPIModels and GetBackendAPIModels."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._schema import modelgen, schema
from pytest_amplifybackend._service import lifecycle
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.rules import ProvisioningError, refuse


def _generate(context: Context, params: dict[str, Any]) -> None:
    environment = context.environment(params["AppId"], params["BackendEnvironmentName"])
    api = environment.resources.get("api")
    text = None if api is None else api.config.get("TransformSchema")
    if api is None or text is None:
        raise refuse("models.no-schema")
    try:
        made = modelgen.generate(text)
    except schema.SchemaError as error:
        raise ProvisioningError(str(error)) from error
    api.models = {"schema": text, "models": made.models, "introspection": made.introspection}


def _get(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    api = context.resource(params, "api")
    if api.models is None:
        raise refuse("models.missing", name=api.name)
    environment = context.environment(params["AppId"], params["BackendEnvironmentName"])
    return {
        "Models": api.models["models"],
        "Status": lifecycle.models_state(environment),
        "ModelIntrospectionSchema": api.models["introspection"],
    }


ANSWERS = {"GetBackendAPIModels": _get}
EFFECTS = {"GenerateBackendAPIModels": _generate}
