"""The shape of a response: as a typed tree, and compared with the documented one.

Documented is what the API model says, with the required members of the reviewed ``*RespObj`` table;
the JSON inside strings is described in :mod:`pytest_amplifybackend._api.embedded`. Members and
values of an enum that only the installed botocore knows are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue, embedded, installed, paths
from pytest_amplifybackend._api.responses import required_members, response_object
from pytest_amplifybackend._api.secrets.texts import Scrubber
from pytest_amplifybackend._tracebacks import hides_arguments

if TYPE_CHECKING:
    from pytest_amplifybackend._api.literals import OperationName

METADATA = "ResponseMetadata"
"""What botocore adds to every response; no shape has it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a response differs from its documented shape.

    ``mark`` is ``-`` for a required member that is missing, ``+`` for a member that the shape
    does not have, ``~`` for a value of another type, outside its enum, or no JSON. ``member`` is
    the string whose JSON the path leads into, None elsewhere.
    """

    mark: str
    path: str
    text: str
    member: str | None = None

    def __str__(self) -> str:
        return f"{self.mark} {self.path}: {self.text}"


@hides_arguments
def assert_shape(operation: OperationName, response: Any) -> None:
    """Fail unless a response of an operation has its documented shape.

    Every member is known to the model and of its type, every required member of the ``*RespObj``
    table is there, enums have legal values, and the JSON inside strings is what clients rely on.
    ``ResponseMetadata`` is left out. Raises AssertionError with a line for each difference, and
    UnknownOperation for an operation that the model does not have. Secrets are not shown.
    """
    operation = catalogue.named(operation)
    found = differences(operation, response)
    if not found:
        return
    name = response_object(operation).name
    lines = [f"{operation}: the response does not have the documented shape {name}:"]
    lines += [f"  {difference}" for difference in found]
    for member in dict.fromkeys(difference.member for difference in found):
        if member is not None:
            source = embedded.EMBEDDED[member]
            lines.append(f"({member} is compared with {source.source}: {source.tag}.)")
    raise AssertionError("\n".join(lines))


@hides_arguments
def differences(operation: str, response: Any) -> tuple[Difference, ...]:
    """The ways in which a response differs from its documented shape, in the model's order.

    Raises UnknownOperation for an operation that the model does not have.
    """
    operation = catalogue.named(operation)
    shape = response_object(operation)
    if isinstance(response, Mapping):
        response = {name: value for name, value in response.items() if name != METADATA}
    hide = Scrubber.of(response, shape)
    return tuple(
        Difference(one.mark, hide(one.path), hide(one.text), one.member)
        for one in _structure(response, shape, _Place(), required_members(operation))
        if not _is_newer(operation, response, one)
    )


def _is_newer(operation: str, response: Any, difference: Difference) -> bool:
    """Whether a difference is only that the installed botocore knows more than the model."""
    if difference.mark == "-" or difference.member is not None:
        return False
    shape = installed.output_shape(operation, difference.path)
    if difference.mark == "+":
        return shape is not None
    return paths.get(response, difference.path) in (getattr(shape, "enum", None) or ())


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value stands: its path, and the member whose JSON it is inside."""

    path: str = ""
    member: str | None = None

    def below(self, name: str | int) -> _Place:
        return _Place(paths.join(self.path, name), self.member)

    def differs(self, mark: str, text: str) -> Difference:
        return Difference(mark, self.path or "the response", text, self.member)


def _value(value: Any, shape: Any, place: _Place) -> Iterator[Difference]:
    if getattr(shape, "is_document_type", False):
        return
    kind = shape.type_name
    if kind not in _kinds(value):
        yield place.differs("~", f"expected {_summary(shape)}, was {_kinds(value)[0]}")
    elif kind in ("structure", "map"):
        yield from _WALKS[kind](value, embedded.narrowed(shape, value), place)
    elif kind == "list":
        for index, item in enumerate(value):
            yield from _value(item, shape.member, place.below(index))
    elif getattr(shape, "enum", None) and value not in shape.enum:
        yield place.differs("~", f"expected {_summary(shape)}, was {value!r}")
    elif kind == "string" and place.member is None and place.path in embedded.EMBEDDED:
        yield from _json(value, place)


def _structure(
    value: Any, shape: Any, place: _Place, required: Sequence[str] | None = None
) -> Iterator[Difference]:
    if not isinstance(value, Mapping):
        yield place.differs("~", f"expected a structure, was {_kinds(value)[0]}")
        return
    required = shape.required_members if required is None else required
    for name, member in shape.members.items():
        if name in value:
            yield from _value(value[name], member, place.below(name))
        elif name in required:
            yield place.below(name).differs("-", f"required, {_summary(member)}, is missing")
    if place.member is None:  # JSON inside a string may have more than is known
        for name, item in value.items():
            if name not in shape.members:
                near = errors.nearest(str(name), shape.members)
                yield place.below(str(name)).differs(
                    "+", f"{_kinds(item)[0]}, a member that {shape.name} does not have: {near}"
                )


def _map(value: Mapping[str, Any], shape: Any, place: _Place) -> Iterator[Difference]:
    for name, item in value.items():
        yield from _value(item, shape.value, place.below(str(name)))


_WALKS = {"structure": _structure, "map": _map}


def _json(text: str, place: _Place) -> Iterator[Difference]:
    member = place.path
    try:
        inside = embedded.content(member, text)
    except ValueError as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        words = f"expected JSON, was a string that is not JSON ({reason})"
        yield Difference("~", member, words, member)
        return
    place = _Place(f"{member}(json)", member)
    yield from _value(inside, embedded.content_shape(member), place)


def _summary(shape: Any) -> str:
    """A shape in a few words: its type, or the values of its enum."""
    enum = getattr(shape, "enum", None)
    return f"one of {', '.join(enum)}" if enum else str(shape.type_name)


def _kinds(value: Any) -> tuple[str, ...]:
    """The types of the model that a value is of; the first one is how to call it."""
    if isinstance(value, bool):
        return ("boolean",)
    for types, kinds in _TYPES:
        if isinstance(value, types):
            return kinds
    return ("null" if value is None else type(value).__name__,)


_TYPES: tuple[tuple[tuple[type, ...], tuple[str, ...]], ...] = (
    ((str,), ("string",)),
    ((int,), ("integer", "double", "long", "float")),
    ((float,), ("double", "float")),
    ((list, tuple), ("list",)),
    ((Mapping,), ("structure", "map")),
)


# The typed tree


@hides_arguments
def response_shape(response: Any, operation: OperationName | None = None) -> Any:
    """The typed tree of a response, ready for JSON; ``ResponseMetadata`` is left out.

    A structure is a dict of its members in alphabetical order, a list the list of the different
    shapes of its elements, and a leaf one of ``string``, ``integer``, ``double``, ``boolean``,
    ``null`` or, where the model has an enum, ``enum OFF | ON | OPTIONAL``; a value outside its
    enum is ``string outside enum OFF | ON | OPTIONAL``. JSON inside a string is ``{"json": …}``.

    Without ``operation`` the model's side is what all responses agree on that have the most members
    in common with this one. Raises UnknownOperation for an operation that the model does not have.
    """
    if operation is not None:
        operation = catalogue.named(operation)
    names = catalogue.operations() if operation is None else (operation,)
    shapes = [catalogue.operations()[name].output_shape for name in names]
    if isinstance(response, Mapping):
        response = {name: value for name, value in response.items() if name != METADATA}
        shared = [_shared(response, shape) for shape in shapes]
        most = max(shared)
        shapes = [
            shape for shape, count in zip(shapes, shared, strict=True) if count == most and count
        ]
    return _tree(response, shapes)


def _shared(value: Any, shape: Any) -> int:
    """How many members of a value a shape knows, at any depth."""
    if isinstance(value, Mapping) and shape.type_name == "structure":
        known = shape.members
        return sum(1 + _shared(value[name], known[name]) for name in value if name in known)
    if isinstance(value, (list, tuple)) and shape.type_name == "list":
        return sum(_shared(item, shape.member) for item in value)
    return 0


def _tree(value: Any, shapes: Sequence[Any], member: str = "") -> Any:
    kind = _kinds(value)[0]
    if kind == "structure":
        tree = {}
        for name in sorted(value, key=str):
            below = [
                shape.members[name] if shape.type_name == "structure" else shape.value
                for shape in shapes
                if shape.type_name == "map" or name in getattr(shape, "members", ())
            ]
            below = [embedded.narrowed(shape, value[name]) for shape in below]
            tree[str(name)] = _tree(value[name], below, str(name))
        return tree
    if kind == "list":
        below = [shape.member for shape in shapes if shape.type_name == "list"]
        trees = {json.dumps(tree): tree for tree in (_tree(item, below) for item in value)}
        return [trees[text] for text in sorted(trees)]
    if kind == "string":
        return _text_tree(value, shapes, member)
    modeled = {shape.type_name for shape in shapes}
    return modeled.pop() if len(modeled) == 1 and modeled <= set(_kinds(value)) else kind


def _text_tree(value: str, shapes: Sequence[Any], member: str) -> Any:
    enums = {tuple(getattr(shape, "enum", None) or ()) for shape in shapes}
    if len(enums) == 1 and () not in enums:
        values = enums.pop()
        words = f"enum {' | '.join(sorted(values))}"
        return words if value in values else f"string outside {words}"
    if member in embedded.EMBEDDED and shapes:
        try:
            inside = embedded.content(member, value)
        except ValueError:
            return "string"
        return {"json": _tree(inside, [embedded.content_shape(member)])}
    return "string"
