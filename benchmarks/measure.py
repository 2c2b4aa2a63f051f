"""Ratios measured in one run: both sides in turn, so that a noisy machine is noisy for both."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """How long ``ours`` takes in terms of ``theirs``; times are medians in microseconds."""

    name: str
    ours: float
    theirs: float
    ratio: float
    goal: str

    def row(self) -> str:
        """The measurement as a row of the table."""
        return (
            f"| {self.name} | {self.ours:,.1f} µs | {self.theirs:,.1f} µs "
            f"| {self.ratio:.2f} | {self.goal} |"
        )


HEAD = "| what | ours | other | ours / other | goal |\n| --- | --- | --- | --- | --- |"


def compare(
    name: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    goal: str,
    calls: int = 50,
    rounds: int = 60,
    clock: Callable[[], float] = time.process_time,
) -> Ratio:
    """Run both in turn, ``calls`` at a time, and take the median of the rounds' ratios.

    It is processor time that counts, unless ``clock`` says otherwise.
    """
    ours(), theirs()
    pairs = []
    gc.disable()
    try:
        for number in range(rounds):
            order = (ours, theirs) if number % 2 else (theirs, ours)
            took = {function: _time(function, calls, clock) for function in order}
            pairs.append((took[ours], took[theirs]))
            gc.collect(0)
    finally:
        gc.enable()
    return Ratio(
        name,
        statistics.median(mine for mine, _ in pairs) * 1e6,
        statistics.median(other for _, other in pairs) * 1e6,
        statistics.median(mine / other for mine, other in pairs),
        goal,
    )


def _time(function: Callable[[], object], calls: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(calls):
        function()
    return (clock() - start) / calls
