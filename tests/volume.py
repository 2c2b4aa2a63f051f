"""How much of a large number of trials a run makes: a few by default, all of it when asked to.

A test with a budget has the mark `volume`. Its default run shows that it works. With
`AMPLIFYBACKEND_TEST_FULL=1`, as in `nox -s volume`, it makes the numbers that documents promise.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

FULL = bool(os.environ.get("AMPLIFYBACKEND_TEST_FULL"))


def budget(full: int, usual: int) -> int:
    """The number of trials: the full one, or the usual one."""
    return full if FULL else usual


def only_full() -> list[pytest.MarkDecorator]:
    """The marks of a case that the default run leaves out, since another one stands for it."""
    skip = pytest.mark.skipif(not FULL, reason="runs with AMPLIFYBACKEND_TEST_FULL=1")
    return [pytest.mark.volume, skip]


def full_only(test: Callable[..., Any]) -> Callable[..., Any]:
    """A test that the default run leaves out, since others come close to what it shows."""
    for mark in only_full():
        test = mark(test)
    return test
