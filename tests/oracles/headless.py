"""The payloads of the CLI's headless commands that a ResourceConfig stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Config = Mapping[str, Any]
Payload = tuple[str, dict[str, Any]]
"""The validator of amplify-util-headless-input that is in charge, and what it gets."""

NAME = "shop"
"""The ResourceName of each request."""

_API = {
    "AdditionalAuthTypes": "additionalAuthTypes",
    "ApiName": "apiName",
    "DefaultAuthType": "defaultAuthType",
    "Service": "serviceName",
    "TransformSchema": "transformSchema",
}
_AUTH_TYPE = {
    "CognitoUserPoolId": "cognitoUserPoolId",
    "Description": "keyDescription",
    "ExpirationTime": "expirationTime",
    "Mode": "mode",
    "OpenIDAuthTTL": "openIDAuthTTL",
    "OpenIDClientId": "openIDClientID",
    "OpenIDIatTTL": "openIDIatTTL",
    "OpenIDIssueURL": "openIDIssuerURL",
    "OpenIDProviderName": "openIDProviderName",
}
_POOL = {
    "RequiredSignUpAttributes": "requiredSignupAttributes",
    "SignInMethod": "signinMethod",
    "UserPoolName": "userPoolName",
}
_MFA = {"MFAMode": "mode", "MfaTypes": "mfaTypes", "SmsMessage": "smsMessage"}
_PASSWORD = {
    "AdditionalConstraints": "additionalConstraints",
    "MinimumLength": "minimumLength",
}
_OAUTH = {
    "DomainPrefix": "domainPrefix",
    "OAuthGrantType": "oAuthGrantType",
    "RedirectSignInURIs": "redirectSigninURIs",
    "RedirectSignOutURIs": "redirectSignoutURIs",
}
_PROVIDER = {
    "ClientId": "clientId",
    "ClientSecret": "clientSecret",
    "KeyId": "keyId",
    "PrivateKey": "privateKey",
    "TeamId": "teamId",
}
_PROVIDERS = {
    "Facebook": "FACEBOOK",
    "Google": "GOOGLE",
    "LoginWithAmazon": "LOGIN_WITH_AMAZON",
    "SignInWithApple": "SIGN_IN_WITH_APPLE",
}
_SCOPES = {"AWS_COGNITO_SIGNIN_USER_ADMIN": "AWS.COGNITO.SIGNIN.USER.ADMIN"}
_MESSAGE = {
    "DeliveryMethod": "deliveryMethod",
    "EmailMessage": "emailMessage",
    "EmailSubject": "emailSubject",
    "SmsMessage": "smsMessage",
}
_IDENTITY_POOL = {
    "IdentityPoolName": "identityPoolName",
    "UnauthenticatedLogin": "unauthenticatedLogin",
}
_STORAGE = {"BucketName": "bucketName", "ServiceName": "serviceName"}
_PERMISSIONS = {"Authenticated": "auth", "UnAuthenticated": "guest"}


def payloads(operation: str, config: Config) -> Iterator[Payload]:
    """What the worker hands to the CLI for a request; each has to be accepted."""
    update = operation.startswith("Update")
    if operation.endswith("API"):
        yield _payload(operation, _api(config, update=update))
    elif operation.endswith("Storage"):
        yield _payload(operation, _storage(config, update=update))
    else:
        for version in (1, 2):
            yield _payload(operation, _auth(config, version, update=update), version)


def _payload(operation: str, content: dict[str, Any], version: int = 1) -> Payload:
    verb, _, family = operation.partition("Backend")
    command = {"Create": "Add", "Update": "Update"}[verb] + family.title()
    at = "serviceModification" if verb == "Update" else "serviceConfiguration"
    payload = {"version": version, at: content}
    if operation == "CreateBackendAuth":
        payload["resourceName"] = NAME
    return f"validate{command}Request", payload


def _renamed(config: Config, names: Mapping[str, str]) -> dict[str, Any]:
    return {theirs: config[ours] for ours, theirs in names.items() if ours in config}


def _api(config: Config, *, update: bool) -> dict[str, Any]:
    """An update has no name; a service that a request leaves out is the only one there is."""
    made = {"serviceName": "AppSync", "apiName": NAME, **_renamed(config, _API)}
    if update:
        del made["apiName"]
    if "DefaultAuthType" in config:
        made["defaultAuthType"] = _auth_type(config["DefaultAuthType"])
    if "AdditionalAuthTypes" in config:
        made["additionalAuthTypes"] = [_auth_type(one) for one in config["AdditionalAuthTypes"]]
    if "ConflictResolution" in config:
        strategy = _renamed(config["ConflictResolution"], {"ResolutionStrategy": "type"})
        made["conflictResolution"] = {"defaultResolutionStrategy": strategy} if strategy else {}
    return made


def _auth_type(config: Config) -> dict[str, Any]:
    return _renamed({**config, **config.get("Settings", {})}, _AUTH_TYPE)


def _auth(config: Config, version: int, *, update: bool) -> dict[str, Any]:
    """Version 1 knows ForgotPassword, and version 2 VerificationMessage."""
    pool = config["UserPoolConfigs"]
    made = _renamed(pool, _POOL)
    if "Mfa" in pool:
        made["mfa"] = _renamed({**pool["Mfa"], **pool["Mfa"].get("Settings", {})}, _MFA)
    if "PasswordPolicy" in pool:
        made["passwordPolicy"] = _renamed(pool["PasswordPolicy"], _PASSWORD)
    if "OAuth" in pool:
        made["oAuth"] = _oauth(pool["OAuth"])
    if version == 1 and "ForgotPassword" in pool:
        made["passwordRecovery"] = _message(pool["ForgotPassword"])
    if version == 2 and "VerificationMessage" in pool:
        made["autoVerifiedAttributes"] = [_verified(_message(pool["VerificationMessage"]))]
    service = config["Service"]
    whole = {
        "serviceName": "Cognito" if service == "COGNITO" else service,
        "userPoolModification" if update else "userPoolConfiguration": made,
        "includeIdentityPool": _BOTH.get(config["AuthResources"]),
    }
    if whole["includeIdentityPool"]:
        name = "identityPoolModification" if update else "identityPoolConfiguration"
        whole[name] = _renamed(config.get("IdentityPoolConfigs", {}), _IDENTITY_POOL)
    return whole


_BOTH = {"USER_POOL_ONLY": False, "IDENTITY_POOL_AND_USER_POOL": True}


def _oauth(config: Config) -> dict[str, Any]:
    made = _renamed(config, _OAUTH)
    if "OAuthScopes" in config:
        made["oAuthScopes"] = [_SCOPES.get(scope, scope) for scope in config["OAuthScopes"]]
    if "SocialProviderSettings" in config:
        made["socialProviderConfigurations"] = [
            {"provider": _PROVIDERS[name], **_renamed(provider, _PROVIDER)}
            for name, provider in config["SocialProviderSettings"].items()
        ]
    return made


def _message(config: Config) -> dict[str, Any]:
    by_mail, by_sms = config.get("EmailSettings", {}), config.get("SmsSettings", {})
    return _renamed({**config, **by_mail, **by_sms}, _MESSAGE)


def _verified(message: dict[str, Any]) -> dict[str, Any]:
    by_sms = message.get("deliveryMethod") == "SMS"
    text = message.get("smsMessage" if by_sms else "emailMessage")
    made = {"verificationMessage": text, "verifiectionSubject": message.get("emailSubject")}
    kind = "PHONE_NUMBER" if by_sms else message.get("deliveryMethod")
    return {"type": kind, **{name: value for name, value in made.items() if value is not None}}


def _storage(config: Config, *, update: bool) -> dict[str, Any]:
    made = {**_renamed(config, _STORAGE), "resourceName": NAME}
    return {**made, "permissions": _renamed(config["Permissions"], _PERMISSIONS)}
