"""AppSync: the GraphQL API, its schema and its key."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from typing import Any

from pytest_amplifybackend._provision import members
from pytest_amplifybackend._provision.aws_clients import unless_missing
from pytest_amplifybackend._provision.transaction import Transaction
from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._rules.rule import ProvisioningError

APPSYNC = "appsync"
Config = dict[str, Any]
Outputs = dict[str, Any]

_DAY = 24 * 60 * 60
_LEEWAY = 60
"""Seconds more than the days, because AppSync wants at least a whole day from its own now."""

_TURNS = 100


def create(tx: Transaction, config: Config, pool: str | None) -> Outputs:
    """Make API, schema and key; ``pool`` is the environment's own. Returns the outputs."""
    sent = _api(tx, config, pool)
    answers: dict[str, Any] = {}

    def existing() -> list[str]:
        apis = tx.each(APPSYNC, "list_graphql_apis", "graphqlApis", "nextToken")
        return [api["apiId"] for api in apis if api["name"] == sent["name"]]

    def make() -> str:
        answers.update(tx.call(APPSYNC, "create_graphql_api", **sent)["graphqlApi"])
        return str(answers["apiId"])

    api = tx.make(make, lambda api: tx.call(APPSYNC, "delete_graphql_api", apiId=api), existing)
    _put_schema(tx, api, config)
    outputs = {"GraphQLAPIIdOutput": api, "GraphQLAPIEndpointOutput": answers["uris"]["GRAPHQL"]}
    return {**outputs, **_ensure_key(tx, api, config, None)}


def update(
    tx: Transaction, before: Config, config: Config, outputs: Outputs, pool: str | None
) -> Outputs:
    """Change the API from one config to another; returns the outputs."""
    api = outputs["GraphQLAPIIdOutput"]
    described = tx.call(APPSYNC, "get_graphql_api", apiId=api)["graphqlApi"]
    kept = tx.accepted(APPSYNC, "UpdateGraphqlApi", described)
    tx.undo(APPSYNC, "update_graphql_api", **kept)
    wanted = {"additionalAuthenticationProviders": [], **_api(tx, config, pool)}
    tx.call(APPSYNC, "update_graphql_api", apiId=api, **wanted)
    if before["TransformSchema"] != config["TransformSchema"]:
        tx.log.on_rollback(lambda: _put_schema(tx, api, before))
        _put_schema(tx, api, config)
    own = {name: value for name, value in outputs.items() if name != "GraphQLAPIKeyOutput"}
    return {**own, **_ensure_key(tx, api, config, outputs.get("GraphQLAPIKeyOutput"))}


def delete(tx: Transaction, outputs: Outputs) -> None:
    """Delete the API at the commit; it may not exist any more."""
    api = outputs["GraphQLAPIIdOutput"]

    def step() -> None:
        tx.call(APPSYNC, "get_graphql_api", apiId=api)
        tx.call(APPSYNC, "delete_graphql_api", apiId=api)

    tx.log.on_commit(lambda: unless_missing(step))


def _api(tx: Transaction, config: Config, pool: str | None) -> dict[str, Any]:
    sent = members.wanted(members.API_ROWS[:1], config, tx.environment)
    sent.update(_auth_type(tx, config["DefaultAuthType"], pool, action="ALLOW"))
    others = [_auth_type(tx, kind, pool) for kind in config.get("AdditionalAuthTypes", ())]
    return {**sent, "additionalAuthenticationProviders": others} if others else sent


def _auth_type(
    tx: Transaction, kind: Config, pool: str | None, *, action: str | None = None
) -> dict[str, Any]:
    settings = kind.get("Settings", {})
    sent: dict[str, Any] = {"authenticationType": members.MODES.get(kind["Mode"], kind["Mode"])}
    if kind["Mode"] == "AMAZON_COGNITO_USER_POOLS":
        users = settings.get("CognitoUserPoolId", pool)
        sent["userPoolConfig"] = {"userPoolId": users, "awsRegion": tx.region}
        if action is not None:
            sent["userPoolConfig"]["defaultAction"] = action
    elif kind["Mode"] == "OPENID_CONNECT":
        sent.update(members.wanted(members.OIDC_ROWS, settings, tx.environment))
    return sent


def _put_schema(tx: Transaction, api: str, config: Config) -> None:
    definition = config["TransformSchema"].encode()
    status = tx.call(APPSYNC, "start_schema_creation", apiId=api, definition=definition)
    for _ in range(_TURNS):
        if status.get("status") in ("SUCCESS", "ACTIVE"):
            return
        if status.get("status") == "FAILED":
            raise ProvisioningError(status.get("details") or "The schema could not be created.")
        status = tx.call(APPSYNC, "get_schema_creation_status", apiId=api)
        if status.get("status") == "PROCESSING":
            time.sleep(0.1)
    raise ProvisioningError(f"The schema of API {api} is still {status.get('status')}.")


def _key_settings(config: Config) -> Config | None:
    """The settings of the API key, None where no auth type is that of a key."""
    for kind in (config["DefaultAuthType"], *config.get("AdditionalAuthTypes", ())):
        if kind["Mode"] == "API_KEY":
            settings: Config = kind.get("Settings", {})
            return settings
    return None


def _ensure_key(tx: Transaction, api: str, config: Config, key: str | None) -> Outputs:
    settings = _key_settings(config)
    if settings is None:
        if key is not None:
            _delete_key(tx, api, key)
        return {}
    days = int(settings.get("ExpirationTime", limits.DEFAULT_API_KEY_DAYS))
    now = datetime.now(UTC).timestamp()  # siblings live in real time, not in the fake's
    sent: dict[str, Any] = {"expires": math.ceil(now) + days * _DAY + _LEEWAY}
    if "Description" in settings:
        sent["description"] = settings["Description"]
    keys = _keys(tx, api)
    described = keys.get(key or "")
    if described is None:
        key = tx.make(
            lambda: tx.call(APPSYNC, "create_api_key", apiId=api, **sent)["apiKey"]["id"],
            lambda key: tx.call(APPSYNC, "delete_api_key", apiId=api, id=key),
            lambda: _keys(tx, api),
            before=keys,
        )
        return {"GraphQLAPIKeyOutput": key}
    before = tx.accepted(APPSYNC, "UpdateApiKey", described)
    tx.undo(APPSYNC, "update_api_key", apiId=api, **before)
    tx.call(APPSYNC, "update_api_key", apiId=api, id=key, **sent)
    return {"GraphQLAPIKeyOutput": key}


def _keys(tx: Transaction, api: str) -> dict[str, dict[str, Any]]:
    keys = tx.each(APPSYNC, "list_api_keys", "apiKeys", "nextToken", apiId=api)
    return {key["id"]: key for key in keys}


def _delete_key(tx: Transaction, api: str, key: str) -> None:
    def step() -> None:
        if key in _keys(tx, api):
            tx.call(APPSYNC, "delete_api_key", apiId=api, id=key)

    tx.log.on_commit(lambda: unless_missing(step))
