"""Checks of @primaryKey, in the order of its transformer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_amplifybackend._schema.checks.shapes import is_single_leaf, listed, shown
from pytest_amplifybackend._schema.checks.transformer import Found, Phase, Transformer
from pytest_amplifybackend._schema.document import Directive, Field, Use

PRIMARY_KEY = Transformer("primaryKey", "@aws-amplify/graphql-index-transformer 3.1.3")

_NULLABLE = "The primary key on type '{}' must reference non-null fields."


def sort_keys(use: Use) -> Iterator[tuple[str, Field | None]]:
    """Yield the fields that ``sortKeyFields`` names, None for what is no field of the type."""
    for name in map(shown, listed(use.arguments.get("sortKeyFields"))):
        yield name, use.type.fields.get(name)


@PRIMARY_KEY.on_use(
    "schema.primary-key.itself",
    "must not name a primary key among its own sort keys",
    example='type Note @model { id: ID! @primaryKey(sortKeyFields: ["id"]) }',
)
def itself(use: Use) -> Found:
    if any(one is use.field for _, one in sort_keys(use)):
        yield f"@primaryKey field '{_name(use)}' cannot reference itself."


@PRIMARY_KEY.on_use(
    "schema.primary-key.no-model",
    "must have primary keys in types with @model only",
    example="type Note { id: ID! @primaryKey }",
)
def no_model(use: Use) -> Found:
    if not use.type.marked("model"):
        yield (
            "The @primaryKey directive may only be added to object definitions annotated with "
            "@model."
        )


@PRIMARY_KEY.on_use(
    "schema.primary-key.second",
    "must have one primary key in a type at most",
    example="type Note @model { id: ID! @primaryKey number: Int! @primaryKey }",
)
def second(use: Use) -> Found:
    others = (one for one in use.type.fields.values() if one is not use.field)
    if any(one.marked("primaryKey") for one in others):
        yield f"You may only supply one primary key on type '{use.type.name}'."


@PRIMARY_KEY.on_use(
    "schema.primary-key.nullable",
    "must have primary keys that are not nullable",
    example="type Note @model { id: ID @primaryKey }",
)
def nullable(use: Use) -> Found:
    if use.field is not None and not use.field.required:
        yield _NULLABLE.format(use.type.name)


@PRIMARY_KEY.on_use(
    "schema.primary-key.type",
    "must have primary keys of scalars or enums",
    example="type Note @model { ids: [ID]! @primaryKey }",
)
def type_of_key(use: Use) -> Found:
    if use.field is not None and not is_single_leaf(use.document, use.field):
        yield f"The primary key on type '{use.place}' cannot be a non-scalar."


def _wrong_sort_key(use: Use) -> tuple[str, str] | None:
    """The first sort key that is none: why, and the text; only that one is told."""
    owners = {_owner_of(rule) for one in use.type.marked("auth")[:1] for rule in _rules(one)}
    for name, field in sort_keys(use):
        if field is None:
            return "missing", (
                f"Can't find field '{name}' in {use.type.name}, but it was specified in the "
                "primary key."
            )
        if not is_single_leaf(use.document, field):
            return "type", (
                f"The primary key's sort key on type '{use.type.name}.{name}' cannot be a "
                "non-scalar."
            )
        if not field.required:
            return "nullable", _NULLABLE.format(use.type.name)
        if name in owners:
            return "owner", (
                f"The primary key's sort key type '{name}' cannot be used as an owner @auth field "
                "too. Please use another field for the sort key."
            )
    return None


PRIMARY_KEY.one_of(
    Phase.USE,
    _wrong_sort_key,
    (
        "missing",
        "schema.primary-key.sort-key-missing",
        "must have sort keys that are fields of the type",
        'type Note @model { id: ID! @primaryKey(sortKeyFields: ["date"]) }',
    ),
    (
        "type",
        "schema.primary-key.sort-key-type",
        "must have sort keys of scalars or enums",
        'type Note @model { id: ID! @primaryKey(sortKeyFields: ["tags"]) tags: [ID]! }',
    ),
    (
        "nullable",
        "schema.primary-key.sort-key-nullable",
        "must have sort keys of a primary key that are not nullable",
        'type Note @model { id: ID! @primaryKey(sortKeyFields: ["date"]) date: AWSDate }',
    ),
    (
        "owner",
        "schema.primary-key.owner",
        "must not have an owner field of @auth among the sort keys",
        """
    type Note @model @auth(rules: [{ allow: owner }]) {
      id: ID! @primaryKey(sortKeyFields: ["owner"])
      owner: String!
    }""",
    ),
)


def _rules(directive: Directive) -> list[Any]:
    """The rules of a list: of a single one without brackets, the transformer sees none."""
    rules = directive.arguments.get("rules")
    return rules if isinstance(rules, list) else []


def _owner_of(rule: Any) -> str | None:
    """The owner field of a rule whose identity claim has two parts, as the default one has."""
    claim = str(rule.get("identityClaim") or "sub::username")
    if rule.get("allow") != "owner" or "::" not in claim:
        return None
    return str(rule.get("ownerField") or "owner")


def _name(use: Use) -> str:
    return "" if use.field is None else use.field.name
