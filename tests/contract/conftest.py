"""What the tests of the contract suite share: the suite in a folder of its own, and its parts."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("hypothesis", reason="the contract suite needs the hypothesis extra")

sys.path.append(str(Path(__file__).parent.parent / "strategies"))

import graphql

from pytest_amplifybackend import FakeAmplifyBackend, strategies
from pytest_amplifybackend.contract._support import backend, in_process, marks, running, transitions

SUITE = "pytest_amplifybackend.contract"
with contextlib.suppress(ImportError):  # its target is skipped where it is not installed
    import responses  # noqa: F401  (kept in sys.modules: a second import of requests breaks it)

KEPT = graphql, FakeAmplifyBackend, strategies, backend, in_process, running, transitions
"""Imported here, so that a pytest run inside this process does not import them anew each time."""


def pytest_configure(config: pytest.Config) -> None:
    """Register the marks of the suite, whose files some tests read."""
    for line in marks.LINES:
        config.addinivalue_line("markers", line)


Run = Callable[..., pytest.RunResult]


class Clients:
    """A plugin with the clients of the target ``hook``."""

    def __init__(self, connect: Callable[[str], Any]) -> None:
        self._connect = connect

    def pytest_amplifybackend_client(self, region: str) -> Any:
        return self._connect(region)


@pytest.fixture
def tested(pytester: pytest.Pytester) -> Callable[[Callable[[str], Any]], str]:
    """Lets the suite test clients that a function makes; gives the option that asks for them."""

    def choose(connect: Callable[[str], Any]) -> str:
        pytester.plugins.append(Clients(connect))
        return "--amplifybackend-target=hook"

    return choose


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Run:
    """Runs files of the suite, or all of it, in an empty folder, inside this process."""

    def run(*options: str, files: tuple[str, ...] = ()) -> pytest.RunResult:
        names = [f"{SUITE}.{name}" for name in files] or [SUITE]
        strict = ("--strict-markers", "--strict-config", "-W", "error", "-p", "no:randomly")
        command = ("--pyargs", *names, *strict, "-p", "no:cacheprovider", *options)
        return pytester.runpytest(*command, plugins=[*pytester.plugins])

    return run
