"""The random calls that rest on evidence alone: they assume nothing, and find what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from wrong_clients import WRONG

from pytest_amplifybackend import FakeAmplifyBackend, progress
from pytest_amplifybackend._rules.states import STATE_RULES
from pytest_amplifybackend.contract._support.backend import READS
from pytest_amplifybackend.contract._support.known import OPERATIONS, KnownMachine

ASSUMED = {"CloneBackend", "UpdateBackendConfig", "UpdateBackendJob"}


def _run(client: Any, fake: FakeAmplifyBackend) -> None:
    class Machine(KnownMachine):
        exact = False
        poll_seconds = 0.001

        def connect(self) -> Any:
            fake.reset()
            return client

    suppressed = settings(
        max_examples=6,
        stateful_step_count=20,
        phases=(Phase.generate,),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(1)(Machine), settings=suppressed)


def test_nothing_is_called_that_is_only_assumed() -> None:
    fake = FakeAmplifyBackend(jobs=progress.after_reads(1))
    met: set[str] = set()
    failed: set[str] = set()
    client = fake.client()
    reset = fake.reset

    def note() -> None:
        met.update(call.operation for call in fake.calls)
        failed.update(job.rule or "" for job in fake.jobs if job.status == "FAILED")
        reset()

    fake.reset = note  # type: ignore[method-assign]  # each run begins by one
    _run(client, fake)
    assert met <= OPERATIONS | READS
    assert not met & ASSUMED
    assert len(met & OPERATIONS) >= 6
    assert all(rule in STATE_RULES for rule in failed - {""}), "rules on params are left out"


@pytest.mark.parametrize("name", ["app_has_its_id_for_a_name", "auth_has_no_multi_factor_settings"])
def test_what_is_wrong_is_found(name: str) -> None:
    fake = FakeAmplifyBackend(jobs=progress.after_reads(1))
    with pytest.raises(AssertionError, match=r"GetBackend"):
        _run(WRONG[name].client(fake, "us-east-1"), fake)
