"""What a job has done so far, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Callable

from pytest_amplifybackend._rules.rule import ProvisioningError

Step = Callable[[], object]


class Work:
    """One job's work: how to take back each thing done, and the deletions that come last.

    What cannot be brought back, such as a pool with its users, is deleted when everything else
    has succeeded.
    """

    def __init__(self) -> None:
        self._undo: list[Step] = []
        self._last: list[Step] = []

    def undo(self, step: Step) -> None:
        """Have ``step`` run, before those given earlier, if the work fails."""
        self._undo.append(step)

    def forget(self, step: Step) -> None:
        """Leave out a step given to :meth:`undo`: what it takes back was not done."""
        self._undo.remove(step)

    def last(self, step: Step) -> None:
        """Have ``step`` run at the end, in the order given, if the work succeeds."""
        self._last.append(step)

    def finish(self) -> None:
        """Do what comes last."""
        for step in self._last:
            step()

    def take_back(self) -> list[str]:
        """Undo everything, newest first; gives what the siblings said to what could not be."""
        failures: list[str] = []
        while self._undo:
            _try(self._undo.pop(), failures)
        return failures


def _try(step: Step, failures: list[str]) -> None:
    try:
        step()
    except ProvisioningError as error:
        failures.append(str(error))
