"""Every way in which the fake answers an operation: at once, by a job, by a refusal."""

from __future__ import annotations

import functools
from typing import Any

import tour
from shop_calls import DEV
from state_rule_cases import CASES
from states_by_name import STATES, request

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._service.handlers import OPERATIONS

REFUSALS = [name for name, case in CASES.items() if case.error]
FAILURES = [name for name, case in CASES.items() if case.error is None]
JOBS = [name for name, declared in OPERATIONS.items() if declared.makes_job]


def manual() -> FakeAmplifyBackend:
    """A fake whose jobs wait."""
    return FakeAmplifyBackend(jobs=progress.manual())


@functools.cache
def answers() -> dict[str, Any]:
    """The first answer to each operation on the tour of all."""
    fake = FakeAmplifyBackend()
    fake.add_bucket(tour.BUCKET)
    found: dict[str, Any] = {}

    def call(operation: Any, params: dict[str, Any]) -> dict[str, Any]:
        answer = fake.call(operation, params)
        found.setdefault(operation, answer)
        return answer

    tour.walk(tour.of_all_operations(), call)
    return found


def job_of(operation: Any, *, failed: bool) -> dict[str, Any]:
    """The job of an operation, from the first state that allows it, as GetBackendJob gives it."""
    fake, declared = manual(), OPERATIONS[operation]
    assert declared.entity is not None
    STATES[declared.entity, next(iter(declared.moves))](fake)
    made = fake.call(operation, request(fake, operation, declared.entity))
    if failed:
        fake.jobs.fail(made["JobId"])
    else:
        fake.jobs.finish(made["JobId"])
    return ended(fake, made)


def ended(fake: FakeAmplifyBackend, made: dict[str, Any]) -> dict[str, Any]:
    """The job that a call made, wherever it is filed."""
    place = {name: made.get(name, DEV[name]) for name in ("AppId", "BackendEnvironmentName")}
    return fake.call("GetBackendJob", {**place, "JobId": made["JobId"]})


def failure(rule: str) -> dict[str, Any]:
    """The job that ends FAILED because a rule on the state is broken."""
    case, fake = CASES[rule], manual()
    case.broken(fake)
    made = fake.call(case.operation, case.params(fake) if callable(case.params) else case.params)
    for job in fake.jobs:
        if job.status in ("PENDING", "RUNNING"):
            fake.jobs.finish(job.id)
    return ended(fake, made)


def refusal(rule: str) -> tuple[str, errors.ServiceError]:
    """The operation and the error of a call that breaks a rule on the state."""
    case, fake = CASES[rule], manual()
    case.broken(fake)
    params = case.params(fake) if callable(case.params) else case.params
    try:
        answer = fake.call(case.operation, params)
    except errors.ServiceError as error:
        return case.operation, error
    raise AssertionError(f"{rule}: {case.operation} was not refused: {answer}")
