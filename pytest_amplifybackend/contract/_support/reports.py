"""``--amplifybackend-report=KIND:PATH``: checked as the run starts, written as it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_amplifybackend import errors

if TYPE_CHECKING:
    from pytest_amplifybackend._report.conformance import Report

_OPTION = "--amplifybackend-report"
KINDS = ("json", "md", "html", "badge")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that a run writes."""

    kind: str
    path: Path


def wanted(texts: Iterable[str] | None) -> list[Wanted]:
    """What the command line asks for; raises UsageError for what could not be written."""
    return [_wanted(text) for text in texts or ()]


def _wanted(text: str) -> Wanted:
    kind, _, name = text.partition(":")
    if kind not in KINDS:
        near = errors.nearest(kind, KINDS)
        raise pytest.UsageError(f"{_OPTION}: {text!r} begins with {kind!r}: {near}")
    if not name:
        raise pytest.UsageError(f"{_OPTION}: {text!r} names no file: write {kind}:PATH.")
    path = Path(name)
    try:
        if kind == "html":
            path.mkdir(exist_ok=True)
            path /= "index.html"
        _try(path)
    except OSError as error:
        raise pytest.UsageError(
            f"{_OPTION}: {name!r} cannot be written: {error.strerror or error}."
        ) from None
    return Wanted(kind, path)


def _try(path: Path) -> None:
    """Open a file as if to write it, and leave everything as it was."""
    new = not path.exists()
    with path.open("a", encoding="utf-8"):
        pass
    if new:
        path.unlink()


def write(files: Iterable[Wanted], report: Report) -> list[str]:
    """Write the files; a sentence for each that could not be written after all."""
    problems = []
    for file in files:
        try:
            file.path.write_text(_content(file)(report), encoding="utf-8")
        except OSError as error:
            problems.append(f"{file.path} could not be written: {error.strerror or error}.")
    return problems


def _content(file: Wanted) -> Callable[[Report], str]:
    from pytest_amplifybackend._report import pages

    if file.kind == "json":
        return lambda report: report.text()
    if file.kind == "badge":
        svg = file.path.suffix == ".svg"
        return lambda report: pages.badge(report, svg=svg)
    return pages.markdown if file.kind == "md" else pages.page
