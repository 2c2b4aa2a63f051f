"""AppSync: the GraphQL API, its schema and its key."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from typing import Any

from pytest_amplifybackend._provision import members
from pytest_amplifybackend._provision.siblings import unless_missing
from pytest_amplifybackend._provision.site import Site
from pytest_amplifybackend._rules.rule import ProvisioningError

APPSYNC = "appsync"
Config = dict[str, Any]
Outputs = dict[str, Any]

_DAY = 24 * 60 * 60
_LEEWAY = 60
"""Seconds more than the days, because AppSync wants at least a whole day from its own now."""

_TURNS = 100


def create(site: Site, config: Config, pool: str | None) -> Outputs:
    """Make API, schema and key; ``pool`` is the environment's own. Gives the outputs."""
    sent = _api(site, config, pool)
    answers: dict[str, Any] = {}

    def there() -> list[str]:
        apis = site.each(APPSYNC, "list_graphql_apis", "graphqlApis", "nextToken")
        return [api["apiId"] for api in apis if api["name"] == sent["name"]]

    def make() -> str:
        answers.update(site.call(APPSYNC, "create_graphql_api", **sent)["graphqlApi"])
        return str(answers["apiId"])

    api = site.make(make, lambda api: site.call(APPSYNC, "delete_graphql_api", apiId=api), there)
    _put_schema(site, api, config)
    outputs = {"GraphQLAPIIdOutput": api, "GraphQLAPIEndpointOutput": answers["uris"]["GRAPHQL"]}
    return {**outputs, **_ensure_key(site, api, config, None)}


def update(
    site: Site, before: Config, config: Config, outputs: Outputs, pool: str | None
) -> Outputs:
    """Turn the API from one config into another; gives the outputs."""
    api = outputs["GraphQLAPIIdOutput"]
    described = site.call(APPSYNC, "get_graphql_api", apiId=api)["graphqlApi"]
    kept = site.accepted(APPSYNC, "UpdateGraphqlApi", described)
    site.undo(APPSYNC, "update_graphql_api", **kept)
    wanted = {"additionalAuthenticationProviders": [], **_api(site, config, pool)}
    site.call(APPSYNC, "update_graphql_api", apiId=api, **wanted)
    if before.get("TransformSchema") != config.get("TransformSchema"):
        if "TransformSchema" in before:
            site.work.undo(lambda: _put_schema(site, api, before))
        _put_schema(site, api, config)
    own = {name: value for name, value in outputs.items() if name != "GraphQLAPIKeyOutput"}
    return {**own, **_ensure_key(site, api, config, outputs.get("GraphQLAPIKeyOutput"))}


def delete(site: Site, outputs: Outputs) -> None:
    """Delete the API at the end of the work; it may be gone."""
    api = outputs["GraphQLAPIIdOutput"]

    def step() -> None:
        site.call(APPSYNC, "get_graphql_api", apiId=api)
        site.call(APPSYNC, "delete_graphql_api", apiId=api)

    site.work.last(lambda: unless_missing(step))


def _api(site: Site, config: Config, pool: str | None) -> dict[str, Any]:
    sent = members.wanted(members.API_ROWS[:1], config, site.environment)
    sent.update(_auth_type(site, config["DefaultAuthType"], pool, action="ALLOW"))
    others = [_auth_type(site, kind, pool) for kind in config.get("AdditionalAuthTypes", ())]
    return {**sent, "additionalAuthenticationProviders": others} if others else sent


def _auth_type(
    site: Site, kind: Config, pool: str | None, *, action: str | None = None
) -> dict[str, Any]:
    settings = kind.get("Settings", {})
    sent: dict[str, Any] = {"authenticationType": members.MODES[kind["Mode"]]}
    if kind["Mode"] == "AMAZON_COGNITO_USER_POOLS":
        users = settings.get("CognitoUserPoolId", pool)
        sent["userPoolConfig"] = {"userPoolId": users, "awsRegion": site.region}
        if action is not None:
            sent["userPoolConfig"]["defaultAction"] = action
    elif kind["Mode"] == "OPENID_CONNECT":
        sent.update(members.wanted(members.OIDC_ROWS, settings, site.environment))
    return sent


def _put_schema(site: Site, api: str, config: Config) -> None:
    text = config.get("TransformSchema")
    if text is None:
        return
    status = site.call(APPSYNC, "start_schema_creation", apiId=api, definition=text.encode())
    for _ in range(_TURNS):
        if status.get("status") in ("SUCCESS", "ACTIVE"):
            return
        if status.get("status") == "FAILED":
            raise ProvisioningError(status.get("details") or "The schema could not be created.")
        status = site.call(APPSYNC, "get_schema_creation_status", apiId=api)
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


def _ensure_key(site: Site, api: str, config: Config, key: str | None) -> Outputs:
    settings = _key_settings(config)
    if settings is None:
        if key is not None:
            _delete_key(site, api, key)
        return {}
    days = int(settings.get("ExpirationTime", 7))
    now = datetime.now(UTC).timestamp()  # siblings live in real time, not in the fake's
    sent: dict[str, Any] = {"expires": math.ceil(now) + days * _DAY + _LEEWAY}
    if "Description" in settings:
        sent["description"] = settings["Description"]
    keys = _keys(site, api)
    described = keys.get(key or "")
    if described is None:
        key = site.make(
            lambda: site.call(APPSYNC, "create_api_key", apiId=api, **sent)["apiKey"]["id"],
            lambda key: site.call(APPSYNC, "delete_api_key", apiId=api, id=key),
            lambda: _keys(site, api),
            before=keys,
        )
        return {"GraphQLAPIKeyOutput": key}
    before = site.accepted(APPSYNC, "UpdateApiKey", described)
    site.undo(APPSYNC, "update_api_key", apiId=api, **before)
    site.call(APPSYNC, "update_api_key", apiId=api, id=key, **sent)
    return {"GraphQLAPIKeyOutput": key}


def _keys(site: Site, api: str) -> dict[str, dict[str, Any]]:
    keys = site.each(APPSYNC, "list_api_keys", "apiKeys", "nextToken", apiId=api)
    return {key["id"]: key for key in keys}


def _delete_key(site: Site, api: str, key: str) -> None:
    def step() -> None:
        if key in _keys(site, api):
            site.call(APPSYNC, "delete_api_key", apiId=api, id=key)

    site.work.last(lambda: unless_missing(step))
