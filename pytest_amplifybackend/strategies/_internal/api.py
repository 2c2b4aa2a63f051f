"""Strategies for the configs of API resources."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.constraints import GraphQLSchema, Includes
from pytest_amplifybackend._rules.leaves import Choices, Texts
from pytest_amplifybackend.strategies._internal.accepting import accepted_config
from pytest_amplifybackend.strategies._internal.auth import CONFIG, Config
from pytest_amplifybackend.strategies._internal.leaves import all_hold, choices, constraints
from pytest_amplifybackend.strategies._internal.plan import (
    ABSENT,
    Pick,
    Plan,
    check_choice,
    check_flags,
    check_options,
    enum_values,
    named,
    one_of,
    plan,
    several,
    toggled,
)
from pytest_amplifybackend.strategies._internal.schemas import transform_schemas
from pytest_amplifybackend.strategies._internal.structures import mend, needs_of, structure

if TYPE_CHECKING:
    from pytest_amplifybackend._api.literals import AuthMode
    from pytest_amplifybackend.strategies._internal.schema_parts import Provider

DEFAULT_MODE = "API_KEY"
"""The default mode where only ``additional`` ones are asked for."""

PROVIDER_OF: Mapping[str, Provider] = {
    "API_KEY": "apiKey",
    "AWS_IAM": "iam",
    "AMAZON_COGNITO_USER_POOLS": "userPools",
    "OPENID_CONNECT": "oidc",
}
"""The provider that a schema's rules may ask for once an API has a mode."""

MODE_OF = {
    "CognitoUserPoolId": "AMAZON_COGNITO_USER_POOLS",
    "Description": "API_KEY",
    "ExpirationTime": "API_KEY",
    "OpenIDAuthTTL": "OPENID_CONNECT",
    "OpenIDClientId": "OPENID_CONNECT",
    "OpenIDIatTTL": "OPENID_CONNECT",
    "OpenIDIssueURL": "OPENID_CONNECT",
    "OpenIDProviderName": "OPENID_CONNECT",
}
"""The mode that each setting belongs to (docs/evidence.md#apis)."""

_DEFAULT = f"{CONFIG}.DefaultAuthType"
_MORE = f"{CONFIG}.AdditionalAuthTypes"
_SCHEMA = f"{CONFIG}.TransformSchema"


class ApiOptions(TypedDict, total=False):
    """How the config of an API can be narrowed; None leaves a part open."""

    mode: AuthMode | None
    additional: Collection[AuthMode] | None
    schema: bool | None
    own_user_pool: bool | None


@named
def api_configs(*, update: bool = False, **options: Unpack[ApiOptions]) -> SearchStrategy[Config]:
    """``ResourceConfig`` values that CreateBackendAPI accepts; ``update`` as api_update_configs().

    ``mode`` is the default authorization mode, ``additional`` all the other modes;
    ``own_user_pool`` is whether Cognito modes rely on the environment's own auth resource instead
    of naming a pool; ``schema`` is whether an update has a TransformSchema. Raises InvalidArgument
    for an unknown mode, for one that is listed twice, and for a new API without a schema.
    """
    check_flags("api_configs", update=update)
    if update:
        return api_update_configs(**options)
    if options.get("schema") is False:
        raise InvalidArgument(
            "api_configs(schema=False): a new API needs a TransformSchema; only an update goes "
            "without, as those of api_update_configs(schema=False)."
        )
    return _configs(_steered("api_configs", **options), "CreateBackendAPI")


@named
def api_update_configs(**options: Unpack[ApiOptions]) -> SearchStrategy[Config]:
    """``ResourceConfig`` values that UpdateBackendAPI accepts; options as in api_configs().

    An update gives its default and additional modes together, and a schema with rules only
    together with its modes, so that it suits whatever API is there.
    """
    return _configs(_steered("api_update_configs", **options), "UpdateBackendAPI")


def _steered(function: str, **options: Unpack[ApiOptions]) -> Plan:
    check_options(function, options, ApiOptions.__annotations__)
    modes = enum_values("Mode")
    mode, additional = options.get("mode"), options.get("additional")
    flags = {name: options.get(name) for name in ("schema", "own_user_pool")}
    check_flags(function, **flags)
    check_choice(function, "mode", mode, modes)
    others = several(function, "additional", additional, modes)
    if others is not None and len({mode or DEFAULT_MODE, *others}) <= len(others):
        raise InvalidArgument(
            f"{function}(mode={mode!r}, additional={others!r}): an additional mode "
            f"repeats another or the default, which is {DEFAULT_MODE} unless mode says otherwise."
        )
    wanted: list[str] = []
    avoided: list[str] = []
    fixed: dict[str, Any] = {}
    if mode is not None or others is not None:
        wanted.append(_DEFAULT)
        fixed[f"{_DEFAULT}.Mode"] = mode or DEFAULT_MODE
    if others is not None:
        toggled(bool(others), _MORE, wanted, avoided)
        fixed[_MORE] = others
    toggled(options.get("schema"), _SCHEMA, wanted, avoided)
    own_user_pool = options.get("own_user_pool")
    if own_user_pool is not None:
        for at in (_DEFAULT, f"{_MORE}[]"):
            fixed[_presence(f"{at}.Settings.CognitoUserPoolId")] = not own_user_pool
    return plan(wanted, avoided, fixed)


@functools.cache
def _configs(steer: Plan, operation: str) -> SearchStrategy[Config]:
    @st.composite
    def api_configs(draw: Callable[..., Any]) -> Config:
        return draw_api_config(Pick(draw, steer, operation), CONFIG)

    return api_configs().filter(accepted_config(operation))


def draw_api_config(
    pick: Pick, path: str, *, needed: Collection[str] = (), filled: bool = False
) -> Config:
    """One config, for CreateBackendAPI, UpdateBackendAPI, or a call that names what was created."""
    alone = ("ApiName", "ConflictResolution", "Service")
    config = structure(pick, path, needed=needed, filled=filled, only=alone)
    must = needs_of(pick, path, config, needed)
    wants_more = pick.wants(_MORE) or "AdditionalAuthTypes" in must
    draw = functools.partial(_auth_types, pick, must)
    needs_types = pick.operation != "UpdateBackendAPI" or wants_more or "DefaultAuthType" in must
    types = draw() if needs_types else pick.optional(_DEFAULT, draw)
    if types is not ABSENT:
        config |= types
    schema = functools.partial(_draw_schema, pick, config)
    has_schema = types is not ABSENT and not pick.avoids(_SCHEMA)
    text = schema() if has_schema or "TransformSchema" in must else pick.optional(_SCHEMA, schema)
    if text is not ABSENT:
        config["TransformSchema"] = text
    mend(pick, path, config)
    return config


def _draw_schema(pick: Pick, config: Config) -> str:
    """A schema that the auth types of a config suffice for."""
    types = [config.get("DefaultAuthType"), *config.get("AdditionalAuthTypes", ())]
    used = frozenset(one["Mode"] for one in types if one is not None)
    return str(pick.draw(_schemas(table.current(), pick.operation, used)))


@functools.lru_cache(maxsize=256)
def _schemas(rules: table.Table, operation: str, modes: frozenset[str]) -> SearchStrategy[str]:
    """Schemas whose rules ask only for providers that an API with these modes has.

    Where the table has rules of its own on the text, what it must hold is in a comment, and short
    schemas are among those that are tried.
    """
    drawn = transform_schemas(providers=tuple(PROVIDER_OF[mode] for mode in modes))
    asked = constraints(rules, operation, _SCHEMA)
    further = [constraint for constraint in asked if not isinstance(constraint, GraphQLSchema)]
    if not further:
        return drawn
    head = "".join(f"# {one.text}\n" for one in further if isinstance(one, Includes))
    short = GraphQLSchema().narrow(Texts())
    assert isinstance(short, Choices)
    either = st.one_of(drawn, st.sampled_from(short.values))
    return either.map(head.__add__).filter(all_hold(asked))


def _auth_types(pick: Pick, needed: Mapping[str, Collection[str]]) -> Config:
    """The default auth type and the additional ones, as planned or drawn."""
    known, further = (choices(pick.operation, f"{at}.Mode") for at in (_DEFAULT, f"{_MORE}[]"))
    settings = needed.get("DefaultAuthType", ())
    asked = [_asked(pick, _DEFAULT, settings), _asked(pick, f"{_MORE}[]")]
    free = tuple(mode for mode in known if mode != asked[1])
    default: str = pick.value(f"{_DEFAULT}.Mode", one_of((asked[0],) if asked[0] else free))
    config: Config = {"DefaultAuthType": _auth_type(pick, default, _DEFAULT, settings)}
    planned = pick.fixed(_MORE)
    if planned is not None:
        modes = [_auth_type(pick, mode, f"{_MORE}[]") for mode in planned]
        return {**config, "AdditionalAuthTypes": modes} if modes else config
    others = tuple(mode for mode in further if mode != default)
    update = pick.operation == "UpdateBackendAPI"
    # An update leaves the modes that are there where it names none: one may be its default.
    filled = update or "AdditionalAuthTypes" in needed or pick.wants(f"{_MORE}[]")
    draw = functools.partial(_more, pick, asked[1], others, int(filled))
    more = draw() if filled or pick.wants(_MORE) else pick.optional(_MORE, draw)
    return config if more is ABSENT else {**config, "AdditionalAuthTypes": more}


def _more(pick: Pick, asked: str | None, others: tuple[str, ...], least: int) -> list[Config]:
    """Auth types of different modes, in any order; of the ``asked`` mode alone if there is one."""
    at = f"{_MORE}[]"
    if asked is not None:
        return [_auth_type(pick, asked, at)]
    made: list[Config] = []
    while others:

        def one(left: tuple[str, ...] = others) -> Config:
            return _auth_type(pick, pick.draw(one_of(left)), at)

        found = one() if len(made) < least else pick.optional(f"{at}+", one)
        if found is ABSENT:
            break
        made.append(found)
        others = tuple(mode for mode in others if mode != found["Mode"])
    return made


def _asked(pick: Pick, at: str, needed: Collection[str] = ()) -> str | None:
    """The mode that a planned or needed setting belongs to, or that is planned for an auth type."""
    must = needs_of(pick, at, {}, needed).get("Settings", ())
    for setting, mode in MODE_OF.items():
        if setting in must or pick.wants(f"{at}.Settings.{setting}"):
            return mode
    planned = pick.fixed(f"{at}.Mode")
    return planned.values[0] if isinstance(planned, Choices) else None


def _presence(path: str) -> str:
    """The key under which a plan says whether a member is there, wherever its structure is."""
    return f"{path}?"


def _auth_type(pick: Pick, mode: str, at: str, further: Collection[str] = ()) -> Config:
    """An auth type with the settings of its mode, those left out that may be."""
    value: Config = {"Mode": mode}
    needed = set(needs_of(pick, at, value, further).get("Settings", ()))
    own = [name for name, of in MODE_OF.items() if of == mode]
    for name in own:
        planned = pick.fixed(_presence(f"{at}.Settings.{name}"))
        if planned is not None:
            needed = needed | {name} if planned else needed - {name}
            own = own if planned else [other for other in own if other != name]
    place = f"{at}.Settings"
    draw = functools.partial(structure, pick, place, needed=needed, only=own)
    settings = draw() if needed else pick.optional(place, draw)
    if settings is not ABSENT:
        value["Settings"] = settings
    return value
