"""Paths into values, and the walk over a value beside its shape.

A path names members from the top: ``ResourceConfig.AdditionalAuthTypes[].Mode``. ``[]`` stands for
every element of a list, ``[0]`` for one, and the empty path for the whole value.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

EACH = "[]"
"""The segment that stands for every element of a list."""

_SEGMENT = re.compile(r"\[\d*\]|[^.\[\]]+")
_INDEX = re.compile(r"\[\d+\]")


@functools.lru_cache(maxsize=4096)  # paths with indexes have no end
def segments(path: str) -> tuple[str, ...]:
    """The parts of a path: ``A[].B`` is ``A``, ``[]`` and ``B``."""
    return tuple(_SEGMENT.findall(path))


def join(path: str, name: str | int) -> str:
    """The path of a member, or of the element at an index, below a path."""
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if path and not name.startswith("[") else f"{path}{name}"


def general(path: str) -> str:
    """A path with ``[]`` in the place of each index, as rules and shapes write it."""
    return _INDEX.sub(EACH, path)


def children(value: Any, shape: Any = None) -> Iterator[tuple[str | int, Any, Any]]:
    """The (name or index, value, shape) of what is directly in a structure, a map or a list.

    The shape is None for what ``shape`` does not describe.
    """
    kind = getattr(shape, "type_name", "")
    if isinstance(value, Mapping):
        members = shape.members if kind == "structure" else {}
        each = shape.value if kind == "map" else None
        for name, item in value.items():
            yield name, item, members.get(name, each)
    elif isinstance(value, (list, tuple)):
        each = shape.member if kind == "list" else None
        for index, item in enumerate(value):
            yield index, item, each


def walk(value: Any, shape: Any = None, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each (path, value, shape) of a value, containers before what they hold, itself first.

    Elements have their index in the path, and the shape is None where none is known.
    """
    yield path, value, shape
    for name, item, below in children(value, shape):
        yield from walk(item, below, join(path, name))


def shape_at(shape: Any, path: str) -> Any:
    """The shape that a path leads to from a structure, or None."""
    for segment in segments(path):
        kind = getattr(shape, "type_name", "")
        if kind == "list" and segment.startswith("["):
            shape = shape.member
        elif kind == "structure":
            shape = shape.members.get(segment)
        elif kind == "map":
            shape = shape.value
        else:
            return None
    return shape


def map_leaves(
    value: Any, function: Callable[[Any, str, Any], Any], shape: Any = None, path: str = ""
) -> Any:
    """A copy of a value with ``function(leaf, path, shape)`` in the place of each leaf.

    Structures become dicts and lists and tuples lists; everything else is a leaf.
    """
    if isinstance(value, Mapping):
        return {
            name: map_leaves(item, function, below, join(path, str(name)))
            for name, item, below in children(value, shape)
        }
    if isinstance(value, (list, tuple)):
        return [
            map_leaves(item, function, below, join(path, index))
            for index, item, below in children(value, shape)
        ]
    return function(value, path, shape)


def places(value: Any, path: str) -> list[tuple[Any, Any]]:
    """The (container, key) of each value that a path leads to, for reading or for changing it.

    If there is none yet, the places where it could be put: in the structures that exist.
    """
    found: list[tuple[Any, Any]] = [({"": value}, "")]
    for segment in segments(path):
        containers = [container[key] for container, key in _present(found)]
        found = [(item, key) for item in containers for key in _keys(item, segment)]
    return _present(found) or found


def _keys(container: Any, segment: str) -> Iterable[Any]:
    """The keys of a container that a segment stands for, present or not."""
    if segment == EACH:
        return range(len(container)) if isinstance(container, (list, tuple)) else ()
    key = _key(segment)
    fits = isinstance(container, Mapping if isinstance(key, str) else (list, tuple))
    return (key,) if fits else ()


def _key(segment: str) -> str | int:
    return int(segment[1:-1]) if segment[0] == "[" else segment


def _present(found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    return [
        (container, key)
        for container, key in found
        if (key in container if isinstance(container, Mapping) else key < len(container))
    ]


def find(value: Any, path: str) -> list[Any]:
    """The values that a path leads to, if any."""
    return [container[key] for container, key in _present(places(value, path))]


def get(value: Any, path: str, default: Any = None) -> Any:
    """The first value that a path leads to, or ``default``."""
    return next(iter(find(value, path)), default)


def put(value: Any, path: str, item: Any) -> None:
    """Set the value at a path without ``[]``, in place; missing structures on the way are made."""
    *way, last = map(_key, segments(path))
    for key in way:
        value = value.setdefault(key, {}) if isinstance(key, str) else value[key]
    value[last] = item


# Names


@dataclass(frozen=True, slots=True)
class Names:
    """The names in a structure, and of its members those with names in them."""

    known: frozenset[str]
    below: Mapping[str, Names]

    @classmethod
    def of(cls, shape: Any) -> Names:
        """The names of a structure, down to the last."""
        below = {}
        for name, member in shape.members.items():
            while member.type_name == "list":
                member = member.member
            if member.type_name == "structure":
                below[name] = cls.of(member)
        return cls(frozenset(shape.members), below)

    def have_all_of(self, value: Any) -> bool:
        """Whether a structure, or each of a list, has no unknown member.

        Every call asks, and hardly any has one: only structures are entered, and of those the
        names are compared as sets.
        """
        if isinstance(value, list):
            return all(map(self.have_all_of, value))
        if not isinstance(value, dict):
            return True
        if not self.known.issuperset(value):
            return False
        for name, names in self.below.items():
            if name in value and not names.have_all_of(value[name]):
                return False
        return True

    def known_in(self, value: Any) -> Any:
        """A structure, or a list of them, without the members that are unknown."""
        if isinstance(value, list):
            return [self.known_in(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {
            name: self.below[name].known_in(item) if name in self.below else item
            for name, item in value.items()
            if name in self.known
        }


# Copies

_LEAVES = frozenset({str, int, float, bool, type(None)})


def copied(value: Any) -> Any:
    """A deep copy of a JSON-like value; tuples become lists, subclasses of str plain strings.

    Every call pays for a few of these.
    """
    kind = type(value)
    if kind is dict:
        return {
            name: item if type(item) in _LEAVES else copied(item) for name, item in value.items()
        }
    if kind is list:
        return [item if type(item) in _LEAVES else copied(item) for item in value]
    if kind in _LEAVES:
        return value
    if isinstance(value, Mapping):
        return {name: copied(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [copied(item) for item in value]
    if isinstance(value, str):
        return str.__str__(value)
    return value
