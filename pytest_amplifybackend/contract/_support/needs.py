"""What each test calls, its set-up included: recorded by a run, kept in ``needs.txt``.

A target of which only a few operations work is tested by the tests that need no others.
``tools/record_needs.py`` writes the file; each run against the fake itself compares it with what
was called, so that it cannot go stale.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support import makers
from pytest_amplifybackend.contract._support.marks import EVERY
from pytest_amplifybackend.contract._support.noted import ANY_JOB, HARMLESS_JOB, Called
from pytest_amplifybackend.contract._support.samples import STATES

TABLE = Path(__file__).with_name("needs.txt")
_CHOSEN = (ANY_JOB, HARMLESS_JOB)

PROBES = "test_probes.py::"
"""The tests that start from the state of the operation that they are about, and call no other."""

_HEAD = (
    "# What each test calls besides the operations that it is about, which of these it leaves out\n"
    "# (!), and the provider states that it starts from. Written by tools/record_needs.py.\n"
)


@dataclass(frozen=True)
class Needs:
    """What a test needs besides the operations that it is about, and which of these it does not."""

    calls: frozenset[str]
    unused: frozenset[str]
    roles: frozenset[str]


@functools.lru_cache(maxsize=1)
def _table() -> tuple[Mapping[str, frozenset[str]], Mapping[str, Needs]]:
    roles: dict[str, frozenset[str]] = {}
    tests: dict[str, Needs] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, _, content = line.rpartition(": ")
        calls, _, states = content.partition(" | ")
        words = calls.replace("-", " ").split()
        operations = frozenset(word for word in words if not word.startswith("!"))
        if "::" in name:
            unused = frozenset(word[1:] for word in words if word.startswith("!"))
            tests[name] = Needs(operations, unused, frozenset(filter(None, states.split("; "))))
        else:
            roles[name] = operations
    return roles, tests


def declared(test: str) -> Needs | None:
    """What ``file.py::name[case]`` needs besides what it is about; None if it is not recorded."""
    _, tests = _table()
    name, _, case = test.partition("[")
    if name.startswith(PROBES):
        return Needs(frozenset(), frozenset(), frozenset({STATES[case.partition("-")[0]]}))
    return tests.get(test) or tests.get(_family(name, case)) or tests.get(name)


def _family(name: str, case: str) -> str:
    """The cases of a test whose ids begin in the same way."""
    return f"{name}[{case.partition('-')[0]}-*]"


def missing(
    test: str, about: Collection[str], implemented: Collection[str], *, hooked: bool = False
) -> list[str]:
    """The operations that a test needs and a target lacks, its own first.

    States that a hook may build (``hooked``) need nothing beforehand. A test that is not recorded
    needs what it is about.
    """
    needed = list(catalogue.operations() if EVERY in about else about)
    found = declared(test)
    if found is not None:
        roles, _ = _table()
        needed = [name for name in needed if name not in found.unused] + sorted(found.calls)
        for role in sorted(found.roles):
            if role == ANY_JOB:
                needed += _for_any_job(implemented)
            elif role != HARMLESS_JOB and not hooked:
                needed += sorted(roles.get(role, ()))
    return list(dict.fromkeys(name for name in needed if name not in implemented))


def needed(test: str, about: Collection[str]) -> frozenset[str]:
    """The operations that a test is about or is recorded to call, set-up included."""
    return frozenset(missing(test, about, ()))


def _for_any_job(implemented: Collection[str]) -> tuple[str, ...]:
    maker = makers.chosen(implemented) or makers.MAKERS[0]
    return tuple(step.operation for step in maker)


def difference(test: str, about: Collection[str], called: Called) -> str | None:
    """How what a test has called differs from what is declared, as a sentence."""
    if EVERY in about or test.startswith(PROBES):
        return None
    found = declared(test)
    if found is None:
        return f"{test} is not recorded"
    roles, _ = _table()
    extra = called.itself - set(about) - found.calls
    unused = found.calls - called.itself
    uncalled = set(about).difference(called.itself, *called.roles.values()) ^ found.unused
    states = set(called.roles) ^ found.roles
    for role, operations in called.roles.items():
        if role not in _CHOSEN:
            extra |= operations - roles.get(role, frozenset())
    parts = [
        f"{what} {', '.join(sorted(names))}"
        for what, names in (
            ("calls also", extra),
            ("does not call", unused),
            ("is about, called or not, also", uncalled),
            ("starts otherwise:", states),
        )
        if names
    ]
    return f"{test} {', and '.join(parts)}" if parts else None


def text(rows: Iterable[tuple[str, Collection[str], Mapping[str, Collection[str]]]]) -> str:
    """The content of the file: a line for each set-up, each test, and each case that differs.

    ``rows`` are the test, what it is about, and what it has called as ``Called.plain`` has it.
    """
    roles: dict[str, set[str]] = {}
    functions: dict[str, dict[str, str]] = {}
    for test, about, called in rows:
        if EVERY in about:
            continue
        for role, operations in called.items():
            if role and role not in _CHOSEN:
                roles.setdefault(role, set()).update(operations)
        unused = set(about).difference(*called.values())
        own = [*sorted(set(called[""]) - set(about)), *(f"!{name}" for name in sorted(unused))]
        states = "; ".join(sorted(filter(None, called)))
        content = " ".join(own) or "-"
        content = f"{content} | {states}" if states else content
        functions.setdefault(test.partition("[")[0], {})[test] = content
    lines = [f"{role}: {' '.join(sorted(names)) or '-'}" for role, names in sorted(roles.items())]
    lines.append("")
    for name, cases in sorted(functions.items()):
        lines += _lines(name, cases)
    return _HEAD + "\n".join(lines) + "\n"


def _lines(name: str, cases: Mapping[str, str]) -> list[str]:
    """The usual content of a test's cases, and those that differ, by families where these agree."""
    counts = Counter(cases.values())
    usual = min(counts, key=lambda content: (-counts[content], content))
    families: dict[str, dict[str, str]] = {}
    for test, content in cases.items():
        families.setdefault(_family(name, test.partition("[")[2]), {})[test] = content
    others: dict[str, str] = {}
    for family, members in families.items():
        agree = len(members) > 1 and len(set(members.values())) == 1
        others |= {family: next(iter(members.values()))} if agree else members
    found = [f"{name}: {usual}"]
    return found + [
        f"{test}: {content}" for test, content in sorted(others.items()) if content != usual
    ]
