"""Strategies for names and ids, each as the rules on it say."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._rules.leaves import Texts
from pytest_amplifybackend.strategies._internal.leaves import drawn, leaf
from pytest_amplifybackend.strategies._internal.plan import check_choice, named

Family = Literal["auth", "api", "storage"]
_RESOURCES = {
    "auth": "CreateBackendAuth",
    "api": "CreateBackendAPI",
    "storage": "CreateBackendStorage",
}


@named
def app_ids() -> SearchStrategy[str]:
    """App ids, ``d`` and 1 to 19 lower-case letters or digits."""
    return leaf("CreateBackend", "AppId")


@named
def environment_names() -> SearchStrategy[str]:
    """Names of backend environments, 2 to 10 lower-case letters."""
    return leaf("CreateBackend", "BackendEnvironmentName")


@named
def resource_names(*, family: Family = "api") -> SearchStrategy[str]:
    """Names of resources; those of the ``family`` auth may be 128 letters and digits long.

    Raises InvalidArgument for a family other than auth, api and storage.
    """
    check_choice("resource_names", "family", family, _RESOURCES)
    return leaf(_RESOURCES[family], "ResourceName")


@named
def bucket_names() -> SearchStrategy[str]:
    """Bucket names as a storage config has them, 3 to 47 characters."""
    return leaf("CreateBackendStorage", "ResourceConfig.BucketName")


def client_ids() -> SearchStrategy[str]:
    """Ids of app clients of a user pool."""
    return leaf("ImportBackendAuth", "WebClientId")


def user_pool_ids(*, region: str = "us-east-1") -> SearchStrategy[str]:
    """User pool ids of a region, now and then as long as Cognito allows (55 characters)."""
    return drawn(user_pools_of(region))


def user_pools_of(region: str) -> Texts:
    """How the user pool ids of a region are spelled."""
    return _of_region(limits.USER_POOL_ID.texts, f"{region}_")


def identity_pools_of(region: str) -> Texts:
    """How the identity pool ids of a region are spelled."""
    return _of_region(limits.IDENTITY_POOL_ID.texts, f"{region}:")


def _of_region(texts: Texts | None, prefix: str) -> Texts:
    assert texts is not None
    return replace(texts, least=len(prefix) + 1, affixes=((prefix, ""),))
