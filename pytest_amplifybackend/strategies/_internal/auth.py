"""Strategies for the configs of auth resources."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend._rules import limits
from pytest_amplifybackend.strategies._internal import names, texts
from pytest_amplifybackend.strategies._internal.plan import (
    Pick,
    Plan,
    check_choice,
    enum_lists,
    enum_values,
    enums,
    plan,
    toggled,
)

Config = dict[str, Any]
_POOL = "UserPoolConfigs"
_OAUTH = f"{_POOL}.OAuth"
_PASSWORD = st.one_of(
    st.integers(limits.PASSWORD_LENGTH.least, limits.PASSWORD_LENGTH.most),
    st.sampled_from((limits.PASSWORD_LENGTH.least, limits.PASSWORD_LENGTH.most, 8.0)),
)
_POLICIES = st.sampled_from(("usual", "usual", "usual", "empty"))
_COIN = st.booleans()


def auth_configs(
    *,
    mfa: str | None = None,
    oauth: bool | None = None,
    social: bool | None = None,
    identity_pool: bool | None = None,
    guests: bool | None = None,
    verification: str | None = None,
    password_policy: bool | None = None,
) -> SearchStrategy[Config]:
    """``ResourceConfig`` values that CreateBackendAuth accepts, and its job provisions.

    ``mfa`` is ON, OFF or OPTIONAL; ``verification`` is EMAIL or SMS; ``guests`` is whether
    visitors get credentials without signing in; the others are whether that part is there.
    None leaves a part open. Raises InvalidArgument for options that contradict each other.
    """
    options = _options("auth_configs", mfa, verification, oauth, social, identity_pool, guests)
    return _configs(_with_policy(options, password_policy), update=False)


def auth_update_configs(
    *,
    mfa: str | None = None,
    oauth: bool | None = None,
    social: bool | None = None,
    identity_pool: bool | None = None,
    guests: bool | None = None,
    verification: str | None = None,
    password_policy: bool | None = None,
) -> SearchStrategy[Config]:
    """``ResourceConfig`` values that UpdateBackendAuth accepts; options as in auth_configs().

    Without ``oauth`` an empty ``OAuth``, which removes it, turns up too.
    """
    options = _options(
        "auth_update_configs", mfa, verification, oauth, social, identity_pool, guests
    )
    return _configs(_with_policy(options, password_policy), update=True)


def _options(
    function: str,
    mfa: str | None,
    verification: str | None,
    oauth: bool | None,
    social: bool | None,
    identity_pool: bool | None,
    guests: bool | None,
) -> Plan:
    check_choice(function, "mfa", mfa, enum_values("MFAMode"))
    check_choice(function, "verification", verification, enum_values("DeliveryMethod"))
    if social and oauth is False:
        raise InvalidArgument(
            f"{function}(social=True, oauth=False) cannot be: social providers are part of OAuth."
        )
    if guests is not None and identity_pool is False:
        raise InvalidArgument(
            f"{function}(guests={guests}, identity_pool=False) cannot be: only an identity pool "
            "says whether guests are let in."
        )
    wanted: list[str] = []
    avoided: list[str] = []
    fixed: dict[str, Any] = {}
    if mfa is not None:
        wanted.append(f"{_POOL}.Mfa")
        fixed[f"{_POOL}.Mfa.MFAMode"] = mfa
    if verification is not None:
        wanted.append(f"{_POOL}.VerificationMessage")
        fixed[f"{_POOL}.VerificationMessage.DeliveryMethod"] = verification
    toggled(oauth, _OAUTH, wanted, avoided)
    toggled(social, f"{_OAUTH}.SocialProviderSettings", wanted, avoided)
    if identity_pool is not None or guests is not None:
        both = guests is not None or identity_pool
        fixed["AuthResources"] = enum_values("AuthResources")[1 if both else 0]
    if guests is not None:
        wanted.append("IdentityPoolConfigs.UnauthenticatedLogin")
        fixed["IdentityPoolConfigs.UnauthenticatedLogin"] = guests
    return plan(wanted, avoided, fixed)


def _with_policy(options: Plan, password_policy: bool | None) -> Plan:
    wanted: list[str] = []
    avoided: list[str] = []
    toggled(password_policy, f"{_POOL}.PasswordPolicy", wanted, avoided)
    return Plan(options.wanted | {*wanted}, options.avoided | {*avoided}, options.fixed)


@functools.cache
def _configs(steer: Plan, *, update: bool) -> SearchStrategy[Config]:
    @st.composite
    def auth_configs(draw: Callable[..., Any]) -> Config:
        return draw_auth_config(Pick(draw, steer), update=update)

    return auth_configs()


def draw_auth_config(pick: Pick, *, update: bool) -> Config:
    """One config, for CreateBackendAuth or UpdateBackendAuth."""
    pools = enums("AuthResources")
    if pick.wants("IdentityPoolConfigs") and pick.fixed("AuthResources") is None:
        pools = st.just(enum_values("AuthResources")[1])
    config: Config = {
        "AuthResources": pick.value("AuthResources", pools),
        "Service": pick.draw(enums("Service")),
        "UserPoolConfigs": _user_pool(pick, update=update),
    }
    has_pool = config["AuthResources"] != enum_values("AuthResources")[0]
    if has_pool and pick.has("IdentityPoolConfigs"):
        config["IdentityPoolConfigs"] = _identity_pool(pick, update=update)
    return config


def _identity_pool(pick: Pick, *, update: bool) -> Config:
    at = "IdentityPoolConfigs.UnauthenticatedLogin"
    if update and not pick.has(at):
        return {}
    login = pick.value(at, _COIN)
    if update:
        return {"UnauthenticatedLogin": login}
    return {"IdentityPoolName": pick.draw(names.pool_names()), "UnauthenticatedLogin": login}


def _user_pool(pick: Pick, *, update: bool) -> Config:
    draw, has = pick.draw, pick.has
    pool: Config = {}
    if not update:
        attributes = f"{_POOL}.RequiredSignUpAttributes[]"
        least = 1 if pick.wants(attributes) else 0
        pool["RequiredSignUpAttributes"] = draw(
            enum_lists("RequiredSignUpAttributesElement", least)
        )
        pool["SignInMethod"] = draw(enums("SignInMethod"))
        pool["UserPoolName"] = draw(names.pool_names())
    for message in ("ForgotPassword", "VerificationMessage"):
        if has(f"{_POOL}.{message}"):
            pool[message] = _message(pick, f"{_POOL}.{message}")
    if has(f"{_POOL}.Mfa"):
        pool["Mfa"] = _mfa(pick, f"{_POOL}.Mfa")
    if has(_OAUTH):
        removed = update and not pick.wants(_OAUTH) and draw(_POLICIES) == "empty"
        pool["OAuth"] = {} if removed else _oauth(pick, update=update)
    if has(f"{_POOL}.PasswordPolicy"):
        pool["PasswordPolicy"] = _policy(pick, f"{_POOL}.PasswordPolicy", update=update)
    return pool


def _message(pick: Pick, at: str) -> Config:
    """A verification or a forgotten-password message; the other way's settings may be there."""
    email, sms = f"{at}.EmailSettings", f"{at}.SmsSettings"
    methods = enums("DeliveryMethod")
    if pick.wants(email) != pick.wants(sms):
        methods = st.just("EMAIL" if pick.wants(email) else "SMS")
    method = pick.value(f"{at}.DeliveryMethod", methods)
    message: Config = {"DeliveryMethod": method}
    members: dict[str, dict[str, SearchStrategy[str]]] = {
        "EmailSettings": {
            "EmailMessage": texts.email_messages(),
            "EmailSubject": texts.email_subjects(),
        },
        "SmsSettings": {"SmsMessage": texts.sms_messages()},
    }
    for settings, given in members.items():
        used = settings == ("EmailSettings" if method == "EMAIL" else "SmsSettings")
        if used or pick.rarely(f"{at}.{settings}"):
            message[settings] = {
                name: pick.draw(values)
                for name, values in given.items()
                if used or pick.has(f"{at}.{settings}.{name}")
            }
    return message


def _mfa(pick: Pick, at: str) -> Config:
    settings = f"{at}.Settings"
    modes = enums("MFAMode")
    if pick.wants(settings):
        modes = st.sampled_from(("ON", "OPTIONAL"))
    mode = pick.value(f"{at}.MFAMode", modes)
    mfa: Config = {"MFAMode": mode}
    if mode != "OFF":
        mfa["Settings"] = {
            "MfaTypes": pick.draw(enum_lists("MfaTypesElement", 1)),
            "SmsMessage": pick.draw(texts.sms_messages()),
        }
    elif pick.has(settings):
        mfa["Settings"] = {}
        if pick.has(f"{settings}.MfaTypes"):
            mfa["Settings"]["MfaTypes"] = pick.draw(enum_lists("MfaTypesElement", 0))
        if pick.has(f"{settings}.SmsMessage"):
            mfa["Settings"]["SmsMessage"] = pick.draw(texts.sms_messages())
    return mfa


def _oauth(pick: Pick, *, update: bool) -> Config:
    draw = pick.draw
    oauth: Config = {
        "OAuthGrantType": draw(enums("OAuthGrantType")),
        "OAuthScopes": draw(enum_lists("OAuthScopesElement", 1)),
        "RedirectSignInURIs": draw(texts.redirect_uri_lists()),
        "RedirectSignOutURIs": draw(texts.redirect_uri_lists()),
    }
    if pick.has(f"{_OAUTH}.DomainPrefix"):
        oauth["DomainPrefix"] = draw(names.domain_prefixes())
    social = f"{_OAUTH}.SocialProviderSettings"
    if pick.has(social):
        oauth["SocialProviderSettings"] = {}
        for provider in ("Facebook", "Google", "LoginWithAmazon"):
            if pick.has(f"{social}.{provider}"):
                oauth["SocialProviderSettings"][provider] = {
                    "ClientId": draw(names.keys()),
                    "ClientSecret": draw(names.keys()),
                }
        if pick.has(f"{social}.SignInWithApple"):
            oauth["SocialProviderSettings"]["SignInWithApple"] = _apple(pick, social, update=update)
    return oauth


def _apple(pick: Pick, social: str, *, update: bool) -> Config:
    apple = {name: pick.draw(names.keys()) for name in ("ClientId", "TeamId", "KeyId")}
    if not update or pick.has(f"{social}.SignInWithApple.PrivateKey"):
        apple["PrivateKey"] = pick.draw(texts.private_keys())
    return apple


def _policy(pick: Pick, at: str, *, update: bool) -> Config:
    policy: Config = {}
    if not update or pick.has(f"{at}.MinimumLength"):
        policy["MinimumLength"] = pick.draw(_PASSWORD)
    constraints = f"{at}.AdditionalConstraints"
    if pick.has(constraints):
        least = 1 if pick.wants(f"{constraints}[]") else 0
        policy["AdditionalConstraints"] = pick.draw(
            enum_lists("AdditionalConstraintsElement", least)
        )
    return policy
