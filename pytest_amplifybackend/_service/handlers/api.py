"""CreateBackendAPI, UpdateBackendAPI, DeleteBackendAPI, GetBackendAPI."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._api.values import copied
from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._service import validation
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.handlers.resources import details, site, uses_own_pool
from pytest_amplifybackend._service.rules import refuse
from pytest_amplifybackend._service.state import Environment, Resource


def defaults(name: str) -> dict[str, Any]:
    """What a config holds where the request is silent: the Amplify CLI's defaults (documented)."""
    return {
        "ApiName": name,
        "DefaultAuthType": {
            "Mode": "API_KEY",
            "Settings": {"ExpirationTime": limits.DEFAULT_API_KEY_DAYS},
        },
        "Service": "AppSync",
    }


def _check(operation: str, params: dict[str, Any], config: dict[str, Any], at: Environment) -> None:
    validation.provision(operation, {**params, "ResourceConfig": config})
    if uses_own_pool(at, config) and "auth" not in at.resources:
        raise refuse("api.needs-auth")


def _create(context: Context, params: dict[str, Any]) -> None:
    at = site(context, "CreateBackendAPI", params, "api")
    name = params["ResourceName"]
    config = {**defaults(name), **params["ResourceConfig"]}
    _check("CreateBackendAPI", params, config, at.environment)
    outputs = context.provisioner.create_api(at.place, name, config)
    at.environment.resources["api"] = Resource(name, config, outputs, context.now)


def _update(context: Context, params: dict[str, Any]) -> None:
    at = site(context, "UpdateBackendAPI", params, "api")
    resource = at.standing
    config = {**resource.config, **params.get("ResourceConfig", {})}
    _check("UpdateBackendAPI", params, config, at.environment)
    resource.outputs = context.provisioner.update_api(
        at.place, resource.name, config, resource.outputs, resource.config
    )
    resource.config, resource.pushed = config, context.now


def _delete(context: Context, params: dict[str, Any]) -> None:
    at = site(context, "DeleteBackendAPI", params, "api")
    context.provisioner.delete_api(at.place, at.standing.outputs)
    del at.environment.resources["api"]


def _get(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return details(params, copied(context.resource(params, "api").config))


ANSWERS = {"GetBackendAPI": _get}
EFFECTS = {
    "CreateBackendAPI": _create,
    "UpdateBackendAPI": _update,
    "DeleteBackendAPI": _delete,
}
