"""Import of an existing user pool with its clients: what it checks and reads."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend._api import paths
from pytest_amplifybackend._provision import members, sign_in
from pytest_amplifybackend._provision.aws_clients import AwsError, is_missing, unless_missing
from pytest_amplifybackend._provision.sign_in import IDP
from pytest_amplifybackend._provision.transaction import Transaction
from pytest_amplifybackend._rules.states import broken

Config = dict[str, Any]
Outputs = dict[str, Any]


def imported(tx: Transaction, params: dict[str, Any]) -> tuple[Config, Outputs]:
    """The config of an existing pool with both its clients, and the outputs.

    Raises ProvisioningError if one of them does not exist, and for clients that differ.
    """
    pool_id = params["UserPoolId"]
    if not pool_id.startswith(f"{tx.region}_"):
        raise broken("auth.no-such-pool", pool=pool_id)
    try:
        pool = tx.call(IDP, "describe_user_pool", UserPoolId=pool_id)["UserPool"]
    except AwsError as error:
        raise (broken("auth.no-such-pool", pool=pool_id) if is_missing(error) else error) from None
    web = _imported_client(tx, pool_id, params["WebClientId"], "Web")
    native = _imported_client(tx, pool_id, params["NativeClientId"], "Native")
    if "ClientSecret" in web:
        raise broken("import.web-secret", client=params["WebClientId"])
    differing = [
        row.sent
        for row in members.CLIENT_ROWS
        if sorted(web.get(row.sent, ())) != sorted(native.get(row.sent, ()))
    ]
    if differing:
        raise broken("import.clients-differ", members=", ".join(differing))
    config = members.read(members.POOL_ROWS, pool, tx.environment)
    own = config["UserPoolConfigs"]
    own.setdefault("RequiredSignUpAttributes", [])
    if "DeliveryMethod" not in own.get("VerificationMessage", {}):
        own.pop("VerificationMessage", None)  # nothing is verified, which no config can say
    mfa = tx.call(IDP, "get_user_pool_mfa_config", UserPoolId=pool_id)
    own["Mfa"] = _read_mfa(mfa)
    oauth = _read_oauth(tx, pool_id, pool, web)
    if web.get("AllowedOAuthFlowsUserPoolClient") and "OAuthGrantType" in oauth:
        own["OAuth"] = oauth
    outputs = {
        "UserPoolId": pool_id,
        "AppClientIDWeb": params["WebClientId"],
        "AppClientID": params["NativeClientId"],
        "UserPoolName": pool["Name"],
    }
    if "ClientSecret" in native:
        outputs["AppClientSecret"] = native["ClientSecret"]
    if pool.get("Domain"):
        outputs["HostedUIDomain"] = pool["Domain"]
    return config, outputs


def _imported_client(tx: Transaction, pool: str, client: str, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def look() -> None:
        answer = tx.call(IDP, "describe_user_pool_client", UserPoolId=pool, ClientId=client)
        found.update(answer["UserPoolClient"])

    if not unless_missing(look):
        raise broken("import.no-such-client", kind=kind)
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
    message = paths.get(described, "SmsMfaConfiguration.SmsAuthenticationMessage")
    if message is not None:
        settings["SmsMessage"] = message
    return {"MFAMode": mode, "Settings": settings}


def _read_oauth(
    tx: Transaction, pool_id: str, pool: dict[str, Any], client: dict[str, Any]
) -> Config:
    read = members.read(members.CLIENT_ROWS[:-1], client, tx.environment)
    oauth: Config = {
        "RedirectSignInURIs": [],
        "RedirectSignOutURIs": [],
        **read["UserPoolConfigs"]["OAuth"],
    }
    if pool.get("Domain"):
        oauth["DomainPrefix"] = pool["Domain"]
    names = {details: member for member, details in members.DETAILS.items()}
    social = {}
    for provider in sign_in.provider_names(tx, pool_id):
        if provider in members.SOCIAL:
            details = sign_in.described_provider(tx, pool_id, provider)["ProviderDetails"]
            social[provider] = {
                names[detail]: value for detail, value in details.items() if detail in names
            }
    if social:
        oauth["SocialProviderSettings"] = social
    return oauth
