"""Cognito identity pools."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._provision import members
from pytest_amplifybackend._provision.siblings import SiblingError, is_missing, unless_missing
from pytest_amplifybackend._provision.site import Site
from pytest_amplifybackend._rules.states import broken

IDENTITY = "cognito-identity"
Outputs = dict[str, Any]


def ensure(site: Site, name: str, config: dict[str, Any], outputs: Outputs) -> Outputs:
    """Make, change or delete the identity pool as a config asks; gives its outputs."""
    pool = outputs.get("IdentityPoolId")
    if config["AuthResources"] != "IDENTITY_POOL_AND_USER_POOL":
        if pool is not None:
            delete(site, outputs)
        return {}
    named = {"IdentityPoolConfigs": {"IdentityPoolName": name, **config["IdentityPoolConfigs"]}}
    sent = members.wanted(members.IDENTITY_ROWS[1:], named, site.environment)
    if pool is None:
        return create(site, sent, outputs)
    before = site.call(IDENTITY, "describe_identity_pool", IdentityPoolId=pool)
    before = site.accepted(IDENTITY, "UpdateIdentityPool", before)
    sent = {**before, **sent, "CognitoIdentityProviders": _with_clients(site, before, outputs)}
    site.undo(IDENTITY, "update_identity_pool", **before)
    site.call(IDENTITY, "update_identity_pool", **sent)
    return {"IdentityPoolId": pool, "IdentityPoolName": sent["IdentityPoolName"]}


def create(site: Site, sent: dict[str, Any], outputs: Outputs) -> Outputs:
    """Make a pool for the users of both app clients; gives its outputs."""
    name = sent["IdentityPoolName"]
    sent = {**sent, "CognitoIdentityProviders": _clients(site, outputs)}

    def there() -> list[str]:
        pools = site.each(IDENTITY, "list_identity_pools", "IdentityPools", MaxResults=60)
        return [pool["IdentityPoolId"] for pool in pools if pool["IdentityPoolName"] == name]

    pool = site.make(
        lambda: site.call(IDENTITY, "create_identity_pool", **sent)["IdentityPoolId"],
        lambda pool: site.call(IDENTITY, "delete_identity_pool", IdentityPoolId=pool),
        there,
    )
    return {"IdentityPoolId": pool, "IdentityPoolName": name}


def delete(site: Site, outputs: Outputs) -> None:
    """Delete the pool at the end of the work; it may be gone."""
    pool = outputs["IdentityPoolId"]
    site.work.last(
        lambda: unless_missing(
            lambda: site.call(IDENTITY, "delete_identity_pool", IdentityPoolId=pool)
        )
    )


def imported(site: Site, pool: str, outputs: Outputs) -> tuple[dict[str, Any], Outputs]:
    """The config of a pool that is there for both clients, and its outputs.

    Raises ProvisioningError for one that is not there, or is for other clients.
    """
    try:
        described = site.call(IDENTITY, "describe_identity_pool", IdentityPoolId=pool)
    except SiblingError as error:
        if is_missing(error):
            raise broken("import.no-such-identity-pool", pool=pool, region=site.region) from error
        raise
    trusted = {
        (provider.get("ProviderName"), provider.get("ClientId"))
        for provider in described.get("CognitoIdentityProviders", ())
    }
    wanted = {(one["ProviderName"], one["ClientId"]) for one in _clients(site, outputs)}
    if not wanted <= trusted:
        raise broken("import.identity-pool", pool=pool, users=outputs["UserPoolId"])
    config = members.read(members.IDENTITY_ROWS[1:], described, site.environment)
    return config["IdentityPoolConfigs"], {
        "IdentityPoolId": pool,
        "IdentityPoolName": described["IdentityPoolName"],
    }


def _with_clients(site: Site, described: dict[str, Any], outputs: Outputs) -> list[dict[str, Any]]:
    """What a pool trusts, and both app clients."""
    trusted: list[dict[str, Any]] = described.get("CognitoIdentityProviders", [])
    known = [(one.get("ProviderName"), one.get("ClientId")) for one in trusted]
    return [
        *trusted,
        *(
            client
            for client in _clients(site, outputs)
            if (client["ProviderName"], client["ClientId"]) not in known
        ),
    ]


def _clients(site: Site, outputs: Outputs) -> list[dict[str, Any]]:
    provider = f"cognito-idp.{site.region}.amazonaws.com/{outputs['UserPoolId']}"
    return [
        {"ProviderName": provider, "ClientId": outputs[client]}
        for client in ("AppClientIDWeb", "AppClientID")
        if client in outputs
    ]
