"""CreateBackendConfig, UpdateBackendConfig, RemoveBackendConfig: Amplify Studio of an app."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._api.values import copied
from pytest_amplifybackend._service import lifecycle
from pytest_amplifybackend._service.context import STUDIO_ENVIRONMENT, Context
from pytest_amplifybackend._service.rules import refuse
from pytest_amplifybackend._service.state import App, Studio

_LOGIN = {
    "AwsCognitoIdentityPoolId": "aws_cognito_identity_pool_id",
    "AwsCognitoRegion": "aws_cognito_region",
    "AwsUserPoolsId": "aws_user_pools_id",
    "AwsUserPoolsWebClientId": "aws_user_pools_web_client_id",
}


def _guard(operation: str, app: App) -> None:
    rule = lifecycle.refusal(operation, lifecycle.studio_state(app))
    if rule is not None:
        raise refuse(rule, app=app.app_id)


def _create(context: Context, params: dict[str, Any]) -> None:
    app = context.app(params["AppId"])
    _guard("CreateBackendConfig", app)
    outputs = context.provisioner.create_studio(context.region, app.app_id)
    manager = params.get("BackendManagerAppId") or f"d{context.ids.alnum('manager', 13)}"
    login = {member: outputs[name] for member, name in _LOGIN.items()}
    app.studio = Studio(manager, login, outputs)


def _update(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    app = _settled(context, params, "UpdateBackendConfig")
    assert app.studio is not None
    if "LoginAuthConfig" in params:
        app.studio.login = copied(params["LoginAuthConfig"])
        context.state.note_app(context.region, app.app_id)
    return {
        "AppId": app.app_id,
        "BackendManagerAppId": app.studio.manager_app_id,
        "LoginAuthConfig": copied(app.studio.login),
    }


def _remove(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    app = _settled(context, params, "RemoveBackendConfig")
    assert app.studio is not None
    with context.provisioner.work():
        context.provisioner.delete_studio(context.region, app.app_id, app.studio.outputs)
    app.studio = None
    context.state.note_app(context.region, app.app_id)
    return {}


def _settled(context: Context, params: dict[str, Any], operation: str) -> App:
    """The app, unless a job that enables Studio is still running or the state forbids it."""
    app = context.app(params["AppId"])
    if context.state.jobs.blocking(context.region, app.app_id, STUDIO_ENVIRONMENT) is not None:
        raise refuse("job.pending", app=app.app_id, environment=STUDIO_ENVIRONMENT)
    _guard(operation, app)
    return app


ANSWERS = {"UpdateBackendConfig": _update, "RemoveBackendConfig": _remove}
EFFECTS = {"CreateBackendConfig": _create}
