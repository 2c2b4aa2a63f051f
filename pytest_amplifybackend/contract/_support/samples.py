"""Requests of every operation, least and full, that keep every documented rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_amplifybackend._api import catalogue

NOBODY = "00000000-0000-4000-8000-000000000000"
"""An id that nothing has."""

SCHEMA = "type Order @model { id: ID! }"
OTHER_SCHEMA = "type Order @model { id: ID! note: String }"
AUTH = {
    "AuthResources": "USER_POOL_ONLY",
    "Service": "COGNITO",
    "UserPoolConfigs": {
        "RequiredSignUpAttributes": ["EMAIL"],
        "SignInMethod": "EMAIL",
        "UserPoolName": "users",
    },
}
AUTH_UPDATE = {"AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", "UserPoolConfigs": {}}
STORAGE = {"Permissions": {"Authenticated": ["READ"]}, "ServiceName": "S3"}
API: dict[str, Any] = {"DefaultAuthType": {"Mode": "API_KEY"}, "TransformSchema": SCHEMA}
API_BY_POOL = {**API, "DefaultAuthType": {"Mode": "AMAZON_COGNITO_USER_POOLS"}}

_CODE = "Your code is {####}"
_MESSAGE = {
    "DeliveryMethod": "EMAIL",
    "EmailSettings": {"EmailMessage": _CODE, "EmailSubject": "Your code"},
    "SmsSettings": {"SmsMessage": _CODE},
}
SECRET = "s3cr3t-0f-the-cl1ent"
"""A social provider's secret, which no error may show."""

_PROVIDER = {"ClientId": "client", "ClientSecret": SECRET}
_KEY = "-----BEGIN PRIVATE KEY-----MIGT3am0ngst-----END PRIVATE KEY-----"
POOL = {
    "ForgotPassword": _MESSAGE,
    "Mfa": {"MFAMode": "ON", "Settings": {"MfaTypes": ["SMS", "TOTP"], "SmsMessage": _CODE}},
    "OAuth": {
        "DomainPrefix": "shop-login",
        "OAuthGrantType": "CODE",
        "OAuthScopes": ["EMAIL", "OPENID"],
        "RedirectSignInURIs": ["https://shop.example/in"],
        "RedirectSignOutURIs": ["myapp://out"],
        "SocialProviderSettings": {
            "Facebook": _PROVIDER,
            "Google": _PROVIDER,
            "LoginWithAmazon": _PROVIDER,
            "SignInWithApple": {
                "ClientId": "client",
                "KeyId": "key",
                "PrivateKey": _KEY,
                "TeamId": "team",
            },
        },
    },
    "PasswordPolicy": {"AdditionalConstraints": ["REQUIRE_DIGIT"], "MinimumLength": 12},
    "VerificationMessage": _MESSAGE,
}
FULL_AUTH = {
    "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
    "IdentityPoolConfigs": {"IdentityPoolName": "visitors", "UnauthenticatedLogin": True},
    "Service": "COGNITO",
    "UserPoolConfigs": {**POOL, **AUTH["UserPoolConfigs"]},  # type: ignore[dict-item]  # nested data
}
FULL_AUTH_UPDATE = {
    "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
    "IdentityPoolConfigs": {"UnauthenticatedLogin": False},
    "Service": "COGNITO",
    "UserPoolConfigs": POOL,
}
_OIDC = {
    "OpenIDAuthTTL": "60000",
    "OpenIDClientId": "client",
    "OpenIDIatTTL": "60000",
    "OpenIDIssueURL": "https://login.example",
    "OpenIDProviderName": "login",
}
FULL_API = {
    "AdditionalAuthTypes": [
        {"Mode": "OPENID_CONNECT", "Settings": _OIDC},
        {"Mode": "AWS_IAM"},
    ],
    "ApiName": "shopapi",
    "ConflictResolution": {"ResolutionStrategy": "AUTOMERGE"},
    "DefaultAuthType": {
        "Mode": "API_KEY",
        "Settings": {"Description": "the shop's", "ExpirationTime": 30},
    },
    "Service": "AppSync",
    "TransformSchema": SCHEMA,
}
FULL_STORAGE = {
    "Permissions": {"Authenticated": ["READ", "DELETE"], "UnAuthenticated": ["READ"]},
    "ServiceName": "S3",
}
MODES: Mapping[str, dict[str, Any]] = {
    "API_KEY": {"Mode": "API_KEY"},
    "AWS_IAM": {"Mode": "AWS_IAM"},
    "AMAZON_COGNITO_USER_POOLS": API_BY_POOL["DefaultAuthType"],
    "OPENID_CONNECT": {"Mode": "OPENID_CONNECT", "Settings": _OIDC},
}
"""The least that each mode of an API needs."""

LOGIN = {
    "AwsCognitoIdentityPoolId": f"us-east-1:{NOBODY}",
    "AwsCognitoRegion": "us-east-1",
    "AwsUserPoolsId": "us-east-1_a1B2c3D4e",
    "AwsUserPoolsWebClientId": "client",
}

STATES: Mapping[str, str] = {
    "CloneBackend": "app with environment dev",
    "CreateBackend": "no app",
    "CreateBackendAPI": "app with environment dev",
    "CreateBackendAuth": "app with environment dev",
    "CreateBackendConfig": "app with environment dev",
    "CreateBackendStorage": "auth present",
    "CreateToken": "app with environment dev",
    "DeleteBackend": "app with environment dev",
    "DeleteBackendAPI": "API present",
    "DeleteBackendAuth": "auth present",
    "DeleteBackendStorage": "storage present",
    "DeleteToken": "token active",
    "GenerateBackendAPIModels": "API present",
    "GetBackend": "app with environment dev",
    "GetBackendAPI": "API present",
    "GetBackendAPIModels": "models LATEST",
    "GetBackendAuth": "auth present",
    "GetBackendJob": "job completed",
    "GetBackendStorage": "storage present",
    "GetToken": "token active",
    "ImportBackendAuth": "app with a user pool to import",
    "ImportBackendStorage": "auth and a bucket",
    "ListBackendJobs": "job completed",
    "ListS3Buckets": "no app",
    "RemoveAllBackends": "app with environment dev",
    "RemoveBackendConfig": "studio enabled",
    "UpdateBackendAPI": "API present",
    "UpdateBackendAuth": "auth present",
    "UpdateBackendConfig": "studio enabled",
    "UpdateBackendJob": "job completed",
    "UpdateBackendStorage": "storage present",
}
"""The provider state in which an operation can be carried out."""

_LEAST: Mapping[str, dict[str, Any]] = {
    "CloneBackend": {"TargetEnvironmentName": "copy"},
    "CreateBackend": {"AppName": "shop"},
    "CreateBackendAPI": {"ResourceName": "orders", "ResourceConfig": API},
    "CreateBackendAuth": {"ResourceName": "users", "ResourceConfig": AUTH},
    "CreateBackendStorage": {"ResourceName": "media", "ResourceConfig": STORAGE},
    "DeleteBackendStorage": {"ServiceName": "S3"},
    "ImportBackendStorage": {"ServiceName": "S3"},
    "UpdateBackendAPI": {"ResourceConfig": {"TransformSchema": OTHER_SCHEMA}},
    "UpdateBackendAuth": {"ResourceConfig": AUTH_UPDATE},
    "UpdateBackendStorage": {"ResourceConfig": STORAGE},
}
_MORE: Mapping[str, dict[str, Any]] = {
    "CreateBackend": {"ResourceConfig": {}, "ResourceName": "shop"},
    "CreateBackendAPI": {"ResourceConfig": FULL_API},
    "CreateBackendAuth": {"ResourceConfig": FULL_AUTH},
    "CreateBackendConfig": {"BackendManagerAppId": "d1manager"},
    "CreateBackendStorage": {"ResourceConfig": FULL_STORAGE},
    "DeleteBackendAPI": {"ResourceConfig": FULL_API},
    "GetBackendAPI": {"ResourceConfig": FULL_API},
    "ListBackendJobs": {"Operation": "UpdateBackendAuth", "Status": "FAILED"},
    "RemoveAllBackends": {"CleanAmplifyApp": True},
    "UpdateBackendAPI": {"ResourceConfig": FULL_API},
    "UpdateBackendAuth": {"ResourceConfig": FULL_AUTH_UPDATE},
    "UpdateBackendConfig": {"LoginAuthConfig": LOGIN},
    "UpdateBackendStorage": {"ResourceConfig": FULL_STORAGE},
}
_RESOURCES = {"Auth": "users", "API": "orders", "APIModels": "orders", "Storage": "media"}


def sample(operation: str, existing: Mapping[str, Any], *, full: bool = False) -> dict[str, Any]:
    """A request of an operation, on what a provider state has set up.

    ``full`` has optional members too: MaxResults, those of ``_MORE``, and what exists.
    """
    shape = catalogue.operations()[operation].input_shape
    family = operation.partition("Backend")[2]
    values = {
        "AppId": f"d{NOBODY[:8]}",
        "BackendEnvironmentName": "dev",
        "BucketName": "nobodys-bucket",
        "JobId": NOBODY,
        "MaxResults": 10,
        "NativeClientId": "native1client",
        "ResourceName": _RESOURCES.get(family, "main"),
        "SessionId": NOBODY,
        "UserPoolId": "us-east-1_a1B2c3D4e",
        "WebClientId": "web1client",
        **_LEAST.get(operation, {}),
        **(_MORE.get(operation, {}) if full else {}),
        **existing,
    }
    needed = {*shape.required_members, *_LEAST.get(operation, {})}
    if operation == "ImportBackendStorage":
        needed.add("BucketName")
    if full:
        needed |= {"MaxResults", *_MORE.get(operation, {}), *existing}
    return {name: values[name] for name in shape.members if name in needed and name in values}
