"""Schemas that the public strategies draw, which the transformer has to accept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from comparison import Difference, Packages
from corpus import Case
from hypothesis import HealthCheck, given, settings
from volume import budget

from pytest_amplifybackend.strategies import transform_schemas


@pytest.mark.volume
def test_drawn(packages: Packages, compare: Callable[[Case], Difference | None]) -> None:
    """Hypothesis ends with the smallest schema."""

    @settings(
        max_examples=budget(3_000, 300),
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],  # Amplify's packages take their time
    )
    @given(transform_schemas())
    def agree(schema: str) -> None:
        assert packages.outcome(schema).refused is None
        found = compare(Case("drawn", schema))
        assert found is None, f"{found.kind}\n{schema}\n{found.details}"

    agree()
