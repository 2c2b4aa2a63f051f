"""What auth, API and storage have in common: guards from the table, and dependencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._service import lifecycle
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.provisioning import Place, modes
from pytest_amplifybackend._service.rules import refuse
from pytest_amplifybackend._service.state import Environment, Resource

SERVICES = {"auth": "Cognito", "api": "AppSync", "storage": "S3"}


@dataclass(frozen=True, slots=True)
class Site:
    """Where a resource job works: the environment, its place, and the resource that is there."""

    environment: Environment
    place: Place
    resource: Resource | None

    @property
    def standing(self) -> Resource:
        """The resource that the guard has found to be there."""
        assert self.resource is not None
        return self.resource


def site(context: Context, operation: str, params: dict[str, Any], family: str) -> Site:
    """Where the job works, after the guard of the lifecycle table.

    Raises ProvisioningError with the table's rule when the resource is in the wrong state, or
    is not the one that is named.
    """
    app = context.app(params["AppId"])
    environment = context.environment(params["AppId"], params["BackendEnvironmentName"])
    resource = environment.resources.get(family)
    name = params.get("ResourceName", "")
    rule = lifecycle.refusal(operation, lifecycle.resource_state(environment, family))
    if rule is not None:
        raise refuse(rule, name=name, existing="" if resource is None else resource.name)
    if resource is not None and resource.name != name:
        raise refuse("resource.not-added", name=name, category=family)
    return Site(environment, context.place(app, environment), resource)


def dependents(environment: Environment) -> list[Resource]:
    """What could not be without the environment's auth resource (documented for storage)."""
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
