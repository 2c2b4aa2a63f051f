"""Whether the values of directives' arguments are of their types, by graphql-js 15 (observed)."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from pytest_amplifybackend._schema.definitions import Definitions, amplify
from pytest_amplifybackend._schema.document import Document
from pytest_amplifybackend._schema.walk import Enough, Error, Errors, suggested, written

_SCALARS: dict[str, tuple[tuple[str, ...], str]] = {
    "Int": (("int_value",), "Int cannot represent non-integer value: {}"),
    "Float": (("int_value", "float_value"), "Float cannot represent non numeric value: {}"),
    "String": (("string_value",), "String cannot represent a non string value: {}"),
    "Boolean": (("boolean_value",), "Boolean cannot represent a non boolean value: {}"),
    "ID": (
        ("string_value", "int_value"),
        "ID cannot represent a non-string and non-integer value: {}",
    ),
}
_INT = range(-(2**31), 2**31)


def errors(document: Document) -> list[Error]:
    """Return the errors of all directives' values, in order; the document is sound otherwise."""
    user = Definitions.of(document.ast.definitions)
    values = _Values(amplify().and_those_of(user))
    with contextlib.suppress(Enough):
        values.over(document.ast)
    return list(values.errors)


class _Values:
    def __init__(self, definitions: Definitions) -> None:
        self.errors = Errors()
        self._definitions = definitions

    def over(self, ast: Any) -> None:
        """Check what the directives of a document are given."""
        for definition in ast.definitions:
            self._of(definition)
            for one in _below(definition):
                for argument in getattr(one, "arguments", None) or ():
                    self._of(argument)
                self._of(one)

    def _of(self, node: Any) -> None:
        for directive in getattr(node, "directives", None) or ():
            defined = self._definitions.directives[directive.name.value]
            for argument in directive.arguments or ():
                self._value(argument.value, defined.arguments[argument.name.value].type)

    def _report(self, message: str, node: Any) -> None:
        self.errors.report("values", message, node)

    def _value(self, node: Any, type_node: Any, listed: Any = None) -> None:
        """Check a value; one of a list, of type ``listed``, may stand without brackets."""
        nullable = type_node.type if type_node.kind == "non_null_type" else type_node
        if node.kind == "null_value":
            if nullable is not type_node:
                self._expected(node, type_node)
        elif nullable.kind == "list_type":
            if node.kind == "list_value":
                for one in node.values:
                    self._value(one, nullable.type)
            else:
                self._value(node, nullable.type, type_node)
        else:
            expected = listed or (nullable if node.kind == "list_value" else type_node)
            self._named(node, nullable.name.value, expected)

    def _named(self, node: Any, name: str, type_node: Any) -> None:
        if name in self._definitions.inputs:
            self._input(node, name, type_node)
        elif name in self._definitions.enums:
            self._enum(node, name)
        elif name in _SCALARS:
            kinds, message = _SCALARS[name]
            if node.kind not in kinds:
                self._report(message.format(shown(node)), node)
            elif name == "Int" and not _is_32_bit(node.value):
                message = f"Int cannot represent non 32-bit signed integer value: {node.value}"
                self._report(message, node)

    def _input(self, node: Any, name: str, type_node: Any) -> None:
        if node.kind != "object_value":
            self._expected(node, type_node)
            return
        known = self._definitions.inputs[name]
        given = {one.name.value for one in node.fields}
        for member in known.values():
            if member.is_required and member.name not in given:
                message = (
                    f'Field "{name}.{member.name}" of required type "{written(member.type)}" '
                    "was not provided."
                )
                self._report(message, node)
        for one in node.fields:
            found = known.get(one.name.value)
            if found is None:
                near = suggested(one.name.value, known)
                message = f'Field "{one.name.value}" is not defined by type "{name}".{near}'
                self._report(message, one)
            else:
                self._value(one.value, found.type)

    def _enum(self, node: Any, name: str) -> None:
        values = self._definitions.enums[name]
        text = shown(node)
        near = suggested(text, values, "the enum value ")
        if node.kind != "enum_value":
            message = f'Enum "{name}" cannot represent non-enum value: {text}.{near}'
            self._report(message, node)
        elif node.value not in values:
            self._report(f'Value "{text}" does not exist in "{name}" enum.{near}', node)

    def _expected(self, node: Any, type_node: Any) -> None:
        message = f'Expected value of type "{written(type_node)}", found {shown(node)}.'
        self._report(message, node)


def _below(definition: Any) -> Any:
    """The fields or enum values of a definition."""
    return getattr(definition, "fields", None) or getattr(definition, "values", None) or ()


def _is_32_bit(digits: str) -> bool:
    return len(digits) < 12 and int(digits) in _INT


def shown(node: Any) -> str:
    """Return a value as graphql-js 15 prints it."""
    if node.kind == "string_value":
        return json.dumps(node.value, ensure_ascii=False)
    if node.kind == "boolean_value":
        return "true" if node.value else "false"
    if node.kind == "list_value":
        return f"[{', '.join(map(shown, node.values))}]"
    if node.kind == "object_value":
        return f"{{{', '.join(f'{one.name.value}: {shown(one.value)}' for one in node.fields)}}}"
    return "null" if node.kind == "null_value" else str(node.value)
