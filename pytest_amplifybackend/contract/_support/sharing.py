"""Provider states that tests share: built once for all those that leave them as they were."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from pytest_amplifybackend.contract._support import tidying
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.noted import Noted
from pytest_amplifybackend.contract._support.target import Target

MOVING = frozenset({"job pending", "job running", "no app", "token active", "token expired"})
"""The states that time or a read changes, or that cost nothing."""

Build = Callable[[Backend], dict[str, Any]]


def name(state: str, *, reconfigured: bool) -> str:
    """What a state is kept as; of one whose configs are changed there is another."""
    return f"{state}, reconfigured" if reconfigured else state


class Shared:
    """The states of a run that tests share, with what was made for each."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._kept: dict[str, tuple[dict[str, Any], Noted]] = {}

    def get(self, state: str, build: Build, test: Noted) -> dict[str, Any]:
        """What a state consists of, which ``build`` makes if no test had it yet.

        The listed differences that the building met count for each test.
        """
        if state not in self._kept:
            noted = Noted(test.divergences, test.about)
            try:
                built = build(Backend(self._target, noted))
            except BaseException:
                tidying.tidy(self._target, noted)
                raise
            self._kept[state] = built, noted
        built, noted = self._kept[state]
        test.met += noted.met
        test.called.roles.update(noted.called.roles)
        return copy.deepcopy(built)

    def forget(self, states: list[str]) -> None:
        """Remove states, which a failed test may have left in another condition."""
        for state in states:
            kept = self._kept.pop(state, None)
            if kept is not None:
                tidying.tidy(self._target, kept[1])

    def close(self) -> None:
        """Remove them all."""
        self.forget(list(self._kept))
