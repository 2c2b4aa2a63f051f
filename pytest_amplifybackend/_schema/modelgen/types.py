"""The types of a schema as the generator holds them, read from the parsed document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pytest_amplifybackend._schema import document
from pytest_amplifybackend._schema.definitions import SCALARS as APPSYNC_SCALARS
from pytest_amplifybackend._schema.faults import SchemaError
from pytest_amplifybackend._schema.modelgen.words import constant_case

Json = dict[str, Any]

_UNKNOWN_SCALARS = frozenset({"BigInt", "Double"})
SCALARS = {"ID", "String", "Int", "Float", "Boolean", *APPSYNC_SCALARS} - _UNKNOWN_SCALARS
"""The scalars that the generator has: two less than the transformer (observed)."""

RELATIONS = ("hasOne", "hasMany", "belongsTo")

_PROTOTYPE = "__proto__"
"""What no object of JavaScript has as a member of its own, so the generator loses it."""

_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}


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
        """Return a field, or raise what the generator says where there is none."""
        found = self._named.get(name)
        if found is None:
            raise SchemaError("Cannot read properties of undefined (reading 'name')")
        return found

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


class Types:
    """All types of a schema, by name and in the order in which the schema first mentions them.

    The order is the generator's, and so is what an extension adds: fields come after those that
    are there, values of an enum before them (observed).
    """

    def __init__(self, read: document.Document) -> None:
        self.models: dict[str, Type] = {}
        self.others: dict[str, Type] = {}
        self.enums: dict[str, list[str]] = {}
        self.inputs: dict[str, list[Field]] = {}
        self.scalars: set[str] = set()
        self.abstract: set[str] = set()
        self.operations: dict[str, list[Field]] = {}
        named: dict[str, list[document.Type]] = {}
        for part in read.definitions:
            named.setdefault(part.name, []).append(part)
        roots = _roots(read)
        for name, parts in named.items():
            self._read(name, parts, roots.get(name))

    def _read(self, name: str, parts: list[document.Type], root: str | None) -> None:
        kind = parts[0].kind
        if kind == "enum":
            self.enums[name] = _values(parts)
            return
        fields = [_field(one) for part in parts for one in part.fields.values()]
        fields = [one for one in fields if one.name != _PROTOTYPE]
        if kind == "object":
            self._put(name, fields, [one for part in parts for one in part.directives], root)
        elif kind == "input":
            self.inputs[name] = fields
        else:
            (self.scalars if kind == "scalar" else self.abstract).add(name)

    def _put(
        self, name: str, fields: list[Field], found: list[document.Directive], root: str | None
    ) -> None:
        is_model = any(one.name == "model" for one in found)
        if root and not is_model:
            self.operations[root] = fields
        else:
            made = Type(name, fields, [_directive(one) for one in found])
            (self.models if is_model else self.others)[name] = made


def _roots(read: document.Document) -> dict[str, str]:
    """Return the operations by the names of their types; the usual one where none is named."""
    named = dict(_ROOTS)
    for node in read.ast.definitions:
        if node.kind in ("schema_definition", "schema_extension"):
            named |= {one.operation.value: one.type.name.value for one in node.operation_types}
    return {name: operation for operation, name in reversed(named.items())}


def _field(given: document.Field) -> Field:
    made = Field(given.name, *_unwrap(given.node.type))
    if given.directives:
        made.directives = [_directive(one) for one in given.directives]
    made.arguments = [
        Field(one.name.value, *_unwrap(one.type))
        for one in getattr(given.node, "arguments", None) or ()
        if one.name.value != _PROTOTYPE
    ]
    return made


def _directive(given: document.Directive) -> Directive:
    arguments = given.arguments
    references = arguments.get("references")
    if isinstance(references, str) and given.name in RELATIONS:
        arguments = {**arguments, "references": [references]}
    return Directive(given.name, arguments)


def _unwrap(node: Any) -> tuple[str, bool, bool | None]:
    """Return a type's name, whether its innermost value is required, an array's nullability."""
    if node.kind == "named_type":
        name = node.name.value
        if name in _UNKNOWN_SCALARS:
            raise SchemaError(f'Unknown type: "{name}".')
        return name, False, None
    name, required, nullable = _unwrap(node.type)
    if node.kind == "list_type":
        return name, required, True
    return (name, required, False) if node.type.kind == "list_type" else (name, True, nullable)


def _values(parts: list[document.Type]) -> list[str]:
    """Return the values of an enum, the last of those that are the same in CONSTANT_CASE.

    They are members of a JavaScript object, so numbers come first, in their own order (observed).
    """
    values: dict[str, str] = {}
    for part in reversed(parts):
        for value in part.values:
            values[constant_case(value)] = value
    numbers = sorted(filter(_is_index, values), key=int)
    return [values.pop(one) for one in numbers] + list(values.values())


def _is_index(key: str) -> bool:
    """Whether JavaScript takes a key for the index of an array."""
    plain = key.isdigit() and len(key) <= 10 and (key == "0" or key[0] != "0")
    return plain and int(key) < 2**32 - 1
