"""The fake itself passes the suite; CI says so of all of it on each transport, from the wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wrong_clients import error, put

from pytest_amplifybackend import FakeAmplifyBackend, contract, progress
from pytest_amplifybackend._api import catalogue

RECORDED = "--amplifybackend-errors=observed"


OTHERS = ("test_isolation", "test_jobs", "test_lifecycle", "test_machine")
"""Run on other targets by test_contract_targets.py, and the machine by tests/strategies."""


def test_the_fake_passes_the_suite(suite: Any) -> None:
    folder = Path(contract.__file__).parent
    files = [path.stem for path in sorted(folder.glob("test_*.py")) if path.stem not in OTHERS]
    result = suite("-q", files=tuple(files))
    assert set(result.parseoutcomes()) == {"passed"}
    number = len(catalogue.operations())
    result.stdout.fnmatch_lines([f"stubber does all that was tested of {number} of {number} *"])


def test_recorded_error_codes_are_expected_and_words_are_not(suite: Any, tested: Any) -> None:
    fake = FakeAmplifyBackend(jobs=progress.after_reads(2), errors="observed")
    terse = error("GetBackend", "errors", put("Error", "Message", to="no"))
    target = tested(lambda region: terse.client(fake, region))
    result = suite(target, RECORDED, files=("test_errors",))
    assert set(result.parseoutcomes()) == {"passed"}


def test_modeled_codes_are_wrong_where_recorded_ones_are_expected(suite: Any, tested: Any) -> None:
    target = tested(FakeAmplifyBackend(jobs=progress.after_reads(2)).client)
    result = suite(target, RECORDED, files=("test_errors",))
    assert result.parseoutcomes()["failed"] > 30
    result.stdout.fnmatch_lines(
        ["E*: expected ResourceNotFoundException, got status 404, NotFound*"]
    )
