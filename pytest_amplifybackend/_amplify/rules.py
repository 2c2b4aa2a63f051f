"""What the neighbor rejects: rows of name, error, text and evidence, as those of the house.

docs/evidence.md#the-neighbor has the sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._rules.rule import Evidence, Layer, assumed, modeled, observed
from pytest_amplifybackend._rules.states import StateRule


class LimitExceeded(errors.ServiceError):
    """``LimitExceededException`` of ``amplify`` (429, modeled): there are too many of something."""

    code = "LimitExceededException"
    status = 429
    observed_code = code


MOST_APPS = 25
MOST_BRANCHES = 50
"""An account's quotas by default, for a region and for an app (documented)."""

_PASTED = observed("messages in public issues")


def _rule(
    name: str, error: type[errors.ServiceError], evidence: Evidence, text: str
) -> tuple[str, StateRule]:
    name = f"amplify.{name}"
    return name, StateRule(name, Layer.SERVICE, evidence, text=text, error=error)


RULES: Mapping[str, StateRule] = dict(
    (
        _rule("app-missing", errors.NotFound, _PASTED, "App {name} not found."),
        _rule(
            *("branch-missing", errors.NotFound, observed("hosting#2252")),
            "Branch {name} not found.",
        ),
        _rule(
            *("environment-missing", errors.NotFound, _PASTED),
            "BackendEnvironment {name} does not exist.",
        ),
        _rule(
            *("environment-exists", errors.BadRequest, observed("hosting#339")),
            "BackendEnvironment {name} already exists.",
        ),
        _rule(
            *("branch-exists", errors.BadRequest, observed("hosting#2604")),
            "Failed to create branch. The branch {name} already exists for the app {app}",
        ),
        _rule(
            *("apps", LimitExceeded, observed("hosting#3858; the number of 25 is documented")),
            "Failed to create app. You have reached the maximum number of apps in this account.",
        ),
        _rule(
            *("branches", LimitExceeded, assumed("the text; the number of 50 is documented")),
            "Failed to create branch. You have reached the maximum number of branches in this app.",
        ),
        _rule(
            *("value", errors.BadRequest, modeled("enums, lengths, patterns; the text is assumed")),
            "1 validation error detected: Value {value} at '{path}' failed to satisfy constraint: "
            "Member must {constraint}",
        ),
        _rule(
            *("next-token", errors.BadRequest, assumed("no recorded text")),
            "The nextToken is not one that {name} gave for this request.",
        ),
        _rule(
            *("job-pending", errors.BadRequest, assumed("the job would end where nothing is left")),
            "App {app} has a job of its backend that is not over: {job} ({operation}).",
        ),
    )
)


def broken(name: str, /, **values: Any) -> errors.ServiceError:
    """The error that a rule answers with; ``values`` fill the places in its text."""
    rule = RULES[f"amplify.{name}"]
    assert rule.error is not None
    error = rule.error(rule.text.format(**values))
    error.rule = rule.name
    return error
