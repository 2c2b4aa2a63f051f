"""How long work takes on an input, and on one twice as long: what the growth benchmarks share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MOST = 2.5
DOUBLINGS = 3
SHORTEST = 0.005
"""In seconds: what takes less is measured with a longer input, or not at all."""

Work = Callable[[], object]


@dataclass(frozen=True)
class Subject:
    """``prepare`` makes the work on an input of a size, which may grow to ``most``."""

    name: str
    prepare: Callable[[int], Work]
    size: int = 20_000
    most: int = 1_000_000


def on(work: Callable[[Any], object], made: Callable[[int], Any]) -> Callable[[int], Work]:
    def prepare(size: int) -> Work:
        value = made(size)
        return lambda: work(value)

    return prepare


def seconds(work: Work) -> float:
    """The least of three times, each of one run."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


@dataclass(frozen=True)
class Growth:
    """What a subject took at each size, twice as large each time."""

    name: str
    size: int
    times: list[float]

    @property
    def factor(self) -> float:
        """How many times as much a doubling took, on average; 0 for what took no time."""
        measured = [taken for taken in self.times if taken >= SHORTEST]
        if len(measured) < 2:
            return 0
        return float((measured[-1] / measured[0]) ** (1 / (len(measured) - 1)))

    def row(self) -> str:
        """The measurement as a row of the table."""
        times = ", ".join(f"{taken * 1e3:,.0f}" for taken in self.times)
        mark = " **too much**" if self.factor > MOST else ""
        return f"| {self.name} | {self.size:,} | {times} | {self.factor:.2f}{mark} |"


def growth(subject: Subject) -> Growth:
    """Find a size that can be measured, then double it."""
    size = subject.size
    while seconds(subject.prepare(size)) < SHORTEST and size * 2 ** (DOUBLINGS + 1) <= subject.most:
        size *= 2
    times: list[float] = []
    for doubling in range(DOUBLINGS + 1):
        times.append(seconds(subject.prepare(size * 2**doubling)))
        if times[-1] > 20:  # it is clear by now
            break
    return Growth(subject.name, size, times)
