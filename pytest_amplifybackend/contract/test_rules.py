"""Every rule on the params: refused at once, or by a job that fails, as its layer says."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import just

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.rule import Layer
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, provenance
from pytest_amplifybackend.contract._support.samples import STATES
from pytest_amplifybackend.contract._support.states import place
from pytest_amplifybackend.strategies import InvalidRequest, invalid_requests
from pytest_amplifybackend.strategies._internal.oracle_work import WORK

FULL = bool(os.environ.get("AMPLIFYBACKEND_CONTRACT_FULL"))
"""Whether to look for longer."""

BRIEF = settings(
    max_examples=20 if FULL else 1,
    phases=(Phase.generate,),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
"""One example, the same in every run: there is a test for each rule and operation."""

_OPTIONS = {
    "AppId": "app_ids",
    "BackendEnvironmentName": "environment_names",
    "BucketName": "bucket_names",
    "JobId": "job_ids",
    "ResourceName": "resource_names",
    "SessionId": "session_ids",
    "UserPoolId": "user_pool_ids",
}


def _cases(layer: Layer, *operations: str) -> list[Any]:
    return [
        pytest.param(
            operation,
            rule.name,
            id=f"{operation}-{rule.name}",
            marks=(about(operation), provenance(rule.tag, rule.source)),
        )
        for operation in operations or catalogue.operations()
        for rule in {rule.name: rule for rule in table.current().of(operation, layer)}.values()
    ]


def _broken(operation: Any, layer: Layer, rule: str, there: dict[str, Any]) -> Any:
    """Requests about what is there that break one rule."""
    known = catalogue.operations()[operation].input_shape.members
    where: dict[str, Any] = {
        option: just(there[member])
        for member, option in _OPTIONS.items()
        if member in known and member in there
    }
    return invalid_requests(operation, layer=layer, rule=rule, **where)


@pytest.mark.parametrize(("operation", "rule"), _cases(Layer.SERVICE))
def test_refused_at_once(backend: Backend, shared: Any, operation: str, rule: str) -> None:
    there = shared(
        STATES[operation] if STATES[operation] != "no app" else "app with environment dev"
    )

    @BRIEF
    @given(_broken(operation, Layer.SERVICE, rule, there))
    def refuse(request: InvalidRequest) -> None:
        backend.rejected(operation, request.params, errors.BadRequest)

    before = _newest(backend, there) if operation in WORK else []
    refuse()
    if operation in WORK:
        assert _newest(backend, there) == before, f"{operation}: a rejected call has made a job"


def _newest(backend: Backend, there: dict[str, Any]) -> list[str]:
    """The id of an environment's last job."""
    page = backend.call("ListBackendJobs", place(there, MaxResults=1))
    return [job["JobId"] for job in page["Jobs"]]


@pytest.mark.parametrize(("operation", "rule"), _cases(Layer.PROVISIONING))
def test_refused_by_a_failed_job(backend: Backend, shared: Any, operation: str, rule: str) -> None:
    there = shared(STATES[operation])

    @BRIEF
    @given(_broken(operation, Layer.PROVISIONING, rule, there))
    def fail(request: InvalidRequest) -> None:
        backend.fails(operation, request.params)

    first = rule == _cases(Layer.PROVISIONING, operation)[0].values[1]  # enough for an operation
    before = backend.seen(place(there)) if first else {}
    fail()
    if first:
        assert backend.seen(place(there)) == before, f"{operation}: a failed job had an effect"
