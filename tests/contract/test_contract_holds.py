"""The fake itself passes the whole suite; CI says so of each transport, from the wheel."""

from __future__ import annotations

from typing import Any

import pytest
from volume import FULL
from wrong_clients import error, put

from pytest_amplifybackend import FakeAmplifyBackend, progress
from pytest_amplifybackend._api import catalogue

RECORDED = "--amplifybackend-errors=observed"


def test_the_fake_passes_the_whole_suite(suite: Any) -> None:
    result = suite("-q")
    assert set(result.parseoutcomes()) == {"passed"}
    number = len(catalogue.operations())
    result.stdout.fnmatch_lines([f"stubber does all that was tested of {number} of {number} *"])


@pytest.mark.volume
def test_recorded_error_codes_are_expected_and_words_are_not(suite: Any, tested: Any) -> None:
    fake = FakeAmplifyBackend(jobs=progress.after_reads(2), errors="observed")
    terse = error("GetBackend", "errors", put("Error", "Message", to="no"))
    target = tested(lambda region: terse.client(fake, region))
    files = ("test_errors", "test_machine") if FULL else ("test_errors",)
    result = suite(target, RECORDED, files=files)
    assert set(result.parseoutcomes()) == {"passed"}


def test_modeled_codes_are_wrong_where_recorded_ones_are_expected(suite: Any, tested: Any) -> None:
    target = tested(FakeAmplifyBackend(jobs=progress.after_reads(2)).client)
    result = suite(target, RECORDED, files=("test_machine",))
    assert set(result.parseoutcomes()) == {"failed"}
    result.stdout.fnmatch_lines(["E*: expected NotFoundException, got unexpected NotFoundExc*"])
