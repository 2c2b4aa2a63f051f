"""The rules on the state, by their names of before."""

from __future__ import annotations

from pytest_amplifybackend._rules.rule import ProvisioningError
from pytest_amplifybackend._rules.states import STATE_RULES, StateRule
from pytest_amplifybackend._rules.states import broken as refuse

__all__ = ["STATE_RULES", "ProvisioningError", "StateRule", "refuse"]
