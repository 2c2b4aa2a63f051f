"""What the transformers' frame checks before and beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._schema.checks.transformer import UNREADABLE, Found, Phase, Transformer
from pytest_amplifybackend._schema.document import Document, Type, Use
from pytest_amplifybackend._schema.inherited import NAMES, PROTOTYPE

CORE = Transformer("", "@aws-amplify/graphql-transformer-core 3.6.1")

_EXTENSIONS = {
    "object_type_extension": "type",
    "interface_type_extension": "interface",
    "union_type_extension": "union",
    "enum_type_extension": "enum",
    "input_object_type_extension": "input",
}


def _fields(one: Any) -> list[str]:
    return [each.name.value for each in getattr(one, "fields", None) or ()]


def _interfaces(one: Any) -> list[str]:
    return [each.name.value for each in getattr(one, "interfaces", None) or ()]


def _types(one: Any) -> list[str]:
    return [each.name.value for each in getattr(one, "types", None) or ()]


def _values(one: Any) -> list[str]:
    return [each.name.value for each in getattr(one, "values", None) or ()]


_REDECLARED: Mapping[str, tuple[str, tuple[tuple[str, Callable[[Any], list[str]]], ...]]] = {
    "object": ("Object type", (("field", _fields), ("interface", _interfaces))),
    "input": ("Input object type", (("field", _fields),)),
    "interface": ("Interface type", (("field", _fields),)),
    "union": ("Union type", (("type", _types),)),
    "enum": ("Enum type", (("value", _values),)),
}


@dataclass(frozen=True, slots=True)
class _Extension:
    """What extends a type, and what the types have by then: names by type and part."""

    type: Type
    extended: Type | None
    known: Mapping[tuple[str, str], set[str]]


def _extensions(document: Document) -> Iterator[_Extension]:
    known: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in sorted(document.definitions, key=lambda one: one.is_extension):
        if one.is_extension:
            yield _Extension(one, document.types.get(one.name), known)
        for part, names in _REDECLARED.get(one.kind, ("", ()))[1]:
            if one.name not in NAMES:
                known[one.name, part].update(names(one.node))


@CORE.during(
    Phase.CONTEXT,
    "schema.extension.nothing",
    "must define each type that it extends",
    example="extend type Note { id: ID! }",
    each=_extensions,
)
def extends_nothing(extension: _Extension) -> Found:
    one = extension.type
    if extension.extended is None and one.name not in NAMES and one.node.kind in _EXTENSIONS:
        yield f"Cannot extend nonexistent {_EXTENSIONS[one.node.kind]} '{one.name}'."


@CORE.during(
    Phase.CONTEXT,
    "schema.extension.type",
    "must extend as a type what is one",
    example="scalar Note extend type Note { id: ID! }",
    each=_extensions,
)
def extends_other(extension: _Extension) -> Found:
    one, extended = extension.type, extension.extended
    is_type = extended is not None and extended.kind == "object" and one.name not in NAMES
    if one.kind == "object" and not is_type:
        yield "Failure adding object extension"


@CORE.during(
    Phase.CONTEXT,
    "schema.extension.inherited-name",
    "must not extend an enum called constructor, nor what is called __proto__",
    example="enum constructor { A } extend enum constructor { B }",
    each=_extensions,
)
def extends_inherited(extension: _Extension) -> Found:
    one = extension.type
    if one.name == PROTOTYPE:
        yield UNREADABLE.format("value")
    if one.name == "constructor" and one.kind == "enum":
        yield "oldValues.reduce is not a function"


@CORE.during(
    Phase.CONTEXT,
    "schema.extension.repeats",
    "must not extend a type by what it has",
    example="type Note { id: ID! } extend type Note { id: ID! }",
    each=_extensions,
)
def extension_repeats(extension: _Extension) -> Found:
    one = extension.type
    what, parts = _REDECLARED.get(one.kind, ("", ()))
    for part, names in parts:
        known = extension.known.get((one.name, part), ())
        for name in names(one.node):
            if name in known or name in NAMES:
                yield f"{what} extension '{one.name}' cannot redeclare {part} {name}"


@CORE.during(
    Phase.BEFORE,
    "schema.directive.own",
    "must not use directives that it defines itself, or @specifiedBy",
    example="directive @mine on OBJECT type Note @model @mine { id: ID! }",
)
def own_directive(document: Document) -> Found:
    mine = {
        node.name.value for node in document.ast.definitions if node.kind == "directive_definition"
    }
    if any(one.kind == "scalar" and one.node.directives for one in document.definitions):
        mine.add("specifiedBy")  # GraphQL's own, which the transformer does not know
    for name in _used(document) if mine else ():
        if name in mine and name not in NAMES:
            yield (
                f"Unknown directive '{name}'. Either remove the directive from the schema or add a "
                "transformer to handle it."
            )


def _used(document: Document) -> Iterator[str]:
    """Yield the names of the directives on types and below them."""
    for one in document.definitions:
        nodes = [one.node]
        while nodes:
            node = nodes.pop()
            yield from (directive.name.value for directive in node.directives or ())
            for below in ("arguments", "fields", "values"):
                nodes.extend(reversed(getattr(node, below, None) or ()))


_ON_FIELDS = ("function", "http", "auth")
_EXTENDABLE = ("Query", "Mutation", "Subscription")


@CORE.on_use(
    "schema.extension.directive",
    "must not have directives on an extension, but @function, @http and @auth on the fields of an "
    "extended Query, Mutation or Subscription",
    example="type Note @model { id: ID! } extend type Note { text: String @index }",
)
def on_extension(use: Use) -> Found:
    directive, name = f"@{use.directive.name}", use.type.name
    if not use.type.is_extension:
        return
    if use.field is None:
        yield (
            "Directives are not supported on object or interface extensions. "
            f"See the '{directive}' directive on '{name}'"
        )
    elif use.directive.name not in _ON_FIELDS:
        yield f"The '{directive}' directive is not supported on fields of extended types"
    elif name not in _EXTENDABLE:
        yield (
            f"The '{directive}' directive cannot be used on fields of type extensions other "
            f"than 'Query', 'Mutation', and 'Subscription'. See {use.place}"
        )
