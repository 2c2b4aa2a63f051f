"""Cognito user pools: the pool itself, its MFA and its app clients."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._provision import members, sign_in
from pytest_amplifybackend._provision.aws_clients import unless_missing
from pytest_amplifybackend._provision.sign_in import IDP
from pytest_amplifybackend._provision.transaction import Transaction
from pytest_amplifybackend._service.names import ACCOUNT

Config = dict[str, Any]
Outputs = dict[str, Any]

_CLIENTS = (
    ("AppClientIDWeb", "{name}_app_clientWeb"),
    ("AppClientID", "{name}_app_client"),
)
"""Output and name (documented); neither has a secret, which no file since 2021 shows (observed)."""

_NO_OAUTH: Config = {
    "AllowedOAuthFlows": [],
    "AllowedOAuthScopes": [],
    "CallbackURLs": [],
    "LogoutURLs": [],
}
_SET_ELSEWHERE = (
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "MfaConfiguration",
    "SmsAuthenticationMessage",
    "SmsVerificationMessage",
)
"""Members of a described pool that are part of its message template, or of its MFA, as well."""


def create(
    tx: Transaction, name: str, config: Config, domain: str | None, role: str | None
) -> Outputs:
    """Make pool, domain, providers and clients; returns the outputs.

    ``role`` is that by which the pool sends text messages.
    """
    config = _with_messages(config)
    made = _create_pool(tx, members.wanted(members.POOL_ROWS, config, tx.environment))
    pool = str(made["Id"])
    outputs = {"UserPoolId": pool}
    if config["UserPoolConfigs"].get("Mfa"):
        tx.call(IDP, "set_user_pool_mfa_config", **_mfa(tx, pool, config, role))
    if domain is not None:
        sign_in.create_domain(tx, pool, domain)
    for provider, details in sign_in.wanted_providers(config).items():
        sign_in.create_provider(tx, pool, provider, details)
    for output, client_name in _CLIENTS:
        client = tx.call(
            IDP,
            "create_user_pool_client",
            UserPoolId=pool,
            ClientName=client_name.format(name=name),
            GenerateSecret=False,
            **_client(tx, config),
        )
        outputs[output] = client["UserPoolClient"]["ClientId"]
    outputs["UserPoolArn"] = arn_of(tx, made)
    outputs["UserPoolName"] = config["UserPoolConfigs"]["UserPoolName"]
    return outputs if domain is None else {**outputs, "HostedUIDomain": domain}


def create_studio(tx: Transaction, name: str) -> Outputs:
    """Make the pool of Amplify Studio's users, with the one client of its web page."""
    pool = _create_pool(tx, {"PoolName": name})["Id"]
    client = tx.call(IDP, "create_user_pool_client", UserPoolId=pool, ClientName=name)
    return {"UserPoolId": pool, "AppClientIDWeb": client["UserPoolClient"]["ClientId"]}


def _create_pool(tx: Transaction, sent: dict[str, Any]) -> dict[str, Any]:
    pool: dict[str, Any] = {}

    def create() -> str:
        pool.update(tx.call(IDP, "create_user_pool", **sent)["UserPool"])
        return str(pool["Id"])

    def existing() -> list[str]:
        pools = tx.each(IDP, "list_user_pools", "UserPools", MaxResults=60)
        return [pool["Id"] for pool in pools if pool["Name"] == sent["PoolName"]]

    tx.make(create, lambda pool: tx.call(IDP, "delete_user_pool", UserPoolId=pool), existing)
    return pool


def update(
    tx: Transaction, config: Config, outputs: Outputs, domain: str | None, role: str | None
) -> Outputs:
    """Change everything to what a config asks for; returns the outputs."""
    config = _with_messages(config)
    pool = outputs["UserPoolId"]
    _update_pool(tx, pool, config, role)
    before = outputs.get("HostedUIDomain")
    if before != domain:
        if before is not None:
            sign_in.delete_domain(tx, pool, before)
        if domain is not None:
            sign_in.create_domain(tx, pool, domain)
    wanted, existing = sign_in.wanted_providers(config), sign_in.provider_names(tx, pool)
    for provider, details in wanted.items():
        change = sign_in.update_provider if provider in existing else sign_in.create_provider
        change(tx, pool, provider, details)
    for output, _ in _CLIENTS:
        _update_client(tx, pool, outputs[output], config)
    for provider in existing:
        if provider in members.SOCIAL and provider not in wanted:
            sign_in.delete_provider(tx, pool, provider)
    own = {key: value for key, value in outputs.items() if key != "HostedUIDomain"}
    return own if domain is None else {**own, "HostedUIDomain": domain}


def delete(tx: Transaction, outputs: Outputs) -> None:
    """Delete domain and pool at the commit; either may not exist any more."""
    pool, domain = outputs["UserPoolId"], outputs.get("HostedUIDomain")
    if domain is not None:
        tx.log.on_commit(lambda: sign_in.without_domain(tx, pool, domain))
    tx.log.on_commit(
        lambda: unless_missing(lambda: tx.call(IDP, "delete_user_pool", UserPoolId=pool))
    )


def _with_messages(config: Config) -> Config:
    """The config in which the older member for messages is the newer one (observed)."""
    pool = config["UserPoolConfigs"]
    if "VerificationMessage" in pool or "ForgotPassword" not in pool:
        return config
    return {**config, "UserPoolConfigs": {**pool, "VerificationMessage": pool["ForgotPassword"]}}


def _update_pool(tx: Transaction, pool: str, config: Config, role: str | None) -> None:
    described = tx.call(IDP, "describe_user_pool", UserPoolId=pool)["UserPool"]
    tx.clients.immutable_attributes.note(described)
    before = tx.accepted(IDP, "UpdateUserPool", described, *_SET_ELSEWHERE)
    policies = before.get("Policies", {})
    # The same number of days, which a request may contain only once:
    if "TemporaryPasswordValidityDays" in policies.get("PasswordPolicy", {}):
        before["AdminCreateUserConfig"] = dict(before.get("AdminCreateUserConfig", {}))
        before["AdminCreateUserConfig"].pop("UnusedAccountValidityDays", None)
    wanted = members.wanted(members.CHANGEABLE, config, tx.environment, defaults=False)
    if "Policies" in wanted:
        policy = {**policies.get("PasswordPolicy", {}), **wanted["Policies"]["PasswordPolicy"]}
        wanted["Policies"] = {**policies, "PasswordPolicy": policy}
    tx.undo(IDP, "update_user_pool", UserPoolId=pool, **before)
    tx.call(IDP, "update_user_pool", UserPoolId=pool, **{**before, **wanted})
    if config["UserPoolConfigs"].get("Mfa"):
        mfa = tx.call(IDP, "get_user_pool_mfa_config", UserPoolId=pool)
        mfa = tx.accepted(IDP, "SetUserPoolMfaConfig", mfa)
        tx.undo(IDP, "set_user_pool_mfa_config", UserPoolId=pool, **mfa)
        tx.call(IDP, "set_user_pool_mfa_config", **_mfa(tx, pool, config, role))


def _mfa(tx: Transaction, pool: str, config: Config, role: str | None) -> dict[str, Any]:
    sent: dict[str, Any] = {"UserPoolId": pool, "MfaConfiguration": "OFF"}
    mfa = config["UserPoolConfigs"].get("Mfa", {})
    if mfa.get("MFAMode", "OFF") == "OFF":
        return sent
    sent = {"UserPoolId": pool, **members.wanted(members.MFA_ROWS[:1], config, tx.environment)}
    settings = mfa.get("Settings", {})
    if "SMS" in settings.get("MfaTypes", ()):
        members.put(sent, members.MFA_ROWS[2].sent, settings.get("SmsMessage"))
        members.put(
            sent, "SmsMfaConfiguration.SmsConfiguration", {"SnsCallerArn": role, "ExternalId": pool}
        )
    if "TOTP" in settings.get("MfaTypes", ()):
        sent["SoftwareTokenMfaConfiguration"] = {"Enabled": True}
    return sent


def _client(tx: Transaction, config: Config) -> dict[str, Any]:
    """What an app client has of OAuth; nothing without it."""
    oauth = config["UserPoolConfigs"].get("OAuth")
    if not oauth:
        return {}
    return {
        **members.wanted(members.CLIENT_ROWS[:-1], config, tx.environment),
        "AllowedOAuthFlowsUserPoolClient": True,
        "SupportedIdentityProviders": ["COGNITO", *sign_in.wanted_providers(config)],
    }


def _update_client(tx: Transaction, pool: str, client: str, config: Config) -> None:
    named = {"UserPoolId": pool, "ClientId": client}
    described = tx.call(IDP, "describe_user_pool_client", **named)["UserPoolClient"]
    before = tx.accepted(IDP, "UpdateUserPoolClient", described)
    none = {
        **_NO_OAUTH,
        "AllowedOAuthFlowsUserPoolClient": False,
        "SupportedIdentityProviders": ["COGNITO"],
    }
    had = any(before.get(name) for name in _NO_OAUTH)
    wanted = {**(_client(tx, config) or (none if had else {}))}
    if wanted:
        ours = ("COGNITO", *members.SOCIAL)
        others = [one for one in before.get("SupportedIdentityProviders", ()) if one not in ours]
        wanted["SupportedIdentityProviders"] = [*wanted["SupportedIdentityProviders"], *others]
    # A client that is restored loses what it did not have before.
    nothing = {**none, "SupportedIdentityProviders": []} if wanted else {}
    tx.undo(IDP, "update_user_pool_client", **{**nothing, **before})
    tx.call(IDP, "update_user_pool_client", **{**before, **wanted})


def arn_of(tx: Transaction, pool: dict[str, Any]) -> str:
    """The ARN of a described pool; not every emulator tells it."""
    made = f"arn:aws:cognito-idp:{tx.region}:{ACCOUNT}:userpool/{pool['Id']}"
    return str(pool.get("Arn") or made)
