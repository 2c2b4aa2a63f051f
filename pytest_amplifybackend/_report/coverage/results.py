"""The coverage as numbers, and the reports that are text: terminal, Markdown, JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._report.coverage.data import Data
from pytest_amplifybackend._report.coverage.parts import KINDS, parts
from pytest_amplifybackend._report.coverage.settings import Settings

SCHEMA_VERSION = 1

_LISTED_BY = (
    "To list them: amplifybackend-fake coverage report --format md, "
    "with --scope and --exclude as in the run."
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part: the tests that met it, None if none did; and why it does not count, if so."""

    operation: str
    kind: str
    name: str
    tests: list[str] | None
    excluded: str | None = None

    @property
    def met(self) -> bool:
        return self.tests is not None


@dataclass(frozen=True, slots=True)
class Count:
    """How many of some parts were met; excluded ones do not count."""

    met: int
    all: int

    @property
    def percent(self) -> float:
        """100 where there is nothing to meet."""
        return 100.0 * self.met / self.all if self.all else 100.0

    def __str__(self) -> str:
        return f"{self.met} of {self.all}"


def rounded(percent: float) -> str:
    """A percentage as reports show it: 100 only where nothing is missing."""
    return f"{min(percent, 99.9) if percent < 100 else percent:.1f}".removesuffix(".0")


class Results:
    """What was met of what counts."""

    def __init__(self, data: Data, settings: Settings) -> None:
        self.operations: dict[str, dict[str, list[Part]]] = {
            operation: {
                kind: [_part(data, settings, operation, kind, name) for name in names]
                for kind, names in kinds.items()
            }
            for operation, kinds in parts().items()
            if not settings.scope or operation in settings.scope
        }

    def count(self, operation: str | None = None, kind: str | None = None) -> Count:
        """The parts of an operation or of all, of one kind or of all."""
        counted = [
            part.met
            for name, kinds in self.operations.items()
            if operation in (None, name)
            for each, found in kinds.items()
            if kind in (None, each)
            for part in found
            if part.excluded is None
        ]
        return Count(sum(counted), len(counted))

    def missed(self, operation: str) -> Iterator[Part]:
        """The parts of an operation that no test met."""
        for found in self.operations[operation].values():
            yield from (part for part in found if not part.met and part.excluded is None)

    def verdicts(self, thresholds: Mapping[str, float]) -> tuple[list[str], bool]:
        """A sentence for each threshold, and whether enough was met of every kind."""
        found, enough = [], True
        for kind, least in thresholds.items():
            count = self.count(kind=None if kind == "total" else kind)
            below = count.percent < least
            enough = enough and not below
            found.append(
                f"amplifybackend coverage of {kind} is {rounded(count.percent)} % ({count}), "
                f"{'below' if below else 'not below'} {least:g} %."
            )
        return found, enough


def _part(data: Data, settings: Settings, operation: str, kind: str, name: str) -> Part:
    reasons = (
        exclusion.reason
        for exclusion in settings.exclusions
        if exclusion.covers(operation, kind, name)
    )
    return Part(operation, kind, name, data.tests(operation, kind, name), next(reasons, None))


def table(results: Results) -> list[list[str]]:
    """A row for each operation and one of totals: percentages by kind, and of all."""
    rows = [["operation", *KINDS, "total"]]
    names: list[str | None] = [*results.operations, None]
    for name in names:
        row = ["TOTAL" if name is None else name]
        for kind in (*KINDS, None):
            count = results.count(name, kind)
            row.append(f"{rounded(count.percent)}%" if count.all else "")
        rows.append(row)
    return rows


def as_text(results: Results) -> str:
    """The table for a terminal, and how to list what was missed."""
    rows = table(results)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, "-" * max(map(len, lines)))
    count = results.count()
    if count.met < count.all:
        lines.append(f"{count.all - count.met} parts were missed. {_LISTED_BY}")
    return "\n".join(lines)


def as_markdown(results: Results) -> str:
    """The table and what was missed, for a summary in CI."""
    rows = table(results)
    lines = ["## Coverage of AWS Amplify Backend", ""]
    lines.append(f"{rounded(results.count().percent)} % ({results.count()} parts)")
    lines += ["", _row(rows[0]), _row(["---", *["---:"] * (len(rows[0]) - 1)])]
    lines += [_row(row) for row in rows[1:]]
    for operation in results.operations:
        missed = list(results.missed(operation))
        if missed and results.count(operation, "operations").met:
            lines += ["", f"<details><summary>{operation}: {len(missed)} missed</summary>", ""]
            lines += [f"- {part.kind}: `{part.name}`" for part in missed]
            lines += ["", "</details>"]
    return "\n".join([*lines, ""])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def as_json(results: Results) -> str:
    """All of it, by the schema in docs/coverage.schema.json."""
    found = {
        "version": SCHEMA_VERSION,
        "operations": {
            operation: {
                **{kind: [_entry(part) for part in found] for kind, found in kinds.items()},
                "summary": _summary(results, operation),
            }
            for operation, kinds in results.operations.items()
        },
        "totals": _summary(results, None),
    }
    return json.dumps(found, indent=2) + "\n"


def _entry(part: Part) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": part.name, "met": part.met, "tests": part.tests or []}
    return entry if part.excluded is None else {**entry, "excluded": part.excluded}


def _summary(results: Results, operation: str | None) -> dict[str, Any]:
    counts = {kind: results.count(operation, kind) for kind in KINDS}
    total = results.count(operation)
    return {
        name: {"met": count.met, "all": count.all, "percent": round(count.percent, 2)}
        for name, count in {**counts, "total": total}.items()
    }
