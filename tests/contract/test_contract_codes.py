"""Which error codes the suite expects: those of the API model, or those that were recorded."""

from __future__ import annotations

from typing import Any

from volume import full_only
from wrong_clients import error, put

from pytest_amplifybackend import FakeAmplifyBackend, progress

RECORDED = "--amplifybackend-errors=observed"


def test_recorded_error_codes_are_expected_and_words_are_not(suite: Any, tested: Any) -> None:
    fake = FakeAmplifyBackend(jobs=progress.after_reads(2), errors="observed")
    terse = error("GetBackend", "errors", put("Error", "Message", to="no"))
    target = tested(lambda region: terse.client(fake, region))
    result = suite(target, RECORDED, files=("test_errors",))
    assert set(result.parseoutcomes()) == {"passed"}


@full_only
def test_modeled_codes_are_wrong_where_recorded_ones_are_expected(suite: Any, tested: Any) -> None:
    target = tested(FakeAmplifyBackend(jobs=progress.after_reads(2)).client)
    result = suite(target, RECORDED, files=("test_errors",))
    assert result.parseoutcomes()["failed"] > 30
    result.stdout.fnmatch_lines(
        ["E*: expected ResourceNotFoundException, got status 404, NotFound*"]
    )
