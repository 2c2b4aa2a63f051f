"""Requests that give every member their operation has and keep every rule on parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support.samples import FULL_STORAGE, NOBODY, sample

_EXISTING = {
    "AppId": "d1shop",
    "BackendEnvironmentName": "dev",
    "NextToken": "token",
    "SessionId": "session",
}
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
_MORE: Mapping[str, dict[str, Any]] = {
    "CloneBackend": {"TargetEnvironmentName": "test"},
    "CreateBackendAPI": {"ResourceConfig": _API},
    "CreateBackendStorage": {"ResourceConfig": {"BucketName": "pictures", **FULL_STORAGE}},
    "DeleteBackendAPI": {"ResourceConfig": _API},
    "GetBackendAPI": {"ResourceConfig": _API},
    "ImportBackendAuth": {"IdentityPoolId": f"us-east-1:{NOBODY}"},
    "ImportBackendStorage": {"BucketName": "our-pictures"},
    "ListBackendJobs": {"JobId": NOBODY, "Operation": "CreateBackend", "Status": "COMPLETED"},
    "UpdateBackendAPI": {"ResourceConfig": _API},
    "UpdateBackendJob": {"Operation": "CreateBackend", "Status": "COMPLETED"},
}
"""What the contract suite's samples lack, since they are carried out, or have in another way."""

FULL: Mapping[Any, dict[str, Any]] = {
    operation: {**sample(operation, _EXISTING, full=True), **_MORE.get(operation, {})}
    for operation in catalogue.operations()
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
