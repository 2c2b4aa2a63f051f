"""Constraints on how the members of a structure agree."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pytest_amplifybackend._api import paths
from pytest_amplifybackend._rules.constraints.base import Constraint


@dataclass(frozen=True, slots=True)
class Needs(Constraint):
    """A structure that must hold some members when one of its members has a value.

    ``members`` are paths below the structure. ``when`` is ``(member, values)``; without it the
    members are always needed. ``filled`` forbids them to be empty.
    """

    members: tuple[str, ...]
    when: tuple[str, tuple[str, ...]] | None = None
    filled: bool = False
    _paths: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)
    structural: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "_paths", tuple(map(paths.segments, self.members)))

    @property
    def message(self) -> str:
        need = f"needs {', '.join(self.members)}{', not empty,' if self.filled else ''}"
        need = need if self.when else need.removesuffix(",")
        if self.when is None:
            return need
        return f"{need} when {self.when[0]} is {' or '.join(self.when[1])}"

    def holds(self, value: Any) -> bool:
        if self.when is not None and value.get(self.when[0]) not in self.when[1]:
            return True
        # Not all(): a generator takes twice as long, in every call.
        for path in self._paths:
            if (there := _value(value, path)) is None or (self.filled and there in _EMPTY):
                return False
        return True

    def breaking(self, value: Any) -> list[Any]:
        """The structure without one needed member, or what it is in, or with that empty."""
        changes = [change for member in self.members for change in _without(member)]
        if self.filled:
            changes += [(member, _emptied) for member in self.members]
        return [made for change in changes if (made := _changed(value, *change)) is not None]

    @property
    def wanted(self) -> tuple[str, ...]:
        return self.members

    @property
    def conditions(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return () if self.when is None else (self.when,)


_Change = Callable[[dict[str, Any], str], None]


_EMPTY: tuple[Any, ...] = ("", [], {})


def _without(member: str) -> Iterator[tuple[str, _Change]]:
    yield member, dict.__delitem__
    above, _, _ = member.rpartition(".")
    if above:
        yield above, dict.__delitem__


def _emptied(container: dict[str, Any], name: str) -> None:
    container[name] = type(container[name])()


def _changed(value: Any, member: str, change: _Change) -> Any:
    """A copy of a structure in which one member was changed; None if it has no such member."""
    made = copy.deepcopy(value)
    for container, name in paths.places(made, member):
        if name in container:
            change(container, name)
            return made
    return None


@dataclass(frozen=True, slots=True)
class NeedsByHeadless(Needs):
    """A structure that the JSON Schema of a headless CLI command refuses without some members.

    ``at`` is where the CLI's payload has the structure. A job that breaks it fails with the words
    of the CLI's validator, which stops at the first member that is missing, in the schema's order.
    """

    at: str = ""

    def problem(self, value: Any) -> str:
        missing = next(name for name in self.members if name not in value)
        member = f"{missing[0].lower()}{missing[1:]}"
        error = {
            "keyword": "required",
            "dataPath": self.at,
            "schemaPath": "#/required",
            "params": {"missingProperty": member},
            "message": f"should have required property '{member}'",
        }
        found = json.dumps([error], separators=(",", ":"))
        return (
            f"needs {missing}. Data did not validate against the supplied schema. "
            f"Underlying errors were {found}"
        )


@dataclass(frozen=True, slots=True)
class Unrepeated(Constraint):
    """No element's value below ``each`` equals the value at ``than``, both below the structure."""

    each: str
    than: str
    _elements: tuple[tuple[str, ...], tuple[str, ...]] = field(
        init=False, repr=False, compare=False
    )
    """The path of the list, and the one within each element, empty for the element itself."""
    _than: tuple[str, ...] = field(init=False, repr=False, compare=False)
    structural: ClassVar[bool] = True

    def __post_init__(self) -> None:
        elements, _, below = self.each.partition(paths.EACH)
        both = paths.segments(elements), paths.segments(below.lstrip("."))
        object.__setattr__(self, "_elements", both)
        object.__setattr__(self, "_than", paths.segments(self.than))

    @property
    def message(self) -> str:
        return f"must not repeat {self.than} in {self.each}"

    def holds(self, value: Any) -> bool:
        elements, below = self._elements
        there = _value(value, elements)
        if not there:
            return True
        default = _value(value, self._than)
        return default is None or all(_value(one, below) != default for one in there)

    def breaking(self, value: Any) -> list[Any]:
        """The structure with the value repeated, as the first element and as the last."""
        elements, below = self._elements
        *above, name = self._than
        repeated = copy.deepcopy(_value(value, self._than))
        if below == (name,):
            element = copy.deepcopy(_value(value, tuple(above)))
        else:
            element = {below[0]: repeated} if below else repeated
        there, path = _value(value, elements) or [], ".".join(elements)
        return [_with(value, path, [element, *there]), _with(value, path, [*there, element])]

    def mend(self, value: Any) -> None:
        elements, below = self._elements
        there, default = _value(value, elements), _value(value, self._than)
        if there:
            there[:] = [one for one in there if _value(one, below) != default]

    @property
    def wanted(self) -> tuple[str, ...]:
        return (self.than,)


def _value(value: Any, path: tuple[str, ...]) -> Any:
    """What is at a path without lists; None where there is nothing."""
    for segment in path:
        if not isinstance(value, dict):
            return None
        value = value.get(segment)
    return value


def _with(value: Any, path: str, item: Any) -> Any:
    made = copy.deepcopy(value)
    paths.put(made, path, item)
    return made
