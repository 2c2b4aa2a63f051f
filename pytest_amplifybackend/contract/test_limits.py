"""The last value that a limit allows is taken, and the first that it does not is refused."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.paths import put
from pytest_amplifybackend._api.provenance import DOCUMENTED, MODELED, Provenance
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, provenance
from pytest_amplifybackend.contract._support.samples import STATES, sample

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


def _cases(which: str) -> list[Any]:
    return [
        pytest.param(
            limit,
            value,
            id=f"{limit.operation}-{limit.path.removeprefix('ResourceConfig.')}-{number}",
            marks=(about(limit.operation), provenance(limit.kind, limit.source)),
        )
        for limit in LIMITS
        for number, value in enumerate(getattr(limit, which), 1)
    ]


def _request(existing: dict[str, Any], limit: Limit, value: Any) -> dict[str, Any]:
    params = sample(limit.operation, existing, full=True)
    for member in ("JobId", "Operation", "Status"):
        if limit.operation == "ListBackendJobs":
            params.pop(member, None)
    params = copy.deepcopy(params)
    put(params, limit.path, value)
    return params


@pytest.mark.parametrize(("limit", "value"), _cases("taken"))
def test_the_last_value_that_is_allowed(
    backend: Backend, arrange: Any, shared: Any, limit: Limit, value: Any
) -> None:
    operation, state = limit.operation, STATES[limit.operation]
    undo = operation.replace("Create", "Delete")
    if operation in ("CreateBackend", "CloneBackend"):
        existing = arrange(state)
    else:
        existing = shared(state, reconfigured=operation.startswith("Update"))
    params = _request(existing, limit, value)
    if operation == "ListBackendJobs":
        assert len(backend.call(operation, params)["Jobs"]) == 1, operation
        return
    backend.done(operation, params)
    if undo != operation != "CreateBackend":
        backend.done(undo, sample(undo, params))


@pytest.mark.parametrize(("limit", "value"), _cases("refused"))
def test_the_first_value_that_is_not(
    backend: Backend, shared: Any, limit: Limit, value: Any
) -> None:
    params = _request(shared(STATES[limit.operation]), limit, value)
    if limit.at_once:
        backend.rejected(limit.operation, params, errors.BadRequest)
    else:
        backend.fails(limit.operation, params)
