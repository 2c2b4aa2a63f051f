"""What the report of a test says about time that stood, and about two fakes."""

from __future__ import annotations

import pytest

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._report import hints

POLL = """
    import itertools
    import time

    import pytest
    from pytest_amplifybackend import FakeAmplifyBackend

    DEV = {{"AppId": "d1", "BackendEnvironmentName": "dev"}}

    def poll(fake, monkeypatch, step=0.6):
        ticks = itertools.count(0, step)
        monkeypatch.setattr("time.monotonic", lambda: next(ticks))   # the real time, passing
        fake.add_app("d1")
        job = fake.call("DeleteBackend", DEV)["JobId"]
        for _ in range(4):
            assert fake.call("GetBackendJob", {{**DEV, "JobId": job}})["Status"] != "COMPLETED"

    {test}
"""
MARKED = """
    @pytest.mark.amplifybackend(jobs={jobs!r})
    def test_it(amplifybackend, monkeypatch):
        poll(amplifybackend, monkeypatch{step})
        assert {passes}, "timed out"
"""
WITH = """
    def test_it(monkeypatch):
        with FakeAmplifyBackend(jobs="after_seconds:60") as fake:
            poll(fake, monkeypatch)
            assert False, "timed out"
"""
HINT = "*Job ????????-* was read 4 times in 1.8 s, while the fake's clock stood at 2024-01-01T*"
CURE = "*Use the fixture amplifybackend_time,*clock='system'*"


def reported(site: pytest.Pytester, test: str, *options: str) -> pytest.RunResult:
    site.makepyfile(POLL.format(test=test.strip()))
    return site.runpytest("-p", "no:randomly", *options)


def test_a_test_that_waits_gets_a_hint(site: pytest.Pytester) -> None:
    test = MARKED.format(jobs="after_seconds:60", passes=False, step="")
    result = reported(site, test)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- amplifybackend -*", HINT])
    result.stdout.fnmatch_lines([CURE])


def test_one_that_passes_has_it_in_its_report(site: pytest.Pytester) -> None:
    test = MARKED.format(jobs="manual", passes=True, step="")
    result = reported(site, test, "-rP")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([HINT])
    result.stdout.fnmatch_lines(["*With jobs='manual' it ends by fake.jobs.finish(), fail() or *"])


@pytest.mark.parametrize(
    ("jobs", "step"), [("after_seconds:60", ", step=0.001"), ("after_reads:9", ", step=0.3")]
)
def test_one_that_does_not_wait_gets_none(site: pytest.Pytester, jobs: str, step: str) -> None:
    test = MARKED.format(jobs=jobs, passes=False, step=step)
    result = reported(site, test)
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*while the fake's clock stood*")


def test_a_fake_of_the_test_says_it_with_the_error(site: pytest.Pytester) -> None:
    result = reported(site, WITH)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*AssertionError: timed out", f"E*amplifybackend: {HINT[1:]}"])


CASE = """
    import unittest
    from pytest_amplifybackend import fake_amplifybackend

    @fake_amplifybackend(jobs="after_seconds:60")
    class Case(unittest.TestCase):
        def test_decorated(self):
            with pytest.MonkeyPatch.context() as monkeypatch:
                poll(self.amplifybackend, monkeypatch)
            self.fail("timed out")

    class Other(unittest.TestCase):
        def test_activated(self):
            fake = FakeAmplifyBackend(jobs="after_seconds:60")
            fake.activate()
            self.addCleanup(fake.deactivate)
            with pytest.MonkeyPatch.context() as monkeypatch:
                poll(fake, monkeypatch)
            self.fail("timed out")
"""


def test_in_a_test_case_it_is_logged(site: pytest.Pytester) -> None:
    result = reported(site, CASE)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*- Captured log call -*", f"WARNING *{HINT[1:]}"] * 2)


def test_it_is_said_once(site: pytest.Pytester) -> None:
    result = reported(site, MARKED.format(jobs="manual", passes=False, step=""))
    assert "\n".join(result.outlines).count("while the fake's clock stood") == 1


def test_a_clock_that_moves_is_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeAmplifyBackend(jobs="after_seconds:60")
    fake.add_app("d1")
    dev = {"AppId": "d1", "BackendEnvironmentName": "dev"}
    read = {**dev, "JobId": fake.call("DeleteBackend", dev)["JobId"]}
    for second in range(10):
        monkeypatch.setattr("time.monotonic", lambda second=second: float(second))
        fake.call("GetBackendJob", read)
        fake.clock.shift(1)
    assert hints.waiting(fake._backend) == []
    for second in range(10, 20):
        monkeypatch.setattr("time.monotonic", lambda second=second: float(second))
        fake.call("GetBackendJob", read)
    (hint,) = hints.waiting(fake._backend)
    assert "was read 10 times in 9.0 s" in hint
    fake.clock.shift(60)
    fake.call("GetBackendJob", read)
    assert hints.waiting(fake._backend) == []


TWO = """
    import pytest
    from pytest_amplifybackend import FakeAmplifyBackend

    @pytest.fixture(scope="module", autouse=True)
    def app(amplifybackend_module):
        amplifybackend_module.add_app("d1")

    def test_two(amplifybackend):
        amplifybackend.client().get_backend(AppId="d1")

    def test_one(amplifybackend_client):
        amplifybackend_client.get_backend(AppId="d2")

    @pytest.fixture
    def third():
        with FakeAmplifyBackend() as fake:
            yield fake

    def test_three(third, amplifybackend):
        assert False
"""


def test_two_active_fakes_say_which_one_answers(site: pytest.Pytester) -> None:
    site.makepyfile(TWO)
    result = site.runpytest("-p", "no:randomly")
    result.assert_outcomes(failed=3)
    last = "answered by that of the fixture 'amplifybackend', which became active last, and not by"
    result.stdout.fnmatch_lines(
        [
            "*_ test_two _*",
            f"2 fakes are active. Clients are {last} that of the fixture 'amplifybackend_module'.",
            "*_ test_one _*",
            "*_ test_three _*",
            f"3 fakes are active. Clients are {last} that of the fixture 'third' at *.py:16 or "
            "the fixture 'amplifybackend_module'.",
        ]
    )
    assert len([line for line in result.outlines if "fakes are active" in line]) == 2
