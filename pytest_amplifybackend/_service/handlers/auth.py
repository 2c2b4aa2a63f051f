"""CreateBackendAuth, ImportBackendAuth, UpdateBackendAuth, DeleteBackendAuth, GetBackendAuth."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._api.paths import copied
from pytest_amplifybackend._api.provenance import DOCUMENTED
from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._rules.states import broken
from pytest_amplifybackend._service.categories import SERVICES
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.entities import ABSENT, IMPORTED, PRESENT
from pytest_amplifybackend._service.handlers.resources import dependents, details
from pytest_amplifybackend._service.names import identity_pool_name
from pytest_amplifybackend._service.operations import Declaration, Params, environment_exists
from pytest_amplifybackend._service.state import Resource


@Declaration(
    "CreateBackendAuth",
    entity="auth",
    moves={ABSENT: PRESENT},
    evidence=DOCUMENTED,
    during="creating",
    needs=(environment_exists,),
    rules={PRESENT: "auth.exists", IMPORTED: "auth.exists"},
    command="add auth --headless",
)
def create(context: Context, params: Params) -> None:
    place, name = context.at(params), params["ResourceName"]
    context.check_free(params, "auth", name)
    config = with_identity_pool(params["ResourceConfig"], identity_pool_name(place.outputs, name))
    outputs = context.provisioner.create_auth(place, name, config)
    context.resources(params)["auth"] = Resource(name, config, outputs, context.now)


@Declaration(
    "ImportBackendAuth",
    entity="auth",
    moves={ABSENT: IMPORTED},
    evidence=DOCUMENTED,
    during="importing",
    needs=(environment_exists,),
    rules={PRESENT: "auth.exists", IMPORTED: "auth.exists"},
    command="import auth --headless",
)
def import_(context: Context, params: Params) -> None:
    name = f"{params['AppId']}auth"
    context.check_free(params, "auth", name)
    config, outputs = context.provisioner.import_auth(context.at(params), params)
    context.resources(params)["auth"] = Resource(name, config, outputs, context.now, imported=True)


@Declaration(
    "UpdateBackendAuth",
    entity="auth",
    moves={PRESENT: PRESENT},
    evidence=DOCUMENTED,
    during="updating",
    needs=(environment_exists,),
    rules={ABSENT: "auth.missing", IMPORTED: "auth.imported"},
    command="update auth --headless",
)
def update(context: Context, params: Params) -> None:
    place, resource = context.at(params), context.resources(params)["auth"]
    identities = identity_pool_name(place.outputs, resource.name)
    config = updated(resource.config, params["ResourceConfig"], identities)
    resource.outputs = context.provisioner.update_auth(
        place, resource.name, config, resource.outputs
    )
    resource.config, resource.pushed = config, context.now


def updated(config: dict[str, Any], changes: dict[str, Any], identities: str) -> dict[str, Any]:
    """A config after an update: each field that is sent replaced, ``OAuth: {}`` removing it.

    Source: Amplify CLI headless interface of update auth (documented). What the response
    shape requires and an update may leave out gets the CLI's default. Raises the rule
    ``auth.oauth.uris``.
    """
    pool = {**config["UserPoolConfigs"], **copied(changes["UserPoolConfigs"])}
    if pool.get("OAuth"):
        pool["OAuth"] = _merged(config["UserPoolConfigs"].get("OAuth", {}), pool["OAuth"])
    else:
        pool.pop("OAuth", None)
    if "PasswordPolicy" in pool:
        pool["PasswordPolicy"].setdefault("MinimumLength", limits.DEFAULT_PASSWORD_LENGTH)
    new = {**config, "AuthResources": changes["AuthResources"], "UserPoolConfigs": pool}
    if "IdentityPoolConfigs" in changes:
        before = config.get("IdentityPoolConfigs", {})
        new["IdentityPoolConfigs"] = {
            "IdentityPoolName": before.get("IdentityPoolName", identities),
            "UnauthenticatedLogin": changes["IdentityPoolConfigs"].get(
                "UnauthenticatedLogin", False
            ),
        }
    return with_identity_pool(new, identities)


def _merged(before: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """An OAuth after an update that may name a part of it (documented by the CLI's source)."""
    defaults = {
        "OAuthGrantType": limits.DEFAULT_GRANT_TYPE,
        "OAuthScopes": list(limits.DEFAULT_SCOPES),
    }
    oauth = {**defaults, **before, **changes}
    for missing in ("RedirectSignInURIs", "RedirectSignOutURIs"):
        if missing not in oauth:
            raise broken("auth.oauth.uris", missing=missing)
    return oauth


def with_identity_pool(config: dict[str, Any], identities: str) -> dict[str, Any]:
    """A config whose identity pool is as the Amplify CLI would have it.

    One without further settings has the default name (observed) and admits no guests (assumed);
    a config without an identity pool has no settings of one.
    """
    if config["AuthResources"] != "IDENTITY_POOL_AND_USER_POOL":
        return {key: value for key, value in config.items() if key != "IdentityPoolConfigs"}
    default = {"IdentityPoolName": identities, "UnauthenticatedLogin": False}
    return {"IdentityPoolConfigs": default, **config}


@Declaration(
    "DeleteBackendAuth",
    entity="auth",
    moves={PRESENT: ABSENT, IMPORTED: ABSENT},
    evidence=DOCUMENTED,
    during="deleting",
    needs=(environment_exists,),
    rules={ABSENT: "resource.none"},
    command="remove auth --yes",
)
def delete(context: Context, params: Params) -> None:
    environment = context.environment(params["AppId"], params["BackendEnvironmentName"])
    for family, resource in environment.resources.items():
        if resource in dependents(environment):
            raise broken("resource.depended-on", service=SERVICES[family], dependent=resource.key)
    auth = environment.resources["auth"]
    if not auth.imported:  # deleting an imported pool only unlinks it
        context.provisioner.delete_auth(context.at(params), auth.outputs)
    environment.remove("auth")


@Declaration("GetBackendAuth")
def get(context: Context, params: Params) -> Params:
    return details(params, copied(context.resource(params, "auth").config))
