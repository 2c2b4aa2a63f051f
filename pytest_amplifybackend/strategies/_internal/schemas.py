"""Strategies for transform schemas: annotated GraphQL that parses and generates models."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Collection
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend.strategies._internal.plan import subsets

PROVIDERS = ("apiKey", "iam", "userPools", "oidc")
"""Auth providers of a schema, each with its mode of the API (docs/evidence.md#apis)."""

_MODELS = ("Blog", "Post", "Comment", "Customer", "Order", "Note")
_FIELDS = (
    "title: String",
    "text: String!",
    "count: Int",
    "price: Float!",
    "done: Boolean",
    "day: AWSDate",
    "at: AWSDateTime!",
    "mail: AWSEmail",
    "site: AWSURL",
    "data: AWSJSON",
    "phone: AWSPhone",
    "tags: [String]",
    "scores: [Int!]!",
)
_ENUM = "status: Status"
_ADDRESS = "address: Address"
_STATES = ("DRAFT", "PUBLISHED", "ARCHIVED")
_KEYS = (
    "",
    "id: ID!",
    "id: ID! @primaryKey",
    'id: ID! @primaryKey(sortKeyFields: ["createdOn"])\n  createdOn: AWSDateTime!',
    'slug: String! @index(name: "bySlug", queryField: "itemsBySlug{}")',
    'slug: String! @index(name: "bySlug", sortKeyFields: ["day2"])\n  day2: AWSDate!',
)
_RELATIONS = ("none", "hasMany", "hasManyBelongsTo", "hasOne", "hasOneBelongsTo")
_RULES = {
    "apiKey": ("{allow: public}",),
    "iam": ("{allow: private, provider: iam}", "{allow: public, provider: iam}"),
    "userPools": (
        "{allow: owner}",
        "{allow: private}",
        '{allow: groups, groups: ["Admins"]}',
        '{allow: owner, ownerField: "author", operations: [create, update, delete, read]}',
    ),
    "oidc": (
        "{allow: owner, provider: oidc}",
        "{allow: private, provider: oidc}",
        '{allow: groups, provider: oidc, groups: ["Admins"]}',
    ),
}
_COIN = st.booleans()
_CHANCE = st.integers(0, 3)
_FIELD_SETS = subsets(_FIELDS)
_STATE_SETS = subsets(_STATES, 1)
_KEY = st.sampled_from(_KEYS)
_RELATION = st.sampled_from(_RELATIONS)
_FIRST = st.integers(0, len(_MODELS) - 1)
_COUNT = st.integers(1, 3)


def transform_schemas(*, providers: Collection[str] | None = None) -> SearchStrategy[str]:
    """``TransformSchema`` values: models with fields, enums, relations, keys and auth rules.

    ``providers`` are the auth providers that the schema's rules may ask for, out of apiKey,
    iam, userPools and oidc; an empty collection gives schemas without rules. Raises
    InvalidArgument for other names.
    """
    known = PROVIDERS if providers is None else tuple(providers)
    for provider in known:
        if provider not in PROVIDERS:
            raise InvalidArgument(
                f"transform_schemas(providers=...): unknown provider {provider!r}; "
                f"choose from {', '.join(PROVIDERS)}."
            )
    return _schemas(tuple(name for name in PROVIDERS if name in known))


@functools.cache
def _schemas(providers: tuple[str, ...]) -> SearchStrategy[str]:
    rules = tuple(rule for provider in providers for rule in _RULES[provider])
    rule_sets = subsets(rules, 1) if rules else st.just([])

    @st.composite
    def transform_schemas(draw: Callable[..., Any]) -> str:
        return _draw_schema(draw, rule_sets if rules else None)

    return transform_schemas()


def _draw_schema(draw: Callable[..., Any], rule_sets: SearchStrategy[list[str]] | None) -> str:
    first, count = draw(_FIRST), draw(_COUNT)
    models = [_MODELS[(first + step) % len(_MODELS)] for step in range(count)]
    with_enum, with_address = draw(_CHANCE) == 3, draw(_CHANCE) == 3
    fields: dict[str, list[str]] = {}
    for model in models:
        fields[model] = [draw(_KEY).format(model)]
        fields[model] += draw(_FIELD_SETS) or ["name: String"]
    for near, far in itertools.pairwise(models):
        _relate(draw(_RELATION), near, far, fields)
    if with_enum:
        fields[models[0]].append(_ENUM)
    if with_address:
        fields[models[-1]].append(_ADDRESS)
    blocks = []
    for model in models:
        rules = draw(rule_sets) if rule_sets is not None and draw(_COIN) else []
        auth = f" @auth(rules: [{', '.join(rules)}])" if rules else ""
        lines = "\n".join(f"  {line}" for line in fields[model] if line)
        blocks.append(f"type {model} @model{auth} {{\n{lines}\n}}")
    if with_enum:
        blocks.append(f"enum Status {{ {' '.join(draw(_STATE_SETS))} }}")
    if with_address:
        blocks.append("type Address {\n  street: String\n  city: String!\n}")
    return "\n\n".join(blocks) + "\n"


def _relate(kind: str, near: str, far: str, fields: dict[str, list[str]]) -> None:
    """Let one model hold the other, with or without the way back."""
    if kind.startswith("hasMany"):
        fields[near].append(f"{far.lower()}s: [{far}] @hasMany")
    elif kind.startswith("hasOne"):
        fields[near].append(f"{far.lower()}: {far} @hasOne")
    if kind.endswith("BelongsTo"):
        fields[far].append(f"{near.lower()}: {near} @belongsTo")
