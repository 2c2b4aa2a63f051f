"""A pytest plugin that ends the fakes a test, a fixture or a test module has left active.

Whatever runs while a fake becomes active owns that fake and has to deactivate it. If it does not,
the fake is deactivated here, and the owner fails with a message that says where the fake began.
``plugin.py`` registers it in every run, so it needs pytest and the standard library only: a run
without a fake has nothing to note.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_amplifybackend._options import MARKER

if TYPE_CHECKING:
    from pytest_amplifybackend._transports.activation import Activation

_TRANSPORTS = "pytest_amplifybackend._transports"
"""Nothing can be active before this is imported, and nothing here imports it."""


def _active() -> list[Activation]:
    """The activations of the process."""
    module = sys.modules.get(f"{_TRANSPORTS}.activation")
    return [] if module is None else [*module.ACTIVE]


class Leftovers:
    """The owners of the active fakes of one run, and the messages about fakes left active."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder  # paths in messages are relative to it
        self._phases: list[tuple[object, list[Activation], set[int | None]]] = []
        self._nodes: list[pytest.Item | pytest.Collector] = []
        self._owners: dict[Callable[[], None], object] = {}
        self._messages: list[str] = []
        self._tearing_down = False
        self._finished: list[object] = []
        """The fixtures whose finalizers have run in the current teardown."""

    # Tests

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Note which fakes the test activates."""
        with self._phase(item), self._for(item):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Fail if the test, or a fixture that ended with it, has left a fake active."""
        self._tearing_down = True
        try:
            with self._phase(item):
                result = yield
        except BaseException as error:
            left = self._left_by(item)
            if left:
                _add(error, left)
            raise
        left = self._left_by(item)
        if left:
            pytest.fail(left, pytrace=False)
        return result

    # Fixtures

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, Any, Any]:
        """Note which fakes the fixture activates."""
        with self._phase(fixturedef), self._for(request.node):
            return (yield)

    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """Deactivate what the fixture has left; the test that is being torn down reports it.

        In a teardown this waits for the fixtures that it uses: one of them may deactivate the
        fake in its place, as an ExitStack does.
        """
        if self._tearing_down:
            self._finished.append(fixturedef)
        else:
            self._end(fixturedef)

    # Test modules

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Fail if the import of a test module has left a fake active."""
        if not isinstance(collector, pytest.Module):
            return (yield)
        with self._phase(collector):
            report = yield
        left = self._left_by(collector)
        if left and report.failed:
            report.sections.append((MARKER, left))
        elif left:
            report.outcome, report.longrepr, report.result = "failed", left, []
        return report

    # The run

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self) -> Generator[None, Any, Any]:
        """Deactivate what interrupted tests have left."""
        try:
            return (yield)
        finally:
            for owner in {id(owner): owner for owner in self._owners.values()}.values():
                if owner is not None:
                    self._end(owner)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Report what no test could report, since the run was interrupted."""
        left = self._taken()
        if left:
            terminalreporter.section(f"{MARKER}: fakes left active", red=True)
            terminalreporter.write_line(left)

    # Owners

    @property
    def node(self) -> pytest.Item | pytest.Collector | None:
        """The test that runs, or what the fixture that is being set up is for."""
        return self._nodes[-1] if self._nodes else None

    @contextlib.contextmanager
    def _for(self, node: pytest.Item | pytest.Collector) -> Iterator[None]:
        self._nodes.append(node)
        try:
            yield
        finally:
            self._nodes.pop()

    def owner_of(self, activation: Activation) -> str:
        """What has activated a fake, as messages call it; empty for a hook or another thread."""
        owner = self._owners.get(activation.stop)
        if isinstance(owner, (pytest.FixtureDef, pytest.Item)):
            return _owner_and_advice(owner, activation.statement)[0]
        return ""

    @contextlib.contextmanager
    def _phase(self, owner: object) -> Iterator[None]:
        """Within it, a fake that becomes active belongs to an owner; phases nest."""
        self._note()
        threads = threading.enumerate() if _TRANSPORTS in sys.modules else []
        self._phases.append((owner, _active(), {thread.ident for thread in threads}))
        try:
            yield
        finally:
            self._note()
            self._phases.pop()

    def _note(self) -> None:
        """Give what has become active in the current phase, and has no owner yet, to its owner.

        A fake that is deactivated and activated again keeps its owner. What was active before and
        has no owner belongs to the run: a hook activated it, for example. Threads that ran before
        the phase work for others, perhaps for the whole run.
        """
        active = _active()
        if not self._phases or active == self._phases[-1][1]:
            return
        owner, before, threads = self._phases[-1]
        for activation in before:
            self._owners.setdefault(activation.stop, None)
        for activation in active:
            ours = activation.thread == threading.get_ident() or activation.thread not in threads
            if activation.serves and activation not in before and ours:
                self._owners.setdefault(activation.stop, owner)

    def _left_by(self, owner: object) -> str:
        """What an owner that has ended, and the fixtures that ended with it, have left active."""
        self._tearing_down = False
        for one in [*self._finished, owner]:
            self._end(one)
        self._finished.clear()
        return self._taken()

    def _end(self, owner: object) -> None:
        """Deactivate what an owner has left active."""
        stops = {stop for stop, owned_by in self._owners.items() if owned_by is owner}
        for activation in reversed(_active()):
            if activation.stop in stops:
                self._messages.append(self._message(activation, owner))
        for stop in stops:
            del self._owners[stop]

    def _taken(self) -> str:
        """The messages since the last time, one on a line; empty where nothing was left."""
        taken, self._messages = self._messages, []
        return "\n".join(taken)

    def _message(self, activation: Activation, owner: object) -> str:
        """Deactivate a fake, and say who left it active, where it began and how to end it."""
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
    """End an activation; what to say about its end, which is usually nothing."""
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

_XUNIT = r"_(?:xunit|unittest)_(\w+?)_fixture_(.+)"
"""What pytest calls the fixtures that it makes of ``setup_method`` and the like."""


def _owner_and_advice(owner: object, statement: str) -> tuple[str, str]:
    if isinstance(owner, pytest.Collector):
        return (
            "importing the test module",
            f"Use `with {statement}:` in a fixture or in a test.",
        )
    if isinstance(owner, pytest.FixtureDef):
        xunit = re.fullmatch(_XUNIT, owner.argname)
        if xunit is None:
            advice = f"Put `with {statement}:` around the fixture's yield."
            return f"the fixture {owner.argname!r}", advice
        teardown = xunit[1].replace("setup", "teardown").replace("setUp", "tearDown")
        return f"{xunit[1]} of {xunit[2]}", f"Deactivate it in {teardown}."
    return "the test", f"Use `with {statement}:` or the fixture {_FIXTURES[statement]!r}."


def _add(error: BaseException, messages: str) -> None:
    """Let an error that is about to be reported show the messages as well."""
    if isinstance(error, pytest.skip.Exception):  # it would be reported as no error at all
        raise pytest.fail.Exception(messages, pytrace=False) from None
    if isinstance(error, pytest.fail.Exception):  # its message may be all that is shown
        error.msg = f"{error.msg}\n{messages}"
    else:
        error.add_note(messages)
