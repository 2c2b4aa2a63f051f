"""Strategies for transform schemas: annotated GraphQL that deploys and generates models."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Collection, Iterable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend.strategies._internal.plan import named, several, subsets
from pytest_amplifybackend.strategies._internal.schema_operations import OPERATIONS, SERVICE
from pytest_amplifybackend.strategies._internal.schema_operations import (
    blocks as operation_blocks,
)
from pytest_amplifybackend.strategies._internal.schema_parts import (
    EXTRAS,
    FIELDS,
    INDEXES,
    KEYS,
    MARKS,
    MODEL_ARGUMENTS,
    MODELS,
    OF_ITSELF,
    ON_OPERATIONS,
    PROVIDERS,
    RELATIONS,
    RULES,
    STATES,
    Model,
    Provider,
)

_Draw = Callable[..., Any]
_RoleSets = SearchStrategy[list[tuple[str, ...]]] | None
_COIN = st.booleans()
_FIELD_SETS = subsets(FIELDS)
_STATE_SETS = subsets(STATES, 1)
_EXTRA_SETS = subsets(tuple(EXTRAS))
_OPERATION_SETS = {name: subsets(some, 1) for name, some in OPERATIONS.items()}
_KEY = st.sampled_from(KEYS)
_INDEX = st.sampled_from(INDEXES)
_RELATION = st.sampled_from(RELATIONS)
_OF_ITSELF = st.sampled_from(OF_ITSELF)
_ARGUMENTS = st.sampled_from(MODEL_ARGUMENTS)
_MARK = st.sampled_from(MARKS)
_FIRST = st.integers(0, len(MODELS) - 1)
_COUNT = st.integers(1, 3)
_VARIANT = st.integers(0, 5)


@named
def transform_schemas(*, providers: Collection[Provider] | None = None) -> SearchStrategy[str]:
    """``TransformSchema`` values with which an API deploys and its models are generated.

    They hold models with fields of every scalar, keys, indexes, relations of each kind in both
    directions, auth rules on types and fields, defaults, enums, types that are no models,
    operations with inputs, and extensions: each directive that needs nothing but the API itself.
    @sql and @refersTo need an SQL database, and @aws_lambda a mode that this API does not have.
    ``providers`` are the auth providers that the schema's rules may ask for, out of apiKey,
    iam, userPools and oidc; an empty collection gives schemas without rules. Raises
    InvalidArgument for other names.
    """
    asked = several("transform_schemas", "providers", providers, PROVIDERS)
    return _schemas(tuple(name for name in PROVIDERS if asked is None or name in asked))


@functools.cache
def _schemas(providers: tuple[str, ...]) -> SearchStrategy[str]:
    roles = tuple(role for provider in providers for role in RULES[provider])
    role_sets = subsets(roles, 1) if roles else None

    @st.composite
    def transform_schemas(draw: _Draw) -> str:
        return _draw_schema(draw, providers, role_sets)

    return transform_schemas()


def _draw_schema(draw: _Draw, providers: tuple[str, ...], role_sets: _RoleSets) -> str:
    first, count = draw(_FIRST), draw(_COUNT)
    models = [_drawn_model(draw, MODELS[(first + at) % len(MODELS)]) for at in range(count)]
    _relate(draw, models)
    rare = draw(_EXTRA_SETS)
    extras = [name for name in draw(_EXTRA_SETS) if name in rare]
    roots = {name: draw(_OPERATION_SETS[name]) for name in extras if name in OPERATIONS}
    states = draw(_STATE_SETS) if "enum" in extras else []
    if states:
        models[0].lines.append(f'status: Status @default(value: "{states[0]}")')
    if "address" in extras:
        models[-1].lines.append("address: Address")
    renamed = not any(model.referenced for model in models)
    blocks = [_block(draw, model, role_sets, renamed=renamed) for model in models]
    values = {
        "auth": _auth(ON_OPERATIONS[provider] for provider in providers[:1]),
        "model": models[0].name,
        "service": "".join(f" {SERVICE[provider]}" for provider in providers),
        "states": " ".join(states),
    }
    beside = [EXTRAS[name] for name in extras if EXTRAS[name]]
    for root, operations in roots.items():
        beside += operation_blocks(
            root, (one for one in operations if one.provider in (None, *providers))
        )
    return "\n\n".join([*blocks, *(one.format(**values) for one in beside)]) + "\n"


def _drawn_model(draw: _Draw, name: str) -> Model:
    line, key = draw(_KEY)
    fields = draw(_FIELD_SETS) or ["name: String"]
    return Model(name, key, [line, *fields, draw(_INDEX).format(name.lower())])


def _relate(draw: _Draw, models: list[Model]) -> None:
    for near, far in itertools.pairwise(models):
        relate, turned = draw(_RELATION), draw(_COIN)
        if relate is not None:
            relate(*((far, near) if turned else (near, far)))
    relate = draw(_OF_ITSELF)
    if relate is not None:
        relate(models[0], models[0])


def _block(draw: _Draw, model: Model, role_sets: _RoleSets, *, renamed: bool) -> str:
    auth = ""
    if role_sets is not None and draw(_COIN):
        variant = draw(_VARIANT)
        auth = _auth(role[variant % len(role)] for role in draw(role_sets))
        if variant == 0:  # the same rules: who reads a field has to read the required ones too
            model.lines.append(f"secret: String{auth}")
    arguments, mark = draw(_ARGUMENTS), draw(_MARK)
    if mark is MARKS[-1] and (model.joined or not renamed):
        mark = ""
    head = f"type {model.name} @model{arguments}{mark}".format(model.name)
    return "\n".join([f"{head}{auth} {{", *(f"  {line}" for line in model.lines if line), "}"])


def _auth(rules: Iterable[str]) -> str:
    text = ", ".join(rules)
    return f" @auth(rules: [{text}])" if text else ""
