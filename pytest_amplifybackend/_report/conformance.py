"""The conformance of a target: the outcome of each contract test, as JSON that can be compared.

``conformance.schema.json`` describes the JSON. Two runs that find the same write the same: there
are no times, and no values that a target makes up.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_amplifybackend._api import catalogue

FORMAT = 1
SCHEMA = Path(__file__).with_name("conformance.schema.json")
OUTCOMES = ("passed", "failed", "xfailed", "skipped", "blocked")
JUDGED = ("passed", "failed", "xfailed", "blocked")
EVERY = "every operation"

_MADE_UP = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\bd[0-9a-f]{13}\b"), "<app>"),
    (re.compile(r"\b[0-9]{10,13}\b"), "<time>"),
    (re.compile(r" at 0x[0-9a-f]+"), ""),
)
_LONGEST = 300


@dataclass(frozen=True)
class Outcome:
    """One test: its outcome, what it is about and rests on, and why it did not pass."""

    name: str
    outcome: str
    operations: tuple[str, ...]
    provenance: str
    reason: str = ""

    def plain(self) -> dict[str, Any]:
        """As the JSON has it."""
        found = {
            "outcome": self.outcome,
            "operations": list(self.operations),
            "provenance": self.provenance,
        }
        return {**found, "reason": self.reason} if self.reason else found


@dataclass(frozen=True)
class Report:
    """What a run has found out about a target; tests are sorted by name."""

    target: str
    package: str
    tests: tuple[Outcome, ...]

    @property
    def counts(self) -> Counter[str]:
        """How many tests had each outcome."""
        return Counter(test.outcome for test in self.tests)

    @property
    def by_operation(self) -> dict[str, Counter[str]]:
        """The same for each operation that a test is about, in the model's order."""
        found = {}
        for name in (*catalogue.operations(), EVERY):
            counts = Counter(test.outcome for test in self.tests if name in test.operations)
            if counts:
                found[name] = counts
        return found

    @property
    def whole(self) -> tuple[list[str], list[str]]:
        """The operations of which every judged test passes, and all that were judged."""
        rows = {name: counts for name, counts in self.by_operation.items() if name != EVERY}
        tested = [name for name, counts in rows.items() if judged(counts)]
        return [name for name in tested if rows[name]["passed"] == judged(rows[name])], tested

    @property
    def sentence(self) -> str:
        """What the run comes to."""
        whole, tested = self.whole
        return (
            f"{self.target} does all that was tested of {len(whole)} of {len(tested)} operations, "
            f"and passes {self.counts['passed']} of {judged(self.counts)} tests."
        )

    def text(self) -> str:
        """The report as JSON, the same for the same outcomes."""
        operations = {
            name: {outcome: counts[outcome] for outcome in OUTCOMES}
            for name, counts in self.by_operation.items()
        }
        content = {
            "format": FORMAT,
            "target": self.target,
            "package": self.package,
            "counts": {outcome: self.counts[outcome] for outcome in OUTCOMES},
            "operations": operations,
            "tests": {test.name: test.plain() for test in self.tests},
        }
        return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def judged(counts: Mapping[str, int]) -> int:
    """How many tests came to a result."""
    return sum(counts[kind] for kind in JUDGED)


def stable(reason: str) -> str:
    """The first line of a reason, without what differs from run to run."""
    line = reason.strip().partition("\n")[0]
    for pattern, instead in _MADE_UP:
        line = pattern.sub(instead, line)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def report(target: str, package: str, tests: Iterable[Outcome]) -> Report:
    """The report of a run, whatever order its tests had."""
    return Report(target, package, tuple(sorted(tests, key=lambda test: test.name)))


class NotAReport(ValueError):
    """A file is not a conformance report; the message says why."""


def read(path: str) -> Report:
    """A report from its JSON file; raises NotAReport for any other file."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise NotAReport(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise NotAReport(f"{path} is not JSON: {error}") from None
    try:
        if content["format"] != FORMAT:
            raise NotAReport(
                f"{path} has format {content['format']!r}, and this version reads {FORMAT}."
            )
        tests = [_test(name, row) for name, row in content["tests"].items()]
        return report(str(content["target"]), str(content["package"]), tests)
    except (AttributeError, KeyError, TypeError):
        raise NotAReport(
            f"{path} is not a conformance report: write one with --amplifybackend-report=json:FILE."
        ) from None


def _test(name: str, row: Mapping[str, Any]) -> Outcome:
    if row["outcome"] not in OUTCOMES:
        raise KeyError(row["outcome"])
    return Outcome(
        name,
        str(row["outcome"]),
        tuple(map(str, row["operations"])),
        str(row["provenance"]),
        str(row.get("reason", "")),
    )


@dataclass(frozen=True)
class Comparison:
    """What has changed from one report to another: lines of text, and whether it got worse."""

    lines: Sequence[str]
    worse: bool


def compare(old: Report, new: Report) -> Comparison:
    """What has changed; worse is a test that passed and does not any more, or has gone."""
    before, after = ({test.name: test for test in one.tests} for one in (old, new))
    groups: dict[str, list[str]] = {}
    for name in sorted({*before, *after}):
        title = _change(before.get(name), after.get(name))
        if title is not None:
            groups.setdefault(title, []).append(_line(name, after.get(name)))
    lines = [f"old: {old.sentence}", f"new: {new.sentence}"]
    for title in _ORDER:
        if title in groups:
            lines += ["", f"{title}: {len(groups[title])}", *groups[title]]
    if not groups:
        lines += ["", "No test has another outcome."]
    return Comparison(lines, bool(groups.keys() & _WORSE))


_NO_LONGER, _GONE = "no longer pass", "are gone"
_ORDER = (_NO_LONGER, _GONE, "pass now", "have another outcome", "are new")
_WORSE = {_NO_LONGER, _GONE}


def _change(old: Outcome | None, new: Outcome | None) -> str | None:
    if old is None or new is None:
        return "are new" if old is None else _GONE
    if old.outcome == new.outcome:
        return None
    if "passed" in (old.outcome, new.outcome):
        return "pass now" if new.outcome == "passed" else _NO_LONGER
    return "have another outcome"


def _line(name: str, new: Outcome | None) -> str:
    if new is None:
        return f"  {name}"
    return f"  {name}: {new.outcome}{', ' if new.reason else ''}{new.reason}"
