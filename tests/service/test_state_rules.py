"""Every rule on the state: a call that breaks it, and the same call where it is kept."""

from __future__ import annotations

from typing import Any

import pytest
from shop_calls import DEV
from state_rule_cases import CASES, Case
from states_by_name import REQUESTS, STATES

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._rules.states import SIBLING_ROWS, STATE_RULES
from pytest_amplifybackend._service import reference


def called(fake: FakeAmplifyBackend, case: Case) -> dict[str, Any]:
    params = case.params(fake) if callable(case.params) else case.params
    return fake.call(case.operation, params)


def job_error(fake: FakeAmplifyBackend, answer: dict[str, Any]) -> str | None:
    """How the job ends, after those before it."""
    for job in fake.jobs:
        if job.status in ("PENDING", "RUNNING"):
            fake.jobs.finish(job.id)
    return fake.jobs[answer["JobId"]].error


def test_every_rule_has_a_case() -> None:
    real_only = {rule.name for rule in SIBLING_ROWS}  # tests/provisioning breaks these
    assert CASES.keys() == STATE_RULES.keys() - real_only, (
        "add a Case for the rule to CASES in tests/service/state_rule_cases.py, and write the "
        "snapshot of its error: pytest tests/snapshots --snapshot-update"
    )


@pytest.mark.parametrize("rule", STATE_RULES)
def test_a_rule_is_explained_with_the_operations_that_break_it(rule: str) -> None:
    _, _, operations = reference.rule_text(rule).partition("operations:")
    assert operations.split()
    if rule in CASES and "every operation" not in operations:
        assert CASES[rule].operation in operations.split()


@pytest.mark.parametrize("rule", [name for name, case in CASES.items() if case.error])
def test_a_broken_rule_of_the_service_refuses_the_call(
    manual: FakeAmplifyBackend, rule: str
) -> None:
    case = CASES[rule]
    case.broken(manual)
    before = manual.dump()

    with pytest.raises(errors.ServiceError) as refused:
        called(manual, case)

    assert type(refused.value) is case.error
    assert refused.value.rule == rule
    assert f"rule={rule!r})" in repr(refused.value)
    assert isinstance(manual.calls[-1].error, errors.ServiceError)
    assert manual.calls[-1].error.rule == rule
    assert refused.value.message.startswith("An error occurred while processing your request: ")
    assert refused.value.message.endswith(case.says)
    assert refused.value.members.get("ResourceType") == case.resource_type
    assert manual.dump() == before


@pytest.mark.parametrize("rule", [name for name, case in CASES.items() if case.error is None])
def test_a_broken_rule_of_the_worker_fails_the_job(manual: FakeAmplifyBackend, rule: str) -> None:
    case = CASES[rule]
    case.broken(manual)

    answer = called(manual, case)
    error = job_error(manual, answer)

    assert error is not None
    job = manual.jobs[answer["JobId"]]
    assert job.rule == rule
    assert f"rule={rule!r})" in repr(job)
    copy = FakeAmplifyBackend()
    copy.load(manual.dump())
    assert copy.jobs[job.id].rule == rule
    command, _, text = error.partition("\n")
    assert command.startswith("Command failed with exit code 1: /root/.amplify/bin/amplify ")
    assert text.startswith(case.says)


@pytest.mark.parametrize("rule", CASES)
def test_the_same_call_is_fine_where_the_rule_is_kept(
    manual: FakeAmplifyBackend, rule: str
) -> None:
    case = CASES[rule]
    case.kept(manual)

    answer = called(manual, case)

    if case.error is None:
        assert job_error(manual, answer) is None


def test_a_clone_whose_source_is_gone_fails_under_every_policy_that_ends_it_later() -> None:
    fake = FakeAmplifyBackend(jobs=progress.after_seconds(60))
    STATES["environment", "absent"](fake)
    fake.call("DeleteBackend", {**DEV, "BackendEnvironmentName": "test"})
    clone = fake.call("CloneBackend", REQUESTS["CloneBackend"])["JobId"]

    fake.clock.shift(60)

    assert "BackendEnvironment test does not exist." in (fake.jobs[clone].error or "")
