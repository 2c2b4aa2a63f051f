"""What users of a pool sign in by: the domain of its pages, and its social providers."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._provision import members
from pytest_amplifybackend._provision.aws_clients import unless_missing
from pytest_amplifybackend._provision.transaction import Transaction
from pytest_amplifybackend._rules.states import broken

IDP = "cognito-idp"
Config = dict[str, Any]

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


def create_domain(tx: Transaction, pool: str, domain: str) -> None:
    """Give a pool a domain; raises ProvisioningError for one that is taken."""
    if _owner(tx, domain) is not None:
        raise broken("domain-taken", domain=domain)
    tx.log.on_rollback(lambda: without_domain(tx, pool, domain))
    tx.call(IDP, "create_user_pool_domain", UserPoolId=pool, Domain=domain)


def delete_domain(tx: Transaction, pool: str, domain: str) -> None:
    """Remove a domain from a pool, if it has it; a rollback restores it."""
    if _owner(tx, domain) == pool:
        tx.log.on_rollback(lambda: _with_domain(tx, pool, domain))
        without_domain(tx, pool, domain)


def _with_domain(tx: Transaction, pool: str, domain: str) -> None:
    if _owner(tx, domain) is None:
        tx.call(IDP, "create_user_pool_domain", UserPoolId=pool, Domain=domain)


def without_domain(tx: Transaction, pool: str, domain: str) -> None:
    """Delete a domain, if it is the pool's."""
    if _owner(tx, domain) == pool:
        tx.call(IDP, "delete_user_pool_domain", UserPoolId=pool, Domain=domain)


def _owner(tx: Transaction, domain: str) -> str | None:
    """The pool that has a domain, None where nobody has it."""
    answer = tx.call(IDP, "describe_user_pool_domain", Domain=domain)
    owner: str | None = answer.get("DomainDescription", {}).get("UserPoolId")
    return owner


def wanted_providers(config: Config) -> dict[str, dict[str, str]]:
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


def provider_names(tx: Transaction, pool: str) -> list[str]:
    """Every provider that a pool has, those of others too."""
    listed = tx.each(IDP, "list_identity_providers", "Providers", UserPoolId=pool, MaxResults=60)
    return [provider["ProviderName"] for provider in listed]


def described_provider(tx: Transaction, pool: str, provider: str) -> dict[str, Any]:
    """A provider as Cognito describes it."""
    answer = tx.call(IDP, "describe_identity_provider", UserPoolId=pool, ProviderName=provider)
    found: dict[str, Any] = answer["IdentityProvider"]
    return found


def create_provider(tx: Transaction, pool: str, provider: str, details: dict[str, str]) -> None:
    """Give a pool a provider."""
    named = {"UserPoolId": pool, "ProviderName": provider}
    tx.log.on_rollback(
        lambda: unless_missing(lambda: tx.call(IDP, "delete_identity_provider", **named))
    )
    tx.call(
        IDP,
        "create_identity_provider",
        **named,
        ProviderType=provider,
        ProviderDetails=details,
        AttributeMapping=_MAPPINGS[provider],
    )


def update_provider(tx: Transaction, pool: str, provider: str, details: dict[str, str]) -> None:
    """Change the details of a provider; the others stay."""
    before = described_provider(tx, pool, provider)["ProviderDetails"]
    named = {"UserPoolId": pool, "ProviderName": provider}
    tx.undo(IDP, "update_identity_provider", **named, ProviderDetails=before)
    tx.call(IDP, "update_identity_provider", **named, ProviderDetails={**before, **details})


def delete_provider(tx: Transaction, pool: str, provider: str) -> None:
    """Remove a provider; a rollback restores it."""
    described = described_provider(tx, pool, provider)
    before = tx.accepted(IDP, "CreateIdentityProvider", described)

    def put_back() -> None:
        if provider not in provider_names(tx, pool):
            tx.call(IDP, "create_identity_provider", **{**before, "UserPoolId": pool})

    tx.log.on_rollback(put_back)
    tx.call(IDP, "delete_identity_provider", UserPoolId=pool, ProviderName=provider)
