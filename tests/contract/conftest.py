"""What the tests of the contract suite share: the suite in a folder of its own, and its parts."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("hypothesis", reason="the contract suite needs the hypothesis extra")

sys.path.append(str(Path(__file__).parent.parent / "strategies"))

from pytest_amplifybackend import FakeAmplifyBackend, strategies
from pytest_amplifybackend.contract._support import backend, in_process, marks, running, transitions

SUITE = "pytest_amplifybackend.contract"
with contextlib.suppress(ImportError):  # its target is skipped where it is not installed
    import responses  # noqa: F401  (kept in sys.modules: a second import of requests breaks it)

KEPT = FakeAmplifyBackend, strategies, backend, in_process, running, transitions
"""Imported here, so that a pytest run inside this process does not import them anew each time."""


def pytest_configure(config: pytest.Config) -> None:
    """Register the marks of the suite, whose files some tests read."""
    for line in marks.LINES:
        config.addinivalue_line("markers", line)


Run = Callable[..., pytest.RunResult]


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Run:
    """Runs files of the suite, or all of it, in an empty folder, inside this process."""

    def run(*options: str, files: tuple[str, ...] = ()) -> pytest.RunResult:
        names = [f"{SUITE}.{name}" for name in files] or [SUITE]
        strict = ("--strict-markers", "--strict-config", "-W", "error", "-p", "no:randomly")
        return pytester.runpytest("--pyargs", *names, *strict, "-p", "no:cacheprovider", *options)

    return run
