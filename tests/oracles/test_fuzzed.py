"""Schemas of relations, keys and auth rules by chance, right and wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from corpus import Case
from schema_fuzz import fuzzed
from volume import budget


@pytest.mark.volume
@pytest.mark.parametrize("number", range(budget(5_000, 250)))
def test_fuzzed(check: Callable[[Case], None], number: int) -> None:
    check(Case(f"fuzzed-{number}", *fuzzed(number)))
