"""``@hasMany``, ``@hasOne`` and ``@belongsTo``: associations, and the keys that they imply.

Everything here is observed: the generator goes through the models in order, and each relation is
looked for among what the models are at that moment. The checks have seen that there is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_amplifybackend._schema.faults import SchemaError
from pytest_amplifybackend._schema.inherited import PROTOTYPE
from pytest_amplifybackend._schema.modelgen.coercion import is_true, spread
from pytest_amplifybackend._schema.modelgen.implied import Implied
from pytest_amplifybackend._schema.modelgen.keys import key
from pytest_amplifybackend._schema.modelgen.types import (
    RELATIONS,
    Directive,
    Field,
    Json,
    Type,
    Types,
)
from pytest_amplifybackend._schema.modelgen.words import joined


def connect(types: Types, implied: Implied) -> None:
    """Give each relation its association, and both sides the fields and keys that it implies.

    A field that leads to a model and is no relation is dropped.
    """
    every: dict[str, _Ends] = {}
    for model in types.models.values():
        for one in tuple(model.fields):
            directive, other = one.marked(*RELATIONS), types.models.get(one.type)
            if directive and other:
                ends = every.get(other.name)
                if ends is None or ends.revision != other.revision:
                    ends = every[other.name] = _Ends.of(other)
                keyed = model if directive.name == "hasMany" else other
                implied.spend(keyed.keys, model.name, one.name)
                relation = _Relation(model, one, directive, other, ends)
                one.association = _ASSOCIATE[directive.name](relation)
        kept = [one for one in model.fields if one.association or one.type not in types.models]
        model.keep(kept)


@dataclass
class _Ends:
    """What relations ask of the model that they lead to, found in one walk over its fields.

    Where there are several the first counts. ``keyed`` are the fields of its indexes by their
    names, None standing for the primary key. By the model that a field leads to: ``any`` is the
    first field at all, ``back`` the first ``@belongsTo``, also by the first of its ``fields:``,
    ``owners`` the first ``@hasMany`` or ``@hasOne``.
    """

    revision: int
    keyed: dict[str | None, str] = field(default_factory=dict)
    any: dict[str, Field] = field(default_factory=dict)
    back: dict[str, Field] = field(default_factory=dict)
    back_by: dict[tuple[str, str], str] = field(default_factory=dict)
    owners: dict[str, Field] = field(default_factory=dict)

    @classmethod
    def of(cls, model: Type) -> _Ends:
        ends = cls(model.revision)
        for one in model.fields:
            ends.any.setdefault(one.type, one)
            for directive in one.directives:
                ends._note(one, directive)
        return ends

    def _note(self, one: Field, directive: Directive) -> None:
        name, given = directive.name, directive.arguments
        if name == "index" and given.get("name") is not None:
            self.keyed.setdefault(str(given["name"]), one.name)
        elif name == "primaryKey":
            self.keyed.setdefault(None, one.name)
        elif name == "belongsTo":
            self.back.setdefault(one.type, one)
            for first in spread(given.get("fields"))[:1]:
                self.back_by.setdefault((one.type, first), one.name)
        elif name in ("hasMany", "hasOne"):
            self.owners.setdefault(one.type, one)


@dataclass
class _Relation:
    """A field that leads to another model, and the directive that says how."""

    model: Type
    field: Field
    directive: Directive
    other: Type
    ends: _Ends

    @property
    def references(self) -> list[str]:
        found = spread(self.directive.arguments.get("references"))
        if PROTOTYPE in found:  # there is no such field then
            raise SchemaError("Cannot read properties of undefined (reading 'name')")
        return found

    @property
    def fields(self) -> list[str]:
        return spread(self.directive.arguments.get("fields"))

    def add_targets(self, names: list[str]) -> None:
        """Give the model foreign keys, each of the type of the key that it stands for."""
        if len(names) > len(self.other.keys):
            raise SchemaError("Cannot read properties of undefined (reading 'type')")
        for name, one in zip(names, self.other.keys, strict=False):
            self.model.add(Field(name, one.type, self.field.required))


def _has_many(relation: _Relation) -> Json:
    model, one, other = relation.model, relation.field, relation.other
    given = relation.directive.arguments
    held_by = relation.references
    if held_by:
        other.flatten()
    elif is_true(given.get("fields")):
        held_by = [_held_by(relation)]
    else:
        held_by = [joined(model.name, one.name, primary.name) for primary in model.keys]
        implied = zip(held_by, model.keys, strict=True)
        other.add(*(Field(name, primary.type) for name, primary in implied))
    first = relation.ends.any.get(model.name)
    if not (first and first.marked("belongsTo")) and not is_true(given.get("indexName")):
        other.directives.append(key(name=f"gsi-{model.name}.{one.name}", fields=held_by))
    return {"connectionType": "HAS_MANY", "associatedWith": held_by}


def _held_by(relation: _Relation) -> str:
    """Find the field that a ``@hasMany(fields:)`` is held by: a ``@belongsTo`` if one uses it."""
    model, ends = relation.model, relation.ends
    relation.other.flatten()
    index = relation.directive.arguments.get("indexName")
    name = ends.keyed.get(index if is_true(index) else None)
    if name is None:
        name = ends.back[model.name].name if model.name in ends.back else "id"
    return ends.back_by.get((model.name, name), name)


def _has_one(relation: _Relation) -> Json:
    model, one, other = relation.model, relation.field, relation.other
    if relation.references:
        other.flatten()
        return {"connectionType": "HAS_ONE", "associatedWith": relation.references}
    keys = [primary.name for primary in other.keys]
    targets = relation.fields or [joined(model.name, one.name, name) for name in keys]
    relation.add_targets(targets)
    return {"connectionType": "HAS_ONE", "associatedWith": keys, "targetNames": targets}


def _belongs_to(relation: _Relation) -> Json:
    model, one, other = relation.model, relation.field, relation.other
    other.flatten()
    targets = [*relation.fields, *relation.references]
    if not targets:
        owner = relation.ends.owners.get(model.name)
        source = (other.name, owner.name) if owner and owner.is_array else (model.name, one.name)
        targets = [joined(*source, primary.name) for primary in other.keys]
    relation.add_targets(targets)
    return {"connectionType": "BELONGS_TO", "targetNames": targets}


_ASSOCIATE = {"hasMany": _has_many, "hasOne": _has_one, "belongsTo": _belongs_to}
