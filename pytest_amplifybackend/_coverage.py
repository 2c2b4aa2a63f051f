"""Coverage of the API in a run of pytest: recorded in each process, reported by the first."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import pytest

from pytest_amplifybackend._report.coverage import data
from pytest_amplifybackend._report.coverage.recording import Recorder
from pytest_amplifybackend._report.coverage.results import (
    Results,
    as_json,
    as_markdown,
    as_text,
)
from pytest_amplifybackend._report.coverage.settings import Output, Settings

PLACE = ".amplifybackend_coverage"
"""The folder of the data, below the rootdir."""


class Coverage:
    """The plugin of a run with a report or a threshold; a worker of xdist only records."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._settings = settings
        self._is_worker = hasattr(config, "workerinput")
        self._before = os.environ.get(data.FOLDER)
        self._folder = config.rootpath / PLACE
        if self._is_worker and self._before:
            self._folder = Path(self._before)
        else:
            data.prepare(self._folder)
            os.environ[data.FOLDER] = str(self._folder)
        self._test = ""
        self._recorder = Recorder(self._folder, lambda: self._test)
        self._lines: list[str] = []

    def start(self) -> None:
        """Observe the fakes of this process from now on."""
        self._recorder.start()

    def unconfigure(self) -> None:
        """Observe no more, and leave the environment as it was."""
        self._recorder.stop()
        if self._before is None:
            os.environ.pop(data.FOLDER, None)
        else:
            os.environ[data.FOLDER] = self._before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Know which test runs, and take note of its calls at its end."""
        self._test = item.nodeid
        try:
            return (yield)
        finally:
            self._recorder.collect()
            self._test = ""

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the data; in the first process also the reports, and fail below a threshold."""
        self._recorder.stop()
        if self._is_worker:
            return
        results = Results(data.combine(self._folder, self._lines.append), self._settings)
        self._lines += write(results, self._settings.outputs)
        if session.config.option.collectonly:  # nothing ran
            return
        verdicts, enough = results.verdicts(self._settings.thresholds)
        self._lines += verdicts
        if not enough and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the table, where the others were written, and a verdict for each threshold."""
        if self._lines:
            terminalreporter.ensure_newline()
            terminalreporter.section("amplifybackend coverage")
            for line in self._lines:
                terminalreporter.write_line(line)


def write(results: Results, outputs: Iterable[Output]) -> list[str]:
    """Write all reports; returns the lines for a terminal."""
    lines = []
    for output in outputs:
        if output.path is None:
            lines += as_text(results).splitlines()
            continue
        if output.format == "html":
            from pytest_amplifybackend._report.coverage import html

            path = html.write(results, output.path)
        else:
            path = output.path
            path.parent.mkdir(parents=True, exist_ok=True)
            text = as_json(results) if output.format == "json" else as_markdown(results)
            path.write_text(text, encoding="utf-8")
        lines.append(f"wrote {path}")
    return lines
