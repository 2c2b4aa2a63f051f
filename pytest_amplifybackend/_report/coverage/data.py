"""What was met by which tests, in files: one a process, and one of all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._report.coverage.facts import Fact
from pytest_amplifybackend._report.coverage.parts import parts

FORMAT = "amplifybackend-coverage"
VERSION = 1
MOST_TESTS = 20
"""How many tests are noted for a part; which others met it too tells little more."""

COMBINED = "combined.json"
FOLDER = "AMPLIFYBACKEND_COVERAGE_DATA"
"""The environment variable that tells child processes where their data go."""


class DataError(errors.UsageError):
    """A file is not coverage data; the message names it and says why."""


class Data:
    """Which tests have met each part."""

    def __init__(self) -> None:
        self._met: dict[Fact, dict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._met)

    def add(self, facts: Iterable[Fact], test: str) -> None:
        """Note that a test met parts; a test without a name is counted, and not shown."""
        for fact in facts:
            tests = self._met.get(fact)
            if tests is None:
                tests = self._met[fact] = {}
            if test and test not in tests and len(tests) < MOST_TESTS:
                tests[test] = None

    def merge(self, other: Data) -> None:
        """Add what another has."""
        for fact, tests in other._met.items():
            self.add([fact], "")
            for test in tests:
                self.add([fact], test)

    def tests(self, operation: str, kind: str, name: str) -> list[str] | None:
        """The tests that met a part, in alphabetical order; None if none did."""
        found = self._met.get((operation, kind, name))
        return None if found is None else sorted(found)

    def write(self, path: Path) -> None:
        """Write a file that appears as a whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        facts: dict[str, dict[str, dict[str, list[str]]]] = {}
        for (operation, kind, name), tests in sorted(self._met.items()):
            facts.setdefault(operation, {}).setdefault(kind, {})[name] = sorted(tests)
        text = json.dumps({"format": FORMAT, "version": VERSION, "facts": facts}, indent=1)
        draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)

    @classmethod
    def read(cls, path: Path) -> Data:
        """The data in a file; raises DataError for another kind of file."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DataError(f"{path} cannot be read: {error}") from None
        if not isinstance(found, Mapping) or found.get("format") != FORMAT:
            raise DataError(f"{path} is not coverage data of this package.")
        if found.get("version") != VERSION:
            raise DataError(f"{path} has the version {found.get('version')!r}, not {VERSION}.")
        data = cls()
        try:
            for fact, tests in _facts(found["facts"]):
                data.add([fact], "")
                for test in tests:
                    data.add([fact], str(test))
        except (AttributeError, KeyError, TypeError) as error:
            raise DataError(f"{path} is damaged: {type(error).__name__}: {error}") from None
        return data


def _facts(found: Any) -> Iterator[tuple[Fact, Any]]:
    known = parts()
    for operation, kinds in found.items():
        for kind, names in kinds.items():
            for name, tests in names.items():
                if operation in known and kind in known[operation]:
                    yield (operation, kind, name), tests


def process_file(folder: Path) -> Path:
    """A new file for the data of this process."""
    return folder / f"{os.getpid()}-{os.urandom(4).hex()}.part.json"


def combine(folder: Path, warn: Any) -> Data:
    """The data of all processes, which are one file afterwards.

    A file that is not data is left, and ``warn`` is called with a sentence about it.
    """
    data = Data()
    pieces = sorted(folder.glob("*.part.json"))
    for path in (folder / COMBINED, *pieces):
        if not path.exists():
            continue
        try:
            data.merge(Data.read(path))
        except DataError as error:
            warn(str(error))
            continue
        if path.name != COMBINED:
            path.unlink()
    data.write(folder / COMBINED)
    return data


def prepare(folder: Path) -> None:
    """Make the folder, which git ignores, and remove the data of earlier runs."""
    for path in (*folder.glob("*.part.json"), folder / COMBINED):
        path.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("# Data of a test run.\n*\n", encoding="utf-8")
