"""Write what each contract test calls, its set-up included, from a run against the fake's server.

    python tools/record_needs.py

Arguments go to pytest: ``-n auto`` takes less time.
A test that is new or calls something else is reported by every run of the suite against the fake.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from pytest_amplifybackend.contract._support import conformance, needs, running


class Recorder:
    """A plugin that takes what each test has called from its report."""

    def __init__(self) -> None:
        self.failed = False
        self.rows: list[tuple[str, tuple[str, ...], dict[str, list[str]]]] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        self.failed = self.failed or report.failed
        called = getattr(report, running.CALLED, None)
        if called is not None:
            row = conformance.short(report.nodeid), conformance.about(report), dict(called)
            self.rows.append(row)


def main() -> int:
    recorder = Recorder()
    command = ["--pyargs", "pytest_amplifybackend.contract", "--amplifybackend-target=server", "-q"]
    alone = ["-c", os.devnull, "-p", "no:cacheprovider", "-p", "no:randomly"]
    pytest.main([*command, *alone, *sys.argv[1:]], plugins=[recorder])
    if recorder.failed or not recorder.rows:
        return 1
    needs.TABLE.write_text(needs.text(recorder.rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
