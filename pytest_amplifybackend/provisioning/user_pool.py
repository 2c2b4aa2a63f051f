"""Cognito user pools: the pool itself, its MFA, app clients, domain and social providers."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend.provisioning import members
from pytest_amplifybackend.provisioning.refusals import refusal
from pytest_amplifybackend.provisioning.siblings import unless_missing
from pytest_amplifybackend.provisioning.site import Site
from pytest_amplifybackend.service.provisioning import ACCOUNT
from pytest_amplifybackend.service.rules import refuse

IDP = "cognito-idp"
Config = dict[str, Any]
Outputs = dict[str, Any]

_CLIENTS = (
    ("AppClientIDWeb", "{name}_app_clientWeb", False),
    ("AppClientID", "{name}_app_client", True),
)
"""Output, name and whether the client has a secret: the native one does (documented)."""

_MAPPINGS = {
    "Facebook": {"email": "email", "username": "id"},
    "Google": {"email": "email", "username": "sub"},
    "LoginWithAmazon": {"email": "email", "username": "user_id"},
    "SignInWithApple": {"email": "email"},
}
_SCOPES = {
    "Facebook": "email,public_profile",
    "Google": "openid email profile",
    "LoginWithAmazon": "profile profile:user_id",
    "SignInWithApple": "email",
}
"""What a provider is asked for, and which of it becomes which attribute (documented: CLI)."""

_NO_OAUTH: Config = {
    "AllowedOAuthFlows": [],
    "AllowedOAuthScopes": [],
    "CallbackURLs": [],
    "LogoutURLs": [],
}
_TOLD_ELSEWHERE = (
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "MfaConfiguration",
    "SmsAuthenticationMessage",
    "SmsVerificationMessage",
)
"""Members of a described pool that its template of messages, or its MFA, says as well."""


def create(site: Site, name: str, config: Config, domain: str | None) -> Outputs:
    """Make pool, domain, providers and clients; gives the outputs."""
    config = _with_messages(config)
    made = _create_pool(site, members.wanted(members.POOL_ROWS, config, site.environment))
    pool = str(made["Id"])
    outputs = {"UserPoolId": pool}
    if config["UserPoolConfigs"].get("Mfa"):
        site.call(IDP, "set_user_pool_mfa_config", **_mfa(site, pool, config))
    if domain is not None:
        _create_domain(site, pool, domain)
    for provider, details in _providers(config).items():
        _create_provider(site, pool, provider, details)
    for output, client_name, secret in _CLIENTS:
        client = site.call(
            IDP,
            "create_user_pool_client",
            UserPoolId=pool,
            ClientName=client_name.format(name=name),
            GenerateSecret=secret,
            **_client(site, config),
        )
        outputs[output] = client["UserPoolClient"]["ClientId"]
    outputs["UserPoolArn"] = made.get("Arn") or _arn(site, pool)
    outputs["UserPoolName"] = made["Name"]
    return outputs if domain is None else {**outputs, "HostedUIDomain": domain}


def create_studio(site: Site, name: str) -> Outputs:
    """Make the pool of Amplify Studio's users, with the one client of its web page."""
    pool = _create_pool(site, {"PoolName": name})["Id"]
    client = site.call(IDP, "create_user_pool_client", UserPoolId=pool, ClientName=name)
    return {"UserPoolId": pool, "AppClientIDWeb": client["UserPoolClient"]["ClientId"]}


def _create_pool(site: Site, sent: dict[str, Any]) -> dict[str, Any]:
    pool: dict[str, Any] = {}

    def create() -> str:
        pool.update(site.call(IDP, "create_user_pool", **sent)["UserPool"])
        return str(pool["Id"])

    def there() -> list[str]:
        pools = site.each(IDP, "list_user_pools", "UserPools", MaxResults=60)
        return [pool["Id"] for pool in pools if pool["Name"] == sent["PoolName"]]

    site.make(create, lambda pool: site.call(IDP, "delete_user_pool", UserPoolId=pool), there)
    return pool


def update(site: Site, config: Config, outputs: Outputs, domain: str | None) -> Outputs:
    """Turn everything into what a config asks for; gives the outputs."""
    config = _with_messages(config)
    pool = outputs["UserPoolId"]
    _update_pool(site, pool, config)
    before = outputs.get("HostedUIDomain")
    if before != domain:
        if before is not None:
            _delete_domain(site, pool, before)
        if domain is not None:
            _create_domain(site, pool, domain)
    wanted, there = _providers(config), _provider_names(site, pool)
    for provider, details in wanted.items():
        change = _update_provider if provider in there else _create_provider
        change(site, pool, provider, details)
    for output, _, _ in _CLIENTS:
        _update_client(site, pool, outputs[output], config)
    for provider in there:
        if provider in members.SOCIAL and provider not in wanted:
            _delete_provider(site, pool, provider)
    own = {key: value for key, value in outputs.items() if key != "HostedUIDomain"}
    return own if domain is None else {**own, "HostedUIDomain": domain}


def delete(site: Site, outputs: Outputs) -> None:
    """Delete domain and pool, at the end of the work; either may be gone."""
    pool, domain = outputs["UserPoolId"], outputs.get("HostedUIDomain")
    if domain is not None:
        site.work.last(lambda: _without_domain(site, pool, domain))
    site.work.last(
        lambda: unless_missing(lambda: site.call(IDP, "delete_user_pool", UserPoolId=pool))
    )


def imported(site: Site, params: dict[str, Any]) -> tuple[Config, Outputs]:
    """The config of a pool that is there with both its clients, and the outputs.

    Raises ProvisioningError for a pool or client that is not, and for clients that differ.
    """
    pool_id = params["UserPoolId"]
    if not pool_id.startswith(f"{site.region}_"):
        raise refuse("auth.no-such-pool", pool=pool_id)
    pool = site.call(IDP, "describe_user_pool", UserPoolId=pool_id)["UserPool"]
    web = _imported_client(site, pool_id, params["WebClientId"], "Web")
    native = _imported_client(site, pool_id, params["NativeClientId"], "Native")
    if "ClientSecret" in web:
        raise refusal("import.web-secret", client=params["WebClientId"])
    differing = [
        row.sent
        for row in members.CLIENT_ROWS
        if (web.get(row.sent) or []) != (native.get(row.sent) or [])
    ]
    if differing:
        raise refusal("import.clients-differ", members=", ".join(differing))
    config = members.read(members.POOL_ROWS, pool, site.environment)
    own = config["UserPoolConfigs"]
    own.setdefault("RequiredSignUpAttributes", [])
    mfa = site.call(IDP, "get_user_pool_mfa_config", UserPoolId=pool_id)
    own["Mfa"] = _read_mfa(mfa)
    if web.get("AllowedOAuthFlowsUserPoolClient"):
        own["OAuth"] = _read_oauth(site, pool_id, pool, web)
    outputs = {
        "UserPoolId": pool_id,
        "AppClientIDWeb": params["WebClientId"],
        "AppClientID": params["NativeClientId"],
        "UserPoolArn": pool.get("Arn") or _arn(site, pool_id),
        "UserPoolName": pool["Name"],
    }
    return config, outputs


def _imported_client(site: Site, pool: str, client: str, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def look() -> None:
        answer = site.call(IDP, "describe_user_pool_client", UserPoolId=pool, ClientId=client)
        found.update(answer["UserPoolClient"])

    if not unless_missing(look):
        raise refusal("import.no-such-client", kind=kind)
    return found


def _read_mfa(described: dict[str, Any]) -> Config:
    mode = described.get("MfaConfiguration", "OFF")
    types = []
    if "SmsMfaConfiguration" in described:
        types.append("SMS")
    if described.get("SoftwareTokenMfaConfiguration", {}).get("Enabled"):
        types.append("TOTP")
    if mode == "OFF" and not types:
        return {"MFAMode": mode}
    settings: Config = {"MfaTypes": types}
    message = members.value_at(described, "SmsMfaConfiguration.SmsAuthenticationMessage")
    if message is not None:
        settings["SmsMessage"] = message
    return {"MFAMode": mode, "Settings": settings}


def _read_oauth(site: Site, pool_id: str, pool: dict[str, Any], client: dict[str, Any]) -> Config:
    read = members.read(members.CLIENT_ROWS[:-1], client, site.environment)
    oauth: Config = read["UserPoolConfigs"]["OAuth"]
    if pool.get("Domain"):
        oauth["DomainPrefix"] = pool["Domain"]
    names = {details: member for member, details in members.DETAILS.items()}
    social = {}
    for provider in _provider_names(site, pool_id):
        if provider in members.SOCIAL:
            details = _described_provider(site, pool_id, provider)["ProviderDetails"]
            social[provider] = {
                names[detail]: value for detail, value in details.items() if detail in names
            }
    if social:
        oauth["SocialProviderSettings"] = social
    return oauth


def _with_messages(config: Config) -> Config:
    """The config in which the older member for messages is the newer one (observed)."""
    pool = config["UserPoolConfigs"]
    if "VerificationMessage" in pool or "ForgotPassword" not in pool:
        return config
    return {**config, "UserPoolConfigs": {**pool, "VerificationMessage": pool["ForgotPassword"]}}


def _update_pool(site: Site, pool: str, config: Config) -> None:
    described = site.call(IDP, "describe_user_pool", UserPoolId=pool)["UserPool"]
    site.siblings.lasting.note(described)
    before = site.accepted(IDP, "UpdateUserPool", described, *_TOLD_ELSEWHERE)
    policies = before.get("Policies", {})
    # The same days, which may be told only once:
    if "TemporaryPasswordValidityDays" in policies.get("PasswordPolicy", {}):
        before["AdminCreateUserConfig"] = dict(before.get("AdminCreateUserConfig", {}))
        before["AdminCreateUserConfig"].pop("UnusedAccountValidityDays", None)
    wanted = members.wanted(members.CHANGEABLE, config, site.environment, defaults=False)
    if "Policies" in wanted:
        policy = {**policies.get("PasswordPolicy", {}), **wanted["Policies"]["PasswordPolicy"]}
        wanted["Policies"] = {**policies, "PasswordPolicy": policy}
    site.undo(IDP, "update_user_pool", UserPoolId=pool, **before)
    site.call(IDP, "update_user_pool", UserPoolId=pool, **{**before, **wanted})
    if config["UserPoolConfigs"].get("Mfa"):
        mfa = site.call(IDP, "get_user_pool_mfa_config", UserPoolId=pool)
        mfa = site.accepted(IDP, "SetUserPoolMfaConfig", mfa)
        site.undo(IDP, "set_user_pool_mfa_config", UserPoolId=pool, **mfa)
        site.call(IDP, "set_user_pool_mfa_config", **_mfa(site, pool, config))


def _mfa(site: Site, pool: str, config: Config) -> dict[str, Any]:
    sent: dict[str, Any] = {"UserPoolId": pool, "MfaConfiguration": "OFF"}
    mfa = config["UserPoolConfigs"].get("Mfa", {})
    if mfa.get("MFAMode", "OFF") == "OFF":
        return sent
    sent = {"UserPoolId": pool, **members.wanted(members.MFA_ROWS[:1], config, site.environment)}
    settings = mfa.get("Settings", {})
    if "SMS" in settings.get("MfaTypes", ()):
        members.put(sent, members.MFA_ROWS[2].sent, settings.get("SmsMessage"))
        role = f"arn:aws:iam::{ACCOUNT}:role/sns-{site.environment}"
        members.put(
            sent, "SmsMfaConfiguration.SmsConfiguration", {"SnsCallerArn": role, "ExternalId": pool}
        )
    if "TOTP" in settings.get("MfaTypes", ()):
        sent["SoftwareTokenMfaConfiguration"] = {"Enabled": True}
    return sent


def _client(site: Site, config: Config) -> dict[str, Any]:
    """What an app client has of OAuth; nothing without it."""
    oauth = config["UserPoolConfigs"].get("OAuth")
    if not oauth:
        return {}
    return {
        **members.wanted(members.CLIENT_ROWS[:-1], config, site.environment),
        "AllowedOAuthFlowsUserPoolClient": True,
        "SupportedIdentityProviders": ["COGNITO", *_providers(config)],
    }


def _update_client(site: Site, pool: str, client: str, config: Config) -> None:
    named = {"UserPoolId": pool, "ClientId": client}
    described = site.call(IDP, "describe_user_pool_client", **named)["UserPoolClient"]
    before = site.accepted(IDP, "UpdateUserPoolClient", described)
    none = {
        **_NO_OAUTH,
        "AllowedOAuthFlowsUserPoolClient": False,
        "SupportedIdentityProviders": ["COGNITO"],
    }
    had = any(before.get(name) for name in _NO_OAUTH)
    wanted = {**(_client(site, config) or (none if had else {}))}
    if wanted:
        ours = ("COGNITO", *members.SOCIAL)
        others = [one for one in before.get("SupportedIdentityProviders", ()) if one not in ours]
        wanted["SupportedIdentityProviders"] = [*wanted["SupportedIdentityProviders"], *others]
    # A client that is put back loses what it did not have before.
    nothing = {**none, "SupportedIdentityProviders": []} if wanted else {}
    site.undo(IDP, "update_user_pool_client", **{**nothing, **before})
    site.call(IDP, "update_user_pool_client", **{**before, **wanted})


def _create_domain(site: Site, pool: str, domain: str) -> None:
    if _owner(site, domain) is not None:
        raise refusal("domain-taken", domain=domain)
    site.work.undo(lambda: _without_domain(site, pool, domain))
    site.call(IDP, "create_user_pool_domain", UserPoolId=pool, Domain=domain)


def _delete_domain(site: Site, pool: str, domain: str) -> None:
    if _owner(site, domain) == pool:
        site.work.undo(lambda: _with_domain(site, pool, domain))
        _without_domain(site, pool, domain)


def _with_domain(site: Site, pool: str, domain: str) -> None:
    if _owner(site, domain) is None:
        site.call(IDP, "create_user_pool_domain", UserPoolId=pool, Domain=domain)


def _without_domain(site: Site, pool: str, domain: str) -> None:
    if _owner(site, domain) == pool:
        site.call(IDP, "delete_user_pool_domain", UserPoolId=pool, Domain=domain)


def _owner(site: Site, domain: str) -> str | None:
    """The pool that has a domain, None where nobody has it."""
    answer = site.call(IDP, "describe_user_pool_domain", Domain=domain)
    owner: str | None = answer.get("DomainDescription", {}).get("UserPoolId")
    return owner


def _providers(config: Config) -> dict[str, dict[str, str]]:
    """The details of each social provider that a config names."""
    social = config["UserPoolConfigs"].get("OAuth", {}).get("SocialProviderSettings", {})
    return {
        provider: {
            **{members.DETAILS[name]: str(value) for name, value in social[provider].items()},
            "authorize_scopes": _SCOPES[provider],
        }
        for provider in members.SOCIAL
        if provider in social
    }


def _provider_names(site: Site, pool: str) -> list[str]:
    listed = site.each(IDP, "list_identity_providers", "Providers", UserPoolId=pool, MaxResults=60)
    return [provider["ProviderName"] for provider in listed]


def _described_provider(site: Site, pool: str, provider: str) -> dict[str, Any]:
    answer = site.call(IDP, "describe_identity_provider", UserPoolId=pool, ProviderName=provider)
    found: dict[str, Any] = answer["IdentityProvider"]
    return found


def _create_provider(site: Site, pool: str, provider: str, details: dict[str, str]) -> None:
    named = {"UserPoolId": pool, "ProviderName": provider}
    site.work.undo(
        lambda: unless_missing(lambda: site.call(IDP, "delete_identity_provider", **named))
    )
    site.call(
        IDP,
        "create_identity_provider",
        **named,
        ProviderType=provider,
        ProviderDetails=details,
        AttributeMapping=_MAPPINGS[provider],
    )


def _update_provider(site: Site, pool: str, provider: str, details: dict[str, str]) -> None:
    before = _described_provider(site, pool, provider)["ProviderDetails"]
    named = {"UserPoolId": pool, "ProviderName": provider}
    site.undo(IDP, "update_identity_provider", **named, ProviderDetails=before)
    site.call(IDP, "update_identity_provider", **named, ProviderDetails={**before, **details})


def _delete_provider(site: Site, pool: str, provider: str) -> None:
    described = _described_provider(site, pool, provider)
    before = site.accepted(IDP, "CreateIdentityProvider", described)

    def put_back() -> None:
        if provider not in _provider_names(site, pool):
            site.call(IDP, "create_identity_provider", **{**before, "UserPoolId": pool})

    site.work.undo(put_back)
    site.call(IDP, "delete_identity_provider", UserPoolId=pool, ProviderName=provider)


def _arn(site: Site, pool: str) -> str:
    return f"arn:aws:cognito-idp:{site.region}:{ACCOUNT}:userpool/{pool}"
