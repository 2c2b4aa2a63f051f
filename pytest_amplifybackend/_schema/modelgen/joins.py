"""``@manyToMany``: a model that joins two others, and what both become on the way to it."""

from __future__ import annotations

import json
from typing import NamedTuple

from pytest_amplifybackend._schema.modelgen import keys
from pytest_amplifybackend._schema.modelgen.implied import Implied
from pytest_amplifybackend._schema.modelgen.types import Directive, Field, Type, Types
from pytest_amplifybackend._schema.modelgen.words import (
    camel_case,
    graphql_name,
    joined,
    lower_first,
)


class _Side(NamedTuple):
    model: Type
    field: Field
    directive: Directive

    @property
    def relation(self) -> str:
        return str(self.directive.arguments.get("relationName"))


def join(types: Types, implied: Implied) -> None:
    """Add a model for each relation of many to many, and lead both of its sides there."""
    relations: dict[str, list[_Side]] = {}
    for model in types.models.values():
        for one in model.fields:
            for directive in one.directives:
                if directive.name == "manyToMany":
                    side = _Side(model, one, directive)
                    relations.setdefault(graphql_name(side.relation), []).append(side)
    for name, sides in relations.items():
        for side in sides:
            implied.spend(side.model.keys, side.model.name)
        types.models[name] = _joining(name, *(side.model for side in sides))
        for side in sides:
            _lead(side, name)


def _joining(name: str, *models: Type) -> Type:
    fields = [Field("id", "ID", required=True)]
    for model in models:
        fields += _foreign_keys(model)
    for model in models:
        held_by = Directive("belongsTo", {"fields": _names(model)})
        directives = [held_by]
        fields.append(Field(camel_case(model.name), model.name, True, directives=directives))
    made = Type(name, fields, [Directive("model", {}), *_rules(*models)])
    keys.list_keys(made)
    keys.complete(made)
    return made


def _names(model: Type) -> list[str]:
    """Return the foreign keys to a model: ``postId`` and, of a sort key ``day``, ``postday``."""
    first, *more = (one.name for one in model.keys)
    return [joined(model.name, first), *(lower_first(model.name) + one for one in more)]


def _foreign_keys(model: Type) -> list[Field]:
    first, *more = _names(model)
    index = Directive("index", {"name": f"by{model.name}", "sortKeyFields": more})
    sort_keys = zip(more, model.keys[1:], strict=True)
    return [
        Field(first, "ID", directives=[index]),
        *(Field(name, one.type, array_nullable=one.array_nullable) for name, one in sort_keys),
    ]


def _rules(*models: Type) -> list[Directive]:
    """Return the ``@auth`` of both models, what is the same only once."""
    found = [one for model in models for one in model.directives if one.name == "auth"]
    return list({json.dumps(one.arguments): one for one in found}.values())


def _lead(side: _Side, relation: str) -> None:
    """Make one side a ``@hasMany`` of the joining model."""
    side.field.type = relation
    fields = [one.name for one in side.model.keys]
    by_index = {"indexName": f"by{side.model.name}", "fields": fields}
    side.model.exchange(side.field, side.directive, Directive("hasMany", by_index))
