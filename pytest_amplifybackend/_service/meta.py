"""AmplifyMetaConfig: what GetBackend says an environment holds.

Members, their order and their forms are those of 167 amplify-meta.json files in public
repositories, as those of a fresh push since 2022 have them (observed: docs/evidence.md#getbackend);
the service answers them as compact JSON (observed by what greps for it relies on).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._service import categories
from pytest_amplifybackend._service.clock import iso
from pytest_amplifybackend._service.handlers.resources import uses_own_pool
from pytest_amplifybackend._service.names import sns_role
from pytest_amplifybackend._service.state import Environment, Resource

Entry = dict[str, Any]

_DAY = 24 * 60 * 60 * 1000
_MANAGED = {
    "auth": (
        *("service", "providerPlugin", "dependsOn", "customAuth", "frontendAuthConfig"),
        *("providerMetadata", "lastPushTimeStamp", "output", "lastPushDirHash"),
    ),
    "api": (
        *("service", "providerPlugin", "dependsOn", "output", "providerMetadata"),
        *("lastPushTimeStamp", "lastPushDirHash"),
    ),
    "storage": (
        *("service", "providerPlugin", "dependsOn", "lastPushTimeStamp", "providerMetadata"),
        *("output", "lastPushDirHash"),
    ),
}
_IMPORTED = {
    "auth": (
        *("service", "serviceType", "providerPlugin", "dependsOn", "customAuth", "output"),
        *("frontendAuthConfig", "lastPushTimeStamp"),
    ),
    "storage": (
        *("service", "serviceType", "providerPlugin", "dependsOn", "output"),
        "lastPushTimeStamp",
    ),
}
"""The members of an entry, in their order."""

_OUTPUTS = {
    "auth": (
        *("CreatedSNSRole", "UserPoolId", "AppClientIDWeb", "AppClientID", "HostedUIDomain"),
        *("IdentityPoolId", "UserPoolArn", "IdentityPoolName", "OAuthMetadata", "UserPoolName"),
    ),
    "api": (
        *("authConfig", "GraphQLAPIIdOutput", "GraphQLAPIEndpointOutput"),
        "GraphQLAPIKeyOutput",
    ),
    "storage": ("BucketName", "Region"),
}
_IMPORTED_OUTPUTS = {
    **_OUTPUTS,
    "auth": (
        *("UserPoolId", "UserPoolName", "AppClientID", "AppClientSecret", "AppClientIDWeb"),
        *("HostedUIDomain", "IdentityPoolId", "IdentityPoolName", "OAuthMetadata"),
    ),
}
"""The outputs, in their order; those of a provisioner of one's own may be more, and come last."""

_TEMPLATES = {
    "auth": "{name}-cloudformation-template.json",
    "api": "cloudformation-template.json",
    "storage": "cloudformation-template.json",
}
_USERNAMES = {
    "EMAIL": ["EMAIL"],
    "PHONE_NUMBER": ["PHONE_NUMBER"],
    "EMAIL_AND_PHONE_NUMBER": ["EMAIL", "PHONE_NUMBER"],
    "USERNAME": [],
}
_SOCIAL = {
    "Facebook": "FACEBOOK",
    "Google": "GOOGLE",
    "LoginWithAmazon": "AMAZON",
    "SignInWithApple": "APPLE",
}
_CHARACTERS = {
    "REQUIRE_LOWERCASE": "REQUIRES_LOWERCASE",
    "REQUIRE_UPPERCASE": "REQUIRES_UPPERCASE",
    "REQUIRE_DIGIT": "REQUIRES_NUMBERS",
    "REQUIRE_SYMBOL": "REQUIRES_SYMBOLS",
}
"""In the order of imported pools; that of managed ones is alphabetical."""

_SCOPES = {
    "PHONE": "phone",
    "EMAIL": "email",
    "OPENID": "openid",
    "PROFILE": "profile",
    "AWS_COGNITO_SIGNIN_USER_ADMIN": "aws.cognito.signin.user.admin",
}
"""In the order of managed pools; that of imported ones is alphabetical."""

_STUDIO_KEY = "api key description"
"""What Amplify Studio describes an API key as; no file has a date beside it."""

_DATED = 5
"""Of 16 APIs so many show when their key expires (observed: 8 of 26; which, is assumed)."""


compact = json.JSONEncoder(separators=(",", ":")).encode
"""JSON without any white space between its tokens."""


def amplify_meta(environment: Environment) -> str:
    """The content of amplify-meta.json: categories in the order in which they were added."""
    meta: Entry = {"providers": {"awscloudformation": environment.outputs}}
    own = {
        family: {resource.key: _entry(family, resource, environment)}
        for family, resource in environment.resources.items()
    }
    return compact({**meta, **categories.merged(own, environment.categories)})


def _entry(family: str, resource: Resource, environment: Environment) -> Entry:
    orders, outputs = (_IMPORTED, _IMPORTED_OUTPUTS) if resource.imported else (_MANAGED, _OUTPUTS)
    entry = {
        "service": categories.SERVICES[family],
        "serviceType": "imported",
        "providerPlugin": "awscloudformation",
        "dependsOn": [],
        "providerMetadata": _template(family, resource, environment),
        "lastPushTimeStamp": iso(resource.pushed),
        "lastPushDirHash": base64.b64encode(_sha1(compact(resource.config))).decode(),
        **_ENTRIES[family](resource, environment),
    }
    entry["output"] = _ordered(entry["output"], outputs[family])
    return {name: entry[name] for name in orders[family]}


def _ordered(outputs: Entry, order: tuple[str, ...]) -> Entry:
    known = {name: outputs[name] for name in order if name in outputs}
    return {**known, **outputs}


def _template(family: str, resource: Resource, environment: Environment) -> Entry:
    bucket = environment.outputs["DeploymentBucketName"]
    template = f"{family}/{_TEMPLATES[family].format(name=resource.key)}"
    return {
        "s3TemplateURL": f"https://s3.amazonaws.com/{bucket}/amplify-cfn-templates/{template}",
        "logicalId": f"{family}{resource.key}",
    }


def _sha1(text: str) -> bytes:
    return hashlib.sha1(text.encode(), usedforsecurity=False).digest()


# Auth


def _auth(resource: Resource, environment: Environment) -> Entry:
    outputs, config = dict(resource.outputs), resource.config
    oauth = config["UserPoolConfigs"].get("OAuth")
    if oauth:
        outputs["OAuthMetadata"] = compact(_oauth(oauth, imported=resource.imported))
    if not resource.imported:
        role = sns_role(environment.outputs, environment.name, resource.name, config)
        if role is not None:
            outputs["CreatedSNSRole"] = role
    frontend = _frontend(config["UserPoolConfigs"], imported=resource.imported)
    return {"customAuth": False, "frontendAuthConfig": frontend, "output": outputs}


def _oauth(oauth: Entry, *, imported: bool) -> Entry:
    scopes = _named(_SCOPES, oauth.get("OAuthScopes", _SCOPES))
    return {
        "AllowedOAuthFlows": [oauth.get("OAuthGrantType", "CODE").lower()],
        "AllowedOAuthScopes": sorted(scopes) if imported else scopes,
        "CallbackURLs": oauth["RedirectSignInURIs"],
        "LogoutURLs": oauth["RedirectSignOutURIs"],
    }


def _frontend(pool: Entry, *, imported: bool) -> Entry:
    policy = pool.get("PasswordPolicy", {})
    characters = _named(_CHARACTERS, policy.get("AdditionalConstraints", ()))
    return {
        "socialProviders": _named(_SOCIAL, pool.get("OAuth", {}).get("SocialProviderSettings", ())),
        # A newer client may send values that are not known here: they are shown as they are.
        "usernameAttributes": _USERNAMES.get(pool["SignInMethod"], [pool["SignInMethod"]]),
        "signupAttributes": pool["RequiredSignUpAttributes"],
        "passwordProtectionSettings": {
            "passwordPolicyMinLength": int(policy.get("MinimumLength", 8)),
            "passwordPolicyCharacters": characters if imported else sorted(characters),
        },
        **_second_factor(pool.get("Mfa", {}), imported=imported),
        "verificationMechanisms": _verified(pool, imported=imported),
    }


def _second_factor(mfa: Entry, *, imported: bool) -> Entry:
    """MFA that is off has the type SMS all the same, but in an imported pool (observed)."""
    mode = mfa.get("MFAMode", "OFF")
    types = mfa.get("Settings", {}).get("MfaTypes", [])
    if mode == "OFF":
        types = [] if imported else ["SMS"]
    return {"mfaConfiguration": mode, "mfaTypes": types}


def _verified(pool: Entry, *, imported: bool) -> list[str]:
    message = pool.get("VerificationMessage") or pool.get("ForgotPassword")
    if message is None:
        return [] if imported else ["EMAIL"]
    method = message.get("DeliveryMethod", "EMAIL")
    return ["PHONE_NUMBER" if method == "SMS" else method]


def _named(names: dict[str, str], given: Iterable[str]) -> list[str]:
    """What values are called here, in the order of a table; unknown ones stay, at the end."""
    values = list(given)
    known = [names[value] for value in names if value in values]
    return known + [value for value in values if value not in names]


# APIs


def _api(resource: Resource, environment: Environment) -> Entry:
    auth, config = environment.resources.get("auth"), resource.config
    own = auth is not None and uses_own_pool(environment, config)
    additional = [_mode(kind, resource, auth) for kind in config.get("AdditionalAuthTypes", ())]
    return {
        "dependsOn": _on_the_pool(auth) if own else [],
        "output": {
            **resource.outputs,
            "authConfig": {
                "defaultAuthentication": _mode(config["DefaultAuthType"], resource, auth),
                "additionalAuthenticationProviders": sorted(additional, key=_iam_first),
            },
        },
    }


def _iam_first(mode: Entry) -> bool:
    """A key to sort by: AWS_IAM is ahead of other additional modes in every file (observed)."""
    return bool(mode["authenticationType"] != "AWS_IAM")


def _mode(kind: Entry, api: Resource, auth: Resource | None) -> Entry:
    settings, mode = kind.get("Settings", {}), kind["Mode"]
    entry: Entry = {"authenticationType": mode}
    if mode == "API_KEY":
        entry["apiKeyConfig"] = _key(settings, api)
    elif mode == "AMAZON_COGNITO_USER_POOLS":
        entry["userPoolConfig"] = {"userPoolId": _pool(settings.get("CognitoUserPoolId"), auth)}
    elif mode == "OPENID_CONNECT":
        entry["openIDConnectConfig"] = {
            "name": settings["OpenIDProviderName"],
            "issuerUrl": settings["OpenIDIssueURL"],
            "clientId": settings.get("OpenIDClientId", ""),
            "authTTL": settings.get("OpenIDAuthTTL", ""),
            "iatTTL": settings.get("OpenIDIatTTL", ""),
        }
    return entry


def _key(settings: Entry, api: Resource) -> Entry:
    days, description = (
        int(settings.get("ExpirationTime", limits.DEFAULT_API_KEY_DAYS)),
        settings.get("Description"),
    )
    key: Entry = {"apiKeyExpirationDays": days}
    if description != _STUDIO_KEY and _is_dated(api):
        configured = api.pushed if api.keyed is None else api.keyed
        key["apiKeyExpirationDate"] = iso(configured + days * _DAY)
        description = description or ""
    return key if description is None else {**key, "description": description}


def _is_dated(api: Resource) -> bool:
    """Whether an API shows when its key expires: some do, which follows from the API's id."""
    return _sha1(str(api.outputs.get("GraphQLAPIIdOutput")))[0] % 16 < _DATED


def _pool(given: str | None, auth: Resource | None) -> str:
    """The logical id of the environment's own pool (observed), or the id of another (assumed)."""
    if auth is not None and given in (None, auth.outputs.get("UserPoolId")):
        return f"auth{auth.name}"
    return given or ""


def _on_the_pool(auth: Resource | None) -> list[Entry]:
    if auth is None:
        return []
    return [{"category": "auth", "resourceName": auth.name, "attributes": ["UserPoolId"]}]


# Storage


def _storage(resource: Resource, environment: Environment) -> Entry:
    return {"output": resource.outputs}


_ENTRIES = {"auth": _auth, "api": _api, "storage": _storage}
"""By family what is particular to an entry: its output, and what is not as in the others."""
