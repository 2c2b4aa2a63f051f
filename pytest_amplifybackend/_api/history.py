"""What came to the API when: its additions, each with the first botocore that has it.

Nothing was ever taken away, and no member was changed. The versions were found by comparing the
models of botocore's releases; the sources say what was announced.
"""

from __future__ import annotations

from dataclasses import dataclass

from pytest_amplifybackend._api.provenance import DOCUMENTED, MODELED, Provenance

_OAUTH = "ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings"
_POOL = "ResourceConfig.UserPoolConfigs"
_AUTH = (
    ("CreateBackendAuth", "request"),
    ("GetBackendAuth", "response"),
    ("UpdateBackendAuth", "request"),
)


@dataclass(frozen=True, slots=True)
class Addition:
    """Operations, and members with all that is below them, that one botocore was the first to have.

    A member is an operation, ``request`` or ``response``, and a path.
    """

    botocore: str
    source: str
    tag: Provenance
    operations: tuple[str, ...] = ()
    members: tuple[tuple[str, str, str], ...] = ()


HISTORY: tuple[Addition, ...] = (
    Addition(
        "1.19.27",
        "AWS API changes, 2020-12-01: AmplifyBackend, 24 new API methods",
        DOCUMENTED,
        operations=(
            "CloneBackend",
            "CreateBackend",
            "CreateBackendAPI",
            "CreateBackendAuth",
            "CreateBackendConfig",
            "CreateToken",
            "DeleteBackend",
            "DeleteBackendAPI",
            "DeleteBackendAuth",
            "DeleteToken",
            "GenerateBackendAPIModels",
            "GetBackend",
            "GetBackendAPI",
            "GetBackendAPIModels",
            "GetBackendAuth",
            "GetBackendJob",
            "GetToken",
            "ListBackendJobs",
            "RemoveAllBackends",
            "RemoveBackendConfig",
            "UpdateBackendAPI",
            "UpdateBackendAuth",
            "UpdateBackendConfig",
            "UpdateBackendJob",
        ),
    ),
    Addition(
        "1.20.101",
        'AWS CLI changelog: "Imports an existing backend authentication resource"',
        DOCUMENTED,
        operations=("ImportBackendAuth",),
    ),
    Addition(
        "1.20.111",
        'AWS CLI changelog: "Added Sign in with Apple OAuth provider"',
        DOCUMENTED,
        members=tuple((*place, f"{_OAUTH}.SignInWithApple") for place in _AUTH),
    ),
    Addition(
        "1.21.56",
        "the models of botocore 1.21.55 and 1.21.56",
        MODELED,
        members=(("GetBackend", "response", "AmplifyFeatureFlags"),),
    ),
    Addition(
        "1.23.8",
        "the models of botocore 1.23.7 and 1.23.8",
        MODELED,
        operations=(
            "CreateBackendStorage",
            "DeleteBackendStorage",
            "GetBackendStorage",
            "ImportBackendStorage",
            "ListS3Buckets",
            "UpdateBackendStorage",
        ),
    ),
    Addition(
        "1.24.21",
        "AWS API changes, 2022-03-16: VerificationMessage, and ForgotPassword is deprecated",
        DOCUMENTED,
        members=tuple((*place, f"{_POOL}.VerificationMessage") for place in _AUTH),
    ),
    Addition(
        "1.29.44",
        'AWS CLI changelog: "Updated GetBackendAPIModels response to include '
        'ModelIntrospectionSchema json string"',
        DOCUMENTED,
        members=(("GetBackendAPIModels", "response", "ModelIntrospectionSchema"),),
    ),
)
"""Oldest first."""
