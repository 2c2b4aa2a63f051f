"""The checks of requests, by their names of before."""

from __future__ import annotations

from pytest_amplifybackend._rules.checking import (
    BrokenRule,
    Violation,
    provision,
    validate,
    value_shown,
    violations,
)

__all__ = ["BrokenRule", "Violation", "provision", "validate", "value_shown", "violations"]
