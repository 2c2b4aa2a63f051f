"""The command ``amplifybackend-fake coverage``, and the recording of ``serve``."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from pytest_amplifybackend import errors
from pytest_amplifybackend._report.coverage import data, html
from pytest_amplifybackend._report.coverage.recording import Recorder
from pytest_amplifybackend._report.coverage.results import (
    Results,
    as_json,
    as_markdown,
    as_text,
)
from pytest_amplifybackend._report.coverage.settings import settings

_AS_TEXT = {"term": as_text, "md": as_markdown, "json": as_json}


def run(arguments: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Combine the data of several processes, or report it; the output and the problems."""
    folder = Path(arguments.data)
    output: list[str] = []
    problems: list[str] = []
    try:
        if arguments.action == "combine":
            for other in map(Path, arguments.files):
                _take(other, folder, problems)
        found = data.combine(folder, problems.append)
        if not len(found):
            raise data.DataError(f"{folder} has no coverage data; run the tests first.")
        results = Results(
            found, settings((), "", arguments.scope, arguments.exclude, folder=Path())
        )
        if arguments.action == "report":
            output.append(_AS_TEXT[arguments.format](results))
        elif arguments.action == "html":
            output.append(f"wrote {html.write(results, Path(arguments.folder))}")
    except (errors.UsageError, OSError) as error:
        problems.append(str(error))
    return output, problems


def _take(path: Path, folder: Path, problems: list[str]) -> None:
    """Copy a file of data, or those of a folder, to the others."""
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        problems.append(f"{path} has no coverage data.")
    for file in files:
        try:
            data.Data.read(file).write(data.process_file(folder))
        except data.DataError as error:
            problems.append(f"{error} It is skipped.")


@contextlib.contextmanager
def recording() -> Iterator[None]:
    """Record the calls of this process where a run of pytest collects them, if one does."""
    folder = os.environ.get(data.FOLDER)
    if not folder:
        yield
        return
    recorder = Recorder(Path(folder), lambda: "amplifybackend-fake serve")
    recorder.start()
    try:
        yield
    finally:
        recorder.stop()
