"""Draws structures by their shapes and rules: members required, needed, or drawn now and then."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from pytest_amplifybackend._api import paths
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.constraints import Constraint, Needs
from pytest_amplifybackend._rules.leaves import Leaf, Lists
from pytest_amplifybackend.strategies._internal.leaves import choices, constraints, leaf
from pytest_amplifybackend.strategies._internal.plan import Pick, subsets
from pytest_amplifybackend.strategies._internal.targets import shapes

_EDGES = st.integers(0, 7)
_TRIES = 5


@dataclass(frozen=True)
class _Recipe:
    """What drawing a structure goes by: its members, those with a condition on them first.

    ``elsewhere`` are members that a rule needs under another condition than is met.
    """

    members: tuple[str, ...]
    required: frozenset[str]
    elsewhere: frozenset[str]
    always: frozenset[str]
    conditional: tuple[Needs, ...]
    others: tuple[Constraint, ...]


@functools.lru_cache(maxsize=1024)
def _recipe(rules: table.Table, operation: str, path: str) -> _Recipe:
    shape = shapes(operation)[path]
    asked = [one for one in constraints(rules, operation, path) if one.structural]
    needs = [one for one in asked if isinstance(one, Needs)]
    conditional = tuple(need for need in needs if need.when is not None)
    first = {need.when[0] for need in conditional if need.when is not None}
    return _Recipe(
        members=tuple(sorted(shape.members, key=lambda name: name not in first)),
        required=frozenset(shape.required_members),
        elsewhere=frozenset(
            name.partition(".")[0] for need in conditional for name in need.members
        ),
        always=frozenset(name for need in needs if need.when is None for name in need.members),
        conditional=conditional,
        others=tuple(one for one in asked if not isinstance(one, Needs)),
    )


def structure(
    pick: Pick,
    path: str,
    *,
    needed: Collection[str] = (),
    filled: bool = False,
    only: Collection[str] | None = None,
) -> dict[str, Any]:
    """A structure that keeps its rules, of ``only`` some members or of all.

    ``needed`` are further paths below it that have to be there, and not empty.
    """
    recipe = _recipe(table.current(), pick.operation, path)
    value: dict[str, Any] = {}
    must = _by_member((*recipe.always, *needed))
    for name in recipe.members if only is None else filter(only.__contains__, recipe.members):
        below = paths.join(path, name)
        for need in recipe.conditional:
            if need.when is not None and value.get(need.when[0]) in need.when[1]:
                must = {**must, **_by_member(need.members)}
        has = pick.rarely if name in recipe.elsewhere else pick.has
        if name in recipe.required or name in must or has(below):
            value[name] = draw_value(pick, below, must.get(name))
    if filled and not value and recipe.members:
        name = recipe.members[0]
        value[name] = draw_value(pick, paths.join(path, name), ("",))
    if only is None:
        mend(pick, path, value)
    return value


def needs_of(
    pick: Pick, path: str, value: Mapping[str, Any], needed: Collection[str] = ()
) -> Mapping[str, tuple[str, ...]]:
    """The members that the rules need in a structure with some values, and what below each.

    ``needed`` are those that rules on what it is in need there.
    """
    recipe = _recipe(table.current(), pick.operation, path)
    met = [
        need for need in recipe.conditional if need.when and value.get(need.when[0]) in need.when[1]
    ]
    return _by_member((*recipe.always, *needed, *(name for need in met for name in need.members)))


def mend(pick: Pick, path: str, value: dict[str, Any]) -> None:
    """Let a structure keep the rules on how its members agree."""
    for constraint in _recipe(table.current(), pick.operation, path).others:
        constraint.mend(value)


def _by_member(needed: Collection[str]) -> dict[str, tuple[str, ...]]:
    """What is needed below each member; the empty path says that it is needed itself."""
    found: dict[str, tuple[str, ...]] = {}
    for path in needed:
        name, _, rest = path.partition(".")
        found[name] = (*found.get(name, ()), rest)
    return found


def draw_value(pick: Pick, path: str, needed: Collection[str] | None = None) -> Any:
    """The value at a path: as planned, else one that keeps the rules there.

    ``needed`` are paths below it that have to be there, the empty one for itself; None if it is
    not needed by a rule.
    """
    if path in pick.offered:
        return pick.draw(pick.offered[path])
    shape = shapes(pick.operation)[path]
    filled = needed is not None
    below = tuple(filter(None, needed or ()))
    if path in pick.hooks:
        return pick.hooks[path](pick, path, needed=below, filled=filled)
    if shape.type_name == "structure":
        return structure(pick, path, needed=below, filled=filled)
    if shape.type_name == "list":
        return _elements(pick, path, filled=filled)
    return pick.value(path, leaf(pick.operation, path, filled=filled))


def _elements(pick: Pick, path: str, *, filled: bool) -> list[Any]:
    """A list that keeps its rules, with an element where the plan or a rule asks for one."""
    each = path + paths.EACH
    size = _size(table.current(), pick.operation, path)
    if not size.least and (filled or pick.wants(each)):
        size = replace(size, least=1)
    of_enum = getattr(shapes(pick.operation)[each], "enum", None)
    rules = constraints(table.current(), pick.operation, path)
    for _ in range(_TRIES):
        made = _some_of(pick, each, size) if of_enum else _some(pick, each, size)
        if all(rule.holds(made) for rule in rules):
            break
    else:
        reject()
    return made


def _some_of(pick: Pick, each: str, size: Lists) -> list[Any]:
    """Different values of an enum."""
    known = choices(pick.operation, each)
    made: list[Any] = pick.draw(subsets(known, min(size.least, 1)))
    missing = [value for value in known if value not in made]
    return [*made, *missing[: max(size.least - len(made), 0)]][: size.most]


def _some(pick: Pick, each: str, size: Lists) -> list[Any]:
    """A few values, and now and then none or as many as there can be."""
    edge = pick.draw(_EDGES)
    if edge == 0 and not size.least:
        return []
    count = max(size.least, 1 + edge % 2)
    made = [draw_value(pick, each) for _ in range(count)]
    if edge == 7 and size.most is not None:
        made *= size.most
    return made[: size.most]


@functools.lru_cache(maxsize=1024)
def _size(rules: table.Table, operation: str, path: str) -> Lists:
    found: Leaf = Lists()
    for constraint in constraints(rules, operation, path):
        found = constraint.narrow(found)
    assert isinstance(found, Lists), path
    return found
