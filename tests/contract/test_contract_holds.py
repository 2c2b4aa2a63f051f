"""The fake itself passes the whole suite; `.ci/run` says so of each transport, from the wheel."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import patches
import pytest

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._transports import codec

RECORDED = ("--amplifybackend-target=wire", "--amplifybackend-errors=observed")


def test_the_fake_passes_the_whole_suite(suite: Any) -> None:
    result = suite("-q")
    assert set(result.parseoutcomes()) == {"passed"}
    number = len(catalogue.operations())
    result.stdout.fnmatch_lines([f"stubber does all that was tested of {number} of {number} *"])


def test_recorded_error_codes_are_held_to_and_words_are_not(
    suite: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def terse(found: codec.HTTPResponse) -> codec.HTTPResponse:
        said = {**json.loads(found.body), "message": "no"}
        return replace(found, body=json.dumps(said).encode())

    patches.refusal(monkeypatch, terse)
    result = suite(*RECORDED, files=("test_errors", "test_machine"))
    assert set(result.parseoutcomes()) == {"passed"}


def test_modeled_codes_are_wrong_where_recorded_ones_are_expected(
    suite: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = codec.modeled_error
    monkeypatch.setattr(codec, "modeled_error", lambda error, _: original(error, "modeled"))
    result = suite(*RECORDED, files=("test_machine",))
    assert set(result.parseoutcomes()) == {"failed"}
    result.stdout.fnmatch_lines(["E*: expected NotFoundException, got unexpected NotFoundExc*"])
