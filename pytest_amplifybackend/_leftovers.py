"""Fakes that a test or a fixture has activated and left active.

Whoever runs while a fake becomes active owns it, and has to end it by its own end. What is still
active then is deactivated, and a sentence says where it began. The plugin imports this when
something has become active, and not before.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_amplifybackend._transports.activation import ACTIVE

if TYPE_CHECKING:
    from pytest_amplifybackend._transports.activation import Activation


class Leftovers:
    """Who owns each active fake, and what was left; paths are shown as seen from ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._owners: dict[Callable[[], None], object] = {}
        self._sentences: list[str] = []
        self.finished: list[object] = []
        """The fixtures whose finalizers have run in the teardown that is under way."""

    def note(
        self, owner: object, before: Collection[Activation], threads: Collection[int | None]
    ) -> None:
        """Let an owner own what has become active since it runs, and has no owner yet.

        ``before`` was active already, and ``threads`` ran already: they work for others, perhaps
        for the whole run. A fake that is deactivated and activated again stays its owner's. What
        was active before and has no owner is the run's, begun by a hook for example.
        """
        for activation in before:
            self._owners.setdefault(activation.stop, None)
        for activation in [*ACTIVE]:
            ours = activation.thread == threading.get_ident() or activation.thread not in threads
            if activation.serves and activation not in before and ours:
                self._owners.setdefault(activation.stop, owner)

    def ended(self, *owners: object) -> None:
        """Deactivate what owners have left active."""
        for owner in owners:
            self._ended(owner)

    def _ended(self, owner: object) -> None:
        stops = {stop for stop, owned_by in self._owners.items() if owned_by is owner}
        for activation in [*reversed(ACTIVE)]:
            if activation.stop in stops:
                self._sentences.append(self._told(activation, owner))
        for stop in stops:
            del self._owners[stop]

    def all_ended(self) -> None:
        """Deactivate what is left at the end of a run that was interrupted."""
        for owner in [owner for owner in self._owners.values() if owner is not None]:
            self.ended(owner)

    def taken(self) -> str:
        """The sentences since the last time, one on a line; empty where nothing was left."""
        taken, self._sentences = self._sentences, []
        return "\n".join(taken)

    def _told(self, activation: Activation, owner: object) -> str:
        """The sentence about an activation, which has been ended."""
        path, _, line = str(activation.where).rpartition(":")
        if Path(path).is_relative_to(self._folder):
            path = os.path.relpath(path, self._folder)
        who, advice = _owner_and_advice(owner, activation.statement)
        return (
            f"{path}:{line}: {who} activated {activation.statement} here and left it active. It "
            f"has been deactivated now, so that it affects no other test.{_stopped(activation)} "
            f"{advice}"
        )


def _stopped(activation: Activation) -> str:
    """What is to be said about the end of an activation: nothing, usually."""
    try:
        activation.stop()
    except Exception as error:  # noqa: BLE001  # such as a state file that cannot be written
        return f" That raised {type(error).__name__}: {error}."
    finally:
        activation.end()
    return ""


_FIXTURES = {
    "FakeAmplifyBackend()": "amplifybackend",
    "fake.serve()": "amplifybackend_server",
    "fake.behind_requests()": "amplifybackend_responses",
}
"""The fixture to use in the place of each statement."""

_XUNIT = re.compile(r"_(?:xunit|unittest)_(\w+?)_fixture_(.+)")
"""What pytest calls the fixtures that it makes of ``setup_method`` and the like."""


def _owner_and_advice(owner: object, statement: str) -> tuple[str, str]:
    if isinstance(owner, pytest.Collector):
        return (
            "importing the test module",
            f"Use `with {statement}:` in a fixture or in a test.",
        )
    if isinstance(owner, pytest.FixtureDef):
        xunit = _XUNIT.fullmatch(owner.argname)
        if xunit is None:
            advice = f"Put `with {statement}:` around the fixture's yield."
            return f"the fixture {owner.argname!r}", advice
        teardown = xunit[1].replace("setup", "teardown").replace("setUp", "tearDown")
        return f"{xunit[1]} of {xunit[2]}", f"Deactivate it in {teardown}."
    return "the test", f"Use `with {statement}:` or the fixture {_FIXTURES[statement]!r}."


def add(error: BaseException, sentences: str) -> None:
    """Let an error that is about to be reported show the sentences as well."""
    if isinstance(error, pytest.skip.Exception):  # it would be reported as no error at all
        raise pytest.fail.Exception(sentences, pytrace=False) from None
    if isinstance(error, pytest.fail.Exception):  # its message may be all that is shown
        error.msg = f"{error.msg}\n{sentences}"
    else:
        error.add_note(sentences)
