"""The reference model of what each job does: True when it ends COMPLETED, False when FAILED.

Sources: docs/evidence.md#auth, docs/evidence.md#apis, docs/evidence.md#storage,
docs/evidence.md#removal and docs/evidence.md#lifecycle.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from pytest_amplifybackend._api.catalogue import FAMILIES
from pytest_amplifybackend.strategies._internal.oracle_state import OracleState, Params, Record

DEFAULT_MINIMUM = 8
DEFAULT_SCOPES = ["PHONE", "EMAIL", "OPENID", "PROFILE", "AWS_COGNITO_SIGNIN_USER_ADMIN"]

LEARNT = "learnt from the next read"
"""Stands for a value that the service generates."""


def _place(oracle: OracleState, params: Params) -> Record:
    found: Record = oracle.apps[params["AppId"]]["environments"][params["BackendEnvironmentName"]]
    return found


def _create_backend(oracle: OracleState, params: Params) -> bool:
    app = oracle.apps.setdefault(
        params["AppId"],
        {"name": params["AppName"], "environments": {}, "tokens": {}, "studio": None},
    )
    app["environments"][params["BackendEnvironmentName"]] = {}
    return True


def _clone(oracle: OracleState, params: Params) -> bool:
    environments = oracle.apps[params["AppId"]]["environments"]
    source = environments.get(params["BackendEnvironmentName"])
    if source is None:
        return False
    target = {}
    for family in FAMILIES:
        resource = source.get(family)
        if resource is None or resource["imported"]:
            continue
        if family != "auth" and "auth" not in target and _needs_auth(family, resource):
            continue
        target[family] = {
            "name": resource["name"],
            "config": copy.deepcopy(resource["config"]),
            "imported": False,
        }
    environments[params["TargetEnvironmentName"]] = {
        family: target[family] for family in source if family in target
    }
    return True


def _needs_auth(family: str, resource: Record) -> bool:
    return family == "storage" or relies_on_own_pool(resource["config"])


def relies_on_own_pool(config: Record) -> bool:
    """Whether an API has a Cognito mode that names no pool, so that the environment's is meant."""
    return any(
        kind["Mode"] == "AMAZON_COGNITO_USER_POOLS"
        and "CognitoUserPoolId" not in kind.get("Settings", {})
        for kind in auth_types(config)
    )


def auth_types(config: Record) -> list[Record]:
    """The default and the additional auth types of an API's config."""
    return [config["DefaultAuthType"], *config.get("AdditionalAuthTypes", [])]


def _delete_backend(oracle: OracleState, params: Params) -> bool:
    del oracle.apps[params["AppId"]]["environments"][params["BackendEnvironmentName"]]
    return True


def _remove_all(oracle: OracleState, params: Params) -> bool:
    oracle.apps[params["AppId"]]["environments"].clear()
    if params.get("CleanAmplifyApp"):
        del oracle.apps[params["AppId"]]
    return True


def _enable_studio(oracle: OracleState, params: Params) -> bool:
    app = oracle.apps[params["AppId"]]
    app["studio"] = {"manager": params.get("BackendManagerAppId") or LEARNT, "login": LEARNT}
    return True


def _existing(oracle: OracleState, params: Params, family: str) -> Record | None:
    """The resource that an update or a delete is about, None if it has another name."""
    resource: Record = _place(oracle, params)[family]
    return resource if resource["name"] == params["ResourceName"] else None


def _put(at: Record, family: str, name: str, config: Record, *, imported: bool = False) -> bool:
    at[family] = {"name": name, "config": copy.deepcopy(config), "imported": imported}
    return True


def _create_auth(oracle: OracleState, params: Params) -> bool:
    name = params["ResourceName"]
    config = _with_identity_pool(params["ResourceConfig"])
    return _put(_place(oracle, params), "auth", name, config)


def _with_identity_pool(config: Record) -> Record:
    """With an identity pool there are always configs of one, without a pool there are none."""
    config = dict(config)
    if config["AuthResources"] == "USER_POOL_ONLY":
        config.pop("IdentityPoolConfigs", None)
    elif "IdentityPoolConfigs" not in config:
        config["IdentityPoolConfigs"] = {"UnauthenticatedLogin": False, "IdentityPoolName": LEARNT}
    return config


def _import_auth(oracle: OracleState, params: Params) -> bool:
    at = _place(oracle, params)
    if not params["UserPoolId"].startswith(f"{oracle.region}_"):
        return False
    _put(at, "auth", LEARNT, {}, imported=True)
    at["auth"]["pool"] = params["UserPoolId"]
    at["auth"]["identities"] = bool(params.get("IdentityPoolId"))
    return True


def _update_auth(oracle: OracleState, params: Params) -> bool:
    auth = _existing(oracle, params, "auth")
    if auth is None:
        return False
    old, new = auth["config"], copy.deepcopy(params["ResourceConfig"])
    pool = {**old["UserPoolConfigs"], **new["UserPoolConfigs"]}
    if new["UserPoolConfigs"].get("OAuth"):
        before = old["UserPoolConfigs"].get(
            "OAuth", {"OAuthGrantType": "CODE", "OAuthScopes": DEFAULT_SCOPES}
        )
        pool["OAuth"] = {**before, **pool["OAuth"]}
        if not {"RedirectSignInURIs", "RedirectSignOutURIs"} <= pool["OAuth"].keys():
            return False
    elif pool.get("OAuth") == {}:
        del pool["OAuth"]
    if "PasswordPolicy" in pool:
        pool["PasswordPolicy"] = {"MinimumLength": DEFAULT_MINIMUM, **pool["PasswordPolicy"]}
    config = {**old, **new, "UserPoolConfigs": pool}
    if "IdentityPoolConfigs" in new:
        before = old.get("IdentityPoolConfigs", {})
        config["IdentityPoolConfigs"] = {
            "UnauthenticatedLogin": False,
            **new["IdentityPoolConfigs"],
            "IdentityPoolName": before.get("IdentityPoolName", LEARNT),
        }
    auth["config"] = _with_identity_pool(config)
    return True


def _delete_auth(oracle: OracleState, params: Params) -> bool:
    at = _place(oracle, params)
    if _existing(oracle, params, "auth") is None or "storage" in at:
        return False
    if "api" in at and relies_on_own_pool(at["api"]["config"]):
        return False
    del at["auth"]
    return True


def _create_api(oracle: OracleState, params: Params) -> bool:
    at, name = _place(oracle, params), params["ResourceName"]
    config = {"ApiName": name, "Service": "AppSync", **params["ResourceConfig"]}
    return _has_auth_for(at, config) and _put(at, "api", name, config)


def _has_auth_for(at: Record, config: Record) -> bool:
    """Whether an environment has the auth that the modes of an API rest on."""
    auth = at.get("auth")
    if auth is None:
        return not relies_on_own_pool(config)
    with_iam = any(kind["Mode"] == "AWS_IAM" for kind in auth_types(config))
    return not (with_iam and auth["imported"] and not auth["identities"])


def _update_api(oracle: OracleState, params: Params) -> bool:
    api = _existing(oracle, params, "api")
    if api is None:
        return False
    config = dict(api["config"])
    for member, value in copy.deepcopy(params.get("ResourceConfig", {})).items():
        skipped = member in ("TransformSchema", "AdditionalAuthTypes") and not value
        if member != "ApiName" and not skipped:
            config[member] = value
    if not _has_auth_for(_place(oracle, params), config):
        return False
    api["config"] = config
    return True


def _delete(family: str) -> Callable[[OracleState, Params], bool]:
    def delete(oracle: OracleState, params: Params) -> bool:
        if _existing(oracle, params, family) is None:
            return False
        del _place(oracle, params)[family]
        return True

    return delete


def _create_storage(oracle: OracleState, params: Params) -> bool:
    at = _place(oracle, params)
    if "auth" not in at:
        return False
    config = {"BucketName": LEARNT, **params["ResourceConfig"]}
    return _put(at, "storage", params["ResourceName"], config)


def _import_storage(oracle: OracleState, params: Params) -> bool:
    at, bucket = _place(oracle, params), params["BucketName"]
    if "auth" not in at or bucket not in buckets(oracle):
        return False
    config = {"BucketName": bucket, "ServiceName": params["ServiceName"]}
    return _put(at, "storage", LEARNT, config, imported=True)


def buckets(oracle: OracleState) -> dict[str, None]:
    """The names of the buckets there are, as far as the reads so far tell."""
    found: dict[str, None] = {}
    for _, name, environment in oracle.pairs():
        if "stack" not in environment:
            continue
        found[f"{environment['stack']}-deployment"] = None
        storage = environment.get("storage")
        if storage is None or storage["imported"]:
            continue
        if storage["config"]["BucketName"] != LEARNT:
            found[physical_name(storage["config"], environment["stack"], name)] = None
    return found


def physical_name(config: Record, stack: str, environment: str) -> str:
    """The bucket of a storage resource: its name, the stack's suffix and the environment."""
    return f"{config['BucketName']}{stack.rsplit('-', 1)[-1]}-{environment}"


def _update_storage(oracle: OracleState, params: Params) -> bool:
    storage = _existing(oracle, params, "storage")
    if storage is None:
        return False
    config: dict[str, Any] = {**storage["config"], **copy.deepcopy(params["ResourceConfig"])}
    config["Permissions"].setdefault("UnAuthenticated", [])
    storage["config"] = config
    return True


def _generate(oracle: OracleState, params: Params) -> bool:
    api = _place(oracle, params)["api"]
    api["models_of"] = api["config"]["TransformSchema"]
    return True


WORK: dict[str, Callable[[OracleState, Params], bool]] = {
    "CloneBackend": _clone,
    "CreateBackend": _create_backend,
    "CreateBackendAPI": _create_api,
    "CreateBackendAuth": _create_auth,
    "CreateBackendConfig": _enable_studio,
    "CreateBackendStorage": _create_storage,
    "DeleteBackend": _delete_backend,
    "DeleteBackendAPI": _delete("api"),
    "DeleteBackendAuth": _delete_auth,
    "DeleteBackendStorage": _delete("storage"),
    "GenerateBackendAPIModels": _generate,
    "ImportBackendAuth": _import_auth,
    "ImportBackendStorage": _import_storage,
    "RemoveAllBackends": _remove_all,
    "UpdateBackendAPI": _update_api,
    "UpdateBackendAuth": _update_auth,
    "UpdateBackendStorage": _update_storage,
}
"""The seventeen operations that make a job."""
