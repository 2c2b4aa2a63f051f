"""The types of a schema as the generator holds them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

GRAPHQL_SCALARS = frozenset({"ID", "String", "Int", "Float", "Boolean"})
"""What a schema may define again; the generator does not look at it then (observed)."""

RELATIONS = ("hasOne", "hasMany", "belongsTo")


@dataclass(slots=True)
class Directive:
    """A directive of a type or a field, with its arguments as plain JSON values.

    ``field`` is the field's name once the generator has looked for a directive among those of the
    whole model: from then on the version counts it (observed).
    """

    name: str
    arguments: Json
    field: str | None = None


@dataclass(slots=True)
class Field:
    """A field, an argument or a member of an input; ``array_nullable`` is None if it is no list."""

    name: str
    type: str
    required: bool = False
    array_nullable: bool | None = None
    read_only: bool = False
    directives: list[Directive] = field(default_factory=list)
    arguments: list[Field] = field(default_factory=list)
    association: Json | None = None

    @property
    def is_array(self) -> bool:
        return self.array_nullable is not None

    def marked(self, *names: str) -> Directive | None:
        """Return its first directive of these names."""
        return next((one for one in self.directives if one.name in names), None)


class Type:
    """A model or another object type: its fields in order, found by name.

    ``keys`` are a model's primary key and its sort keys. ``revision`` changes when fields go.
    """

    def __init__(self, name: str, fields: Iterable[Field], directives: list[Directive]) -> None:
        self.name = name
        self.directives = directives
        self.keys: list[Field] = []
        self.revision = 0
        self._flattened = False
        self._set(fields)

    def _set(self, fields: Iterable[Field]) -> None:
        self.fields = list(fields)
        self._named: dict[str, Field] = {}
        for one in self.fields:
            self._named.setdefault(one.name, one)

    def __contains__(self, name: str) -> bool:
        return name in self._named

    def __getitem__(self, name: str) -> Field:
        return self._named[name]

    def add(self, *fields: Field) -> None:
        """Append implied fields; one that is there already stays as it is."""
        for one in fields:
            if one.name not in self._named:
                self.fields.append(one)
                self._named[one.name] = one

    def put_first(self, name: str) -> None:
        """Move all fields of a name to the front."""
        self._set(sorted(self.fields, key=lambda one: one.name != name))

    def keep(self, fields: list[Field]) -> None:
        """Drop all other fields."""
        if len(fields) < len(self.fields):
            self.revision += 1
            self._set(fields)

    def flatten(self) -> None:
        """Note in each directive which field it is on."""
        if not self._flattened:
            self._flattened = True
            for one in self.fields:
                for directive in one.directives:
                    directive.field = one.name

    def exchange(self, one: Field, old: Directive, new: Directive) -> None:
        """Replace a directive of a field; the new one goes to the end."""
        one.directives = [kept for kept in one.directives if kept is not old] + [new]
        self._flattened = False


@dataclass
class Types:
    """All types of a schema by name, in the generator's order; ``others`` are object types.

    ``operations`` are the fields of the types of ``query``, ``mutation`` and ``subscription``.
    """

    models: dict[str, Type] = field(default_factory=dict)
    others: dict[str, Type] = field(default_factory=dict)
    enums: dict[str, list[str]] = field(default_factory=dict)
    inputs: dict[str, list[Field]] = field(default_factory=dict)
    scalars: set[str] = field(default_factory=set)
    abstract: set[str] = field(default_factory=set)
    operations: dict[str, list[Field]] = field(default_factory=dict)
