"""AmplifyMetaConfig and AmplifyFeatureFlags: what GetBackend says an environment holds.

The shape is that of amplify-meta.json and cli.json files in public repositories (observed);
the service answers them as compact JSON (observed by what greps for it relies on).
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from pytest_amplifybackend._service.clock import iso
from pytest_amplifybackend._service.handlers.resources import uses_own_pool
from pytest_amplifybackend._service.state import Environment, Resource

_DAY = 24 * 60 * 60 * 1000
_CATEGORIES = {"auth": "Cognito", "api": "AppSync", "storage": "S3"}
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
    "REQUIRE_DIGIT": "REQUIRES_NUMBERS",
    "REQUIRE_LOWERCASE": "REQUIRES_LOWERCASE",
    "REQUIRE_SYMBOL": "REQUIRES_SYMBOLS",
    "REQUIRE_UPPERCASE": "REQUIRES_UPPERCASE",
}
_FEATURES = {
    "features": {
        "graphqltransformer": {
            "addmissingownerfields": True,
            "improvepluralization": False,
            "validatetypenamereservedwords": True,
            "useexperimentalpipelinedtransformer": True,
            "enableiterativegsiupdates": True,
            "secondarykeyasgsi": True,
            "skipoverridemutationinputtypes": True,
            "transformerversion": 2,
            "suppressschemamigrationprompt": True,
            "securityenhancementnotification": False,
            "showfieldauthnotification": False,
            "usesubusernamefordefaultidentityclaim": True,
        },
        "frontend-ios": {"enablexcodeintegration": True},
        "auth": {
            "enablecaseinsensitivity": True,
            "useinclusiveterminology": True,
            "breakcirculardependency": True,
            "forcealiasattributes": False,
            "useenabledmfas": True,
        },
        "codegen": {
            "useappsyncmodelgenplugin": True,
            "usedocsgeneratorplugin": True,
            "usetypesgeneratorplugin": True,
            "cleangeneratedmodelsdirectory": True,
            "retaincasestyle": True,
            "addtimestampfields": True,
            "handlelistnullabilitytransparently": True,
            "emitauthprovider": True,
            "generateindexrules": True,
            "enabledartnullsafety": True,
        },
        "appsync": {"generategraphqlpermissions": True},
    },
    "debug": {"shareProjectConfig": False},
}


def compact(value: Any) -> str:
    """JSON without any white space between its tokens."""
    return json.dumps(value, separators=(",", ":"))


def feature_flags() -> str:
    """The content of cli.json, the same for every environment."""
    return compact(_FEATURES)


def amplify_meta(environment: Environment) -> str:
    """The content of amplify-meta.json; a category is there once it has a resource."""
    meta: dict[str, Any] = {"providers": {"awscloudformation": environment.outputs}}
    entries = {"auth": _auth, "api": _api, "storage": _storage}
    for family, entry in entries.items():
        resource = environment.resources.get(family)
        if resource is not None:
            meta[family] = {
                resource.key: {
                    "service": _CATEGORIES[family],
                    "providerPlugin": "awscloudformation",
                    **({"serviceType": "imported"} if resource.imported else {}),
                    **entry(resource, environment),
                    **({} if resource.imported else _push(family, resource, environment)),
                }
            }
    return compact(meta)


def _push(family: str, resource: Resource, environment: Environment) -> dict[str, Any]:
    """When and as what the resource was last deployed."""
    digest = hashlib.sha1(compact(resource.config).encode(), usedforsecurity=False).digest()
    bucket = environment.outputs["DeploymentBucketName"]
    template = f"amplify-cfn-templates/{family}/{resource.key}-cloudformation-template.json"
    return {
        "providerMetadata": {
            "s3TemplateURL": f"https://s3.amazonaws.com/{bucket}/{template}",
            "logicalId": f"{family}{resource.key}",
        },
        "lastPushTimeStamp": iso(resource.pushed),
        "lastPushDirHash": base64.b64encode(digest).decode(),
    }


def _auth(resource: Resource, environment: Environment) -> dict[str, Any]:
    entry: dict[str, Any] = {"dependsOn": [], "customAuth": False}
    if not resource.imported:
        entry["frontendAuthConfig"] = _frontend(resource.config["UserPoolConfigs"])
    return {**entry, "output": resource.outputs}


def _frontend(pool: dict[str, Any]) -> dict[str, Any]:
    policy = pool.get("PasswordPolicy", {})
    mfa = pool.get("Mfa", {})
    social = pool.get("OAuth", {}).get("SocialProviderSettings", {})
    message = pool.get("VerificationMessage") or pool.get("ForgotPassword", {})
    method = message.get("DeliveryMethod", "EMAIL")
    return {
        "socialProviders": [_SOCIAL[name] for name in _SOCIAL if name in social],
        # A newer client may send values that are not known here: they are shown as they are.
        "usernameAttributes": _USERNAMES.get(pool["SignInMethod"], [pool["SignInMethod"]]),
        "signupAttributes": pool["RequiredSignUpAttributes"],
        "passwordProtectionSettings": {
            "passwordPolicyMinLength": int(policy.get("MinimumLength", 8)),
            "passwordPolicyCharacters": [
                _CHARACTERS.get(name, name) for name in policy.get("AdditionalConstraints", [])
            ],
        },
        "mfaConfiguration": mfa.get("MFAMode", "OFF"),
        "mfaTypes": mfa.get("Settings", {}).get("MfaTypes", []),
        "verificationMechanisms": ["PHONE_NUMBER" if method == "SMS" else method],
    }


def _api(resource: Resource, environment: Environment) -> dict[str, Any]:
    auth = environment.resources.get("auth")
    pool = "" if auth is None else f"auth{auth.name}"
    config = resource.config
    own = auth is not None and uses_own_pool(environment, config)
    return {
        "dependsOn": _on_the_pool(auth) if own else [],
        "output": {
            "authConfig": {
                "defaultAuthentication": _mode(config["DefaultAuthType"], pool, resource.pushed),
                "additionalAuthenticationProviders": [
                    _mode(kind, pool, resource.pushed)
                    for kind in config.get("AdditionalAuthTypes", [])
                ],
            },
            **resource.outputs,
        },
    }


def _mode(kind: dict[str, Any], pool: str, pushed: int) -> dict[str, Any]:
    settings = kind.get("Settings", {})
    entry: dict[str, Any] = {"authenticationType": kind["Mode"]}
    if kind["Mode"] == "API_KEY":
        days = int(settings.get("ExpirationTime", 7))
        entry["apiKeyConfig"] = {
            "apiKeyExpirationDays": days,
            "apiKeyExpirationDate": iso(pushed + days * _DAY),
            "description": settings.get("Description", ""),
        }
    elif kind["Mode"] == "AMAZON_COGNITO_USER_POOLS":
        entry["userPoolConfig"] = {"userPoolId": settings.get("CognitoUserPoolId", pool)}
    elif kind["Mode"] == "OPENID_CONNECT":
        entry["openIDConnectConfig"] = {
            "name": settings["OpenIDProviderName"],
            "issuerUrl": settings["OpenIDIssueURL"],
            "clientId": settings.get("OpenIDClientId", ""),
            "authTTL": settings.get("OpenIDAuthTTL", ""),
            "iatTTL": settings.get("OpenIDIatTTL", ""),
        }
    return entry


def _storage(resource: Resource, environment: Environment) -> dict[str, Any]:
    auth = environment.resources.get("auth")
    return {"dependsOn": _on_the_pool(auth), "output": resource.outputs}


def _on_the_pool(auth: Resource | None) -> list[dict[str, Any]]:
    if auth is None:
        return []
    return [{"category": "auth", "resourceName": auth.name, "attributes": ["UserPoolId"]}]
