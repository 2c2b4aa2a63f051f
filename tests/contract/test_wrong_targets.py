"""The suite fails on every target that is wrong on purpose, and names the operation.

Of each only the tests of one file and one operation are run. The default run tries one in
sixteen, and one of each kind.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import wrong_clients
import wrong_kinds
from volume import FULL, only_full
from wrong_clients import Wrong
from wrong_servers import SERVERS, served

from pytest_amplifybackend import FakeAmplifyBackend, progress
from pytest_amplifybackend.contract._support import conformance

WRONG: Mapping[str, Wrong] = wrong_clients.WRONG | wrong_kinds.WRONG
SUITE = "pytest_amplifybackend.contract"


class Target:
    """The plugin of a run: it has the wrong clients, and notes the reports of what failed."""

    def __init__(self, wrong: Wrong | None = None) -> None:
        self.failures: list[pytest.TestReport] = []
        if wrong is not None:
            fake = FakeAmplifyBackend(jobs=progress.after_reads(1), transport=wrong.transport)
            self.pytest_amplifybackend_client = lambda region: wrong.client(fake, region)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failures.append(report)


def _run(pytester: pytest.Pytester, target: Target, file: str, *options: str) -> Any:
    # imported once for all runs, each of which would forget it
    importlib.import_module(f"{SUITE}.test_{file}")
    usual = ("--pyargs", "-pno:randomly", "-pno:cacheprovider", "-x")
    return pytester.inline_run(*usual, f"{SUITE}.test_{file}", *options, plugins=[target]).ret


def test_there_are_many() -> None:
    assert len(WRONG) >= 170
    assert len(wrong_kinds.KINDS) >= 14
    assert all(len(rows) >= 3 for rows in wrong_kinds.KINDS.values())
    assert len(SERVERS) >= 10


def _some() -> Iterator[str]:
    yield from list(wrong_clients.WRONG)[::16]
    for rows in wrong_kinds.KINDS.values():
        yield next(iter(rows))


SOME = set(_some())


@pytest.mark.parametrize(
    "name", [name if name in SOME else pytest.param(name, marks=only_full()) for name in WRONG]
)
def test_a_wrong_target_is_found_out(pytester: pytest.Pytester, name: str) -> None:
    wrong = WRONG[name]
    target = Target(wrong)
    chosen = f"--amplifybackend-operations={wrong.operation}"
    result = _run(pytester, target, wrong.file, "--amplifybackend-target=hook", chosen)
    assert result == pytest.ExitCode.TESTS_FAILED, f"{name} passes for right"
    named = [report for report in target.failures if _names(report, wrong.operation)]
    assert named, f"{name}: no failure names {wrong.operation}"


def _names(report: pytest.TestReport, operation: str) -> bool:
    """Whether a failure says the operation, and is counted as one of it."""
    counted = str(dict(report.user_properties)[conformance.OPERATIONS]).split(",")
    return operation in counted and operation in report.longreprtext + str(report.sections)


SOME_SERVERS = list(SERVERS)[::5]


@pytest.mark.parametrize(
    "name",
    [name if name in SOME_SERVERS else pytest.param(name, marks=only_full()) for name in SERVERS],
)
def test_a_wrong_server_is_found_out(pytester: pytest.Pytester, name: str) -> None:
    layer, test = SERVERS[name]
    target = Target()
    with served(layer) as url:
        options = (f"--amplifybackend-target={url}", "--amplifybackend-poll-interval=0")
        result = _run(pytester, target, "http", *options, "-k", test)
    assert result == pytest.ExitCode.TESTS_FAILED, f"{name} passes for right"
    assert all(test in report.nodeid for report in target.failures)


@pytest.mark.volume
def test_a_right_server_behind_a_layer_passes(pytester: pytest.Pytester) -> None:
    target = Target()
    with served(lambda request, forward: forward(request)) as url:
        options = (f"--amplifybackend-target={url}", "--amplifybackend-poll-interval=0")
        chosen = " or ".join(
            sorted({SERVERS[name][1] for name in (SERVERS if FULL else SOME_SERVERS)})
        )
        assert _run(pytester, target, "http", *options, "-k", chosen) == pytest.ExitCode.OK
