"""The suite fails on every target that is wrong on purpose, and names the operation.

Of each only the tests of one file and one operation are run. The default run tries one in four.
"""

from __future__ import annotations

from typing import Any

import pytest
from volume import only_full
from wrong_clients import WRONG, Wrong

from pytest_amplifybackend import FakeAmplifyBackend, progress
from pytest_amplifybackend.contract._support import conformance


class Target:
    """The plugin of a run: it has the wrong clients, and notes the reports of what failed."""

    def __init__(self, wrong: Wrong) -> None:
        self.failures: list[pytest.TestReport] = []
        self._wrong = wrong
        self._fake = FakeAmplifyBackend(jobs=progress.after_reads(2), transport=wrong.transport)

    def pytest_amplifybackend_client(self, region: str) -> Any:
        return self._wrong.client(self._fake, region)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failures.append(report)


def test_there_are_many() -> None:
    assert len(WRONG) >= 100


SOME = list(WRONG)[::4]


@pytest.mark.parametrize(
    "name", [name if name in SOME else pytest.param(name, marks=only_full()) for name in WRONG]
)
def test_a_wrong_target_is_found_out(pytester: pytest.Pytester, name: str) -> None:
    wrong = WRONG[name]
    target = Target(wrong)
    result = pytester.inline_run(
        "--pyargs",
        f"pytest_amplifybackend.contract.test_{wrong.file}",
        "--amplifybackend-target=hook",
        "-pno:randomly",
        "-pno:cacheprovider",
        "-x",
        f"--amplifybackend-operations={wrong.operation}",
        plugins=[target],
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED, f"{name} passes for right"
    named = [report for report in target.failures if _names(report, wrong.operation)]
    assert named, f"{name}: no failure names {wrong.operation}"


def _names(report: pytest.TestReport, operation: str) -> bool:
    """Whether a failure says the operation, and is counted as one of it."""
    counted = str(dict(report.user_properties)[conformance.OPERATIONS]).split(",")
    return operation in counted and operation in report.longreprtext + str(report.sections)
