"""Looks at a drawn request as the service will: which rule it breaks first, if any.

Strategies construct what keeps the rules. This is the last look at it, for what a rule says that
no construction knows of.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.rule import Layer
from pytest_amplifybackend._rules.table import Violation
from pytest_amplifybackend.strategies._internal.values import Request

_CONFIG = "ResourceConfig"
_COMPLETED = ("CreateBackendAPI", "UpdateBackendAPI")
_SKIPPED_EMPTY = ("TransformSchema", "AdditionalAuthTypes")

Params = dict[str, Any]


def broken(operation: str, params: Params) -> Iterator[Violation]:
    """The rules that a request breaks, in the order in which they are met."""
    rules = table.current()
    yield from rules.violations(operation, Layer.SERVICE, params)
    yield from rules.violations(operation, Layer.PROVISIONING, _completed(operation, params))


def _completed(operation: str, params: Params) -> Params:
    """The request as its job sees it: an API always has a name and a service.

    An update skips an empty schema and empty modes. What else it leaves as it is depends on the
    API that is there, which has some mode.
    """
    given = params.get(_CONFIG, {})
    if operation not in _COMPLETED or not isinstance(given, dict):
        return params
    config: Params = {"Service": "AppSync"}
    if "ResourceName" in params:
        config["ApiName"] = params["ResourceName"]
    if operation == "UpdateBackendAPI":
        config["DefaultAuthType"] = {"Mode": "API_KEY"}
        given = {
            name: value for name, value in given.items() if value or name not in _SKIPPED_EMPTY
        }
    return {**params, _CONFIG: {**config, **given}}


def accepted_but_for(given: Collection[str]) -> Callable[[Request], bool]:
    """Whether a request keeps every rule but those on the members that a user gives."""

    def accepted(request: Request) -> bool:
        return all(
            violation.path.partition(".")[0] in given
            for violation in broken(request.operation, request.params)
        )

    return accepted


def accepted_config(operation: str, member: str = _CONFIG) -> Callable[[Any], bool]:
    """Whether a config keeps every rule on it, whatever else is in its request."""

    def accepted(config: Any) -> bool:
        found = broken(operation, {member: config})
        return not any(violation.path.startswith(member) for violation in found)

    return accepted
