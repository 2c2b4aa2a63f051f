"""The suite in projects of all kinds: how it is started, what it checks, selects and reports."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from volume import full_only

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support import running

SUITE = "pytest_amplifybackend.contract"
HOOK = "--amplifybackend-target=hook"


def test_the_table_tells_what_a_target_passes(suite: Any) -> None:
    result = suite("-q", files=("test_pagination",))
    assert result.ret == 0
    count = result.parseoutcomes()["passed"]
    result.stdout.fnmatch_lines(
        [
            "*amplifybackend contract: conformance of stubber*",
            "operation           passed  failed  xfailed  skipped  blocked",
            f"ListBackendJobs      {count}/{count}       0        0        0        0",
            f"stubber does all that was tested of 1 of 1 operations, and passes {count} of {count} "
            "tests.",
        ]
    )


@full_only
def test_the_table_is_whole_under_xdist(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    result = pytester.runpytest_subprocess(
        "--pyargs",
        f"{SUITE}.test_pagination",
        "-n2",
        "-W",
        "error",
        "--amplifybackend-target=wire",
    )
    (kind,) = outcomes = result.parseoutcomes()
    assert kind == "passed"
    count = outcomes[kind]
    result.stdout.fnmatch_lines(
        [f"ListBackendJobs      {count}/{count}       0        0        0*"]
    )


@full_only
def test_the_settings_of_a_project_are_nothing_to_the_suite(pytester: pytest.Pytester) -> None:
    pytester.makeini(
        """
        [pytest]
        python_files = check_*.py
        python_functions = check_*
        python_classes = Check*
        addopts = --strict-markers --strict-config -W error --import-mode=importlib
        xfail_strict = true
        """
    )
    result = pytester.runpytest_subprocess("--pyargs", f"{SUITE}.test_pagination")
    assert set(result.parseoutcomes()) == {"passed"}


@full_only
def test_assertions_are_rewritten(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        from pytest_amplifybackend import FakeAmplifyBackend, progress

        FAKE = FakeAmplifyBackend(jobs=progress.after_reads(1))

        def pytest_amplifybackend_client(region):
            client = FAKE.client(region)
            client.meta.events.register(
                "after-call.amplifybackend.ListBackendJobs",
                lambda parsed, **_: parsed["Jobs"].reverse(),
            )
            return client
        """
    )
    result = pytester.runpytest_subprocess("--pyargs", f"{SUITE}.test_pagination", "-knewest", HOOK)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*AssertionError: ListBackendJobs", "E*assert [[]*] == [[]*]"])


def test_the_marks_are_listed(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--amplifybackend-target=stubber", "--markers")
    result.stdout.fnmatch_lines(
        [
            "@pytest.mark.amplifybackend_provenance(kind, source=...): *",
            "@pytest.mark.amplifybackend_operations(*names): *",
        ]
    )


def test_kinds_of_provenance_can_be_chosen(suite: Any) -> None:
    result = suite("--amplifybackend-provenance=modelled,documented", files=("test_pagination",))
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed", "deselected"}
    kinds = ("observed", "assumed")
    result = suite(f"--amplifybackend-provenance={','.join(kinds)}", files=("test_pagination",))
    assert result.parseoutcomes()["passed"] == outcomes["deselected"]


def test_operations_can_be_chosen(suite: Any) -> None:
    result = suite("--amplifybackend-operations=import_backend_auth", files=("test_operations",))
    result.assert_outcomes(passed=2)


WRONG = {
    "--amplifybackend-target=stuber": "*'stuber' is neither a URL such as http://127.0.0.1:5000 "
    "nor a target: did you mean 'stubber'?",
    "--amplifybackend-target=": "*'' is neither a URL such as *",
    "--amplifybackend-target=localhost:5000": "*'localhost:5000' is neither a URL such as http://*",
    "--amplifybackend-target=http://here:99999": "*'http://here:99999': Port out of range*",
    "--amplifybackend-target=http://here:abc": "*'http://here:abc': Port could not be cast *",
    "--amplifybackend-target=http://a b": "*botocore does not accept the endpoint 'http://a b'.",
    "--amplifybackend-target=http://": "*--amplifybackend-target: 'http://' has no host.",
    "--amplifybackend-provenance=guessed": "*--amplifybackend-provenance: 'guessed': *",
    "--amplifybackend-operations=GetBackends": "*'GetBackends': did you mean 'GetBackend'?",
    "--amplifybackend-implemented=get_backends": "*'get_backends': did you mean 'GetBackend'?",
    "--amplifybackend-divergences=none.toml": "*--amplifybackend-divergences: none.toml: *",
}


@pytest.mark.parametrize("option", WRONG)
def test_a_wrong_option_is_told_at_once(suite: Any, option: str) -> None:
    result = suite(option, files=("test_pagination",))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {WRONG[option]}"])


BAD_MARKS = {
    "": "has 0 marks amplifybackend_provenance, not one",
    "@assumed('a')\n@modeled('b')\n@about('GetBackend')": "has 2 marks amplifybackend_provenance",
    "@assumed('a')": "has no mark amplifybackend_operations",
    "@pytest.mark.amplifybackend_provenance('assumed')": "names no source",
}


@pytest.mark.parametrize("marks", BAD_MARKS)
def test_a_test_says_once_what_it_rests_on(pytester: pytest.Pytester, marks: str) -> None:
    code = f"import pytest\nfrom {SUITE}._support.marks import *\n\n{marks}\ndef test_it(): ..."
    items, _ = pytester.inline_genitems(
        pytester.makepyfile(code), "--amplifybackend-target=stubber"
    )
    assert len(items) == 1
    with pytest.raises(pytest.UsageError, match=BAD_MARKS[marks]):
        running._check_marks(items)


def test_the_tests_are_counted_when_they_are_collected(suite: Any) -> None:
    result = suite("--collect-only", "-q", files=("test_pagination",))
    rows = [
        line.split(" | ") for line in result.outlines if line.startswith(("| `ListB", "| tests"))
    ]
    assert [row[0] for row in rows] == ["| `ListBackendJobs`", "| tests"]
    assert rows[0][1:] == rows[1][1:]
    *kinds, every = (int(number.strip(" |")) for number in rows[0][1:])
    assert sum(kinds) == every == sum("::" in line for line in result.outlines)
    assert all(kinds)


def test_those_are_counted_that_are_chosen(suite: Any) -> None:
    result = suite("--collect-only", "-q", "-k", "newest", files=("test_pagination",))
    result.stdout.fnmatch_lines(["| tests | 0 | 0 | 1 | 0 | 1 |"])


def test_a_file_named_alone_is_named_in_the_ids(suite: Any) -> None:
    result = suite("--collect-only", "-q", "-k", "newest", files=("test_pagination",))
    result.stdout.fnmatch_lines(["test_pagination.py::test_the_newest_job_is_first"])


def test_without_the_suite_nothing_of_it_is_imported(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        import sys

        def test_it():
            assert {SUITE!r} not in sys.modules
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_without_hypothesis_a_sentence_says_what_to_install(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(hypothesis="raise ImportError('not installed')")
    command = ("-m", "pytest", "-p", "pytest_amplifybackend.plugin", "--pyargs", SUITE)
    result = pytester.run(sys.executable, *command)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*needs hypothesis: pip install 'pytest-amplifybackend[[]*'"])


def test_every_operation_is_tested_on_every_ground_that_there_is(suite: Any) -> None:
    result = suite("--collect-only", "-q")
    rows = {
        line.split("|")[1].strip(" `"): [int(number) for number in line.split("|")[2:-1]]
        for line in result.outlines
        if line.startswith("| `")
    }
    assert set(rows) == set(catalogue.operations())
    few = {name: row[-1] for name, row in rows.items() if row[-1] < 4}
    assert not few
    assert all(row[0] for row in rows.values()), "each is held to its modeled shape"
