"""The property machine of the strategies: random calls, each answer held to an oracle's."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from pytest_amplifybackend.contract.backend import Backend
from pytest_amplifybackend.contract.marks import EVERY, about, assumed
from pytest_amplifybackend.contract.tidying import new_app
from pytest_amplifybackend.strategies import AmplifyBackendMachine

RUNS = 4
STEPS = 30
SHARDS = 12
FULL = bool(os.environ.get("AMPLIFYBACKEND_CONTRACT_FULL"))
"""Whether to look for longer: fifty times as many runs."""


@about(EVERY)
@assumed("the oracle of the strategies: every fact above, and the choices where there is none")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_random_calls_are_answered_as_the_oracle_says(backend: Backend, shard: int) -> None:
    target = backend.target
    if not target.writes:
        pytest.skip("random calls write: give --amplifybackend-allow-writes to let them")
    client = target.client(backend.region)

    class Machine(AmplifyBackendMachine):
        progress = target.progress
        exact = False  # others have buckets here, and the clock is the target's own
        region = backend.region
        poll_seconds = max(target.polling.interval, 0.001)

        def __init__(self) -> None:
            pool = (new_app(backend), new_app(backend))
            setattr(self, "app_pool", pool)  # noqa: B010  # a class's, but each run has its own
            super().__init__()

        def connect(self) -> Any:
            return client

    run_state_machine_as_test(
        seed(shard)(Machine),
        settings=settings(
            max_examples=RUNS * (50 if FULL else 1),
            stateful_step_count=STEPS,
            phases=(Phase.generate,),
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
