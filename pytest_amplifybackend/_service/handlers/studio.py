"""Amplify Studio of an app: its configuration, and the one-time challenge of a Studio login."""

from __future__ import annotations

from pytest_amplifybackend._api.paths import copied
from pytest_amplifybackend._api.provenance import ASSUMED, DOCUMENTED
from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._rules.states import broken
from pytest_amplifybackend._service.clock import LAST
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.entities import (
    ABSENT,
    ACTIVE,
    DISABLED,
    ENABLED,
    EXPIRED,
)
from pytest_amplifybackend._service.jobs import STUDIO_ENVIRONMENT
from pytest_amplifybackend._service.operations import Declaration, Params, app_exists
from pytest_amplifybackend._service.state import Studio, Token

_LOGIN = {
    "AwsCognitoIdentityPoolId": "aws_cognito_identity_pool_id",
    "AwsCognitoRegion": "aws_cognito_region",
    "AwsUserPoolsId": "aws_user_pools_id",
    "AwsUserPoolsWebClientId": "aws_user_pools_web_client_id",
}


def _studio_environment(params: Params) -> str | None:
    """A name of its own; callers were observed to poll with the name that the answer holds."""
    return STUDIO_ENVIRONMENT


@Declaration(
    "CreateBackendConfig",
    entity="studio",
    moves={DISABLED: ENABLED},
    evidence=DOCUMENTED,
    during="enabling",
    filed_under=_studio_environment,
    needs=(app_exists,),
    rules={ENABLED: "studio.enabled"},
    command="enable admin",
)
def create_config(context: Context, params: Params) -> None:
    app = context.app(params["AppId"])
    outputs = context.provisioner.create_studio(context.region, app.app_id)
    manager = params.get("BackendManagerAppId") or context.ids.uuid("manager")
    login = {member: outputs[name] for member, name in _LOGIN.items()}
    app.studio = Studio(manager, login, outputs)


def _no_job_under_way(context: Context, params: Params) -> None:
    app_id = params["AppId"]
    if context.state.jobs.blocking(context.region, app_id, STUDIO_ENVIRONMENT) is not None:
        raise broken("job.pending", app=app_id, environment=STUDIO_ENVIRONMENT)


@Declaration(
    "UpdateBackendConfig",
    entity="studio",
    moves={ENABLED: ENABLED},
    evidence=ASSUMED,
    needs=(_no_job_under_way,),
    rules={DISABLED: "studio.disabled"},
)
def update_config(context: Context, params: Params) -> Params:
    app = context.app(params["AppId"])
    assert app.studio is not None
    if "LoginAuthConfig" in params:
        app.studio.login = copied(params["LoginAuthConfig"])
        context.state.note_app(context.region, app.app_id)
    return {
        "AppId": app.app_id,
        "BackendManagerAppId": app.studio.manager_app_id,
        "LoginAuthConfig": copied(app.studio.login),
    }


@Declaration(
    "RemoveBackendConfig",
    entity="studio",
    moves={ENABLED: DISABLED},
    evidence=DOCUMENTED,
    needs=(_no_job_under_way,),
    rules={DISABLED: "studio.disabled"},
)
def remove_config(context: Context, params: Params) -> Params:
    app = context.app(params["AppId"])
    assert app.studio is not None
    with context.provisioner.work():
        context.provisioner.delete_studio(context.region, app.app_id, app.studio.outputs)
    app.studio = None
    context.state.note_app(context.region, app.app_id)
    return {}


@Declaration(
    "CreateToken",
    entity="token",
    moves={ABSENT: ACTIVE},
    evidence=DOCUMENTED,
)
def create_token(context: Context, params: Params) -> Params:
    """A new challenge, beside those that are active; the forms of code and Ttl are assumed."""
    app = context.app(params["AppId"])
    now = context.clock.milliseconds()
    for expired in [name for name, token in app.tokens.items() if not token.is_active(now)]:
        del app.tokens[expired]
        context.state.note_token(context.region, app.app_id, expired)
    token = Token(
        context.ids.uuid("session"),
        context.ids.alnum("challenge", 32),
        min(now + limits.TOKEN_SECONDS * 1000, LAST),
    )
    app.tokens[token.session_id] = token
    context.state.note_token(context.region, app.app_id, token.session_id)
    return _challenge(app.app_id, token)


@Declaration(
    "GetToken",
    entity="token",
    moves={ACTIVE: ACTIVE},
    evidence=DOCUMENTED,
    rules={ABSENT: "token.missing", EXPIRED: "token.missing"},
)
def get_token(context: Context, params: Params) -> Params:
    """The challenge, not consumed (documented by the login function that Amplify ships)."""
    app = context.app(params["AppId"])
    return _challenge(app.app_id, app.tokens[params["SessionId"]])


@Declaration(
    "DeleteToken",
    entity="token",
    moves={ACTIVE: ABSENT},
    evidence=DOCUMENTED,
    rules={ABSENT: "token.missing", EXPIRED: "token.missing"},
)
def delete_token(context: Context, params: Params) -> Params:
    app = context.app(params["AppId"])
    del app.tokens[params["SessionId"]]
    context.state.note_token(context.region, app.app_id, params["SessionId"])
    return {"IsSuccess": True}


def _challenge(app_id: str, token: Token) -> Params:
    return {
        "AppId": app_id,
        "ChallengeCode": token.challenge_code,
        "SessionId": token.session_id,
        "Ttl": str(token.expires // 1000),
    }
