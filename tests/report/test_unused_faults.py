"""Faults, delays, overrides and planned failures that never acted."""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress

SET = {
    "fail": lambda fake, **more: fake.fail("GetBackend", errors.NotFound(), **more),
    "delay": lambda fake, **more: fake.delay("GetBackend", seconds=5, **more),
    "override": lambda fake, **more: fake.override("GetBackend", {"AppId": "d1"}, **more),
    "jobs.fail_next": lambda fake, **more: fake.jobs.fail_next("CreateBackend", **more),
}
CREATE = {"AppId": "d2", "AppName": "shop", "BackendEnvironmentName": "dev"}


@pytest.fixture
def fake() -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend()
    fake.add_app("d1")
    return fake


def meet(fake: FakeAmplifyBackend) -> None:
    """Make the calls that all of them are about."""
    with contextlib.suppress(errors.ServiceError):
        fake.call("GetBackend", {"AppId": "d1"})
    with contextlib.suppress(errors.ServiceError):
        fake.call("CreateBackend", CREATE)


@pytest.mark.parametrize("name", SET)
def test_each_kind(fake: FakeAmplifyBackend, name: str) -> None:
    SET[name](fake, optional=True)
    fake.assert_no_unused()
    fake.reset()
    fake.add_app("d1")
    SET[name](fake)
    with pytest.raises(AssertionError) as caught:
        fake.assert_no_unused()
    first, second, *_, last = str(caught.value).splitlines()
    assert first == "1 expectation of the fake never acted:"
    assert second.startswith(f"  {name}(")
    assert last == (
        "Remove what is not needed, pass optional=True, or set amplifybackend_allow_unused = true "
        "in the ini file."
    )
    meet(fake)
    fake.assert_no_unused()


def test_reset_forgets_them(fake: FakeAmplifyBackend) -> None:
    for expect in SET.values():
        expect(fake)
    fake.reset()
    fake.assert_no_unused()


def test_a_planned_failure_counts_from_the_start_of_its_job() -> None:
    fake = FakeAmplifyBackend(jobs=progress.manual())
    fake.jobs.fail_next("CreateBackend")
    meet(fake)
    fake.assert_no_unused()


def test_nothing_is_expected_of_what_acts_no_times(fake: FakeAmplifyBackend) -> None:
    fake.fail("GetBackend", errors.NotFound(), times=0)
    fake.assert_no_unused()


@pytest.mark.parametrize(
    ("more", "calls", "line"),
    [
        ({}, 0, "GetBackend was never called."),
        ({"after": 3}, 1, "GetBackend: 2 more matching calls would have passed before it acted."),
        ({"after": 2}, 1, "GetBackend: 1 more matching call would have passed before it acted."),
        ({"when": {"AppId": "d2"}}, 1, "  #0 differs in AppId: expected 'd2', was 'd1'"),
    ],
)
def test_what_came_closest(fake: FakeAmplifyBackend, more: Any, calls: int, line: str) -> None:
    fake.fail("GetBackend", errors.NotFound(), **more)
    for _ in range(calls):
        fake.call("GetBackend", {"AppId": "d1"})
    with pytest.raises(AssertionError) as caught:
        fake.assert_no_unused()
    assert line in str(caught.value).splitlines()


def test_secrets_stay_hidden(fake: FakeAmplifyBackend) -> None:
    provider = {"Google": {"ClientSecret": "hush"}}
    config = {"UserPoolConfigs": {"OAuth": {"SocialProviderSettings": provider}}}
    fake.fail("CreateBackendAuth", errors.NotFound(), when={"ResourceConfig": config})
    with pytest.raises(AssertionError) as caught:
        fake.assert_no_unused()
    assert "hush" not in str(caught.value)


def test_with_statements_warn(fake: FakeAmplifyBackend) -> None:
    SET["fail"](fake)
    with pytest.warns(errors.UnusedExpectationWarning, match="never acted") as seen, fake:
        pass
    assert seen[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ZeroDivisionError), fake:
            raise ZeroDivisionError
        with fake:
            meet(fake)


def test_the_fixtures_fail_the_test_at_its_end(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from pytest_amplifybackend import errors

        def expect(fake):
            fake.fail("GetBackend", errors.NotFound())

        def test_active(amplifybackend):
            expect(amplifybackend)

        def test_server(amplifybackend_server):
            expect(amplifybackend_server.fake)

        def test_failed(amplifybackend):
            expect(amplifybackend)
            assert 0

        def test_skipped(amplifybackend):
            expect(amplifybackend)
            pytest.skip("for a reason")

        @pytest.mark.xfail(strict=True)
        def test_expected_to_fail(amplifybackend):
            expect(amplifybackend)
            assert 0

        def test_factory(amplifybackend_factory):
            with amplifybackend_factory() as fake:
                expect(fake)
        """
    )
    # our own settings make errors of all warnings
    quiet = ("-p", "no:randomly", "-W", "default")
    result = pytester.runpytest(*quiet)
    result.assert_outcomes(passed=3, failed=1, errors=2, skipped=1, xfailed=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_active*",
            "1 expectation of the fake never acted:",
            "  fail('GetBackend', NotFound(*",
            "GetBackend was never called.",
        ]
    )
    result.stdout.no_fnmatch_line("*During handling*")
    pytester.makeini("[pytest]\namplifybackend_allow_unused = true\n")
    pytester.runpytest(*quiet).assert_outcomes(passed=3, failed=1, skipped=1, xfailed=1)
