"""The documented limits are those of botocore's own models of the services that set them."""

from __future__ import annotations

import functools
import re
from typing import Any

import pytest
from botocore.loaders import create_loader
from botocore.utils import check_dns_name

from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._rules.constraints import Items, Length, Pattern, Whole


@functools.cache
def _shapes(service: str) -> dict[str, Any]:
    shapes: dict[str, Any] = create_loader().load_service_model(service, "service-2")["shapes"]
    return shapes


RANGES: list[tuple[Length | Whole | Items, str, str]] = [
    (limits.PASSWORD_LENGTH, "cognito-idp", "PasswordPolicyMinLengthType"),
    (limits.SMS_MESSAGE, "cognito-idp", "SmsVerificationMessageType"),
    (limits.EMAIL_MESSAGE, "cognito-idp", "EmailVerificationMessageType"),
    (limits.EMAIL_SUBJECT, "cognito-idp", "EmailVerificationSubjectType"),
    (limits.REDIRECT_URI_LENGTH, "cognito-idp", "RedirectUrlType"),
    (limits.REDIRECT_URIS, "cognito-idp", "CallbackURLsListType"),
    (limits.REDIRECT_URIS, "cognito-idp", "LogoutURLsListType"),
    (limits.MAX_RESULTS, "amplifybackend", "__integerMin1Max25"),
]


@pytest.mark.parametrize(("limit", "service", "name"), RANGES, ids=str)
def test_a_range(limit: Length | Whole | Items, service: str, name: str) -> None:
    shape = _shapes(service)[name]
    least = 0 if isinstance(limit, Items) else limit.least
    assert (least, limit.most) == (shape["min"], shape["max"])


PATTERNS: list[tuple[Pattern, str, str, str]] = [
    (limits.APP_ID, "amplify", "AppId", "d1abc"),
    (limits.POOL_NAME, "cognito-idp", "UserPoolNameType", "my pool+=,.@-_"),
    (limits.POOL_NAME, "cognito-identity", "IdentityPoolName", "my pool+=,.@-_"),
    (limits.USER_POOL_ID, "cognito-idp", "UserPoolIdType", "us-east-1_a1B2c3D4e"),
    (limits.IDENTITY_POOL_ID, "cognito-identity", "IdentityPoolId", "us-east-1:0a1b-2c"),
    (limits.CLIENT_ID, "cognito-idp", "ClientIdType", "1a2b3c+_"),
    (limits.DOMAIN_PREFIX, "cognito-idp", "DomainType", "my-shop-1"),
]
ALPHABET = "aZ0_-+=,.@:/ \t\né{"


@pytest.mark.parametrize(("limit", "service", "name", "example"), PATTERNS, ids=str)
def test_a_pattern_accepts_what_the_service_accepts(
    limit: Pattern, service: str, name: str, example: str
) -> None:
    shape = _shapes(service)[name]
    theirs = re.compile(shape["pattern"], re.ASCII)
    ours = re.compile(limit.regex, re.ASCII | re.DOTALL)

    def accepted(text: str) -> bool:
        return shape["min"] <= len(text) <= shape["max"] and theirs.fullmatch(text) is not None

    assert accepted(example)
    texts = ["", example, *ALPHABET]
    for extra in ALPHABET:
        texts += [f"{extra}{example}", f"{example}{extra}", f"{example[:3]}{extra}{example[3:]}"]
    for length in (shape["max"] - 1, shape["max"], shape["max"] + 1):
        texts += [
            f"{example}{example[-1] * (length - len(example))}",
            f"{example[0] * (length - len(example))}{example}",
        ]
    assert {text: ours.fullmatch(text) is not None for text in texts} == {
        text: accepted(text) for text in texts
    }


@pytest.mark.parametrize("name", ["SmsVerificationMessageType", "EmailVerificationMessageType"])
def test_the_code_placeholder(name: str) -> None:
    needed = re.escape(limits.CODE_PLACEHOLDER.text).replace(r"\#", "#")
    assert needed in _shapes("cognito-idp")[name]["pattern"]


def test_a_bucket_name_and_the_suffix_of_its_stack_make_a_dns_name() -> None:
    ours = re.compile(limits.BUCKET_NAME.regex)
    for name in ("abc", "a" * 47, "my-files-1"):
        assert ours.fullmatch(name)
        assert check_dns_name(f"{name}123456-{'e' * 9}")
    for name in ("ab", "a" * 48, "My-Files", "my_files", "my.files", "my files", "é" * 3):
        assert not ours.fullmatch(name)


def test_the_modes_of_an_api_are_those_of_appsync() -> None:
    ours = set(_shapes("amplifybackend")["Mode"]["enum"])
    theirs = set(_shapes("appsync")["AuthenticationType"]["enum"])
    assert ours == theirs - {"AWS_LAMBDA"}


def test_the_days_of_an_api_key() -> None:
    refusal = _shapes("appsync")["ApiKeyValidityOutOfBoundsException"]["documentation"]
    days = limits.API_KEY_DAYS
    assert f"between {days.least} and {days.most} days from creation" in refusal
    default = _shapes("appsync")["CreateApiKeyRequest"]["members"]["expires"]["documentation"]
    assert f"is {limits.DEFAULT_API_KEY_DAYS} days from creation time" in default
