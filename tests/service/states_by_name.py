"""The states of every entity: how to get into each, and how a client would see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import shop_calls
from shop_calls import API, APP, DEV, ORDERS, OTHER_SCHEMA, POOL, run

from pytest_amplifybackend import FakeAmplifyBackend, errors

Given = Callable[[FakeAmplifyBackend], object]


def _with_models(fake: FakeAmplifyBackend) -> None:
    fake.add_api(APP, name="orders")
    run(fake, "GenerateBackendAPIModels", ORDERS)


def _with_stale_models(fake: FakeAmplifyBackend) -> None:
    _with_models(fake)
    run(fake, "UpdateBackendAPI", REQUESTS["UpdateBackendAPI"])


def _with_storage(fake: FakeAmplifyBackend, **options: Any) -> None:
    fake.add_auth(APP, name="users")
    fake.add_storage(APP, **options)


def _with_imported_storage(fake: FakeAmplifyBackend) -> None:
    fake.add_bucket("our-pictures")
    _with_storage(fake, bucket="our-pictures")


def _with_token(fake: FakeAmplifyBackend, age: int = 0) -> None:
    fake.add_app(APP)
    fake.call("CreateToken", {"AppId": APP})
    fake.clock.shift(age)


def _enabled(fake: FakeAmplifyBackend) -> None:
    fake.add_app(APP)
    run(fake, "CreateBackendConfig", {"AppId": APP})


STATES: Mapping[tuple[str, str], Given] = {
    ("environment", "absent"): lambda fake: fake.add_app(APP, environments=("test",)),
    ("environment", "ready"): lambda fake: fake.add_app(APP, environments=("test", "dev")),
    ("auth", "absent"): lambda fake: fake.add_app(APP),
    ("auth", "present"): lambda fake: fake.add_auth(APP, name="users"),
    ("auth", "imported"): lambda fake: fake.add_auth(APP, imported=POOL),
    ("api", "absent"): lambda fake: fake.add_app(APP),
    ("api", "present"): lambda fake: fake.add_api(APP, name="orders"),
    ("storage", "absent"): lambda fake: (
        fake.add_auth(APP, name="users"),
        fake.add_bucket("our-pictures"),
    ),
    ("storage", "present"): lambda fake: (
        _with_storage(fake, name="media"),
        fake.add_bucket("our-pictures"),
    ),
    ("storage", "imported"): _with_imported_storage,
    ("models", "none"): lambda fake: fake.add_api(APP, name="orders"),
    ("models", "LATEST"): _with_models,
    ("models", "STALE"): _with_stale_models,
    ("studio", "disabled"): lambda fake: fake.add_app(APP),
    ("studio", "enabled"): _enabled,
    ("token", "absent"): lambda fake: fake.add_app(APP),
    ("token", "active"): _with_token,
    ("token", "expired"): lambda fake: _with_token(fake, age=300),
}

_AUTH = {
    "AuthResources": "USER_POOL_ONLY",
    "Service": "COGNITO",
    "UserPoolConfigs": {
        "RequiredSignUpAttributes": ["EMAIL"],
        "SignInMethod": "EMAIL",
        "UserPoolName": "users",
    },
}
_AUTH_UPDATE = {"AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", "UserPoolConfigs": {}}
_STORAGE = {"Permissions": {"Authenticated": ["READ"]}, "ServiceName": "S3"}
REQUESTS: Mapping[str, dict[str, Any]] = {
    "CreateBackend": {**DEV, "AppName": "shop"},
    "CloneBackend": {
        "AppId": APP,
        "BackendEnvironmentName": "test",
        "TargetEnvironmentName": "dev",
    },
    "DeleteBackend": DEV,
    "RemoveAllBackends": {"AppId": APP},
    "CreateBackendAuth": {**DEV, "ResourceName": "users", "ResourceConfig": _AUTH},
    "ImportBackendAuth": {**DEV, **POOL},
    "UpdateBackendAuth": {**DEV, "ResourceName": "users", "ResourceConfig": _AUTH_UPDATE},
    "DeleteBackendAuth": {**DEV, "ResourceName": "users"},
    "CreateBackendAPI": {**ORDERS, "ResourceConfig": {**API, "TransformSchema": OTHER_SCHEMA}},
    "UpdateBackendAPI": {**ORDERS, "ResourceConfig": {"TransformSchema": OTHER_SCHEMA}},
    "DeleteBackendAPI": ORDERS,
    "CreateBackendStorage": {**DEV, "ResourceName": "media", "ResourceConfig": _STORAGE},
    "ImportBackendStorage": {**DEV, "BucketName": "our-pictures", "ServiceName": "S3"},
    "UpdateBackendStorage": {**DEV, "ResourceName": "media", "ResourceConfig": _STORAGE},
    "DeleteBackendStorage": {**DEV, "ResourceName": "media", "ServiceName": "S3"},
    "GenerateBackendAPIModels": ORDERS,
    "CreateBackendConfig": {"AppId": APP},
    "UpdateBackendConfig": {"AppId": APP},
    "RemoveBackendConfig": {"AppId": APP},
    "CreateToken": {"AppId": APP},
    "GetToken": {"AppId": APP, "SessionId": "none"},
    "DeleteToken": {"AppId": APP, "SessionId": "none"},
}


def request(fake: FakeAmplifyBackend, operation: str, entity: str) -> dict[str, Any]:
    """The request of an operation about the entity; an import chose its name itself."""
    params = dict(REQUESTS[operation])
    if entity == "token" and "SessionId" in params:
        params["SessionId"] = session_of(fake)
    if entity in ("auth", "storage") and "ResourceName" in params:
        params["ResourceName"] = shop_calls.held(fake).get(entity, params["ResourceName"])
    return params


def session_of(fake: FakeAmplifyBackend) -> str:
    """The session of the newest token that the fake gave."""
    tokens = [call.response for call in fake.calls.of("CreateToken") if call.response]
    return tokens[-1]["SessionId"] if tokens else "none"


def seen(fake: FakeAmplifyBackend, entity: str) -> Any:
    """The state that an entity has for a client; an expired token is not to be told from none."""
    if entity == "environment":
        return "ready" if "dev" in shop_calls.environments(fake) else "absent"
    if entity == "models":
        return _found(lambda: fake.call("GetBackendAPIModels", ORDERS)["Status"], "none")
    if entity == "studio":
        update = {"AppId": APP}
        return _found(lambda: fake.call("UpdateBackendConfig", update) and "enabled", "disabled")
    if entity == "token":
        token = {"AppId": APP, "SessionId": session_of(fake)}
        return _found(lambda: fake.call("GetToken", token) and "active", "absent")
    resources = shop_calls.meta(fake).get(entity)
    if resources is None:
        return "absent"
    (resource,) = resources.values()
    return "imported" if resource.get("serviceType") == "imported" else "present"


def _found(read: Callable[[], Any], otherwise: str) -> Any:
    try:
        return read()
    except errors.NotFound:
        return otherwise
