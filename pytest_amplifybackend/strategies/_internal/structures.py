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
from pytest_amplifybackend.strategies._internal.plan import ABSENT, Pick, Sizes, one_of
from pytest_amplifybackend.strategies._internal.targets import shapes

_TRIES = 5
_FEW = 3


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
        draw = functools.partial(draw_value, pick, below, must.get(name))
        if name in recipe.required or name in must:
            value[name] = draw()
        elif (drawn := pick.optional(below, draw, rarely=name in recipe.elsewhere)) is not ABSENT:
            value[name] = drawn
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
        if of_enum:
            made: list[Any] = pick.draw(
                _of_enum(choices(pick.operation, each), size.least, size.most)
            )
        else:
            made = _some(pick, each, size)
        if all(rule.holds(made) for rule in rules):
            break
    else:
        reject()
    return made


@functools.lru_cache(maxsize=1024)
def _of_enum(known: tuple[Any, ...], least: int, most: int | None) -> st.SearchStrategy[list[Any]]:
    """Values of an enum in any order, some of them repeated."""
    longest = max(len(known) + 1, least) if most is None else most
    return st.lists(one_of(known), min_size=least, max_size=longest)


def _some(pick: Pick, each: str, size: Lists) -> list[Any]:
    """A few values, repeated now and then up to as many as there can be."""
    draw = functools.partial(draw_value, pick, each)
    most = _FEW if size.most is None else min(size.most, _FEW)
    made = [draw() for _ in range(min(size.least, most))]
    while len(made) < most and (drawn := pick.optional(_ONE_MORE, draw)) is not ABSENT:
        made.append(drawn)
    if made and size.most is not None:
        length = Sizes(max(size.least, 1), size.most).draw(pick.draw)
        length = max(len(made), size.least) if length is None else length
        made = (made * length)[:length]
    return made


_ONE_MORE = "<one more element>"
"""A path that no plan names."""


@functools.lru_cache(maxsize=1024)
def _size(rules: table.Table, operation: str, path: str) -> Lists:
    found: Leaf = Lists()
    for constraint in constraints(rules, operation, path):
        found = constraint.narrow(found)
    assert isinstance(found, Lists), path
    return found
