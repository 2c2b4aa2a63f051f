"""Strategies for the configs of storage resources and of Amplify Studio."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend._rules.leaves import Choices, Leaf
from pytest_amplifybackend.strategies._internal.accepting import accepted_config
from pytest_amplifybackend.strategies._internal.auth import CONFIG, Config
from pytest_amplifybackend.strategies._internal.leaves import leaf
from pytest_amplifybackend.strategies._internal.names import identity_pools_of, user_pools_of
from pytest_amplifybackend.strategies._internal.plan import (
    ABSENT,
    Pick,
    Plan,
    check_flags,
    named,
    plan,
    toggled,
)
from pytest_amplifybackend.strategies._internal.structures import mend, needs_of, structure
from pytest_amplifybackend.strategies._internal.targets import shapes

_LOGIN = "LoginAuthConfig"


@named
def storage_configs(
    *, bucket: bool | None = None, guests: bool | None = None
) -> SearchStrategy[Config]:
    """``ResourceConfig`` values that CreateBackendStorage accepts.

    ``bucket`` is whether there is a bucket name; ``guests`` is whether permissions of
    visitors who have not signed in are. None leaves it open.
    """
    check_flags("storage_configs", bucket=bucket, guests=guests)
    return _configs(_steered(bucket, guests), "CreateBackendStorage")


@named
def storage_update_configs(*, guests: bool | None = None) -> SearchStrategy[Config]:
    """``ResourceConfig`` values that UpdateBackendStorage accepts; they name no bucket."""
    check_flags("storage_update_configs", guests=guests)
    return _configs(_steered(None, guests), "UpdateBackendStorage")


def _steered(bucket: bool | None, guests: bool | None) -> Plan:
    wanted: list[str] = []
    avoided: list[str] = []
    toggled(bucket, f"{CONFIG}.BucketName", wanted, avoided)
    toggled(guests, f"{CONFIG}.Permissions.UnAuthenticated", wanted, avoided)
    return plan(wanted, avoided)


@functools.cache
def _configs(steer: Plan, operation: str) -> SearchStrategy[Config]:
    @st.composite
    def storage_configs(draw: Callable[..., Any]) -> Config:
        return structure(Pick(draw, steer, operation), CONFIG)

    return storage_configs().filter(accepted_config(operation))


@named
def login_auth_configs() -> SearchStrategy[Config]:
    """``LoginAuthConfig`` values of UpdateBackendConfig; every member is optional."""

    @st.composite
    def login_auth_configs(draw: Callable[..., Any]) -> Config:
        return draw_login_config(Pick(draw, plan(), "UpdateBackendConfig"), _LOGIN)

    return login_auth_configs().filter(accepted_config("UpdateBackendConfig", _LOGIN))


def draw_login_config(
    pick: Pick, path: str, *, needed: Collection[str] = (), filled: bool = False
) -> Config:
    """A login config whose pools are of one region, the one that it names."""
    region = pick.draw(leaf(pick.operation, f"{path}.AwsCognitoRegion"))
    pools: dict[str, Leaf] = {
        "AwsCognitoIdentityPoolId": identity_pools_of(region),
        "AwsCognitoRegion": Choices((region,)),
        "AwsUserPoolsId": user_pools_of(region),
    }
    must = {**needs_of(pick, path, {}, needed), **({"AwsCognitoRegion": ("",)} if filled else {})}
    config: Config = {}
    for name in shapes(pick.operation)[path].members:
        below = f"{path}.{name}"
        strategy = leaf(pick.operation, below, filled=name in must, usual=pools.get(name))
        draw = functools.partial(pick.draw, strategy)
        drawn = draw() if name in must else pick.optional(below, draw)
        if drawn is not ABSENT:
            config[name] = drawn
    mend(pick, path, config)
    return config
