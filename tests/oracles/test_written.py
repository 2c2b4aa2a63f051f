"""The schemas that are written for it: every directive and every check, good and bad, and apps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from corpus import Case, given, written

CASES = {case.name: case for case in (*written(), *given())}


@pytest.mark.parametrize("name", CASES)
def test_written(check: Callable[[Case], None], name: str) -> None:
    check(CASES[name])
