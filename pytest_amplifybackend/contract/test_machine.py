"""The property machine of the strategies: random calls, each answer held to an oracle's."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.known import KnownMachine
from pytest_amplifybackend.contract._support.marks import EVERY, about, assumed, documented
from pytest_amplifybackend.contract._support.target import Target
from pytest_amplifybackend.contract._support.tidying import new_app
from pytest_amplifybackend.strategies import AmplifyBackendMachine

RUNS = 1
STEPS = 30
SHARDS = 4
FULL = bool(os.environ.get("AMPLIFYBACKEND_CONTRACT_FULL"))
"""Whether to look for longer: fifty times as many runs."""


class ModeledCodes:
    """A client whose errors have the modeled codes, whichever the target is right to give."""

    def __init__(self, target: Target, client: Any) -> None:
        self._client = client
        self._codes = {
            code: error.code
            for error in (errors.NotFound, errors.BadRequest)
            for code in target.codes(error)
        }

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return functools.partial(self._call, getattr(self._client, method))

    def _call(self, method: Callable[..., Any], **params: Any) -> Any:
        try:
            return method(**params)
        except ClientError as error:
            told = error.response["Error"]
            code = told["Code"]
            # a modeled code where recorded ones are expected is as wrong as any other
            told["Code"] = self._codes.get(code, f"unexpected {code}")
            raise


def _run(backend: Backend, machine: type[AmplifyBackendMachine], progress: str, shard: int) -> None:
    target = backend.target
    if not target.writes:
        pytest.skip("random calls write: --amplifybackend-allow-writes lets them")
    client = ModeledCodes(target, target.client(backend.region))
    options: dict[str, Any] = {
        "progress": progress,
        "exact": False,  # others have buckets here, and the clock is the target's own
        "region": backend.region,
        "poll_seconds": max(target.polling.interval, 0.001),
        "connect": lambda _: client,
    }

    class Machine(machine):  # type: ignore[valid-type, misc]  # one of two
        def fresh_apps(self) -> tuple[str, ...]:
            pool = (new_app(backend), new_app(backend))
            apps = {(backend.region, app) for app in pool}
            backend.noted.touched |= apps  # by calls that pass the backend by
            backend.noted.studios |= apps
            return pool

    for name, value in options.items():
        setattr(Machine, name, value)
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


@about(EVERY)
@documented("the oracle of the strategies, where it rests on evidence")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_random_calls_are_answered_as_is_known(backend: Backend, shard: int) -> None:
    _run(backend, KnownMachine, "poll", shard)


@about(EVERY)
@assumed("the oracle of the strategies: every fact above, and the choices where there is none")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_random_calls_are_answered_as_the_oracle_says(backend: Backend, shard: int) -> None:
    _run(backend, AmplifyBackendMachine, backend.target.progress, shard)
