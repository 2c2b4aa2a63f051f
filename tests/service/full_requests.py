"""Requests that give every member their operation has and keep every rule on parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_amplifybackend.contract._support.samples import (
    FULL_AUTH,
    FULL_AUTH_UPDATE,
    LOGIN,
)

_DEV = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}
_SETTINGS = {
    "CognitoUserPoolId": "us-east-1_a1B2c3D4e",
    "Description": "the shop's",
    "ExpirationTime": 30,
    "OpenIDAuthTTL": "60000",
    "OpenIDClientId": "client",
    "OpenIDIatTTL": "60000",
    "OpenIDIssueURL": "https://login.example/",
    "OpenIDProviderName": "login",
}
_API = {
    "AdditionalAuthTypes": [{"Mode": "AMAZON_COGNITO_USER_POOLS", "Settings": _SETTINGS}],
    "ApiName": "shopapi",
    "ConflictResolution": {"ResolutionStrategy": "AUTOMERGE"},
    "DefaultAuthType": {"Mode": "AWS_IAM", "Settings": _SETTINGS},
    "Service": "AppSync",
    "TransformSchema": "type Order @model { id: ID! }",
}
_PERMISSIONS = {"Authenticated": ["READ", "DELETE"], "UnAuthenticated": ["READ"]}
_JOB = {**_DEV, "JobId": "00000000-0000-4000-8000-000000000000"}

FULL: Mapping[str, dict[str, Any]] = {
    "CloneBackend": {**_DEV, "TargetEnvironmentName": "test"},
    "CreateBackend": {**_DEV, "AppName": "shop", "ResourceConfig": {}, "ResourceName": "shop"},
    "CreateBackendAPI": {**_DEV, "ResourceConfig": _API, "ResourceName": "orders"},
    "CreateBackendAuth": {**_DEV, "ResourceConfig": FULL_AUTH, "ResourceName": "users"},
    "CreateBackendConfig": {"AppId": "d1shop", "BackendManagerAppId": "d1manager"},
    "CreateBackendStorage": {
        **_DEV,
        "ResourceConfig": {
            "BucketName": "pictures",
            "Permissions": _PERMISSIONS,
            "ServiceName": "S3",
        },
        "ResourceName": "media",
    },
    "CreateToken": {"AppId": "d1shop"},
    "DeleteBackend": _DEV,
    "DeleteBackendAPI": {**_DEV, "ResourceConfig": _API, "ResourceName": "orders"},
    "DeleteBackendAuth": {**_DEV, "ResourceName": "users"},
    "DeleteBackendStorage": {**_DEV, "ResourceName": "media", "ServiceName": "S3"},
    "DeleteToken": {"AppId": "d1shop", "SessionId": "session"},
    "GenerateBackendAPIModels": {**_DEV, "ResourceName": "orders"},
    "GetBackend": _DEV,
    "GetBackendAPI": {**_DEV, "ResourceConfig": _API, "ResourceName": "orders"},
    "GetBackendAPIModels": {**_DEV, "ResourceName": "orders"},
    "GetBackendAuth": {**_DEV, "ResourceName": "users"},
    "GetBackendJob": _JOB,
    "GetBackendStorage": {**_DEV, "ResourceName": "media"},
    "GetToken": {"AppId": "d1shop", "SessionId": "session"},
    "ImportBackendAuth": {
        **_DEV,
        "IdentityPoolId": "us-east-1:00000000-0000-4000-8000-000000000000",
        "NativeClientId": "native1client",
        "UserPoolId": "us-east-1_a1B2c3D4e",
        "WebClientId": "web1client",
    },
    "ImportBackendStorage": {**_DEV, "BucketName": "our-pictures", "ServiceName": "S3"},
    "ListBackendJobs": {
        **_JOB,
        "MaxResults": 10,
        "NextToken": "token",
        "Operation": "CreateBackend",
        "Status": "COMPLETED",
    },
    "ListS3Buckets": {"NextToken": "token"},
    "RemoveAllBackends": {"AppId": "d1shop", "CleanAmplifyApp": True},
    "RemoveBackendConfig": {"AppId": "d1shop"},
    "UpdateBackendAPI": {**_DEV, "ResourceConfig": _API, "ResourceName": "orders"},
    "UpdateBackendAuth": {**_DEV, "ResourceConfig": FULL_AUTH_UPDATE, "ResourceName": "users"},
    "UpdateBackendConfig": {"AppId": "d1shop", "LoginAuthConfig": LOGIN},
    "UpdateBackendJob": {**_JOB, "Operation": "CreateBackend", "Status": "COMPLETED"},
    "UpdateBackendStorage": {
        **_DEV,
        "ResourceConfig": {"Permissions": _PERMISSIONS, "ServiceName": "S3"},
        "ResourceName": "media",
    },
}


def with_value(params: Any, path: str, value: Any) -> Any:
    """A copy of a request with a value at a path, at the first element where ``[]`` says so.

    A value at the empty path takes the place of members with the same name; None takes one away.
    """
    if not path:
        merged = {**params, **value}
        return {name: item for name, item in merged.items() if item is not None}
    return _with(params, path.replace("[]", ".[]").split("."), value)


def _with(at: Any, steps: list[str], value: Any) -> Any:
    if not steps:
        return value
    if steps[0] == "[]":
        return [_with(at[0], steps[1:], value), *at[1:]]
    return {**at, steps[0]: _with(at[steps[0]], steps[1:], value)}


def concrete(path: str) -> str:
    """How the place of :func:`with_value` is called in an error text."""
    return path.replace("[]", "[0]")
