"""Known divergences: what a target is known to do otherwise, each with a reason and a link.

A file of them turns the tests they are about into strict xfails. An entry that is stale or
expired fails the run.
"""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.paths import general

_PLACES = ("test", "path", "operation")
_MEMBERS = {*_PLACES, "reason", "link", "expires"}


_STALE = {
    "test": "test has that id",
    "path": "response differed there",
    "operation": "test that needs it failed",
}


@dataclass(frozen=True, slots=True)
class Divergence:
    """One entry: a test's id, a response's path or an operation, and why it is so.

    ``test`` is ``test_jobs.py::test_name[case]``, where ``*`` stands for anything; without
    brackets it means every case. ``path`` is an operation and a path into its response, such as
    ``GetBackendAuth.ResourceConfig.Service``, with ``[]`` for any element of a list.
    ``operation`` is one that does not work; the tests that need it may fail.
    """

    test: str | None
    path: str | None
    reason: str
    link: str
    expires: date | None
    operation: str | None = None

    @property
    def name(self) -> str:
        """The test, the path or the operation."""
        return self.test or self.path or self.operation or ""

    @property
    def text(self) -> str:
        """The reason, with the link."""
        return f"{self.reason} ({self.link})"

    @property
    def expired(self) -> bool:
        """Whether its last day is over."""
        return self.expires is not None and self.expires < datetime.now(UTC).date()

    def is_about(self, test: str) -> bool:
        """Whether the entry is about a test, content as ``file.py::name[case]``."""
        if self.test is None:
            return False
        plain = self.test.replace("[", "[[]")
        return fnmatch.fnmatchcase(test, plain) or fnmatch.fnmatchcase(test, f"{plain}[[]*]")


class Divergences:
    """The entries of a file; ``used`` are the names of those that were met."""

    def __init__(self, entries: Iterable[Divergence] = ()) -> None:
        self.entries = tuple(entries)
        self.used: set[str] = set()

    def of(self, test: str) -> Divergence | None:
        """The entry about a test that has not expired, if there is one."""
        for entry in self.entries:
            if entry.is_about(test):
                self.used.add(entry.name)
                if not entry.expired:
                    return entry
        return None

    def of_operation(self, names: Collection[str]) -> Divergence | None:
        """The entry about one of these operations that has not expired, if there is one."""
        for entry in self.entries:
            if entry.operation in names and not entry.expired:
                return entry
        return None

    def at(self, operation: str, path: str) -> str | None:
        """The reason why a response may differ at a path, if an entry that holds gives one."""
        place = f"{operation}.{general(path)}"
        for entry in self.entries:
            if entry.path == place:
                self.used.add(entry.name)
                if not entry.expired:
                    return f"{place}: {entry.reason} ({entry.link})"
        return None

    def problems(self, *, collected: bool, run: bool) -> list[str]:
        """A sentence for each entry that is expired, or was never met.

        A test is sure to be met where the whole suite was ``collected``, a path where all of it
        has ``run``.
        """
        found = []
        for entry in self.entries:
            if entry.expired:
                found.append(f"{entry.name}: expired on {entry.expires} ({entry.link})")
            elif entry.name not in self.used and (collected if entry.test else run):
                kind = _STALE["test" if entry.test else "path" if entry.path else "operation"]
                found.append(f"{entry.name}: stale, since no {kind} ({entry.link})")
        return found


def read(path: str | None) -> Divergences:
    """The entries of a TOML file; raises UsageError that names the entry and what is wrong."""
    if path is None:
        return Divergences()
    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise pytest.UsageError(f"--amplifybackend-divergences: {path}: {error}") from None
    if set(content) - {"divergence"}:
        raise pytest.UsageError(
            f"--amplifybackend-divergences: {path} holds [[divergence]] tables only, not "
            f"{', '.join(sorted(set(content) - {'divergence'}))}."
        )
    rows = content.get("divergence", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise pytest.UsageError(f"{path}: write [[divergence]], not [divergence].")
    entries: dict[str, Divergence] = {}
    for number, row in enumerate(rows, 1):
        entry = _entry(f"{path}: entry {number}", row)
        if entry.name in entries:
            raise pytest.UsageError(f"{path}: entry {number}: {entry.name} is listed twice.")
        entries[entry.name] = entry
    return Divergences(entries.values())


def _entry(where: str, row: dict[str, Any]) -> Divergence:
    unknown = sorted(set(row) - _MEMBERS)
    if unknown:
        near = errors.nearest(unknown[0], sorted(_MEMBERS))
        raise pytest.UsageError(f"{where}: unknown member {unknown[0]!r}: {near}")
    places = [name for name in _PLACES if name in row]
    if len(places) != 1:
        raise pytest.UsageError(f"{where}: one of test, path and operation is needed.")
    for name in ("reason", "link", *places):
        if name not in row:
            raise pytest.UsageError(f"{where}: {name} is missing.")
        if not isinstance(row[name], str) or not row[name].strip():
            raise pytest.UsageError(f"{where}: {name} must be a text, not {row[name]!r}.")
    expires = row.get("expires")
    if expires is not None and type(expires) is not date:
        raise pytest.UsageError(f"{where}: expires is a date such as 2030-12-31, not {expires!r}.")
    _check_name(where, row)
    return Divergence(
        row.get("test"),
        row.get("path"),
        str(row["reason"]),
        str(row["link"]),
        expires,
        catalogue.find(row["operation"]) if "operation" in row else None,
    )


def _check_name(where: str, row: dict[str, Any]) -> None:
    """Raise UsageError for a name that no test and no response could ever have."""
    if "test" in row:
        if "::" not in row["test"]:
            raise pytest.UsageError(
                f"{where}: {row['test']!r} is no test such as test_jobs.py::test_name[case]."
            )
        return
    operation, _, member = row.get("path", row.get("operation", "")).partition(".")
    if catalogue.find(operation) is None or ("path" in row and operation.islower()):
        near = errors.nearest(operation, catalogue.operations())
        kind = "path begins with" if "path" in row else "operation is"
        raise pytest.UsageError(f"{where}: the {kind} {operation!r}: {near}")
    if "operation" in row:
        return
    if not member:
        raise pytest.UsageError(f"{where}: the path {operation!r} names no member of the response.")
