"""What a target passes, by operation: gathered from reports, shown as a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.provenance import Provenance
from pytest_amplifybackend.contract._support.marks import EVERY, OPERATIONS

BLOCKED = "amplifybackend_blocked"
"""The attribute of a report that says what a test could not get past."""

_QUOTED = re.compile("'[^']*'")
"""A value, which may differ from test to test."""

_KINDS = ("passed", "failed", "xfailed", "skipped", "blocked")
_WORST_FIRST = ("failed", "blocked", "xfailed", "skipped", "passed")


class Conformance:
    """The outcome of each contract test that was reported, whatever process it ran in."""

    def __init__(self) -> None:
        self._outcomes: dict[str, str] = {}
        self._operations: dict[str, tuple[str, ...]] = {}
        self._blocked: dict[str, str] = {}

    def add(self, report: pytest.TestReport) -> None:
        """Take a report into account, unless it is not one of the suite's."""
        properties = dict(report.user_properties)
        if OPERATIONS not in properties:
            return
        outcome = _outcome(report)
        if outcome is None:
            return
        self._operations[report.nodeid] = about(report)
        if outcome == "blocked":
            self._blocked[report.nodeid] = getattr(report, BLOCKED)
        before = self._outcomes.get(report.nodeid, outcome)
        self._outcomes[report.nodeid] = min(before, outcome, key=_WORST_FIRST.index)

    def __len__(self) -> int:
        return len(self._outcomes)

    def rows(self) -> dict[str, Counter[str]]:
        """How often each outcome was met, for each operation that a test was about."""
        found: dict[str, Counter[str]] = {}
        for name in (*catalogue.operations(), EVERY):
            counts = Counter(
                outcome
                for test, outcome in self._outcomes.items()
                if name in self._operations[test]
            )
            if counts:
                found[name] = counts
        return found

    def blocked(self) -> list[str]:
        """What blocked tests, and how many."""
        alike: dict[str, list[str]] = {}
        for reason in self._blocked.values():
            alike.setdefault(_QUOTED.sub("", reason), []).append(reason)
        return [
            f"{reasons[0]} ({len(reasons)} test{'s' if len(reasons) > 1 else ''})"
            for reasons in sorted(alike.values(), key=len, reverse=True)
        ]

    def lines(self, target: str) -> Iterator[str]:
        """The table, a sentence that sums it up, and the operations that were not tested."""
        rows = self.rows()
        tested = {name: counts for name, counts in rows.items() if _judged(counts)} or rows
        width = max(map(len, tested), default=0)
        yield (
            f"{'operation':{width}}  {'passed':>9}  {'failed':>6}  {'xfailed':>7}  {'skipped':>7}"
            f"  {'blocked':>7}"
        )
        for name, counts in tested.items():
            passed, failed, xfailed, skipped, blocked = (counts[kind] for kind in _KINDS)
            told = f"{passed}/{_judged(counts)}"
            yield (
                f"{name:{width}}  {told:>9}  {failed:>6}  {xfailed:>7}  {skipped:>7}  {blocked:>7}"
            )
        named = [name for name in tested if name != EVERY]
        whole = [name for name in named if rows[name]["passed"] and not _bad(rows[name])]
        total = Counter(self._outcomes.values())
        judged = _judged(total)
        left_out = [name for name in rows if name not in tested]
        if left_out:
            yield f"not tested: {', '.join(left_out)}"
        yield (
            f"{target} does all that was tested of {len(whole)} of {len(named)} operations, and "
            f"passes {total['passed']} of {judged} tests."
        )


def _bad(counts: Mapping[str, int]) -> bool:
    return bool(counts["failed"] or counts["xfailed"] or counts["blocked"])


def _judged(counts: Mapping[str, int]) -> int:
    """How many tests came to a result."""
    return sum(counts[kind] for kind in ("passed", "failed", "xfailed", "blocked"))


def about(report: pytest.TestReport) -> tuple[str, ...]:
    """The operations that the test of a report is about."""
    return tuple(str(dict(report.user_properties)[OPERATIONS]).split(","))


def _outcome(report: pytest.TestReport) -> str | None:
    """What a report says of its test; None for a phase that says nothing of it."""
    if hasattr(report, BLOCKED) and report.failed:
        return "blocked"
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.skipped else "failed"
    if report.when == "call" or report.outcome != "passed":
        return str(report.outcome)
    return None


def counted(rows: Iterable[tuple[tuple[str, ...], str]]) -> Iterator[str]:
    """A Markdown table of how many tests there are by operation and provenance."""
    kinds = [str(kind) for kind in Provenance]
    counts: dict[str, Counter[str]] = {name: Counter() for name in (*catalogue.operations(), EVERY)}
    every: Counter[str] = Counter()
    for operations, kind in rows:
        every[kind] += 1
        for name in operations:
            counts[name][kind] += 1
    yield f"| operation | {' | '.join(kinds)} | all |"
    yield f"| --- |{' ---: |' * (len(kinds) + 1)}"
    for name, counted in counts.items():
        shown = name if name == EVERY else f"`{name}`"
        numbers = [counted[kind] for kind in kinds]
        yield f"| {shown} | {' | '.join(map(str, numbers))} | {sum(numbers)} |"
    numbers = [every[kind] for kind in kinds]
    yield f"| tests | {' | '.join(map(str, numbers))} | {sum(numbers)} |"


def properties(item: pytest.Item) -> list[tuple[str, Any]]:
    """What a test's reports say of it."""
    return [(OPERATIONS, ",".join(operations(item)))]


def operations(item: pytest.Item) -> tuple[str, ...]:
    """The operations that a test is about, from all its marks."""
    names = (name for mark in item.iter_markers(OPERATIONS) for name in mark.args)
    return tuple(dict.fromkeys(names))
