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
from pytest_amplifybackend.strategies._internal import oracle_moves

ERRORS = {"": None, **errors.MODELED}


def test_the_table_of_the_oracle_is_what_is_declared() -> None:
    declared = {
        (name, entity, source, target, evidence, None, one.on_failure)
        for name, one in OPERATIONS.items()
        for entity, moves, evidence in one.moved()
        for source, target in moves.items()
    }
    rejected = {
        (name, one.entity, state, STATE_RULES[rule].error)
        for name, one in OPERATIONS.items()
        for state, rule in one.rules.items()
    }
    assert {(*move[:5], *move[6:]) for move in transitions.STEPS} == declared
    assert {(*move[:3], move.error) for move in transitions.REJECTIONS} == rejected


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


NOT_SAMPLED = {
    ("ImportBackendAuth", "IdentityPoolId"),  # of a pool that would have to exist
    ("ListBackendJobs", "JobId"),  # every job
    ("UpdateBackendJob", "Operation"),  # the job stays as it is
    ("UpdateBackendJob", "Status"),
}


@pytest.mark.parametrize("operation", catalogue.operations())
def test_a_full_sample_has_every_member(operation: str) -> None:
    existing = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
    members = catalogue.operations()[operation].input_shape.members
    missing = members.keys() - samples.sample(operation, existing, full=True).keys() - {"NextToken"}
    assert {(operation, name) for name in missing} <= NOT_SAMPLED, (
        "add a value to _LEAST, or to _MORE if it is optional, in contract/_support/samples.py"
    )


def test_each_operation_has_a_state_that_there_is() -> None:
    assert set(samples.STATES) == set(catalogue.operations()), (
        "add to STATES in contract/_support/samples.py the state in which the operation works"
    )
    assert set(samples.STATES.values()) <= set(states.NAMES)
    assert {transitions.start(move) for move in oracle_moves.MOVES} <= set(states.NAMES)
