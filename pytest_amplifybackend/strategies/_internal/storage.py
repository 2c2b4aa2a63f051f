"""Strategies for the configs of storage resources and of Amplify Studio."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend.strategies._internal import names
from pytest_amplifybackend.strategies._internal.plan import (
    Pick,
    Plan,
    enum_lists,
    enums,
    plan,
    toggled,
)

Config = dict[str, Any]
_REGIONS = st.sampled_from(("us-east-1", "eu-west-1", "ap-southeast-2"))


def storage_configs(
    *, bucket: bool | None = None, guests: bool | None = None
) -> SearchStrategy[Config]:
    """``ResourceConfig`` values that CreateBackendStorage accepts.

    ``bucket`` is whether a bucket name is given; ``guests`` is whether permissions of
    visitors who have not signed in are. None leaves it open.
    """
    return _configs(_options(bucket, guests), update=False)


def storage_update_configs(*, guests: bool | None = None) -> SearchStrategy[Config]:
    """``ResourceConfig`` values that UpdateBackendStorage accepts; they name no bucket."""
    return _configs(_options(None, guests), update=True)


def _options(bucket: bool | None, guests: bool | None) -> Plan:
    wanted: list[str] = []
    avoided: list[str] = []
    toggled(bucket, "BucketName", wanted, avoided)
    toggled(guests, "Permissions.UnAuthenticated", wanted, avoided)
    return plan(wanted, avoided)


@functools.cache
def _configs(steer: Plan, *, update: bool) -> SearchStrategy[Config]:
    @st.composite
    def storage_configs(draw: Callable[..., Any]) -> Config:
        return draw_storage_config(Pick(draw, steer), update=update)

    return storage_configs()


def draw_storage_config(pick: Pick, *, update: bool) -> Config:
    """One config, for CreateBackendStorage or UpdateBackendStorage."""
    config: Config = {}
    if not update and pick.has("BucketName"):
        config["BucketName"] = pick.draw(names.bucket_names())
    least = 1 if pick.wants("Permissions.Authenticated[]") else 0
    config["Permissions"] = {"Authenticated": pick.draw(enum_lists("AuthenticatedElement", least))}
    guests = "Permissions.UnAuthenticated"
    if pick.has(guests):
        least = 1 if pick.wants(f"{guests}[]") else 0
        config["Permissions"]["UnAuthenticated"] = pick.draw(
            enum_lists("UnAuthenticatedElement", least)
        )
    config["ServiceName"] = pick.draw(enums("ServiceName"))
    return config


def login_auth_configs() -> SearchStrategy[Config]:
    """``LoginAuthConfig`` values of UpdateBackendConfig; every member is optional."""
    return login_configs(plan())


@functools.cache
def login_configs(steer: Plan) -> SearchStrategy[Config]:
    """Login configs that follow a plan."""

    @st.composite
    def login_auth_configs(draw: Callable[..., Any]) -> Config:
        pick = Pick(draw, steer)
        region = draw(_REGIONS)
        members: dict[str, SearchStrategy[str]] = {
            "AwsCognitoIdentityPoolId": names.identity_pool_ids(region=region),
            "AwsCognitoRegion": st.just(region),
            "AwsUserPoolsId": names.user_pool_ids(region=region),
            "AwsUserPoolsWebClientId": names.client_ids(),
        }
        return {name: draw(values) for name, values in members.items() if pick.has(name)}

    return login_auth_configs()
