"""Schemas that the public strategies draw: the transformer accepts or refuses them as they say.

Hypothesis ends with the smallest schema that shows something else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from comparison import Difference, Outcome, difference
from corpus import Case
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy
from volume import budget

from pytest_amplifybackend.strategies import InvalidSchema, invalid_schemas, transform_schemas

Outcomes = Callable[[Case], tuple[Outcome, Outcome]]


@pytest.mark.volume
def test_valid(outcomes: Outcomes) -> None:
    def agree(schema: str) -> None:
        fake, real = outcomes(Case("drawn", schema))
        assert real.refused is None
        _same(schema, difference(fake, real))

    _each(transform_schemas(), agree, budget(3_000, 150))


@pytest.mark.volume
def test_invalid(outcomes: Outcomes) -> None:
    def agree(invalid: InvalidSchema) -> None:
        fake, real = outcomes(Case("drawn", invalid.schema))
        assert real.refused is not None
        _same(invalid.schema, difference(fake, real))

    _each(invalid_schemas(), agree, budget(3_000, 60))


def _each(strategy: SearchStrategy[Any], agree: Callable[[Any], None], examples: int) -> None:
    # Amplify's packages take their time.
    slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings(slow, max_examples=examples, database=None, derandomize=True)(given(strategy)(agree))()


def _same(schema: str, found: Difference | None) -> None:
    assert found is None, f"{found.kind}\n{schema}\n{found.details}"
