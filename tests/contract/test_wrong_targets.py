"""The suite fails on every target that is wrong on purpose, and names the operation.

Of each only the tests of one file and one operation are run. With AMPLIFYBACKEND_TEST_WHOLE=1
the whole suite is, which takes more than half an hour.
"""

from __future__ import annotations

import os

import pytest
from wrong_targets import ANSWERS, CODEC, JOBS, RESOURCES, SERVICE, WRONG

from pytest_amplifybackend.contract._support import conformance

FULL = bool(os.environ.get("AMPLIFYBACKEND_TEST_WHOLE"))


class Failures:
    """Notes the reports of what failed."""

    def __init__(self) -> None:
        self.reports: list[pytest.TestReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.reports.append(report)


def test_there_are_many() -> None:
    tables = SERVICE, CODEC, JOBS, RESOURCES, ANSWERS
    assert sum(map(len, tables)) == len(WRONG) >= 130


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_target_is_found_out(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    wrong = WRONG[name]
    failures = Failures()
    narrow = ["-x", f"--amplifybackend-operations={wrong.operation}"]
    found = f".{wrong.file}"
    if FULL:
        narrow, found = [], ""
    with monkeypatch.context() as patch:
        wrong.patch(patch)
        result = pytester.inline_run(
            "--pyargs",
            f"pytest_amplifybackend.contract{found}",
            f"--amplifybackend-target={wrong.over}",
            "-p",
            "no:randomly",
            "-p",
            "no:cacheprovider",
            *narrow,
            plugins=[failures],
        )
    assert result.ret == pytest.ExitCode.TESTS_FAILED, f"{name} passes for right"
    named = [report for report in failures.reports if _names(report, wrong.operation)]
    assert named, f"{name}: no failure names {wrong.operation}"


def _names(report: pytest.TestReport, operation: str) -> bool:
    """Whether a failure says the operation, and is counted as one of it."""
    counted = dict(report.user_properties)[conformance.OPERATIONS].split(",")
    return operation in counted and operation in report.longreprtext + str(report.sections)
