"""The fake itself passes the whole suite; `.ci/run` says so of each transport, from the wheel."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend.model import catalogue


def test_the_fake_passes_the_whole_suite(suite: Any) -> None:
    result = suite("-q")
    assert set(result.parseoutcomes()) == {"passed"}
    number = len(catalogue.operations())
    result.stdout.fnmatch_lines([f"stubber does all that was tested of {number} of {number} *"])
