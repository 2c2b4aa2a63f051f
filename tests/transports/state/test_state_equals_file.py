"""Whatever is done to a fake, its state file holds what ``dump()`` gives."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("httptools")

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from kept_machine import Machine
from volume import budget

pytestmark = pytest.mark.volume

POLICIES = ("immediate", "manual", "after_reads:1", "after_seconds:60")


def run(**options: Any) -> None:
    run_state_machine_as_test(
        type("Machine", (Machine,), options),
        settings=settings(
            max_examples=budget(15, 3),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("policy", POLICIES)
def test_the_file_holds_what_dump_gives(policy: str) -> None:
    run(policy=policy)


@pytest.mark.parametrize("policy", ["immediate", "manual"])
def test_where_the_provisioner_takes_work_back(policy: str) -> None:
    run(policy=policy, fussy=True)


@pytest.mark.parametrize("policy", POLICIES)
def test_where_the_disk_is_full_at_times(policy: str) -> None:
    run(policy=policy, fills=True)
