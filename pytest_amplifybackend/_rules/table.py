"""The rules as a table: those of an operation, of a place and of a name, and what breaks them."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, Union

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue, installed, paths
from pytest_amplifybackend._rules import parameters
from pytest_amplifybackend._rules.client import CLIENT_RULES
from pytest_amplifybackend._rules.constraints import Constraint, GraphQLSchema, OneOf
from pytest_amplifybackend._rules.rule import Layer, Rule, documented
from pytest_amplifybackend._rules.states import STATE_RULES, StateRule
from pytest_amplifybackend._schema.schema import rules


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: at which concrete path, by which value, and the end of the sentence."""

    rule: Rule
    path: str
    problem: str
    value: Any

    @property
    def name(self) -> str:
        """The name of the rule, or of the one within it that is broken."""
        return self.rule.constraint.broken_by(self.value) or self.rule.name


class Table:
    """Rules on parameters, in the order in which they are checked; looked up by what they say."""

    def __init__(self, rows: Iterable[Rule]) -> None:
        self.rows = tuple(rows)
        for rule in self.rows:
            _check(rule)
        self._of: dict[tuple[str, Layer], tuple[Rule, ...]] = {}
        self._places: dict[tuple[str, Layer], Place] = {}

    def of(self, operation: str, layer: Layer) -> tuple[Rule, ...]:
        """The rules of one operation in one layer."""
        key = operation, layer
        if key not in self._of:
            self._of[key] = tuple(
                rule for rule in self.rows if rule.layer is layer and operation in rule.operations
            )
        return self._of[key]

    def at(self, operation: str, path: str) -> Iterator[Constraint]:
        """The constraints at one place of a request, in every layer."""
        for layer in (Layer.SERVICE, Layer.PROVISIONING):
            for rule in self.of(operation, layer):
                if path in rule.paths:
                    yield rule.constraint

    def places(self, operation: str, layer: Layer) -> Place:
        """The rules of one operation in one layer as a tree of places."""
        key = operation, layer
        if key not in self._places:
            self._places[key] = _places(self.of(operation, layer))
        return self._places[key]

    def violations(
        self, operation: str, layer: Layer, params: Mapping[str, Any]
    ) -> list[Violation]:
        """The rules of a layer that a request breaks, in the order of the table."""
        found: list[tuple[int, Violation]] = []
        _walk(params, self.places(operation, layer), None, found)
        if not found:
            return []
        broken = [violation for _, violation in sorted(found, key=itemgetter(0))]
        return [violation for violation in broken if not _is_newer(operation, violation)]


class MisspeltRule(ValueError):
    """A row about an operation or a place that the service model does not have."""


def _check(rule: Rule) -> None:
    """Raise MisspeltRule for a row that no request could ever break or be drawn for."""
    known = catalogue.operations()
    constraint = rule.constraint
    below = (*constraint.wanted, *(name for name, _ in constraint.conditions))
    for operation in rule.operations:
        if operation not in known:
            raise MisspeltRule(
                f"rule {rule.name}: unknown operation {operation!r}; "
                f"{errors.nearest(operation, known)}"
            )
        shape = known[operation].input_shape
        for path in rule.paths:
            for place in (path, *(paths.join(path, name) for name in below)):
                if paths.shape_at(shape, place) is None:
                    raise MisspeltRule(
                        f"rule {rule.name}: {operation} has nothing at the path {place!r}"
                    )


class Place:
    """What is checked at one place of a request, and the places below it."""

    __slots__ = ("below", "rules")

    def __init__(self) -> None:
        self.rules: list[tuple[Callable[[Any], bool], int, Rule]] = []
        self.below: dict[str, Place] = {}


def _places(rules: Iterable[Rule]) -> Place:
    """A tree, so that one walk over a request meets every rule."""
    root = Place()
    for index, rule in enumerate(rules):
        for path in rule.paths:
            place = root
            for segment in paths.segments(path):
                place = place.below.setdefault(segment, Place())
            place.rules.append((rule.constraint.holds, index, rule))
    return root


_At = Union["tuple[_At, str | int]", None]
"""Where a walk is: the place above and the member or element below it. Nearly every request keeps
every rule, so that a path is only written out where it is needed."""


def _walk(value: Any, place: Place, at: _At, found: list[tuple[int, Violation]]) -> None:
    """Collect what is broken at a place and below it."""
    for holds, index, rule in place.rules:
        if not holds(value):
            problem = rule.constraint.problem(value)
            found.append((index, Violation(rule, _path(at), problem, value)))
    if not place.below:
        return
    if isinstance(value, dict):
        for name, below in place.below.items():
            if name in value:
                _walk(value[name], below, (at, name), found)
    elif isinstance(value, list):
        below = place.below[paths.EACH]
        for number, item in enumerate(value):
            _walk(item, below, (at, number), found)


def _path(at: _At) -> str:
    steps: list[str | int] = []
    while at is not None:
        at, step = at
        steps.append(step)
    path = ""
    for step in reversed(steps):
        path = paths.join(path, step)
    return path


def _is_newer(operation: str, violation: Violation) -> bool:
    """Whether a value is missing in an enum only because the installed botocore is newer.

    One that the recorded model knows too is missing because a rule narrows the enum.
    """
    if not isinstance(violation.rule.constraint, OneOf):
        return False
    shape = installed.input_shape(operation, violation.path)
    if violation.value not in (getattr(shape, "enum", None) or ()):
        return False
    recorded = paths.shape_at(catalogue.operations()[operation].input_shape, violation.path)
    return violation.value not in (getattr(recorded, "enum", None) or ())


@functools.cache
def _shipped() -> Table:
    return Table(parameters.rows())


def current() -> Table:
    """The table by which requests are checked and drawn.

    Everybody asks here, each time, and what is made from a table is cached by it: so a test can
    put another table in the place of the shipped one.
    """
    return _shipped()


@functools.cache
def schema_rules() -> tuple[Rule, ...]:
    """The rules within ``api.schema``, each as a row; requests are checked by that one alone."""
    (whole,) = [rule for rule in current().rows if rule.name == "api.schema"]
    return tuple(
        replace(
            whole,
            name=rule.name,
            constraint=GraphQLSchema(rule.name),
            evidence=documented(rule.source),
        )
        for rule in rules().values()
    )


def named(name: str) -> tuple[Rule | StateRule, ...]:
    """The rows of a name; raises UsageError, with the nearest names, where there is none."""
    single = CLIENT_RULES.get(name) or STATE_RULES.get(name)
    if single is not None:
        return (single,)
    found = tuple(rule for rule in (*current().rows, *schema_rules()) if rule.name == name)
    if not found:
        near = difflib.get_close_matches(name, [*CLIENT_RULES, *names()], n=3, cutoff=0.5)
        advice = f"the nearest are {', '.join(near)}" if near else "no name is near it"
        raise errors.UsageError(
            f"no rule is called {name!r}; {advice}. `amplifybackend-fake rules` lists all."
        )
    return found


def names() -> list[str]:
    """The name of every rule, on parameters and on the state, in the order of the tables."""
    rows = (*current().rows, *schema_rules())
    return [*dict.fromkeys(rule.name for rule in rows), *STATE_RULES]
