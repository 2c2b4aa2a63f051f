"""Cognito identity pools."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._provision import members
from pytest_amplifybackend._provision.aws_clients import AwsError, is_missing, unless_missing
from pytest_amplifybackend._provision.transaction import Transaction
from pytest_amplifybackend._rules.states import broken

IDENTITY = "cognito-identity"
Outputs = dict[str, Any]


def ensure(tx: Transaction, name: str, config: dict[str, Any], outputs: Outputs) -> Outputs:
    """Make, change or delete the identity pool as a config asks; returns its outputs."""
    pool = outputs.get("IdentityPoolId")
    if config["AuthResources"] != "IDENTITY_POOL_AND_USER_POOL":
        if pool is not None:
            delete(tx, outputs)
        return {}
    named = {"IdentityPoolConfigs": {"IdentityPoolName": name, **config["IdentityPoolConfigs"]}}
    sent = members.wanted(members.IDENTITY_ROWS[1:], named, tx.environment)
    if pool is None:
        return create(tx, sent, outputs)
    before = tx.call(IDENTITY, "describe_identity_pool", IdentityPoolId=pool)
    before = tx.accepted(IDENTITY, "UpdateIdentityPool", before)
    sent = {**before, **sent, "CognitoIdentityProviders": _with_clients(tx, before, outputs)}
    tx.undo(IDENTITY, "update_identity_pool", **before)
    tx.call(IDENTITY, "update_identity_pool", **sent)
    return {"IdentityPoolId": pool, "IdentityPoolName": sent["IdentityPoolName"]}


def create(tx: Transaction, sent: dict[str, Any], outputs: Outputs) -> Outputs:
    """Make a pool for the users of both app clients; returns its outputs."""
    name = sent["IdentityPoolName"]
    sent = {**sent, "CognitoIdentityProviders": _clients(tx, outputs)}

    def existing() -> list[str]:
        pools = tx.each(IDENTITY, "list_identity_pools", "IdentityPools", MaxResults=60)
        return [pool["IdentityPoolId"] for pool in pools if pool["IdentityPoolName"] == name]

    pool = tx.make(
        lambda: tx.call(IDENTITY, "create_identity_pool", **sent)["IdentityPoolId"],
        lambda pool: tx.call(IDENTITY, "delete_identity_pool", IdentityPoolId=pool),
        existing,
    )
    return {"IdentityPoolId": pool, "IdentityPoolName": name}


def delete(tx: Transaction, outputs: Outputs) -> None:
    """Delete the pool at the commit; it may not exist any more."""
    pool = outputs["IdentityPoolId"]
    tx.log.on_commit(
        lambda: unless_missing(
            lambda: tx.call(IDENTITY, "delete_identity_pool", IdentityPoolId=pool)
        )
    )


def imported(tx: Transaction, pool: str, outputs: Outputs) -> tuple[dict[str, Any], Outputs]:
    """The config of an existing pool that trusts both clients, and its outputs.

    Raises ProvisioningError if it does not exist, or trusts other clients.
    """
    try:
        described = tx.call(IDENTITY, "describe_identity_pool", IdentityPoolId=pool)
    except AwsError as error:
        if is_missing(error):
            raise broken("import.no-such-identity-pool", pool=pool, region=tx.region) from error
        raise
    trusted = {
        (provider.get("ProviderName"), provider.get("ClientId"))
        for provider in described.get("CognitoIdentityProviders", ())
    }
    wanted = {(one["ProviderName"], one["ClientId"]) for one in _clients(tx, outputs)}
    if not wanted <= trusted:
        raise broken("import.identity-pool", pool=pool, users=outputs["UserPoolId"])
    config = members.read(members.IDENTITY_ROWS[1:], described, tx.environment)
    return config["IdentityPoolConfigs"], {
        "IdentityPoolId": pool,
        "IdentityPoolName": described["IdentityPoolName"],
    }


def _with_clients(
    tx: Transaction, described: dict[str, Any], outputs: Outputs
) -> list[dict[str, Any]]:
    """What a pool trusts, and both app clients."""
    trusted: list[dict[str, Any]] = described.get("CognitoIdentityProviders", [])
    known = [(one.get("ProviderName"), one.get("ClientId")) for one in trusted]
    return [
        *trusted,
        *(
            client
            for client in _clients(tx, outputs)
            if (client["ProviderName"], client["ClientId"]) not in known
        ),
    ]


def _clients(tx: Transaction, outputs: Outputs) -> list[dict[str, Any]]:
    provider = f"cognito-idp.{tx.region}.amazonaws.com/{outputs['UserPoolId']}"
    return [
        {"ProviderName": provider, "ClientId": outputs[client]}
        for client in ("AppClientIDWeb", "AppClientID")
        if client in outputs
    ]
