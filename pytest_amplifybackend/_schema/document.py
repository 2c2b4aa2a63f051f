"""A parsed schema as types, fields and directives: what checks and model generation look at.

``graphql`` is imported inside the functions: the import is slow, and few tests hold a schema.
"""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_amplifybackend._schema.faults import UNREADABLE, SchemaError

SETTING = "AMPLIFY"
"""The input that holds the transformer's own settings, as ``globalAuthRule`` (documented, Amplify
docs, "Global authorization rule"); it is no type of the API."""

_SUFFIXES = ("_type_definition", "_type_extension")


@dataclass(eq=False)
class Directive:
    """One use of a directive."""

    name: str
    node: Any

    @functools.cached_property
    def arguments(self) -> dict[str, Any]:
        """The arguments as plain JSON values; enum values are strings, defaults are not added."""
        try:
            return {one.name.value: plain(one.value) for one in self.node.arguments or ()}
        except RecursionError:
            raise SchemaError(UNREADABLE, "schema.depth") from None


class _Marked:
    """What directives stand on."""

    directives: tuple[Directive, ...]

    @functools.cached_property
    def _by_name(self) -> Mapping[str, tuple[Directive, ...]]:
        found: dict[str, list[Directive]] = {}
        for one in self.directives:
            found.setdefault(one.name, []).append(one)
        return {name: tuple(some) for name, some in found.items()}

    def marked(self, directive: str) -> tuple[Directive, ...]:
        """Return its own directives of a name, in order."""
        return self._by_name.get(directive, ()) if self.directives else ()


@dataclass(eq=False)
class Field(_Marked):
    """A field of a type. ``required`` and ``is_list`` are about the outermost value."""

    name: str
    type: str
    required: bool
    is_list: bool
    directives: tuple[Directive, ...]
    node: Any

    @functools.cached_property
    def written(self) -> str:
        """Its type as it is written, such as ``[Comment]!``."""
        from graphql import print_ast

        return print_ast(self.node.type)


@dataclass(eq=False)
class Type(_Marked):
    """A type, or an extension of one. ``kind`` is object, interface, input, enum, union, scalar."""

    name: str
    kind: str
    directives: tuple[Directive, ...]
    fields: dict[str, Field]
    node: Any
    values: tuple[str, ...] = ()
    """Of an enum."""
    is_extension: bool = False

    @functools.cached_property
    def index_names(self) -> Mapping[str, int]:
        """How many ``@index`` of its fields are given each name."""
        given = (
            one.arguments.get("name")
            for each in self.fields.values()
            for one in each.marked("index")
        )
        return Counter(name for name in given if name is not None)

    @functools.cached_property
    def is_model(self) -> bool:
        """Whether it has ``@model``."""
        return self.kind == "object" and bool(self.marked("model"))

    @functools.cached_property
    def primary_key(self) -> tuple[Field, Directive] | None:
        """The first field with @primaryKey, and that directive."""
        marked = ((one, each) for one in self.fields.values() for each in one.marked("primaryKey"))
        return next(marked, None)


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a directive that transformers look at, on a type or on a field of it."""

    document: Document
    type: Type
    field: Field | None
    directive: Directive

    @property
    def arguments(self) -> dict[str, Any]:
        """What the directive is given."""
        return self.directive.arguments

    @property
    def at(self) -> Field:
        """The field with the directive, of one that GraphQL's rules allow on fields alone."""
        if self.field is None:
            raise TypeError(f"@{self.directive.name} is on the type {self.type.name}")
        return self.field

    @property
    def place(self) -> str:
        """``Type.field``, or ``Type`` for the directive of a type."""
        return self.type.name if self.field is None else f"{self.type.name}.{self.field.name}"


@dataclass(eq=False)
class Document:
    """A parsed schema. ``definitions`` are its types and their extensions, in order."""

    ast: Any
    definitions: list[Type] = field(default_factory=list)
    derived: dict[str, Any] = field(default_factory=dict)
    """What checks work out once for a document, under a name of their choice."""
    _uses: dict[str, list[tuple[Type, Field | None, Directive]]] = field(default_factory=dict)

    @functools.cached_property
    def types(self) -> Mapping[str, Type]:
        """The types by name, without what extends them: so transformers see them."""
        return {one.name: one for one in reversed(self.definitions) if not one.is_extension}

    @functools.cached_property
    def merged(self) -> Mapping[str, Type]:
        """The types by name, in order, with the fields and directives of their extensions."""
        merged = {one.name: one for one in self.definitions if not one.is_extension}
        for extension in self.definitions:
            extended = merged.get(extension.name)
            if extension.is_extension and extended is not None:
                merged[extension.name] = _extended(extended, extension)
        return merged

    @functools.cached_property
    def models(self) -> Mapping[str, Type]:
        """The types with ``@model``, by name and in order."""
        return {one.name: one for one in self.definitions if one.is_model and not one.is_extension}

    @functools.cached_property
    def operation_types(self) -> Mapping[str, str]:
        """The names of the types of queries, mutations and subscriptions, by operation."""
        for node in self.ast.definitions:
            if node.kind == "schema_definition":
                return {one.operation.value: one.type.name.value for one in node.operation_types}
        return {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}

    def note(self, of: Type, at: Field | None, directives: Iterable[Directive]) -> None:
        """Take note of directives as the document is made."""
        for one in directives:
            self._uses.setdefault(one.name, []).append((of, at, one))

    def uses(self, directive: str) -> Iterator[Use]:
        """Yield the uses of a directive as transformers meet them: a type's before its fields'."""
        for found in self._uses.get(directive, ()):
            yield Use(self, *found)  # not kept: a circle would be left to the garbage collector

    @functools.cached_property
    def _mapped(self) -> Mapping[str, list[Type]]:
        mapped: dict[str, list[Type]] = {}
        for use in self.uses("mapsTo"):
            mapped.setdefault(str(use.arguments.get("name")), []).append(use.type)
        return mapped

    def mapped(self, name: str) -> list[Type]:
        """Return the types that ``@mapsTo`` gives a name."""
        return self._mapped.get(name, [])

    def enum(self, name: str) -> Type | None:
        """Return an enum that the schema defines."""
        found = self.types.get(name)
        return found if found is not None and found.kind == "enum" else None


def document(ast: Any) -> Document:
    """Make the document of a parsed text."""
    made = Document(ast)
    for node in ast.definitions:
        for suffix in _SUFFIXES:
            if not node.kind.endswith(suffix):
                continue
            if node.name.value != SETTING or suffix == _SUFFIXES[1]:  # nothing extends the setting
                made.definitions.append(_type(node, suffix))
    for one in made.definitions:
        made.note(one, None, one.directives)
        if one.kind in ("object", "interface"):
            for each in one.fields.values():
                made.note(one, each, each.directives)
    return made


def _type(node: Any, suffix: str) -> Type:
    fields = {one.name.value: _field(one) for one in getattr(node, "fields", None) or ()}
    kind = node.kind.removesuffix(suffix).removesuffix("_object")
    values = tuple(one.name.value for one in getattr(node, "values", None) or ())
    extends = suffix == _SUFFIXES[1]
    return Type(node.name.value, kind, _directives(node), fields, node, values, extends)


def _field(node: Any) -> Field:
    outer = node.type
    required = outer.kind == "non_null_type"
    if required:
        outer = outer.type
    inner = outer
    while inner.kind != "named_type":
        inner = inner.type
    is_list = outer.kind == "list_type"
    name = inner.name.value
    return Field(node.name.value, name, required, is_list, _directives(node), node)


def _directives(node: Any) -> tuple[Directive, ...]:
    return tuple(Directive(one.name.value, one) for one in node.directives or ())


def _extended(one: Type, extension: Type) -> Type:
    return replace(
        one,
        directives=(*one.directives, *extension.directives),
        fields={**one.fields, **extension.fields},
        values=(*one.values, *extension.values),
    )


def plain(node: Any) -> Any:
    """Return a value node as a plain JSON value."""
    if node.kind == "list_value":
        return [plain(value) for value in node.values]
    if node.kind == "object_value":
        return {member.name.value: plain(member.value) for member in node.fields}
    if node.kind in ("int_value", "float_value"):
        return _number(node)
    return None if node.kind == "null_value" else node.value


def _number(node: Any) -> int | float | None:
    """Return a number, or None for one that Python does not read, or JSON does not have."""
    try:
        if node.kind == "int_value":
            return int(node.value)
    except ValueError:  # more than 4,300 digits
        return None
    number = float(node.value)
    return number if math.isfinite(number) else None
