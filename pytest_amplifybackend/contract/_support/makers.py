"""Jobs of an environment, made by whatever operation a target has.

Lists, filters and pages are about jobs of any kind: a target that makes some can be tested.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pytest

from pytest_amplifybackend.contract import Unbuildable
from pytest_amplifybackend.contract._support import samples
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.noted import ANY_JOB


@dataclass(frozen=True, slots=True)
class Step:
    """An operation that makes a job in an environment, and how that job ends."""

    operation: str
    status: str


Maker = tuple[Step, ...]

MAKERS: tuple[Maker, ...] = (
    *((Step(f"UpdateBackend{family}", "FAILED"),) for family in ("Auth", "API", "Storage")),
    (Step("CreateBackendStorage", "FAILED"),),
    *(
        (Step(f"CreateBackend{family}", "COMPLETED"), Step(f"DeleteBackend{family}", "COMPLETED"))
        for family in ("Auth", "API")
    ),
    (Step("DeleteBackend", "COMPLETED"), Step("CreateBackend", "COMPLETED")),
)
"""What can be repeated in an environment without resources, the one that changes least first."""


def chosen(implemented: Collection[str] | None, makers: Iterable[Maker] = MAKERS) -> Maker | None:
    """The first maker of which a target has every operation."""
    for maker in makers:
        if implemented is None or all(step.operation in implemented for step in maker):
            return maker
    return None


def first(backend: Backend, *, failing: bool = False) -> Step:
    """The first step of the maker, of one whose jobs fail if wanted; raises Unbuildable."""
    wanted = [maker for maker in MAKERS if not failing or maker[0].status == "FAILED"]
    maker = chosen(backend.target.implemented, wanted)
    if maker is None:
        raise Unbuildable(f"no operation of the target makes jobs{' that fail' * failing}")
    return maker[0]


def harmless(implemented: Collection[str] | None) -> str | None:
    """The operation of a job that changes nothing where there is no auth, if a target has one."""
    for maker in MAKERS[:3]:
        if chosen(implemented, [maker]):
            return maker[0].operation
    return None


def jobs(backend: Backend, at: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Makes one job after the other in an environment without resources; their last records."""
    maker = chosen(backend.target.implemented)
    if maker is None:
        pytest.skip("needs an operation that makes jobs in an environment")
    for step in cycle(maker):
        with backend.noted.inside(ANY_JOB):
            end = backend.done if step.status == "COMPLETED" else backend.fails
            record = end(step.operation, samples.sample(step.operation, at))
        yield record
