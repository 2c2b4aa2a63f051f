"""What the tests of the contract suite share: the suite in a folder of its own, and its parts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("hypothesis", reason="the contract suite needs the hypothesis extra")

sys.path.append(str(Path(__file__).parent.parent / "strategies"))

from pytest_amplifybackend.contract._support import marks

SUITE = "pytest_amplifybackend.contract"


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
