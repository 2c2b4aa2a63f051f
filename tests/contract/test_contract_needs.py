"""What tests need: a target with a few operations is tested by those that need no others."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, progress
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support import makers, needs, noted

FIVE = ("CreateBackend", "GetBackend", "GetBackendJob", "ListBackendJobs", "DeleteBackend")
SOME = "--amplifybackend-implemented=" + ",".join(FIVE)


def _lacks(region: str, absent: set[str], status: int = 501) -> Any:
    """A client of a fake that has only some operations, and answers the others as servers do."""
    fake = FakeAmplifyBackend(jobs=progress.after_reads(2), transport="wire")
    client = fake.client(region)

    def absent_one(model: Any, **_: Any) -> Any:
        if model.name not in absent:
            return None
        http = type("Http", (), {"status_code": status})()
        return http, {
            "Error": {"Code": str(status), "Message": "Not Implemented"},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }

    client.meta.events.register_first("before-call.amplifybackend", absent_one)
    return client


@pytest.fixture
def of_five(tested: Any) -> str:
    absent = set(catalogue.operations()) - set(FIVE)
    option: str = tested(lambda region: _lacks(region, absent))
    return option


def test_only_tests_are_run_whose_needs_are_met(suite: Any, of_five: str) -> None:
    files = ("test_jobs", "test_pagination", "test_operations", "test_environments")
    result = suite(of_five, SOME, "-rs", files=files)
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed", "skipped"}
    assert outcomes["passed"] > 40
    result.stdout.fnmatch_lines(
        [
            "not tested: *CreateBackendAPI, *",
            "hook does all that was tested of 5 of 5 operations, *",
            "SKIPPED *: needs CreateBackendAuth: not implemented",
        ]
    )


@pytest.mark.parametrize("file", ["test_pagination", "test_jobs"])
def test_lists_and_one_job_at_a_time_are_tested_by_what_there_is(
    suite: Any, of_five: str, file: str
) -> None:
    result = suite(of_five, SOME, "-v", files=(file,))
    if file == "test_pagination":
        result.stdout.fnmatch_lines(["*test_a_filter_leaves_out_the_others*PASSED*"])
        assert set(result.parseoutcomes()) == {"passed"}
    result.stdout.no_fnmatch_line("*test_one_job_at_a_time[[]DeleteBackend]*SKIPPED*")


def test_operations_may_be_spelled_like_methods(suite: Any, of_five: str) -> None:
    spelled = ",".join(catalogue.method_name(name) for name in FIVE)
    chosen = f"--amplifybackend-implemented={spelled}"
    result = suite(of_five, chosen, "-k", "ListBackendJobs", files=("test_operations",))
    assert set(result.parseoutcomes()) == {"passed", "deselected"}


def test_a_test_that_cannot_be_set_up_is_blocked(suite: Any, tested: Any) -> None:
    target = tested(lambda region: _lacks(region, {"CreateBackendAuth"}))
    result = suite(target, "--amplifybackend-operations=GetBackendAuth", files=("test_operations",))
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert set(result.parseoutcomes()) == {"blocked", "deselected"}
    result.stdout.fnmatch_lines(
        [
            "operation          passed  failed  xfailed  skipped  blocked",
            "GetBackendAuth        0/*       0        0        0        *",
            "*amplifybackend contract: blocked*",
            "CreateBackendAuth answered 501 (* tests)",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_what_a_test_is_about_fails_it_in_its_setup_too(suite: Any, tested: Any) -> None:
    target = tested(lambda region: _lacks(region, {"CreateBackend"}))
    result = suite(
        target,
        "--amplifybackend-operations=CreateBackend",
        "-k",
        "CreateBackend",
        files=("test_operations",),
    )
    assert set(result.parseoutcomes()) == {"failed", "deselected"}


def test_a_wrong_answer_in_a_setup_blocks_too(suite: Any, tested: Any) -> None:
    fake = FakeAmplifyBackend(jobs=progress.after_reads(2))
    fake.override("CreateToken", {"AppId": "d1other"})
    target = tested(fake.client)
    result = suite(target, "--amplifybackend-operations=GetToken", files=("test_operations",))
    assert set(result.parseoutcomes()) == {"blocked", "deselected"}
    result.stdout.fnmatch_lines(
        ["CreateToken: the response does not have the documented shape * (* tests)"]
    )


def test_a_call_that_is_not_recorded_is_reported(
    suite: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = needs.declared("test_pagination.py::test_the_newest_job_is_first")
    assert recorded is not None
    other = needs.Needs(frozenset({"GetToken"}), frozenset(), frozenset({"no app"}))
    monkeypatch.setattr(needs, "declared", lambda test: other)
    result = suite("-k", "newest", files=("test_pagination",))
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "*needs that are not recorded: python tools/record_needs.py*",
            "test_pagination.py::test_the_newest_job_is_first calls also GetBackendJob, and does "
            "not call GetToken, and starts otherwise: any job, app with many jobs, no app",
        ]
    )


def test_a_test_that_is_not_recorded_is_reported() -> None:
    called = noted.Called({"GetBackend"})
    found = needs.difference("test_new.py::test_it", ("GetBackend",), called)
    assert found == "test_new.py::test_it is not recorded"


def test_what_is_recorded_is_read_as_it_was_called() -> None:
    rows = [
        ("a.py::x[GetBackend-1]", ("GetBackend",), {"": ["GetBackend"], "no app": []}),
        ("a.py::x[GetToken-1]", ("GetToken",), {"": ["GetToken", "CreateToken"]}),
        ("a.py::x[GetToken-2]", ("GetToken",), {"": ["GetToken", "CreateToken"]}),
        ("b.py::y", ("GetToken", "GetBackend"), {"": ["GetToken"], "s": ["CreateBackend"]}),
    ]
    assert needs.text(rows).splitlines()[2:] == [
        "no app: -",
        "s: CreateBackend",
        "",
        "a.py::x: CreateToken",
        "a.py::x[GetBackend-1]: - | no app",
        "b.py::y: !GetBackend | s",
    ]


@pytest.mark.parametrize(
    ("implemented", "operations"),
    [
        (None, ["UpdateBackendAuth"]),
        (FIVE, ["DeleteBackend", "CreateBackend"]),
        ({"CreateBackend", "CreateBackendAPI", "DeleteBackendAPI", "GetBackendJob"}, None),
        ({"CreateBackend", "GetBackendJob"}, []),
    ],
)
def test_jobs_are_made_by_what_there_is(implemented: Any, operations: list[str] | None) -> None:
    maker = makers.chosen(implemented)
    expected = ["CreateBackendAPI", "DeleteBackendAPI"] if operations is None else operations
    assert [step.operation for step in maker or ()] == expected
