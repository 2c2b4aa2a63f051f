"""What the fake answers to each operation in each outcome, and the errors on the wire."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import outcomes
import pytest
import tour

pytest.importorskip("syrupy")

from pytest_amplifybackend import assert_shape, errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._service.handlers import OPERATIONS
from pytest_amplifybackend._service.jobs import STATUSES
from pytest_amplifybackend._transports import codec
from pytest_amplifybackend._transports.stubber import parsed_error

SERVICE_ERRORS = {
    "NotFound": errors.NotFound(resource_type="backend"),
    "BadRequest": errors.BadRequest("An error occurred: name=\u00fcber."),
    "TooManyRequests": errors.TooManyRequests(limit_type="requests"),
    "GatewayTimeout": errors.GatewayTimeout(),
}
GATEWAY = {
    "MissingAuthenticationTokenException": 403,
    "ForbiddenException": 403,
    "RequestTooLongException": 413,
    "UnsupportedMediaTypeException": 415,
}


@pytest.mark.parametrize("operation", catalogue.operations())
def test_answered(operation: Any, amplifybackend_snapshot) -> None:
    assert operation in outcomes.answers(), (
        f"{tour.ADD_IT}, and write its snapshot: pytest tests/snapshots --snapshot-update"
    )
    answer = outcomes.answers()[operation]
    assert_shape(operation, answer)
    assert answer == amplifybackend_snapshot


@pytest.mark.parametrize("operation", sorted(outcomes.JOBS))
def test_job(operation: str, amplifybackend_snapshot) -> None:
    for name in ("completed", "failed"):
        job = outcomes.job_of(operation, failed=name == "failed")
        assert_shape("GetBackendJob", job)
        assert job["Status"] == name.upper()
        assert job == amplifybackend_snapshot(name=name)


@pytest.mark.parametrize("rule", outcomes.FAILURES)
def test_job_that_breaks_a_rule(rule: str, amplifybackend_snapshot) -> None:
    job = outcomes.failure(rule)
    assert job["Status"] == "FAILED"
    assert job == amplifybackend_snapshot


@pytest.mark.parametrize("rule", outcomes.REFUSALS)
def test_refused(rule: str, amplifybackend_snapshot) -> None:
    operation, error = outcomes.refusal(rule)
    assert {"operation": operation, **on_the_wire(error)} == amplifybackend_snapshot


@pytest.mark.parametrize("error", SERVICE_ERRORS)
def test_error(error: str, amplifybackend_snapshot) -> None:
    made = SERVICE_ERRORS[error]
    model = catalogue.service_model().operation_model("GetBackend")
    styles = ("modeled", "observed")
    parsed = {f"{style} as parsed": parsed_error(made, style, model) for style in styles}
    assert {**on_the_wire(made), **parsed} == amplifybackend_snapshot


@pytest.mark.parametrize("kind", GATEWAY)
def test_gateway_error(kind: str, amplifybackend_snapshot) -> None:
    assert seen(codec.gateway_error(GATEWAY[kind], kind)) == amplifybackend_snapshot


def test_other_answers(amplifybackend_snapshot) -> None:
    assert seen(codec.preflight()) == amplifybackend_snapshot(name="preflight")
    assert seen(codec.GARBLED) == amplifybackend_snapshot(name="garbled")


def test_states(amplifybackend_snapshot) -> None:
    rows = [
        {
            "operation": name,
            "entity": entity,
            "moves": dict(moves),
            "during": declared.during,
            "after a failure": declared.on_failure,
            "rules": dict(declared.rules) if entity == declared.entity else {},
            "evidence": str(evidence),
        }
        for name, declared in OPERATIONS.items()
        for entity, moves, evidence in declared.moved()
    ]
    assert rows == amplifybackend_snapshot(name="transitions")
    statuses = {status: list(after) for status, after in STATUSES.items()}
    assert statuses == amplifybackend_snapshot(name="job statuses")


def on_the_wire(error: errors.ServiceError) -> dict[str, Any]:
    return {style: seen(codec.modeled_error(error, style)) for style in ("modeled", "observed")}


def seen(response: codec.HTTPResponse) -> dict[str, Any]:
    """A response's status, headers and body; the body as it stands where it is no JSON."""
    body = response.body.decode()
    with contextlib.suppress(ValueError):
        body = json.loads(body)
    return {"status": response.status, "headers": response.headers, "body": body}
