"""Write docs/conformance.md: what this project's fake passes of its own suite, over each transport.

    python tools/publish_conformance.py            # runs the suite four times: some minutes
    python tools/publish_conformance.py --check stubber report.json

``--check`` says whether a report of one transport has found what its column says: of which
operations all tests pass.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pytest_amplifybackend._report import conformance
from pytest_amplifybackend._report.conformance import Report

TARGETS = ("stubber", "wire", "server", "responses")
PAGE = Path(__file__).parents[1] / "docs" / "conformance.md"
START, END = (
    "<!-- conformance: written by `python tools/publish_conformance.py` -->",
    "<!-- end -->",
)


def run(target: str, folder: Path) -> Report:
    file = folder / f"{target}.json"
    command = ("-m", "pytest", "--pyargs", "pytest_amplifybackend.contract", "-q")
    options = (f"--amplifybackend-target={target}", f"--amplifybackend-report=json:{file}")
    subprocess.run([sys.executable, *command, *options], cwd=folder, check=True)
    return conformance.read(str(file))


def cells(report: Report) -> dict[str, str]:
    """The passed and the judged tests of each operation, and all."""
    found = {
        name: f"{counts['passed']}/{conformance.judged(counts)}"
        for name, counts in report.by_operation.items()
    }
    total = f"{report.counts['passed']}/{conformance.judged(report.counts)}"
    return {**found, "tests": total, "skipped": str(report.counts["skipped"])}


def table(reports: Mapping[str, Report]) -> str:
    columns = [cells(report) for report in reports.values()]
    rows = [
        f"| {name} | {' | '.join(column.get(name, '-') for column in columns)} |"
        for name in dict.fromkeys(name for column in columns for name in column)
    ]
    head = [f"| operation | {' | '.join(reports)} |", f"| --- |{' ---: |' * len(columns)}"]
    return "\n".join([*head, *rows])


def published(target: str) -> dict[str, str]:
    """The column of a transport in the document."""
    text = PAGE.read_text().partition(START)[2].partition(END)[0]
    rows = [line.strip("| ").split(" | ") for line in text.split("\n") if line]
    column = rows[0].index(target)
    return {row[0]: row[column] for row in rows[2:]}


def holds(name: str, expected: Mapping[str, str], found: Mapping[str, str]) -> bool:
    """Whether what is published of an operation is so: all of its tests pass, or some do not.

    How many there are grows with every test; the document is written anew for a release.
    """
    if name == "skipped":
        return True
    whole = [column.get(name, "0/1").split("/") for column in (expected, found)]
    return len({passed == judged for passed, judged in whole}) == 1


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--check"]:
        target, file = arguments[1:]
        expected, found = published(target), cells(conformance.read(file))
        wrong = sorted(name for name in {*expected, *found} if not holds(name, expected, found))
        for name in wrong:
            print(f"docs/conformance.md: {name}: {expected.get(name)}, not {found.get(name)}")
        return 1 if wrong else 0
    with tempfile.TemporaryDirectory() as folder:
        reports = {target: run(target, Path(folder)) for target in TARGETS}
    before, _, rest = PAGE.read_text().partition(START)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{START}\n{table(reports)}\n{END}{after}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
