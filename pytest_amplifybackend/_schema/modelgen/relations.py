"""``@hasMany``, ``@hasOne`` and ``@belongsTo``: associations, and the keys that they imply.

Everything here is observed: the generator goes through the models in order, and each relation is
looked for among what the models are at that moment.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from pytest_amplifybackend._schema.faults import SchemaError
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
    connecting = _Connecting(types, implied)
    for model in types.models.values():
        for one in tuple(model.fields):
            directive = one.marked(*RELATIONS)
            if directive is not None:
                connecting.connect(model, one, directive)
        kept = [one for one in model.fields if one.association or one.type not in types.models]
        model.keep(kept)


class _Connecting:
    def __init__(self, types: Types, implied: Implied) -> None:
        self._models = types.models
        self._ends: dict[str, _Ends] = {}
        self._implied = implied

    def connect(self, model: Type, one: Field, directive: Directive) -> None:
        other = self._models.get(one.type)
        if other is None:
            raise SchemaError("Cannot read properties of undefined (reading 'fields')")
        relation = _Relation(model, one, directive, other, self._ends_of(other))
        keyed = model if directive.name == "hasMany" else other
        self._implied.spend(keyed.keys, model.name, one.name)
        one.association = _ASSOCIATE[directive.name](relation)

    def _ends_of(self, model: Type) -> _Ends:
        ends = self._ends.get(model.name)
        if ends is None or ends.revision != model.revision:
            ends = self._ends[model.name] = _Ends.of(model)
        return ends


@dataclass
class _Ends:
    """What relations ask of the model that they lead to, found in one walk over its fields.

    Where there are several the first counts. ``keyed`` are the fields of its indexes by their
    names, None standing for the primary key. By the model that a field leads to: ``any`` is the
    first field at all, ``back`` the first ``@belongsTo``, also by the first of its ``fields:``,
    ``owners`` the first ``@hasMany`` or ``@hasOne``. ``references`` are those of all relations,
    and ``owned`` those of the owners.
    """

    revision: int
    keyed: dict[str | None, str] = field(default_factory=dict)
    any: dict[str, Field] = field(default_factory=dict)
    back: dict[str, Field] = field(default_factory=dict)
    back_by: dict[tuple[str, str], str] = field(default_factory=dict)
    owners: dict[str, Field] = field(default_factory=dict)
    references: set[str] = field(default_factory=set)
    owned: set[tuple[str, str]] = field(default_factory=set)

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
        elif (name == "hasMany" and one.is_array) or (name == "hasOne" and not one.is_array):
            self.owners.setdefault(one.type, one)
            self.owned.add((one.type, _text(given.get("references"))))
        if is_true(given.get("references")):
            self.references.add(_text(given["references"]))


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
        return spread(self.directive.arguments.get("references"))

    @property
    def fields(self) -> list[str]:
        return spread(self.directive.arguments.get("fields"))

    def failed(self, cause: str) -> SchemaError:
        place = f"@{self.directive.name} directive on {self.model.name}.{self.field.name}"
        return SchemaError(f"Error processing {place}{cause} {self.other.name}")

    def check_references(self, answer: str, *, answered: bool) -> None:
        """Raise unless the other model has a relation with the same references."""
        given = self.directive.arguments
        if is_true(given.get("fields")):
            raise SchemaError("'fields' and 'references' cannot be used together.")
        self.other.flatten()
        if not answered:
            text = _text(given["references"])
            raise self.failed(
                f". {answer} directive with references {text} was not found in connected model"
            )

    def add_targets(self, names: list[str]) -> None:
        """Give the model foreign keys, each of the type of the key that it stands for."""
        if len(names) > len(self.other.keys):
            raise SchemaError("Cannot read properties of undefined (reading 'type')")
        for name, one in zip(names, self.other.keys, strict=False):
            self.model.add(Field(name, one.type, self.field.required))


def _has_many(relation: _Relation) -> Json:
    model, one, other, ends = relation.model, relation.field, relation.other, relation.ends
    given = relation.directive.arguments
    if not one.is_array:
        raise SchemaError("A field with hasMany must be a list type")
    if relation.references:
        answered = _text(given["references"]) in ends.references
        relation.check_references("@belongsTo", answered=answered)
        held_by = [other[name].name for name in relation.references]
    elif is_true(given.get("fields")):
        held_by = [_held_by(relation)]
    else:
        held_by = [joined(model.name, one.name, primary.name) for primary in model.keys]
        implied = zip(held_by, model.keys, strict=True)
        other.add(*(Field(name, primary.type) for name, primary in implied))
    first = ends.any.get(model.name)
    if not (first and first.marked("belongsTo")) and not is_true(given.get("indexName")):
        other.directives.append(key(name=f"gsi-{model.name}.{one.name}", fields=held_by))
    return {"connectionType": "HAS_MANY", "associatedWith": held_by}


def _held_by(relation: _Relation) -> str:
    """Find the field that a ``@hasMany(fields:)`` is held by: a ``@belongsTo`` if one uses it."""
    model, other, ends = relation.model, relation.other, relation.ends
    other.flatten()
    index = relation.directive.arguments.get("indexName")
    name = ends.keyed.get(str(index) if is_true(index) else None)
    if name is None and is_true(index):
        raise relation.failed(
            f", @index directive with name {index} was not found in connected model"
        )
    if name is None:
        name = ends.back[model.name].name if model.name in ends.back else "id"
    held_by = ends.back_by.get((model.name, name), name)
    if held_by not in other:
        raise SchemaError(f"Can not find key field {held_by} in {other.name}")
    return held_by


def _has_one(relation: _Relation) -> Json:
    model, one, other, ends = relation.model, relation.field, relation.other, relation.ends
    back = ends.back.get(model.name)
    if one.is_array or (back and back.is_array):
        raise SchemaError("A hasOne relationship should be 1:1, no lists")
    if relation.references:
        answered = _text(relation.directive.arguments["references"]) in ends.references
        relation.check_references("@belongsTo", answered=answered)
        held_by = [other[name].name for name in relation.references]
        return {"connectionType": "HAS_ONE", "associatedWith": held_by}
    keys = [primary.name for primary in other.keys]
    targets = relation.fields or [joined(model.name, one.name, name) for name in keys]
    relation.add_targets(targets)
    return {"connectionType": "HAS_ONE", "associatedWith": keys, "targetNames": targets}


def _belongs_to(relation: _Relation) -> Json:
    model, one, other, ends = relation.model, relation.field, relation.other, relation.ends
    if one.is_array:
        raise SchemaError("A list field does not support the 'belongsTo' relation")
    other.flatten()
    owner = ends.owners.get(model.name)
    if owner is None:
        raise SchemaError(
            "A 'belongsTo' field should match to a corresponding 'hasMany' or 'hasOne' field"
        )
    if relation.references:
        owned = (model.name, _text(relation.directive.arguments["references"])) in ends.owned
        relation.check_references("@hasOne or @hasMany", answered=owned)
    targets = [*relation.fields, *relation.references]
    if not targets:
        source = (other.name, owner.name) if owner.is_array else (model.name, one.name)
        targets = [joined(*source, primary.name) for primary in other.keys]
    relation.add_targets(targets)
    return {"connectionType": "BELONGS_TO", "targetNames": targets}


_ASSOCIATE = {"hasMany": _has_many, "hasOne": _has_one, "belongsTo": _belongs_to}


def _text(references: object) -> str:
    return json.dumps(references, separators=(",", ":"), ensure_ascii=False)
