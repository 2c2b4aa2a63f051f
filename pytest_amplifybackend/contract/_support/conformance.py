"""What a target passes, by operation: gathered from reports, shown as a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

import pytest

from pytest_amplifybackend import __version__
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.provenance import Provenance
from pytest_amplifybackend._report.conformance import OUTCOMES, Outcome, Report, judged, stable
from pytest_amplifybackend._report.conformance import report as report_of
from pytest_amplifybackend.contract._support.marks import EVERY, OPERATIONS, PROVENANCE

BLOCKED = "amplifybackend_blocked"
"""The attribute of a report that says what a test could not get past."""

_QUOTED = re.compile("'[^']*'")
"""A value, which may differ from test to test."""

_WORST_FIRST = ("failed", "blocked", "xfailed", "skipped", "passed")


class Conformance:
    """The outcome of each contract test that was reported, whatever process it ran in."""

    def __init__(self) -> None:
        self._tests: dict[str, Outcome] = {}
        self._blocked: dict[str, str] = {}

    def add(self, report: pytest.TestReport) -> None:
        """Take a report into account, unless it is not one of the suite's."""
        properties = dict(report.user_properties)
        if OPERATIONS not in properties:
            return
        outcome = _outcome(report)
        if outcome is None:
            return
        if outcome == "blocked":
            self._blocked[report.nodeid] = getattr(report, BLOCKED)
        kind = str(properties[PROVENANCE])
        test = Outcome(short(report.nodeid), outcome, about(report), kind, _reason(report, outcome))
        before = self._tests.get(report.nodeid, test)
        self._tests[report.nodeid] = min(before, test, key=_badness)

    def __len__(self) -> int:
        return len(self._tests)

    def report(self, target: str) -> Report:
        """All of it, as a report of a target."""
        return report_of(target, __version__, self._tests.values())

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
        report = self.report(target)
        rows = report.by_operation
        tested = {name: counts for name, counts in rows.items() if judged(counts)} or rows
        width = max(map(len, tested), default=0)
        yield (
            f"{'operation':{width}}  {'passed':>9}  {'failed':>6}  {'xfailed':>7}  {'skipped':>7}"
            f"  {'blocked':>7}"
        )
        for name, counts in tested.items():
            passed, failed, xfailed, skipped, blocked = (counts[kind] for kind in OUTCOMES)
            told = f"{passed}/{judged(counts)}"
            yield (
                f"{name:{width}}  {told:>9}  {failed:>6}  {xfailed:>7}  {skipped:>7}  {blocked:>7}"
            )
        left_out = [name for name in rows if name not in tested]
        if left_out:
            yield f"not tested: {', '.join(left_out)}"
        yield report.sentence


def _badness(test: Outcome) -> int:
    return _WORST_FIRST.index(test.outcome)


def short(nodeid: str) -> str:
    """A test's id from its file's name on, as a file of divergences has it."""
    path, _, name = nodeid.partition("::")
    return f"{PurePath(path).name}::{name}"


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


def _reason(report: pytest.TestReport, outcome: str) -> str:
    """Why a test did not pass, in one line that is the same in every run."""
    if outcome == "passed":
        return ""
    if outcome == "blocked":
        return stable(getattr(report, BLOCKED))
    if outcome == "xfailed":
        return stable(str(report.wasxfail).removeprefix("reason: "))
    if outcome == "skipped" and isinstance(report.longrepr, tuple):
        return stable(report.longrepr[2].removeprefix("Skipped: "))
    crash = getattr(report.longrepr, "reprcrash", None)
    return stable(str(report.longrepr) if crash is None else crash.message)


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
    (rests_on,) = item.iter_markers(PROVENANCE)
    return [(OPERATIONS, ",".join(operations(item))), (PROVENANCE, str(rests_on.args[0]))]


def operations(item: pytest.Item) -> tuple[str, ...]:
    """The operations that a test is about, from all its marks."""
    names = (name for mark in item.iter_markers(OPERATIONS) for name in mark.args)
    return tuple(dict.fromkeys(names))
