"""A file of known divergences: strict xfails, and a failure for what is stale or expired."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from volume import full_only, only_full
from wrong_clients import Wrong, answer, drop, error

from pytest_amplifybackend import FakeAmplifyBackend, contract, errors, progress
from pytest_amplifybackend.contract._support import divergences

_TODAY = datetime.now(UTC).date()
LINK = "https://issues.example/1"
FILES = ("test_errors",)
TEST = "test_errors.py::test_a_token_that_is_not_there"


def entry(**members: Any) -> str:
    members = {"reason": "known", "link": LINK, **members}
    rows = [
        f"{name} = {value.isoformat() if isinstance(value, date) else repr(value)}"
        for name, value in members.items()
    ]
    return "\n".join(["[[divergence]]", *rows, ""])


@pytest.fixture
def listed(pytester: pytest.Pytester, suite: Any) -> Any:
    """Runs tests with a file of these entries, by default some that stand beside TEST."""

    def run(*entries: str, options: tuple[str, ...] = (), files: Any = ()) -> Any:
        pytester.path.joinpath("known.toml").write_text("".join(entries), encoding="utf-8")
        known = "--amplifybackend-divergences=known.toml"
        some = () if files else ("-k", "a_resource or a_token")
        return suite("-rx", known, *some, *options, files=files or FILES)

    return run


def faulty(wrong: Wrong) -> Callable[[str], Any]:
    """The clients of a fake with this fault."""
    fake = FakeAmplifyBackend(jobs=progress.after_reads(2))
    return lambda region: wrong.client(fake, region)


@pytest.fixture
def other_token(tested: Any) -> str:
    """A target that says of an unknown token that the request was bad."""

    def bad(found: dict[str, Any]) -> None:
        if "session" in found["Error"]["Message"]:
            found["Error"]["Code"] = errors.BadRequest.code

    option: str = tested(faulty(error("GetToken", "errors", bad, errors.NotFound.code)))
    return option


@pytest.fixture
def other_answer(tested: Any) -> str:
    """A target whose GetBackendAuth says nothing of the service."""
    option: str = tested(faulty(answer("GetBackendAuth", "", drop("ResourceConfig", "Service"))))
    return option


def assert_others_passed(result: pytest.RunResult, **outcomes: int) -> None:
    """So many tests with these outcomes, and all others passed, however many there are."""
    found = result.parseoutcomes()
    found.pop("deselected", None)
    assert found.pop("passed") > sum(outcomes.values())
    assert found == outcomes


def test_a_listed_test_is_an_xfail_with_its_reason(listed: Any, other_token: str) -> None:
    result = listed(entry(test=TEST), options=(other_token,))
    assert_others_passed(result, xfailed=2)
    result.stdout.fnmatch_lines(["XFAIL *[[]GetToken] - known (https://issues.example/1)"])
    result.stdout.fnmatch_lines(["GetToken  *  0        1        0        0"])


def test_one_case_of_a_test_can_be_listed(listed: Any, other_token: str) -> None:
    result = listed(entry(test=f"{TEST}[GetToken]"), options=(other_token,))
    assert_others_passed(result, xfailed=1, failed=1)


def test_a_test_that_passes_after_all_fails_the_run(listed: Any) -> None:
    result = listed(entry(test=TEST))
    assert_others_passed(result, failed=2)
    result.stdout.fnmatch_lines(["[[]XPASS(strict)] known (https://issues.example/1)"])


def test_a_listed_path_is_set_aside_and_the_test_is_an_xfail(
    listed: Any, other_answer: str
) -> None:
    found = ("test_operations",)
    chosen = (other_answer, "--amplifybackend-operations=GetBackendAuth")
    without = listed(options=chosen, files=found)
    without.assert_outcomes(failed=2)
    without.stdout.fnmatch_lines(["*- ResourceConfig.Service: required*"])
    result = listed(
        entry(path="GetBackendAuth.ResourceConfig.Service"), options=chosen, files=found
    )
    result.assert_outcomes(xfailed=2)
    result.stdout.fnmatch_lines(["XFAIL * GetBackendAuth.ResourceConfig.Service: known (https:*"])


def test_another_path_is_not_set_aside(listed: Any, other_answer: str) -> None:
    result = listed(
        entry(path="GetBackendAuth.ResourceConfig.AuthResources"),
        options=(other_answer, "--amplifybackend-operations=GetBackendAuth"),
        files=("test_operations",),
    )
    result.assert_outcomes(failed=2)


def test_tests_that_need_a_listed_operation_may_fail(listed: Any, other_answer: str) -> None:
    chosen = (other_answer, "--amplifybackend-operations=GetBackendAuth")
    result = listed(
        entry(operation="get_backend_auth"), options=chosen, files=("test_operations", "test_auth")
    )
    outcomes = result.parseoutcomes()
    assert outcomes["xfailed"] > 1
    assert set(outcomes) <= {"passed", "xfailed", "deselected"}, "one that passes is a pass"
    result.stdout.fnmatch_lines(["XFAIL *GetBackendAuth* - known (https://issues.example/1)"])


def test_an_operation_that_nothing_fails_by_is_stale() -> None:
    row = divergences.Divergence(None, None, "slow", "#1", None, operation="GetToken")
    listed = divergences.Divergences([row])
    assert listed.of_operation({"GetBackend"}) is None
    assert listed.of_operation({"GetToken", "GetBackend"}) is row
    assert listed.problems(collected=True, run=False) == []
    stale = "GetToken: stale, since no test that needs it failed (#1)"
    assert listed.problems(collected=True, run=True) == [stale]
    listed.used.add("GetToken")
    assert listed.problems(collected=True, run=True) == []


def test_an_expired_entry_fails_the_run(listed: Any) -> None:
    yesterday = _TODAY - timedelta(days=2)
    result = listed(entry(test="test_errors.py::nobody", expires=yesterday))
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["*divergences that do not hold*", f"test_errors.py::nobody: expired on {yesterday} (*"]
    )


def test_an_expired_entry_excuses_nothing(listed: Any, other_token: str) -> None:
    result = listed(entry(test=TEST, expires=_TODAY - timedelta(days=2)), options=(other_token,))
    assert_others_passed(result, failed=2)


def test_an_entry_holds_to_its_last_day(listed: Any, other_token: str) -> None:
    result = listed(entry(test=TEST, expires=_TODAY + timedelta(days=1)), options=(other_token,))
    assert_others_passed(result, xfailed=2)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"test": "test_errors.py::nobody"}, "test_errors.py::nobody: stale, since no test has"),
        ({"path": "GetToken.Ttl"}, "GetToken.Ttl: stale, since no response differed there"),
    ],
)
def test_a_stale_entry_is_found_by_a_whole_run(given: Any, text: str) -> None:
    known = divergences.Divergences(
        [divergences.Divergence(given.get("test"), given.get("path"), "known", LINK, None)]
    )
    assert not known.problems(collected=False, run=False)
    (problem,) = known.problems(collected=True, run=True)
    assert problem.startswith(text)
    assert bool(known.problems(collected=True, run=False)) == ("test" in given)
    known.used.add(known.entries[0].name)
    assert not known.problems(collected=True, run=True)


@pytest.fixture
def whole(pytester: pytest.Pytester, suite: Any) -> Any:
    """Collects the whole suite, of which no test is carried out here: so it takes seconds."""
    pytester.syspathinsert()
    pytester.makepyfile(
        none_is_run="""
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_setup(item):
            pytest.skip("not carried out")
        """
    )

    def run(given: str, *options: str, apart: bool = False) -> Any:
        pytester.path.joinpath("known.toml").write_text(given)
        known = "--amplifybackend-divergences=known.toml"
        command = (known, "-q", "-p", "none_is_run", *options)
        if apart:  # in a process of its own
            return pytester.runpytest_subprocess("--pyargs", contract.__name__, *command)
        return suite(*command)

    return run


TEST_STALE = "test_jobs.py::nobody: stale, since no test has that id (*"
PATH_STALE = "GetToken.Ttl: stale, since no response differed there (*"


@pytest.mark.parametrize("workers", ["-n0", pytest.param("-n2", marks=only_full())])
def test_stale_entries_fail_a_whole_run(whole: Any, workers: str) -> None:
    pytest.importorskip("xdist")
    both = entry(test="test_jobs.py::nobody") + entry(path="GetToken.Ttl")
    result = whole(both, workers, apart=workers != "-n0")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([TEST_STALE, PATH_STALE])


@pytest.mark.parametrize(
    "option",
    [
        "-kCreateToken",
        pytest.param("--deselect=test_jobs.py", marks=only_full()),
        pytest.param("--amplifybackend-provenance=observed", marks=only_full()),
    ],
)
def test_a_test_is_stale_whatever_is_chosen_and_a_path_is_not(whole: Any, option: str) -> None:
    result = whole(entry(test="test_jobs.py::nobody") + entry(path="GetToken.Ttl"), option)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([TEST_STALE])
    result.stdout.no_fnmatch_line(PATH_STALE)


@full_only
def test_nothing_is_stale_where_not_all_is_collected(whole: Any) -> None:
    both = entry(test="test_jobs.py::nobody") + entry(path="GetToken.Ttl")
    assert whole(both, "--lf", apart=True).ret == pytest.ExitCode.OK
    assert whole(both, "--ignore-glob=*test_jobs.py").ret == pytest.ExitCode.OK


MALFORMED = {
    "[[divergence]": "known.toml: ",
    "[divergence]\ntest = 'a'": "*write [[][[]divergence]]",
    "divergence = [3]": "*write [[][[]divergence]]",
    "[[divergences]]": "*holds [[][[]divergence]] tables only, not divergences",
    entry(): "entry 1: one of test, path and operation is needed",
    entry(operation="GetTokens"): "entry 1: the operation is 'GetTokens': did you mean 'GetToken'",
    entry(test="a", path="b"): "entry 1: one of test, path and operation is needed",
    entry(test="a.py::b") * 2: "entry 2: a.py::b is listed twice.",
    entry(test="test_it"): "entry 1: 'test_it' is no test such as test_jobs.py::test_name*",
    "[[divergence]]\ntest='a.py::b'\nlink='c'": "entry 1: reason is missing.",
    entry(path="GetBackend"): "entry 1: the path 'GetBackend' names no member of the response.",
    entry(test="a", reason=""): "entry 1: reason must be a text, not ''",
    entry(test="a", link=7): "entry 1: link must be a text, not 7",
    entry(test="a", resaon="b"): "entry 1: unknown member 'resaon': did you mean 'reason'?",
    entry(test="a", expires="soon"): "entry 1: expires is a date such as 2030-12-31, not 'soon'",
    entry(path="GetBackends.AppId"): "the path begins with 'GetBackends': did you mean 'GetBac*",
}


@pytest.mark.parametrize("text", MALFORMED)
def test_a_malformed_file_is_told_at_once(listed: Any, text: str) -> None:
    result = listed(text)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *{MALFORMED[text]}*"])
