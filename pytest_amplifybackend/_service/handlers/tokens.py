"""CreateToken, GetToken, DeleteToken: the one-time challenge of a Studio login.

Reading a token does not consume it (documented by the login function that Amplify ships).
The forms of code and Ttl were never recorded (assumed).
"""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._service.clock import LAST
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.rules import refuse
from pytest_amplifybackend._service.state import Token


def _create(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    app = context.app(params["AppId"])
    now = context.clock.milliseconds()
    for expired in [name for name, token in app.tokens.items() if token.expires <= now]:
        del app.tokens[expired]
        context.state.note_token(context.region, app.app_id, expired)
    token = Token(
        context.ids.uuid("session"),
        context.ids.alnum("challenge", 32),
        min(now + limits.TOKEN_SECONDS * 1000, LAST),
    )
    app.tokens[token.session_id] = token
    context.state.note_token(context.region, app.app_id, token.session_id)
    return _answer(app.app_id, token)


def _get(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    return _answer(params["AppId"], _active(context, params))


def _delete(context: Context, params: dict[str, Any]) -> dict[str, Any]:
    token = _active(context, params)
    app = context.app(params["AppId"])
    del app.tokens[token.session_id]
    context.state.note_token(context.region, app.app_id, token.session_id)
    return {"IsSuccess": True}


def _active(context: Context, params: dict[str, Any]) -> Token:
    token = context.app(params["AppId"]).tokens.get(params["SessionId"])
    if token is None or token.expires <= context.clock.milliseconds():
        raise refuse("token.missing", session=params["SessionId"], app=params["AppId"])
    return token


def _answer(app_id: str, token: Token) -> dict[str, Any]:
    return {
        "AppId": app_id,
        "ChallengeCode": token.challenge_code,
        "SessionId": token.session_id,
        "Ttl": str(token.expires // 1000),
    }


ANSWERS = {"CreateToken": _create, "GetToken": _get, "DeleteToken": _delete}
