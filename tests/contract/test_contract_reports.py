"""The reports that a run of the suite writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from volume import full_only

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._report import conformance

REPORT = "--amplifybackend-report"


def test_all_reports_of_a_run_are_written(suite: Any, tmp_path: Path) -> None:
    files = ("json:a.json", "md:a.md", "html:site", "badge:a.json.badge", "badge:a.svg")
    options = [f"{REPORT}={file.replace(':', f':{tmp_path}/')}" for file in files]
    result = suite(*options, "-k", "newest or twice", files=("test_pagination",))
    assert result.ret == 0
    (test,) = conformance.read(str(tmp_path / "a.json")).tests
    name = "test_pagination.py::test_the_newest_job_is_first"
    assert test == conformance.Outcome(name, "passed", ("ListBackendJobs",), "observed")
    assert "| ListBackendJobs | 1/1 |" in (tmp_path / "a.md").read_text()
    assert name in (tmp_path / "site" / "index.html").read_text()
    assert json.loads((tmp_path / "a.json.badge").read_text())["message"] == "1/1"
    assert (tmp_path / "a.svg").read_text().startswith("<svg")


def test_reasons_are_in_the_report(suite: Any, tested: Any, tmp_path: Path) -> None:
    fake = FakeAmplifyBackend(jobs=progress.after_reads(1))
    fake.override("CreateToken", {"AppId": "d1other"})
    fake.fail("ListS3Buckets", errors.BadRequest("no"), times=None)
    options = (
        tested(fake.client),
        "--amplifybackend-operations=GetToken,ListS3Buckets",
        f"{REPORT}=json:{tmp_path}/a.json",
    )
    suite(*options, files=("test_operations",))
    found = {test.outcome: test.reason for test in conformance.read(f"{tmp_path}/a.json").tests}
    assert found["blocked"].startswith("CreateToken: the response does not have")
    assert found["failed"].startswith("AssertionError: ListS3Buckets: expected success")


@full_only
def test_a_report_is_the_same_under_xdist(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    texts = []
    for processes in ("0", "2"):
        result = pytester.runpytest_subprocess(
            "--pyargs",
            "pytest_amplifybackend.contract.test_enums",
            f"-n{processes}",
            f"{REPORT}=json:{processes}.json",
        )
        assert result.ret == 0
        texts.append((pytester.path / f"{processes}.json").read_text())
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("jsn:a.json", "'jsn:a.json' begins with 'jsn': did you mean 'json'?"),
        ("json", "'json' names no file: write json:PATH."),
        ("md:", "'md:' names no file: write md:PATH."),
        ("json:nowhere/a.json", "'nowhere/a.json' cannot be written: No such file or directory."),
        ("html:nowhere/site", "'nowhere/site' cannot be written: No such file or directory."),
        ("badge:.", "'.' cannot be written: Is a directory."),
    ],
)
def test_what_cannot_be_written_ends_the_run_at_the_start(
    suite: Any, value: str, text: str
) -> None:
    result = suite(f"{REPORT}={value}", files=("test_pagination",))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {REPORT}: {text}"])
