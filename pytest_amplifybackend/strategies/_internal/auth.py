"""Strategies for the configs of auth resources."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend.strategies._internal.accepting import accepted_config
from pytest_amplifybackend.strategies._internal.leaves import choices
from pytest_amplifybackend.strategies._internal.plan import (
    Pick,
    Plan,
    check_choice,
    check_flags,
    check_options,
    enum_values,
    named,
    plan,
    toggled,
)
from pytest_amplifybackend.strategies._internal.structures import draw_value, needs_of, structure

if TYPE_CHECKING:
    from pytest_amplifybackend._api.literals import DeliveryMethod, MFAMode

Config = dict[str, Any]
CONFIG = "ResourceConfig"
_IDENTITY_POOL = f"{CONFIG}.IdentityPoolConfigs"
_GUESTS = f"{_IDENTITY_POOL}.UnauthenticatedLogin"
_POOL = f"{CONFIG}.UserPoolConfigs"
_OAUTH = f"{_POOL}.OAuth"
_EMPTY = st.sampled_from((False, False, False, True))
_URIS = (f"{_OAUTH}.RedirectSignInURIs", f"{_OAUTH}.RedirectSignOutURIs")


class AuthOptions(TypedDict, total=False):
    """How the config of an auth resource can be narrowed; None leaves a part open."""

    mfa: MFAMode | None
    oauth: bool | None
    social: bool | None
    identity_pool: bool | None
    guests: bool | None
    verification: DeliveryMethod | None
    password_policy: bool | None


@named
def auth_configs(**options: Unpack[AuthOptions]) -> SearchStrategy[Config]:
    """``ResourceConfig`` values that CreateBackendAuth accepts, and its job provisions.

    ``mfa`` is ON, OFF or OPTIONAL; ``verification`` is EMAIL or SMS; ``guests`` is whether
    visitors get credentials without signing in; ``oauth``, ``social``, ``identity_pool`` and
    ``password_policy`` are whether that part is there. None leaves a part open. Raises
    InvalidArgument for options that contradict each other.
    """
    return _configs(_steered("auth_configs", **options), "CreateBackendAuth")


@named
def auth_update_configs(**options: Unpack[AuthOptions]) -> SearchStrategy[Config]:
    """``ResourceConfig`` values that UpdateBackendAuth accepts; options as in auth_configs().

    Without ``oauth`` an empty ``OAuth``, which removes it, turns up too.
    """
    return _configs(_steered("auth_update_configs", **options), "UpdateBackendAuth")


def _steered(function: str, **options: Unpack[AuthOptions]) -> Plan:
    check_options(function, options, AuthOptions.__annotations__)
    mfa, verification = options.get("mfa"), options.get("verification")
    oauth, social = options.get("oauth"), options.get("social")
    guests, identity_pool = options.get("guests"), options.get("identity_pool")
    policy = options.get("password_policy")
    check_flags(
        function,
        oauth=oauth,
        social=social,
        identity_pool=identity_pool,
        guests=guests,
        password_policy=policy,
    )
    check_choice(function, "mfa", mfa, enum_values("MFAMode"))
    check_choice(function, "verification", verification, enum_values("DeliveryMethod"))
    if social and oauth is False:
        raise InvalidArgument(
            f"{function}(social=True, oauth=False): social providers are part of OAuth."
        )
    if guests is not None and identity_pool is False:
        raise InvalidArgument(
            f"{function}(guests={guests}, identity_pool=False): only an identity pool says "
            "whether guests may sign in."
        )
    wanted: list[str] = []
    avoided: list[str] = []
    fixed: dict[str, Any] = {}
    if mfa is not None:
        wanted.append(f"{_POOL}.Mfa")
        fixed[f"{_POOL}.Mfa.MFAMode"] = mfa
    if verification is not None:
        wanted.append(f"{_POOL}.VerificationMessage")
        fixed[f"{_POOL}.VerificationMessage.DeliveryMethod"] = verification
    toggled(oauth, _OAUTH, wanted, avoided)
    toggled(social, f"{_OAUTH}.SocialProviderSettings", wanted, avoided)
    toggled(policy, f"{_POOL}.PasswordPolicy", wanted, avoided)
    if identity_pool is not None or guests is not None:
        both = guests is not None or identity_pool
        fixed[f"{CONFIG}.AuthResources"] = enum_values("AuthResources")[1 if both else 0]
    if guests is not None:
        wanted.append(_GUESTS)
        fixed[_GUESTS] = guests
    return plan(wanted, avoided, fixed)


@functools.cache
def _configs(steer: Plan, operation: str) -> SearchStrategy[Config]:
    @st.composite
    def auth_configs(draw: Callable[..., Any]) -> Config:
        return draw_auth_config(Pick(draw, steer, operation), CONFIG)

    return auth_configs().filter(accepted_config(operation))


def partial_updates() -> SearchStrategy[Config]:
    """Updates whose OAuth needs a user pool that has one: they name no URIs."""
    return _configs(plan([_OAUTH], _URIS), "UpdateBackendAuth")


def draw_auth_config(
    pick: Pick, path: str, *, needed: Collection[str] = (), filled: bool = False
) -> Config:
    """One config, for CreateBackendAuth or UpdateBackendAuth.

    Without an identity pool among its resources it says nothing of one, unless it has to.
    """
    config = structure(pick, path, needed=needed, filled=filled)
    pool = config["UserPoolConfigs"]
    if pick.operation == "UpdateBackendAuth" and "OAuth" in pool:
        if pick.wants(_OAUTH) or not pick.draw(_EMPTY):
            _add_uris(pick, pool["OAuth"])
        else:
            pool["OAuth"] = {}
    alone, both = enum_values("AuthResources")
    if config["AuthResources"] == alone:
        asked = "IdentityPoolConfigs" in needs_of(pick, path, config, needed)
        if not (asked or pick.wants(_IDENTITY_POOL)):
            config.pop("IdentityPoolConfigs", None)
        elif both in choices(pick.operation, f"{path}.AuthResources"):
            config["AuthResources"] = both
    return config


def _add_uris(pick: Pick, oauth: Config) -> None:
    """Add the lists of URIs without which an update only suits a user pool that has OAuth."""
    for path in _URIS:
        name = path.rpartition(".")[2]
        if name not in oauth and not pick.avoids(path):
            oauth[name] = draw_value(pick, path, ("",))
