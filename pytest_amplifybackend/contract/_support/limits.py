"""The documented limits of values: what each still allows, and the first that it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._api.provenance import DOCUMENTED, MODELED, Provenance

_POOL = "ResourceConfig.UserPoolConfigs"
_OAUTH = f"{_POOL}.OAuth"
_SMS = f"{_POOL}.Mfa.Settings.SmsMessage"
_MAIL = f"{_POOL}.VerificationMessage.EmailSettings"
_KEY = "ResourceConfig.DefaultAuthType.Settings.ExpirationTime"
CODE = "{####}"


@dataclass(frozen=True)
class Limit:
    """What is taken and what is refused at a path of an operation's fullest request.

    ``at_once`` says whether the service refuses with an error, or the worker by failing.
    """

    operation: str
    path: str
    taken: tuple[Any, ...]
    refused: tuple[Any, ...]
    source: str
    at_once: bool = False
    kind: Provenance = DOCUMENTED


def _uris(count: int) -> list[str]:
    return [f"https://shop.example/{number}/" for number in range(count)]


def _long_uri(length: int) -> list[str]:
    start = "https://shop.example/"
    return [f"{start}{'a' * (length - len(start) - 1)}/"]


def _updates(*limits: Limit) -> tuple[Limit, ...]:
    """The same limits for the update of an auth resource."""
    return tuple(
        Limit(
            limit.operation.replace("Create", "Update"),
            limit.path,
            limit.taken,
            limit.refused,
            limit.source,
        )
        for limit in limits
    )


_AUTH = (
    Limit(
        "CreateBackendAuth",
        f"{_POOL}.PasswordPolicy.MinimumLength",
        (6, 99),
        (5, 100, 6.5),
        "cognito-idp PasswordPolicyMinLengthType",
    ),
    Limit(
        "CreateBackendAuth",
        _SMS,
        (CODE, f"{CODE}{'a' * 134}"),
        (f"{CODE}{'a' * 135}", "no code", "{###}##"),
        "cognito-idp SmsVerificationMessageType",
    ),
    Limit(
        "CreateBackendAuth",
        f"{_MAIL}.EmailMessage",
        (CODE, f"{CODE}{'a' * 19994}"),
        (f"{CODE}{'a' * 19995}", "Your code"),
        "cognito-idp EmailVerificationMessageType",
    ),
    Limit(
        "CreateBackendAuth",
        f"{_MAIL}.EmailSubject",
        ("a", "a" * 140),
        ("", "a" * 141),
        "cognito-idp EmailVerificationSubjectType",
    ),
    Limit(
        "CreateBackendAuth",
        f"{_OAUTH}.DomainPrefix",
        ("a", "a" * 63, "a-b"),
        ("a" * 64, "-a", "a-", "A", "my-cognito", "aws", "amazonas"),
        "cognito-idp DomainType; Cognito developer guide, domains",
    ),
    Limit(
        "CreateBackendAuth",
        f"{_OAUTH}.RedirectSignInURIs",
        (_uris(1), _uris(100), _long_uri(1024), ["http://localhost:3000/"], ["myapp://callback"]),
        (_uris(101), _long_uri(1025), ["http://shop.example/"], ["https://shop.example/#in"]),
        "cognito-idp CallbackURLsListType; Amplify CLI",
    ),
)

LIMITS = (
    *_AUTH,
    *_updates(*_AUTH),
    Limit(
        "CreateBackendAuth",
        f"{_POOL}.UserPoolName",
        ("a", "a" * 128, "our users+=,.@-_"),
        ("", "a" * 129, "users/"),
        "cognito-idp UserPoolNameType",
    ),
    Limit(
        "CreateBackendAuth",
        "ResourceConfig.IdentityPoolConfigs.IdentityPoolName",
        ("a", "a" * 128),
        ("", "a" * 129, "visitors/"),
        "cognito-identity IdentityPoolName",
    ),
    Limit(
        "CreateBackendAuth",
        "ResourceName",
        ("a", "Z9" * 64),
        ("a" * 129, "my-auth", "my auth"),
        "Amplify CLI, category-auth",
        at_once=True,
    ),
    Limit("CreateBackendAPI", _KEY, (1, 365), (0, 366, 1.5), "Amplify CLI, AppSync walkthrough"),
    Limit("UpdateBackendAPI", _KEY, (1, 365), (0, 366, -1), "Amplify CLI, AppSync walkthrough"),
    Limit(
        "CreateBackendAPI",
        "ResourceConfig.ApiName",
        ("a", "Z9" * 40),
        ("", "a" * 81, "my-api"),
        "Amplify CLI, category-api",
    ),
    Limit(
        "CreateBackendAPI",
        "ResourceName",
        ("a", "Z9" * 64),
        ("my-api", "orders!"),
        "Amplify CLI, category-api",
        at_once=True,
    ),
    Limit(
        "CreateBackendStorage",
        "ResourceConfig.BucketName",
        ("abc", "a" * 47, "0-9"),
        ("ab", "a" * 48, "Bucket", "a.bucket", "-abc", "xn--abc"),
        "Amplify CLI, category-storage; S3 user guide, bucket naming rules",
    ),
    Limit(
        "CreateBackendStorage",
        "ResourceName",
        ("a", "Z9" * 64),
        ("my-media",),
        "Amplify CLI, category-storage",
        at_once=True,
    ),
    Limit(
        "CreateBackend",
        "BackendEnvironmentName",
        ("ab", "abcdefghij"),
        ("a", "abcdefghijk", "Dev", "dev1", "de-v"),
        "Amplify CLI, init step",
        at_once=True,
    ),
    Limit(
        "CloneBackend",
        "TargetEnvironmentName",
        ("ab", "abcdefghij"),
        ("a", "abcdefghijk", "Dev", "dev1", "de-v"),
        "Amplify CLI, init step",
        at_once=True,
    ),
    Limit(
        "GetBackend",
        "AppId",
        (),
        ("1abc", "D1ABC", "d1-abc", f"d{'a' * 20}", "d"),
        "amplify model, shape AppId",
        at_once=True,
    ),
    Limit(
        "ListBackendJobs",
        "MaxResults",
        (1, 25),
        (26, 1000),
        "shape __integerMin1Max25",
        at_once=True,
        kind=MODELED,
    ),
)
