"""Reads a parsed schema as the generator does, with what JavaScript makes of some names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pytest_amplifybackend._schema import document
from pytest_amplifybackend._schema.faults import SchemaError
from pytest_amplifybackend._schema.inherited import NAMES, PROTOTYPE
from pytest_amplifybackend._schema.modelgen import printing
from pytest_amplifybackend._schema.modelgen.types import (
    GRAPHQL_SCALARS,
    RELATIONS,
    Directive,
    Field,
    Type,
    Types,
)
from pytest_amplifybackend._schema.modelgen.words import constant_case

_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}

_UNKNOWN = frozenset(
    (
        *("BigInt", "Double", PROTOTYPE, "InvocationType", "ProjectionInput", "ProjectionType"),
        *("ConversationAuth", "ConversationAuthProvider", "ConversationAuthStrategy"),
        *("ConversationHandlerFunctionConfiguration", "ConversationInferenceConfiguration"),
        *("ConversationToolModelOperation", "ToolMap", "GenerationInferenceConfiguration"),
        "ValidationType",
    )
)
"""What the transformer defines and the generator does not, and what it loses (observed)."""

_ADDED = "Query"
_TWICE = {
    "__Schema": "__Schema",
    **dict.fromkeys(("__Type", "__Field", "__InputValue", "__Directive"), "__Type"),
    **{name: name for name in ("__TypeKind", "__EnumValue", "__DirectiveLocation")},
}
"""GraphQL's own types, and which of them there are two of where a schema uses one (observed)."""

_Parts = dict[str, list[document.Type]]
_Fields = dict[str, list[Field]]


def read(given: document.Document) -> Types:
    """Return the types of a schema in the order in which it first mentions them.

    What extends a type is in its place: fields come after those that are there, values of an enum
    before them (observed). Raises SchemaError for a type that the generator does not know.
    """
    parts: _Parts = {}
    unseen: list[Field] = []
    for node in given.ast.definitions:
        if node.kind == "directive_definition":  # whose name comes first if a type has it too
            if node.name.value in NAMES:
                raise SchemaError("Invalid AST Node: { description: undefined }.")
            parts[node.name.value] = []
            unseen += _arguments(node)
    for one in given.definitions:
        parts.setdefault(one.name, []).append(one)
    parts = {name: some for name, some in parts.items() if some and name not in GRAPHQL_SCALARS}
    fields = {name: list(_read_fields(some)) for name, some in parts.items()}
    roots = _roots(given)
    seen = _seen(parts, fields)
    _check_names([*unseen, *(one for name in seen for one in fields[name])])
    if _ADDED not in parts:
        _check_added(given, [one for name in seen for one in _led_to(parts[name], fields[name])])
    printing.check(parts, [part for name in seen for part in parts[name]])
    types = Types()
    for name in seen:
        _put(types, parts[name], fields[name], roots.get(name))
    return types


def _check_names(fields: list[Field]) -> None:
    for each in (each for one in fields for each in (one, *one.arguments)):
        if each.type in _TWICE:
            raise SchemaError(
                "Schema must contain uniquely named types but contains multiple types named "
                f'"{_TWICE[each.type]}".'
            )


def _check_added(given: document.Document, led: list[str]) -> None:
    """Raise if a schema uses the type of queries that the transformer adds, and defines none."""
    for node in given.ast.definitions:
        if node.kind in ("schema_definition", "schema_extension"):
            led += [one.type.name.value for one in node.operation_types]
    if _ADDED in led:
        raise SchemaError(f'Unknown type: "{_ADDED}".')


def _seen(parts: _Parts, fields: _Fields) -> Iterable[str]:
    """Return the names that the generator sees, in its order.

    One that begins with two underscores is seen if another type leads to it, and after that one
    (observed).
    """
    if not any(map(_is_reserved, parts)):
        return parts
    seen: dict[str, None] = {}
    waiting = [name for name in reversed(parts) if not _is_reserved(name)]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen[name] = None
            led = [one for one in _led_to(parts[name], fields[name]) if _is_reserved(one)]
            waiting += [one for one in reversed(led) if one in parts]
    return seen


def _is_reserved(name: str) -> bool:
    return name.startswith("__")


def _led_to(parts: list[document.Type], fields: list[Field]) -> Iterator[str]:
    for part in parts:
        for names in ("interfaces", "types"):
            yield from (_known(one.name.value) for one in getattr(part.node, names, None) or ())
    for one in fields:
        yield one.type
        yield from (argument.type for argument in one.arguments)


def _put(types: Types, parts: list[document.Type], fields: list[Field], root: str | None) -> None:
    name, kind = parts[0].name, parts[0].kind
    if kind == "enum":
        if name == "constructor":  # of which JavaScript has values already (observed)
            raise SchemaError("second is not iterable")
        types.enums[name] = _values(parts)
    elif kind == "object":
        found = [_directive(one) for part in parts for one in part.directives]
        is_model = any(one.name == "model" for one in found)
        if root and not is_model:
            types.operations[root] = fields
        else:
            (types.models if is_model else types.others)[name] = Type(name, fields, found)
    elif kind == "input":
        types.inputs[name] = fields
    else:
        (types.scalars if kind == "scalar" else types.abstract).add(name)


def _roots(given: document.Document) -> dict[str, str]:
    """Return the operations by the names of their types; the usual one where none is named."""
    named = dict(_ROOTS)
    for node in given.ast.definitions:
        if node.kind in ("schema_definition", "schema_extension"):
            named |= {one.operation.value: one.type.name.value for one in node.operation_types}
    return {name: operation for operation, name in reversed(named.items())}


def _read_fields(parts: list[document.Type]) -> Iterator[Field]:
    for given in (one for part in parts for one in part.fields.values()):
        if given.name != PROTOTYPE:
            made = Field(given.name, *_unwrap(given.node.type))
            if given.directives:
                made.directives = [_directive(one) for one in given.directives]
            made.arguments = list(_arguments(given.node))
            yield made


def _arguments(node: Any) -> Iterator[Field]:
    for one in getattr(node, "arguments", None) or ():
        if one.name.value != PROTOTYPE:
            yield Field(one.name.value, *_unwrap(one.type))


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
        return _known(name), False, None
    name, required, nullable = _unwrap(node.type)
    if node.kind == "list_type":
        return name, required, True
    return (name, required, False) if node.type.kind == "list_type" else (name, True, nullable)


def _known(name: str) -> str:
    if name in _UNKNOWN:
        raise SchemaError(f'Unknown type: "{name}".')
    return name


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
