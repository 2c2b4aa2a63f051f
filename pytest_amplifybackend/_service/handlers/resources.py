"""What auth, API and storage have in common: their services, answers and dependencies."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._service.provisioning import modes
from pytest_amplifybackend._service.state import Environment, Resource


def dependents(environment: Environment) -> list[Resource]:
    """The resources that rely on the environment's auth resource (assumed for storage)."""
    found = []
    if "storage" in environment.resources:
        found.append(environment.resources["storage"])
    api = environment.resources.get("api")
    if api is not None and uses_own_pool(environment, api.config):
        found.append(api)
    return found


def uses_own_pool(environment: Environment, config: dict[str, Any]) -> bool:
    """Whether an API's Cognito mode relies on the environment's own user pool."""
    if "AMAZON_COGNITO_USER_POOLS" not in modes(config):
        return False
    auth = environment.resources.get("auth")
    own = None if auth is None else auth.outputs.get("UserPoolId")
    types = [config.get("DefaultAuthType", {}), *config.get("AdditionalAuthTypes", [])]
    return any(
        kind.get("Mode") == "AMAZON_COGNITO_USER_POOLS"
        and kind.get("Settings", {}).get("CognitoUserPoolId", own) == own
        for kind in types
    )


def details(params: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """What GetBackendAuth, GetBackendAPI and GetBackendStorage answer."""
    return {
        "AppId": params["AppId"],
        "BackendEnvironmentName": params["BackendEnvironmentName"],
        "ResourceConfig": config,
        "ResourceName": params["ResourceName"],
    }
