"""The options of the coverage report, checked before the first test."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._report.coverage.parts import KINDS
from pytest_amplifybackend._wording import nearest

OPTION = "--amplifybackend-coverage"
FORMATS = ("term", "json", "md", "html")


@dataclass(frozen=True, slots=True)
class Output:
    """A report in one format; ``path`` is None for the terminal."""

    format: str
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Parts that do not count, by patterns, and why."""

    operation: str
    kind: str
    name: str
    reason: str

    def covers(self, operation: str, kind: str, name: str) -> bool:
        """Whether a part is left out."""
        return (
            fnmatch.fnmatchcase(operation, self.operation)
            and fnmatch.fnmatchcase(kind, self.kind)
            and fnmatch.fnmatchcase(name, self.name)
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """What to report, of which operations, and below which percentages the run fails."""

    outputs: tuple[Output, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    scope: tuple[str, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()


def settings(
    outputs: Iterable[str],
    fail_under: str = "",
    scope: str = "",
    exclusions: Iterable[str] = (),
    *,
    folder: Path,
) -> Settings:
    """The settings as users write them, paths relative to a folder; raises UsageError."""
    return Settings(
        outputs=tuple(_output(text, folder) for text in outputs),
        thresholds=_thresholds(fail_under),
        scope=_scope(scope),
        exclusions=tuple(_exclusion(line) for line in exclusions if line.strip()),
    )


def _output(text: str, folder: Path) -> Output:
    name, separator, target = text.strip().partition(":")
    if name not in FORMATS:
        raise errors.UsageError(f"{OPTION}: unknown format {name!r}: {nearest(name, FORMATS)}")
    if name == "term":
        if separator:
            raise errors.UsageError(f"{OPTION}: term takes no file, not {target!r}.")
        return Output(name)
    if not target:
        kind = "a folder" if name == "html" else "a file"
        raise errors.UsageError(f"{OPTION}: {name} needs {kind}, as in {name}:PATH.")
    path = folder / target
    _check_writable(path, is_folder=name == "html")
    return Output(name, path)


def _check_writable(path: Path, *, is_folder: bool) -> None:
    if path.exists() and path.is_dir() != is_folder:
        kind = "a folder" if is_folder else "a file"
        raise errors.UsageError(f"{OPTION}: {path} is not {kind}.")
    folder = path if is_folder else path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise errors.UsageError(f"{OPTION}: {path} cannot be written: {error}") from None
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise errors.UsageError(f"{OPTION}: {path} cannot be written.")


def _thresholds(text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for piece in filter(None, (piece.strip() for piece in text.split(","))):
        kind, separator, number = piece.rpartition(":")
        kind = kind.strip() if separator else "total"
        if kind not in (*KINDS, "total"):
            known = ("total", *KINDS)
            raise errors.UsageError(
                f"{OPTION}-fail-under: unknown kind {kind!r}: {nearest(kind, known)}"
            )
        try:
            found[kind] = float(number.strip().removesuffix("%"))
        except ValueError:
            found[kind] = -1
        if not 0 <= found[kind] <= 100:
            raise errors.UsageError(
                f"{OPTION}-fail-under must be a percentage from 0 to 100, such as 80 or "
                f"operations:100,errors:50, not {piece!r}."
            )
    return found


def _scope(text: str) -> tuple[str, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    return tuple(dict.fromkeys(_operation(f"{OPTION}-scope", name) for name in names))


def _operation(option: str, name: str) -> str:
    try:
        return catalogue.named(name)
    except errors.UnknownOperation as error:
        raise errors.UsageError(f"{option}: {error}") from None


def _exclusion(line: str) -> Exclusion:
    """``CreateBackendAuth members ResourceConfig.*: why``; the patterns are those of fnmatch."""
    what, separator, reason = line.partition(": ")
    words: Sequence[str] = what.split(None, 2)
    if not separator or not reason.strip() or not words:
        raise errors.UsageError(
            "amplifybackend_coverage_exclude: each line is OPERATION [KIND [NAME]]: REASON, "
            f"not {line.strip()!r}."
        )
    operation, kind, name = [*words, *["*"] * (3 - len(words))]
    known = catalogue.operations()
    if not fnmatch.filter(known, operation):
        operation = _operation("amplifybackend_coverage_exclude", operation)
    if not fnmatch.filter(KINDS, kind):
        raise errors.UsageError(
            f"amplifybackend_coverage_exclude: unknown kind {kind!r}: {nearest(kind, KINDS)}"
        )
    return Exclusion(operation, kind, name, reason.strip())
