"""What the generator cannot print, or not read again: it prints each type that it has read.

A default that is not of its type is dropped on the way; one of a scalar that GraphQL does not have
is printed only if it is a plain value. Everything here is observed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pytest_amplifybackend._schema.definitions import own
from pytest_amplifybackend._schema.document import Field, Type
from pytest_amplifybackend._schema.faults import SchemaError

DEEPEST, LONGEST = 2, 10
"""How many levels of a value that cannot be printed are shown, and how many items of a list."""

_PARSED: Mapping[str, Callable[[Any], bool]] = {
    "Boolean": lambda node: node.kind == "boolean_value",
    "Float": lambda node: node.kind in ("int_value", "float_value"),
    "ID": lambda node: node.kind in ("string_value", "int_value"),
    "Int": lambda node: node.kind == "int_value" and -(2**31) <= float(node.value) < 2**31,
    "String": lambda node: node.kind == "string_value",
}


_CONTROL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f]")
_Parts = Mapping[str, list[Type]]


def check(types: _Parts, printed: list[Type]) -> None:
    """Raise for the first of the printed types, or their extensions, that has no text."""
    _Defaults(types).check(node for part in printed for node in _nodes(part))
    for part in printed:
        for node in _nodes(part):
            description = getattr(node, "description", None)
            found = description and _CONTROL.search(description.value)
            if found:  # descriptions are printed without escapes
                character = json.dumps(found[0])
                raise SchemaError(f"Syntax Error: Invalid character within String: {character}.")


def _nodes(part: Type) -> Iterator[Any]:
    yield part.node
    for one in part.fields.values():
        yield one.node
        yield from getattr(one.node, "arguments", None) or ()
    yield from getattr(part.node, "values", None) or ()


class _Defaults:
    """Checks what is given as a default, by the types of a schema and what extends them."""

    def __init__(self, types: _Parts) -> None:
        self._types = types
        self._values: dict[str, frozenset[str]] = {}
        self._members: dict[str, dict[str, Field]] = {}
        self._needed: dict[str, list[str]] = {}
        self._undefined = own().inputs.keys() | own().enums.keys()

    def check(self, nodes: Iterable[Any]) -> None:
        """Raise for the first argument, or member of an input, whose default has no text."""
        given = [one for one in nodes if getattr(one, "default_value", None)]
        for one in [one for one in given if self._fits(one.default_value, one.type)]:
            self._print(one.default_value, one.type)

    def _kind(self, name: str) -> str | None:
        return self._types[name][0].kind if name in self._types else None

    def _fits(self, node: Any, kind: Any) -> bool:
        """Whether a value is of a type; a single one may stand for a list."""
        if kind.kind == "non_null_type":
            return node.kind != "null_value" and self._fits(node, kind.type)
        if node.kind == "null_value":
            return True
        if kind.kind == "list_type":
            return all(self._fits(item, kind.type) for item in _items(node))
        name = kind.name.value
        if name in _PARSED:
            return _PARSED[name](node)
        if self._kind(name) == "enum":
            return node.kind == "enum_value" and node.value in self._values_of(name)
        if self._kind(name) == "input":
            return node.kind == "object_value" and self._members_fit(node, name)
        if self._kind(name) in ("object", "interface", "union"):
            raise SchemaError(f"Unexpected input type: {name}")
        return True

    def _values_of(self, name: str) -> frozenset[str]:
        if name not in self._values:
            self._values[name] = frozenset(
                value for part in self._types[name] for value in part.values
            )
        return self._values[name]

    def _members_of(self, name: str) -> dict[str, Field]:
        if name not in self._members:
            members = {key: one for part in self._types[name] for key, one in part.fields.items()}
            self._members[name] = members
            self._needed[name] = [
                key
                for key, one in members.items()
                if one.required and one.node.default_value is None
            ]
        return self._members[name]

    def _members_fit(self, node: Any, name: str) -> bool:
        members = self._members_of(name)
        values = {one.name.value: one.value for one in node.fields}
        return all(needed in values for needed in self._needed[name]) and all(
            self._fits(value, members[key].node.type)
            for key, value in values.items()
            if key in members
        )

    def _print(self, node: Any, kind: Any) -> None:
        if kind.kind == "non_null_type":
            self._print(node, kind.type)
        elif kind.kind == "list_type":
            for item in _items(node):
                self._print(item, kind.type)
        elif kind.name.value in _PARSED:
            if kind.name.value == "Float" and not _is_finite(node):
                raise SchemaError(f"Float cannot represent non numeric value: {_shown(node)}")
        elif self._kind(kind.name.value) == "input":
            members = self._members_of(kind.name.value)
            for one in getattr(node, "fields", ()):
                if one.name.value in members:
                    self._print(one.value, members[one.name.value].node.type)
        elif kind.name.value in self._undefined:
            return  # the type is what is wrong then, and found as it is described
        elif node.kind in ("list_value", "object_value") or not _is_finite(node):
            raise SchemaError(f"Cannot convert value to AST: {_shown(node)}.")


def _items(node: Any) -> list[Any]:
    return list(node.values) if node.kind == "list_value" else [node]


def _is_finite(node: Any) -> bool:
    return node.kind not in ("int_value", "float_value") or math.isfinite(float(node.value))


def _shown(node: Any, level: int = 0) -> str:
    """Write a value as graphql-js shows one in an error."""
    if node.kind == "list_value":
        if level == DEEPEST and node.values:
            return "[Array]"
        shown = [_shown(one, level + 1) for one in node.values[:LONGEST]]
        left = len(node.values) - LONGEST
        more = [f"... {left} more item{'s' if left > 1 else ''}"] if left > 0 else []
        return f"[{', '.join(shown + more)}]"
    if node.kind == "object_value":
        if level == DEEPEST and node.fields:
            return "[Object]"
        shown = [f"{one.name.value}: {_shown(one.value, level + 1)}" for one in node.fields]
        return f"{{ {', '.join(shown)} }}" if shown else "{}"
    if node.kind in ("int_value", "float_value"):
        return _number(float(node.value))
    if node.kind == "boolean_value":
        return "true" if node.value else "false"
    return "null" if node.kind == "null_value" else json.dumps(node.value, ensure_ascii=False)


def _number(number: float) -> str:
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return str(int(number)) if number.is_integer() and abs(number) < 1e21 else repr(number)
