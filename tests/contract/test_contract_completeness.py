"""The suite leaves nothing out: it is held to the service's tables, which it may not read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue, validity
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.states import STATE_RULES
from pytest_amplifybackend._service.handlers import OPERATIONS
from pytest_amplifybackend._service.jobs import STATUSES
from pytest_amplifybackend.contract import test_rules
from pytest_amplifybackend.contract._support import samples, states, transitions

ERRORS = {"": None, **errors.MODELED}


def _entity(step: Any) -> str:
    return str(step.entity).removeprefix("target ")


def test_each_declared_move_is_a_step() -> None:
    declared = {
        (name, entity, source, target, one.on_failure or source)
        for name, one in OPERATIONS.items()
        for entity, moves, _ in one.moved()
        for source, target in moves.items()
    }
    steps = {
        (step.operation, _entity(step), step.source, step.target, step.after_failure)
        for step in transitions.STEPS
    }
    assert steps == declared


def test_each_declared_rule_is_one_of_the_suite() -> None:
    declared = {
        (name, one.entity, state, STATE_RULES[rule].error)
        for name, one in OPERATIONS.items()
        for state, rule in one.rules.items()
    }
    told = {(row.operation, _entity(row), row.source, row.error) for row in transitions.REFUSALS}
    assert told == declared


def test_the_evidence_of_each_step_is_the_declared_one() -> None:
    declared = {
        (name, entity): evidence
        for name, one in OPERATIONS.items()
        for entity, _, evidence in one.moved()
    }
    for step in transitions.STEPS:
        assert step.kind == declared[step.operation, _entity(step)], step


def test_each_move_of_a_job_is_tried() -> None:
    from pytest_amplifybackend.contract import test_moves

    pairs = [
        (state.removeprefix("job ").upper(), status)
        for state, status in [*test_moves.MOVES, *test_moves.NO_MOVES]
    ]
    assert len(set(pairs)) == len(pairs)
    moves = {(status, onward) for status, more in STATUSES.items() for onward in more}
    assert moves <= set(pairs)
    not_moves = {(one, other) for one in STATUSES for other in STATUSES if one != other} - moves
    assert not_moves == {
        (state.removeprefix("job ").upper(), status) for state, status in test_moves.NO_MOVES
    }


def test_each_rule_on_params_is_broken_for_each_of_its_operations() -> None:
    cases = {
        case.values
        for layer in ("service", "provisioning")
        for case in test_rules._cases(_layer(layer))
    }
    rules = {(name, rule.name) for rule in table.current().rows for name in rule.operations}
    assert cases == rules


def _layer(name: str) -> Any:
    from pytest_amplifybackend._rules.rule import Layer

    return Layer(name)


def _samples() -> Iterator[Any]:
    for name in catalogue.operations():
        for full in (False, True):
            yield pytest.param(name, full, id=f"{name}-{'full' if full else 'least'}")


@pytest.mark.parametrize(("operation", "full"), list(_samples()))
def test_a_sample_is_what_the_client_lets_pass(operation: str, full: bool) -> None:
    given = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
    validity.check_params(operation, samples.sample(operation, given, full=full))


def test_each_operation_has_a_state_that_there_is() -> None:
    assert set(samples.STATES) == set(catalogue.operations())
    assert set(samples.STATES.values()) <= set(states.NAMES)
    assert {row.state for row in (*transitions.STEPS, *transitions.REFUSALS)} <= set(states.NAMES)
