"""Every operation answers as the model says, to the least request and to the fullest."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support.backend import READS, Backend
from pytest_amplifybackend.contract._support.marks import about, documented, modeled, observed
from pytest_amplifybackend.contract._support.samples import STATES, sample

OPERATIONS = catalogue.operations()
EACH = [pytest.param(name, marks=about(name)) for name in OPERATIONS]
JOBS = [
    name
    for name, operation in OPERATIONS.items()
    if "JobId" in operation.output_shape.members and not name.endswith("BackendJob")
]
ONCE = ("DeleteToken", "RemoveBackendConfig")
"""The operations that leave nothing for a second call."""

ECHOED = ("AppId", "BackendEnvironmentName", "JobId", "ResourceName", "SessionId")


@modeled("the operation's output shape, and its *RespObj shape for what is required")
@pytest.mark.parametrize("operation", EACH)
def test_an_answer_has_its_documented_shape(
    backend: Backend, arrange: Any, shared: Any, operation: str
) -> None:
    existing = (shared if operation in READS else arrange)(STATES[operation])
    if operation in JOBS:  # the least request: test_a_job_is_filed_under_its_operation
        backend.done(operation, sample(operation, existing, full=True))
        return
    backend.call(operation, sample(operation, existing, full=True))
    if operation not in ONCE:
        backend.call(operation, sample(operation, existing))


@documented("REST reference: the members of the response that are those of the request")
@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(name, marks=about(name))
        for name, operation in OPERATIONS.items()
        if set(ECHOED) & set(operation.output_shape.members) & set(operation.required)
        and name not in JOBS  # whose answers are compared wherever a job is submitted
    ],
)
def test_an_answer_is_about_what_was_asked(backend: Backend, shared: Any, operation: str) -> None:
    params = sample(operation, shared(STATES[operation]), full=True)
    answer = backend.call(operation, params)
    known = OPERATIONS[operation].output_shape.members
    expected = {name: params[name] for name in ECHOED if name in params and name in known}
    assert {name: answer.get(name) for name in expected} == expected, operation


@observed("recorded answers: accepted with PENDING, then a job by the operation's own name")
@pytest.mark.parametrize("operation", [pytest.param(name, marks=about(name)) for name in JOBS])
def test_a_job_is_filed_under_its_operation(backend: Backend, arrange: Any, operation: str) -> None:
    at = backend.submit(operation, sample(operation, arrange(STATES[operation])))
    assert backend.job(at)["Operation"] == operation
    ended = backend.wait(at)
    assert (ended["Operation"], ended["Status"]) == (operation, "COMPLETED")
    assert {name: ended[name] for name in at} == at, operation
    assert int(ended["CreateTime"]) <= int(ended["UpdateTime"]), operation
