"""The error of a broken rule, with the operation, the path, the value and the rule."""

from __future__ import annotations

from pytest_amplifybackend import _arguments, errors
from pytest_amplifybackend._api import paths
from pytest_amplifybackend._api.secrets.shapes import REDACTED, sensitive_paths
from pytest_amplifybackend._rules.rule import ProvisioningError
from pytest_amplifybackend._rules.table import Violation

_SHOWN = 120


class BrokenRule(ProvisioningError):
    """A request that the worker rejects by one of its rules."""

    def __init__(self, operation: str, violation: Violation) -> None:
        super().__init__(_message(operation, violation), rule=violation.name)
        self.violation = violation


def rejected(operation: str, violation: Violation) -> errors.BadRequest:
    """The error of a request that the service rejects by one of its rules."""
    error = errors.BadRequest(f"{errors.OBSERVED_PREFIX}{_message(operation, violation)}")
    error.rule = violation.name
    return error


def _message(operation: str, violation: Violation) -> str:
    where = f"{operation}: {violation.path}" if violation.path else operation
    rule = f"(rule {violation.name})"
    return f"{where}: {value_shown(operation, violation)}: {violation.problem} {rule}."


def value_shown(operation: str, violation: Violation) -> str:
    """The value that breaks a rule, shortened; a secret is not shown."""
    path, value = violation.path, violation.value
    if paths.general(path) in sensitive_paths(operation):
        return REDACTED
    if isinstance(value, dict):
        return "the structure"
    if isinstance(value, int) and value.bit_length() > _arguments.LARGEST_BITS:
        return _arguments.shown(value)
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
