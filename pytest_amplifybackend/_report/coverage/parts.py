"""All parts of the API that tests can cover: what a percentage is a percentage of."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.paths import shape_at
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.constraints import Items, Length, Whole
from pytest_amplifybackend._rules.rule import Layer
from pytest_amplifybackend._rules.states import STATE_RULES
from pytest_amplifybackend._service.entities import ABSENT
from pytest_amplifybackend._service.handlers import OPERATIONS
from pytest_amplifybackend._service.operations import Declaration

OUTCOMES = ("completed", "failed", "failed by the test", "seen PENDING", "seen RUNNING")
"""What can become of a job, and what a program can see of it before it ends."""

PAGES = ("one page", "more pages", "last page")
"""What a call of an operation with pages can get; the last page is one after others."""

Parts = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Operation, kind and names."""


def _members(operation: str) -> Iterator[str]:
    shape = catalogue.operations()[operation].input_shape
    for path, _ in catalogue.members(shape):
        if not path.endswith("[]"):
            yield f"{path} present"
            if not required(operation, path):
                yield f"{path} absent"


@functools.lru_cache(maxsize=4096)
def required(operation: str, path: str) -> bool:
    """Whether a request must have a member, or the structure above it must."""
    above, _, name = path.rpartition(".")
    return name in container(operation, above).required_members


@functools.lru_cache(maxsize=4096)
def container(operation: str, path: str) -> Any:
    """The structure at a path of a request, which is empty for the request itself."""
    return shape_at(catalogue.operations()[operation].input_shape, path)


def _enums(operation: str) -> Iterator[str]:
    for path, shape in catalogue.members(catalogue.operations()[operation].input_shape):
        for value in getattr(shape, "enum", ()):
            yield f"{path} = {value}"


@functools.cache
def limits(operation: str) -> Mapping[str, tuple[tuple[int, str], ...]]:
    """By path the sizes or numbers at which a rule changes its mind, each with its name."""
    found: dict[str, dict[int, str]] = {}
    rules = (*table.current().of(operation, Layer.SERVICE),)
    for rule in (*rules, *table.current().of(operation, Layer.PROVISIONING)):
        constraint = rule.constraint
        if isinstance(constraint, (Length, Whole, Items)):
            ends = {"least": getattr(constraint, "least", 0), "most": constraint.most}
            for path in rule.paths:
                for word, number in ends.items():
                    if number:
                        name = f"{path}: {word}, {number}"
                        found.setdefault(path, {})[number] = name
    return {path: tuple(ends.items()) for path, ends in found.items()}


def _limits(operation: str) -> Iterator[str]:
    for ends in limits(operation).values():
        yield from (name for _, name in ends)


def _rules(operation: str) -> Iterator[str]:
    declared = OPERATIONS[operation]
    rules = (*table.current().of(operation, Layer.SERVICE),)
    for rule in (*rules, *table.current().of(operation, Layer.PROVISIONING)):
        yield rule.name
    yield from declared.rules.values()
    yield from declared.requires.values()
    for state_rule in STATE_RULES.values():
        if operation in state_rule.operations or _can_break(state_rule.name, operation):
            yield state_rule.name


def _can_break(rule: str, operation: str) -> bool:
    """Whether an operation can break one of the rules on every operation of some kind."""
    declared, members = OPERATIONS[operation], catalogue.operations()[operation].input_shape.members
    if rule == "job.pending":
        return declared.makes_job
    reads_job = "JobId" in members  # a job that is missing is all that such a call is told of
    if rule == "app.missing":
        return operation != "CreateBackend" and "AppId" in members and not reads_job
    if rule == "environment.missing":
        makes_it = declared.entity == "environment" and ABSENT in declared.moves
        return "BackendEnvironmentName" in members and not (makes_it or reads_job)
    return False


def rule_of(name: str) -> str:
    """The rule under which a broken one counts: all of a schema's are one."""
    return "api.schema" if name.startswith("schema.") else name


def _transitions(operation: str) -> Iterator[str]:
    declared = OPERATIONS[operation]
    for entity, moves, _ in declared.moved():
        for source, target in moves.items():
            yield transition(entity, source, target)
            if declared.makes_job and entity == declared.entity:
                yield f"{transition(entity, source, declared.on_failure or source)} by failure"


def transition(entity: str, source: str, target: str) -> str:
    """The name of a move of an entity."""
    return f"{entity}: {source} -> {target}"


def _has_pages(declared: Declaration) -> bool:
    operation = catalogue.operations()[declared.name]
    return "NextToken" in operation.input_shape.members


_KINDS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "operations": lambda _: iter(["called"]),
    "members": _members,
    "enums": _enums,
    "limits": _limits,
    "errors": lambda operation: iter(catalogue.operations()[operation].errors),
    "outcomes": lambda operation: iter(OUTCOMES if OPERATIONS[operation].makes_job else ()),
    "transitions": _transitions,
    "rules": _rules,
    "pages": lambda operation: iter(PAGES if _has_pages(OPERATIONS[operation]) else ()),
}
KINDS = tuple(_KINDS)
"""The kinds of parts, in the order of the reports."""


@functools.cache
def parts() -> Parts:
    """Every part of the API."""
    return {
        operation: {kind: tuple(dict.fromkeys(names(operation))) for kind, names in _KINDS.items()}
        for operation in catalogue.operations()
    }
