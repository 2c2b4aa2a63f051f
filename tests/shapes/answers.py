"""One answer of the fake for each operation that reads, from an app that has everything."""

from __future__ import annotations

import copy
import functools
from typing import Any

from pytest_amplifybackend import FakeAmplifyBackend

DEV = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}
MESSAGE = {"EmailMessage": "Your code is {####}", "EmailSubject": "Only for you"}
POOL = {
    "OAuth": {
        "OAuthGrantType": "CODE",
        "OAuthScopes": ["EMAIL"],
        "RedirectSignInURIs": ["https://shop.example/in/"],
        "RedirectSignOutURIs": ["https://shop.example/out/"],
        "SocialProviderSettings": {
            "Google": {"ClientId": "google-client", "ClientSecret": "google-s3cr3t"}
        },
    },
    "PasswordPolicy": {"MinimumLength": 8},
    "RequiredSignUpAttributes": ["EMAIL", "NAME"],
    "SignInMethod": "EMAIL",
    "UserPoolName": "customers",
    "ForgotPassword": {"DeliveryMethod": "EMAIL", "EmailSettings": MESSAGE},
}
AUTH = {"AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", "UserPoolConfigs": POOL}
READS: dict[Any, dict[str, Any]] = {
    "GetBackend": DEV,
    "GetBackendAPI": {**DEV, "ResourceName": "orders"},
    "GetBackendAPIModels": {**DEV, "ResourceName": "orders"},
    "GetBackendAuth": {**DEV, "ResourceName": "users"},
    "GetBackendStorage": {**DEV, "ResourceName": "media"},
    "ListBackendJobs": DEV,
    "ListS3Buckets": {},
}


@functools.cache
def _answers() -> dict[str, Any]:
    fake = FakeAmplifyBackend()
    fake.add_app("d1shop", name="shop")
    fake.add_auth("d1shop", name="users", config=AUTH)
    fake.add_api("d1shop", name="orders")
    fake.add_storage("d1shop", name="media")
    fake.call("GenerateBackendAPIModels", READS["GetBackendAPIModels"])
    fake.jobs.fail_next("UpdateBackendStorage", error="Command failed with exit code 1")
    permissions = {"Permissions": {"Authenticated": ["READ"]}, "ServiceName": "S3"}
    fake.call("UpdateBackendStorage", {**READS["GetBackendStorage"], "ResourceConfig": permissions})
    return {name: fake.call(name, params) for name, params in READS.items()}


def answer(operation: str) -> Any:
    """A copy of what the fake answers, for a test to alter."""
    return copy.deepcopy(_answers()[operation])
