"""One walk over a document that holds it to GraphQL's rules for SDL: see :mod:`.sdl`.

It costs time in proportion to the document. So beyond :data:`MOST_SUGGESTED` names of the
document, or for a name longer than :data:`LONGEST_SUGGESTED`, nothing is suggested; and after
:data:`MOST_ERRORS` errors the walk ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._schema.definitions import (
    OLD,
    SCALARS,
    Definitions,
    DirectiveDefinition,
    amplify,
    own,
)
from pytest_amplifybackend._schema.document import Document

MOST_ERRORS = 10
"""How many errors are told: the transformer tells all."""

MOST_SUGGESTED = 200
"""Among how many names of a document another one is suggested for a name that is unknown."""

LONGEST_SUGGESTED = 100
"""In characters: a longer name that is unknown has none suggested."""

_STANDARD_TYPES = (
    *("String", "Int", "Float", "Boolean", "ID"),
    *("__Schema", "__Directive", "__DirectiveLocation", "__Type", "__Field", "__InputValue"),
    *("__EnumValue", "__TypeKind"),
)

_LOCATIONS = {
    "schema_definition": "SCHEMA",
    "scalar_type_definition": "SCALAR",
    "object_type_definition": "OBJECT",
    "field_definition": "FIELD_DEFINITION",
    "interface_type_definition": "INTERFACE",
    "union_type_definition": "UNION",
    "enum_type_definition": "ENUM",
    "enum_value_definition": "ENUM_VALUE",
    "input_object_type_definition": "INPUT_OBJECT",
}
_EXECUTABLE = ("operation_definition", "fragment_definition")
_KINDS = {
    "scalar_type_extension": "scalar",
    "object_type_extension": "object",
    "interface_type_extension": "interface",
    "union_type_extension": "union",
    "enum_type_extension": "enum",
    "input_object_type_extension": "input object",
}


@dataclass(frozen=True, slots=True)
class Error:
    """One error: the broken rule, what is said, and the nodes that it is about."""

    rule: str
    message: str
    nodes: tuple[Any, ...]


class Errors(list[Error]):
    """The errors found so far; raises :class:`Enough` for one more than are told."""

    def report(self, rule: str, message: str, *nodes: Any) -> None:
        """Add one."""
        if len(self) == MOST_ERRORS:
            raise Enough
        self.append(Error(f"schema.sdl.{rule}", message, nodes))


class Enough(Exception):
    """There are more errors than are told."""


def suggested(name: str, options: Collection[str], what: str = "") -> str:
    """Return what to say of names that may have been meant, empty where nothing is near."""
    from graphql.pyutils import suggestion_list

    if len(name) > LONGEST_SUGGESTED:
        return ""
    near = [f'"{one}"' for one in suggestion_list(name, list(options))]
    if not near:
        return ""
    *others, last = near[:5]
    comma = "," if len(near) > 2 else ""
    listed = f"{', '.join(others)}{comma} or {last}" if others else last
    return f" Did you mean {what}{listed}?"


class Walk:
    """Goes over the definitions of a document, every rule at once, as graphql-js does."""

    def __init__(self, document: Document) -> None:
        self.errors = Errors()
        self.old: dict[str, None] = {}  # directives of the transformer's first version, in order
        self._report = self.errors.report
        self._by_user = {
            one.name.value: one for one in document.ast.definitions if _defines_type(one)
        }
        self._own = own()
        query = document.operation_types.get("query", "Query")
        self._added = () if query in self._by_user else ("Query",)
        mine = Definitions.of(
            one for one in document.ast.definitions if one.kind == "directive_definition"
        )
        self.directives: Mapping[str, DirectiveDefinition] = amplify().directives
        if mine.directives:
            self.directives = {**self.directives, **mine.directives}
        self._schema: Any = None
        self._operations: dict[str, Any] = {}
        self._types: dict[str, Any] = {}
        self._fields: dict[str, dict[str, Any]] = {}
        self._values: dict[str, dict[str, Any]] = {}
        self._directive_names: dict[str, Any] = {}
        self._directives_of: dict[str | None, dict[str, Any]] = {}  # None: of the schema itself

    def over(self, definitions: Iterable[Any]) -> None:
        """Report what is wrong with definitions."""
        for node in definitions:
            kind = node.kind
            if kind in _KINDS:
                self._type_extension(node)
            elif kind == "schema_definition":
                self._schema_definition(node)
            elif kind == "schema_extension":
                self._schema_extension(node)
            elif kind in _LOCATIONS:
                self._type_definition(node)
            elif kind == "directive_definition":
                self._directive_definition(node)
            elif kind in _EXECUTABLE:
                self._executable(node)
        for name, node in self._types.items():
            if name in self._own.inputs or name in self._own.enums or name in SCALARS:
                self._report("type-names", f'There can be only one type named "{name}".', node.name)
        for name, node in self._directive_names.items():
            if name in self._own.directives:
                message = f'There can be only one directive named "@{name}".'
                self._report("directive-names", message, node.name)

    # Definitions

    def _schema_definition(self, node: Any) -> None:
        if self._schema is not None:
            message = "Must provide only one schema definition."
            self._report("lone-schema", message, node)
        self._schema = node
        self._schema_extension(node)

    def _schema_extension(self, node: Any) -> None:
        for one in node.operation_types or ():
            operation = one.operation.value
            if operation in self._operations:
                message = f"There can be only one {operation} type in schema."
                self._report("operation-types", message, self._operations[operation], one)
            self._operations.setdefault(operation, one)
        self._on(node, "SCHEMA", self._directives_of.setdefault(None, {}))
        for one in node.operation_types or ():
            self._type(one.type)

    def _type_definition(self, node: Any) -> None:
        name = node.name.value
        if name in self._types:
            message = f'There can be only one type named "{name}".'
            self._report("type-names", message, self._types[name].name, node.name)
        self._types.setdefault(name, node)
        self._body(node)

    def _type_extension(self, node: Any) -> None:
        name, kind = node.name.value, _KINDS[node.kind]
        extended = self._by_user.get(name)
        if extended is not None and f"{kind.replace(' ', '_')}_type_definition" != extended.kind:
            message = f'Cannot extend non-{kind} type "{name}".'
            self._report("extensions", message, extended, node)
        elif extended is None and (name in _STANDARD_TYPES or not self._is_defined(name)):
            near = self._suggested(name, ())
            message = f'Cannot extend type "{name}" because it is not defined.{near}'
            self._report("extensions", message, node.name)
        self._body(node)

    def _body(self, node: Any) -> None:
        """What definitions and extensions of a type share."""
        name, kind = node.name.value, node.kind
        if kind.startswith("enum"):
            self._unique(self._values, "value-names", "Enum value", name, node.values)
        elif kind.startswith(("object", "interface", "input")):
            self._unique(self._fields, "field-names", "Field", name, node.fields)
        if kind.startswith(("object", "interface")):
            for one in node.interfaces or ():
                self._type(one)
        location = _LOCATIONS[kind.replace("_extension", "_definition")]
        self._on(node, location, self._directives_of.setdefault(name, {}))
        if kind.startswith("union"):
            for one in node.types or ():
                self._type(one)
        elif kind.startswith("enum"):
            for one in node.values or ():
                self._on(one, "ENUM_VALUE")
        elif kind.startswith("input"):
            for one in node.fields or ():
                self._input_value(one, "INPUT_FIELD_DEFINITION")
        elif not kind.startswith("scalar"):
            for one in node.fields or ():
                self._field(one)

    def _unique(
        self, seen: dict[str, dict[str, Any]], rule: str, what: str, of: str, nodes: Any
    ) -> None:
        known = seen.setdefault(of, {})
        for node in nodes or ():
            name = node.name.value
            if name in known:
                message = f'{what} "{of}.{name}" can only be defined once.'
                self._report(rule, message, known[name], node.name)
            known.setdefault(name, node.name)

    def _field(self, node: Any) -> None:
        for one in node.arguments or ():
            self._input_value(one, "ARGUMENT_DEFINITION")
        self._type(node.type)
        if node.directives:
            self._on(node, "FIELD_DEFINITION")

    def _input_value(self, node: Any, location: str) -> None:
        self._type(node.type)
        if node.default_value is not None:
            self._members(node.default_value)
        if node.directives:
            self._on(node, location)

    def _directive_definition(self, node: Any) -> None:
        name = node.name.value
        if name in self._directive_names:
            message = f'There can be only one directive named "@{name}".'
            self._report("directive-names", message, self._directive_names[name].name, node.name)
        self._directive_names.setdefault(name, node)
        for one in node.arguments or ():
            self._input_value(one, "ARGUMENT_DEFINITION")

    def _executable(self, node: Any) -> None:
        """Check the directives of an operation or a fragment, and the types of its variables."""
        nodes = [node]
        while nodes:
            one = nodes.pop()
            self._on(one, _location(one))
            nodes += getattr(one, "variable_definitions", None) or ()
            if getattr(one, "selection_set", None) is not None:
                nodes += reversed(one.selection_set.selections)
        for one in node.variable_definitions or ():
            named = one.type
            while named.kind != "named_type":
                named = named.type
            name = named.name.value
            if name not in self._by_user and name not in SCALARS:
                self._report("known-types", f'Unknown type "{name}".', named)

    # Types

    def _is_defined(self, name: str) -> bool:
        return (
            name in self._by_user
            or name in self._added
            or name in _STANDARD_TYPES
            or name in SCALARS
            or name in self._own.inputs
            or name in self._own.enums
        )

    def _type(self, node: Any) -> None:
        while node.kind != "named_type":
            node = node.type
        name = node.name.value
        if not self._is_defined(name):
            near = self._suggested(name)
            self._report("known-types", f'Unknown type "{name}".{near}', node)

    def _suggested(self, name: str, standard: tuple[str, ...] = _STANDARD_TYPES) -> str:
        if len(self._by_user) > MOST_SUGGESTED:
            return ""
        amplify_types = (*SCALARS, *self._own.inputs, *self._own.enums)
        return suggested(name, (*self._by_user, *standard, *amplify_types, *self._added))

    # Directives

    def _on(self, node: Any, location: str, seen: dict[str, Any] | None = None) -> None:
        """Check the directives of a node.

        ``seen`` are those of its other parts: a type and what extends it are one location.
        """
        if not node.directives:
            return
        seen = {} if seen is None else seen
        for one in node.directives:
            name = one.name.value
            defined = self.directives.get(name)
            if defined is None or defined.repeatable:
                continue
            if name in seen:
                message = f'The directive "@{name}" can only be used once at this location.'
                self._report("unique-directives", message, seen[name], one)
            seen.setdefault(name, one)
        for one in node.directives:
            self._directive(one, location)

    def _directive(self, node: Any, location: str) -> None:
        name = node.name.value
        defined = self.directives.get(name)
        if defined is None and name in OLD:
            self.old[name] = None
        elif defined is None:
            self._report("known-directives", f'Unknown directive "@{name}".', node)
        elif location not in defined.locations:
            message = f'Directive "@{name}" may not be used on {location}.'
            self._report("known-directives", message, node)
        given: dict[str, Any] = {}
        if defined is not None:
            self._known_arguments(node, defined)
        for one in node.arguments or ():
            argument = one.name.value
            if argument in given:
                message = f'There can be only one argument named "{argument}".'
                self._report("unique-arguments", message, given[argument].name, one.name)
            given.setdefault(argument, one)
        for one in node.arguments or ():
            if one.value.kind in ("object_value", "list_value"):
                self._members(one.value)
        if defined is not None:
            self._required(node, defined, given)

    def _known_arguments(self, node: Any, defined: DirectiveDefinition) -> None:
        for one in node.arguments or ():
            name = one.name.value
            if name not in defined.arguments:
                few = len(defined.arguments) <= MOST_SUGGESTED
                near = suggested(name, defined.arguments) if few else ""
                message = f'Unknown argument "{name}" on directive "@{defined.name}".{near}'
                self._report("known-arguments", message, one)

    def _required(self, node: Any, defined: DirectiveDefinition, given: Collection[str]) -> None:
        for argument, member in defined.arguments.items():
            if member.is_required and argument not in given:
                message = (
                    f'Directive "@{defined.name}" argument "{argument}" of type '
                    f'"{written(member.type)}" is required, but it was not provided.'
                )
                self._report("required-arguments", message, node)

    def _members(self, node: Any) -> None:
        """Check that no object within a value has a member twice."""
        if node.kind == "list_value":
            for one in node.values:
                if one.kind in ("object_value", "list_value"):
                    self._members(one)
        elif node.kind == "object_value":
            seen: dict[str, Any] = {}
            for one in node.fields:
                name = one.name.value
                if name in seen:
                    message = f'There can be only one input field named "{name}".'
                    self._report("unique-members", message, seen[name], one.name)
                seen.setdefault(name, one.name)
                self._members(one.value)


def _location(node: Any) -> str:
    if node.kind == "operation_definition":
        return str(node.operation.value).upper()
    return str(node.kind).upper()


def written(node: Any) -> str:
    """Return a type as it is written."""
    if node.kind == "non_null_type":
        return f"{written(node.type)}!"
    return f"[{written(node.type)}]" if node.kind == "list_type" else str(node.name.value)


def _defines_type(node: Any) -> bool:
    return bool(node.kind.endswith("_type_definition")) and node.kind != "operation_type_definition"
