"""What a test has called, made and met."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pytest_amplifybackend.contract._support.divergences import Divergences
from pytest_amplifybackend.contract._support.marks import EVERY

Params = Mapping[str, Any]
ANY_JOB = "any job"
HARMLESS_JOB = "another job, if there is one"
"""Set-up by whatever operation makes jobs here; see ``makers``."""


@dataclass
class Called:
    """What a test has called: by itself, and in each set-up that it used."""

    itself: set[str] = field(default_factory=set)
    roles: dict[str, set[str]] = field(default_factory=dict)

    def plain(self) -> dict[str, list[str]]:
        """As a report carries it from one process to another; the test's own calls are under ''."""
        return {"": sorted(self.itself), **{name: sorted(ops) for name, ops in self.roles.items()}}


class Blocked(Exception):
    """A test could not get to what it is about: another operation does not work."""


@dataclass
class Noted:
    """What a test has called and made, and the listed differences that it came across.

    ``apps`` and ``jobs`` come with their region; ``ended`` has the ids of jobs that were seen to
    end, ``touched`` and ``studios`` the apps that something may have come of, and a Studio.
    ``last`` is the last call with its answer.
    """

    divergences: Divergences
    about: Collection[str] = ()
    apps: list[tuple[str, str]] = field(default_factory=list)
    jobs: list[tuple[str, Params]] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    touched: set[tuple[str, str]] = field(default_factory=set)
    studios: set[tuple[str, str]] = field(default_factory=set)
    met: list[str] = field(default_factory=list)
    called: Called = field(default_factory=Called)
    last: tuple[str, str] = ("", "")
    _role: str | None = None

    def note(self, operation: str) -> None:
        """Note a call, which counts for the set-up that is under way."""
        self.last = (operation, "")
        if self._role is None:
            self.called.itself.add(operation)
        else:
            self.called.roles[self._role].add(operation)

    @contextmanager
    def inside(self, role: str) -> Iterator[None]:
        """The calls meanwhile are the set-up's of that name.

        Raises Blocked for what an operation answers wrongly there that the test is not about.
        """
        self.called.roles.setdefault(role, set())
        outer, self._role = self._role, role
        try:
            yield
        except AssertionError as error:
            operation, answer = self.last
            if self.is_about(operation):
                raise
            raise Blocked(answer or str(error).partition("\n")[0].rstrip(":")) from error
        finally:
            self._role = outer

    def is_about(self, operation: str) -> bool:
        """Whether a failure of an operation is one of the test's own."""
        return not self.about or EVERY in self.about or operation in self.about
