"""What a failed test may be about, for its report: time that stood, two active fakes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pytest_amplifybackend import progress
from pytest_amplifybackend._service.clock import SystemClock, iso

if TYPE_CHECKING:
    from pytest_amplifybackend._service.backend import Service
    from pytest_amplifybackend._transports.activation import Activation

_LOG = logging.getLogger("pytest_amplifybackend")

_FEWEST_READS = 3
_SHORTEST_WAIT = 1.0
"""In seconds: a program that reads a job so often for so long waits for it."""


def waiting(backend: Service) -> list[str]:
    """A sentence, only once, if a program has waited for a job while the fake's clock stood."""
    # Without the lock, which a call in flight may have until this is over.
    waits = list(backend.worker.waits.items())
    for job_id, wait in waits:
        if wait.reads >= _FEWEST_READS and wait.seconds >= _SHORTEST_WAIT and not wait.reported:
            wait.reported = True
            return [
                f"Job {job_id} was read {wait.reads} times in {wait.seconds:.1f} s, while the "
                f"fake's clock stood at {iso(wait.clock)}. {_advice(backend)}"
            ]
    return []


def log_waiting(backend: Service) -> None:
    """Log what no report has said yet: pytest shows it with the failure of a test."""
    for hint in waiting(backend):
        _LOG.warning("%s", hint)


def _advice(backend: Service) -> str:
    if isinstance(backend.worker.policy, progress.Manual):
        return (
            "With jobs='manual' it ends by fake.jobs.finish(), fail() or advance(), and not by "
            "itself."
        )
    if isinstance(backend.clock, SystemClock):
        return "That is the time of time.time(), which something has frozen and not moved on."
    return (
        "Use the fixture amplifybackend_time, or @fake_amplifybackend(time=True) without pytest, "
        "so that the program's sleeps move that clock, or "
        "clock='system' where freezegun or time-machine moves the time (docs/time.md)."
    )


def of_active(
    active: Sequence[Activation], owner_of: Callable[[Activation], str]
) -> tuple[list[str], list[str]]:
    """What to say of active fakes: about waiting, and about which of several answers."""
    backends = {id(one.backend): one.backend for one in active if one.backend is not None}
    waits = [hint for backend in backends.values() for hint in waiting(backend)]
    of_process = [one for one in active if one.answers_clients]
    if len({id(one.backend) for one in of_process}) < 2:
        return waits, []
    *others, last = (_named(one, owner_of(one)) for one in of_process)
    return waits, [
        f"{len(of_process)} fakes are active. Clients are answered by that of {last}, which became "
        f"active last, and not by that of {' or '.join(reversed(others))}."
    ]


def _named(activation: Activation, owner: str) -> str:
    by_pytest = "_pytest" in str(activation.where)  # a fixture, or a decorated test
    place = "" if by_pytest else f"{activation.where}"
    return " at ".join(filter(None, (owner, place))) or "a hook of pytest"
