"""Every rule of a schema is one for which the transformer refuses, with the same text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from corpus import Case

from pytest_amplifybackend._schema import schema


@pytest.mark.parametrize("rule", schema.rules())
def test_rule(check: Callable[[Case], None], rule: str) -> None:
    check(Case(rule, schema.rules()[rule].example))
