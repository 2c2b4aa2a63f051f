"""A failed run made again with fewer calls: the least that still fails at its last one."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

_LONGEST = 20.0
"""The seconds after which a program is short enough."""


@dataclass(frozen=True)
class Step:
    """One thing that a checker was asked to do: the name of its method, and the arguments."""

    method: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]


@dataclass
class Run:
    """The steps of a run, and where each id that a later step names came from.

    ``ids`` has for an id the number of the step and the member of its answer; an app has its place
    among the apps of the run, and no member.
    """

    steps: list[Step] = field(default_factory=list)
    ids: dict[str, tuple[int, str]] = field(default_factory=dict)
    failure: str = ""

    def note(self, method: str, *arguments: Any, **options: Any) -> None:
        """Note a step before it is made."""
        self.steps.append(Step(method, copy.deepcopy(arguments), options))

    def learn(self, answer: dict[str, Any]) -> None:
        """Note the ids in the answer to the last step."""
        for member in ("JobId", "SessionId"):
            if isinstance(answer.get(member), str):
                self.ids.setdefault(answer[member], (len(self.steps) - 1, member))


class Program:
    """What hypothesis shows of a failed run: as short as can be, worked out when it is shown.

    ``again`` gives a checker of an empty backend, and ends the use of the one before.
    """

    def __init__(self, run: Run, script: Any, again: Callable[[], Any]) -> None:
        self._run, self._script, self._again = run, script, again

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(f"The calls, as a program:\n{self.shortest()}")

    def shortest(self) -> Any:
        """The script of the fewest steps found that fail as the run does."""
        kept = list(range(len(self._run.steps)))
        best = self._replayed(kept)
        if best is None:
            return self._script  # it does not fail again: nothing can be tried
        end = time.monotonic() + _LONGEST
        for size in (16, 8, 4, 2, 1):
            start = max(len(kept) - 1 - size, 0)
            while time.monotonic() < end:
                fewer = [*kept[:start], *kept[start + size : -1], kept[-1]]
                script = self._replayed(fewer) if len(fewer) < len(kept) else None
                if script is not None:
                    kept, best = fewer, script
                if not start:
                    break
                start = max(min(start, len(kept) - 1) - size, 0)
        return best

    def _replayed(self, kept: Sequence[int]) -> Any:
        """The script of some of the steps if the last of them, and no other, fails as before."""
        checker = self._again()
        answers: dict[int, Any] = {}
        for number in kept:
            step = self._run.steps[number]
            try:
                arguments = [self._translated(one, answers, checker) for one in step.arguments]
            except LookupError:
                return None  # the call that gave an id was left out, or gave none
            try:
                answers[number] = getattr(checker, step.method)(*arguments, **step.options)
            except Exception as error:  # noqa: BLE001  (a wrong client may raise anything)
                same = _about(str(error)) == _about(self._run.failure)
                return checker.script if number == kept[-1] and same else None
        return None

    def _translated(self, value: Any, answers: dict[int, Any], checker: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._translated(one, answers, checker) for name, one in value.items()}
        if not isinstance(value, str) or value not in self._run.ids:
            return value
        number, member = self._run.ids[value]
        return (answers[number] or {})[member] if member else checker.apps[number]


def _about(failure: str) -> str:
    return failure.partition(":")[0]
