"""CreateBackendAuth, ImportBackendAuth, UpdateBackendAuth, DeleteBackendAuth, GetBackendAuth."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._api.values import copied
from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._service import validation
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.handlers.resources import SERVICES, dependents, details, site
from pytest_amplifybackend._service.rules import refuse
from pytest_amplifybackend._service.state import Resource


def _create(context: Context, params: dict[str, Any]) -> None:
    at = site(context, "CreateBackendAuth", params, "auth")
    validation.provision("CreateBackendAuth", params)
    name = params["ResourceName"]
    config = with_identity_pool(params["ResourceConfig"], name)
    outputs = context.provisioner.create_auth(at.place, name, config)
    at.environment.resources["auth"] = Resource(name, config, outputs, context.now)


def _import(context: Context, params: dict[str, Any]) -> None:
    at = site(context, "ImportBackendAuth", params, "auth")
    validation.provision("ImportBackendAuth", params)
    config, outputs = context.provisioner.import_auth(at.place, params)
    at.environment.resources["auth"] = Resource(
        f"{params['AppId']}auth", config, outputs, context.now, imported=True
    )


def _update(context: Context, params: dict[str, Any]) -> None:
    at = site(context, "UpdateBackendAuth", params, "auth")
    validation.provision("UpdateBackendAuth", params)
    resource = at.standing
    config = updated(resource.config, params["ResourceConfig"], resource.name)
    resource.outputs = context.provisioner.update_auth(
        at.place, resource.name, config, resource.outputs
    )
    resource.config, resource.pushed = config, context.now


def updated(config: dict[str, Any], given: dict[str, Any], name: str) -> dict[str, Any]:
    """A config after an update: each given field replaced whole, ``OAuth: {}`` removing it.

    Source: Amplify CLI headless interface of update auth (documented). What the response
    shape requires and an update may leave out gets the CLI's default.
    """
    pool = {**config["UserPoolConfigs"], **copied(given["UserPoolConfigs"])}
    if not pool.get("OAuth", True):
        del pool["OAuth"]
    if "PasswordPolicy" in pool:
        pool["PasswordPolicy"].setdefault("MinimumLength", limits.DEFAULT_PASSWORD_LENGTH)
    new = {**config, "AuthResources": given["AuthResources"], "UserPoolConfigs": pool}
    if "IdentityPoolConfigs" in given:
        before = config.get("IdentityPoolConfigs", {})
        new["IdentityPoolConfigs"] = {
            "IdentityPoolName": before.get("IdentityPoolName", name),
            "UnauthenticatedLogin": given["IdentityPoolConfigs"].get("UnauthenticatedLogin", False),
        }
    return with_identity_pool(new, name)


def with_identity_pool(config: dict[str, Any], name: str) -> dict[str, Any]:
    """A config that says what becomes of the identity pool (assumed).

    One that is to be made without a word on how gets the resource's name and admits no guests;
    where none is wanted, nothing is said of one.
    """
    if config["AuthResources"] != "IDENTITY_POOL_AND_USER_POOL":
        return {key: value for key, value in config.items() if key != "IdentityPoolConfigs"}
    default = {"IdentityPoolName": name, "UnauthenticatedLogin": False}
    return {"IdentityPoolConfigs": default, **config}


def _delete(context: Context, params: dict[str, Any]) -> None:
    at = site(context, "DeleteBackendAuth", params, "auth")
    for family, resource in at.environment.resources.items():
        if resource in dependents(at.environment):
            raise refuse("resource.depended-on", service=SERVICES[family], dependent=resource.name)
    if not at.standing.imported:
        context.provisioner.delete_auth(at.place, at.standing.outputs)
    del at.environment.resources["auth"]


def _get(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return details(params, copied(context.resource(params, "auth").config))


ANSWERS = {"GetBackendAuth": _get}
EFFECTS = {
    "CreateBackendAuth": _create,
    "ImportBackendAuth": _import,
    "UpdateBackendAuth": _update,
    "DeleteBackendAuth": _delete,
}
