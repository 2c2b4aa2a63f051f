"""The time of a program, in one thread and its event loops, taken from the clock of a fake.

Sleeping moves the clock and takes no time. Other threads sleep and tell the time as ever, and so
does whatever waits without asking Python for the time, such as ``threading.Event.wait``.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import importlib.util
import math
import sys
import threading
import time
from asyncio import base_events, futures
from collections.abc import Callable, Iterator, Mapping
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._patching import Patch, original
from pytest_amplifybackend._service.clock import ServiceClock, SystemClock
from pytest_amplifybackend._transports.activation import ACTIVE

_Make = Callable[[Callable[..., Any]], Callable[..., Any]]

_LONGEST_SLEEP = 10**9
"""In seconds; what is longer, or no number, is left to Python, which rejects it."""

_GRACE = 0.01
"""Real seconds for which a loop waits for sockets and threads before it skips a sleep."""

_NOT_PROGRAMS = frozenset({"_pytest", "pluggy", "pytest", "pytest_timeout", "xdist"})
"""Packages that measure the real time of a test."""

_FOLLOWS = "_amplifybackend_follows"
"""The attribute of our ``time.sleep`` that says whether the running thread follows."""

_FUNCTIONS = (BuiltinFunctionType, FunctionType)

_POOL = "asyncio_"
"""What the threads of a loop's own executor are called; their work is counted instead."""


@contextlib.contextmanager
def following(clock: ServiceClock) -> Iterator[None]:
    """Within it, this thread and the event loops that run in it live in the time of a clock.

    It may begin in a coroutine: the loop that runs already follows too. Where the thread follows
    the fakes' clocks already, it changes nothing, since that follows the fake that answers.
    ``datetime`` and the rest of what tells the wall-clock time follow where time-machine is
    installed. Raises UsageError for a clock that follows the program's time, and where something
    else, such as freezegun, moves that already.
    """
    check_clock(clock)
    if getattr(time.sleep, _FOLLOWS, bool)():
        yield
        return
    _check_not_moved()
    program = _ProgramTime(clock)
    with contextlib.ExitStack() as stack:
        stack.callback(program.stop)
        travels = _travel(stack, program)
        for patch in _patches(program.functions if travels else program.functions | program.wall):
            _apply(stack, patch)
        for name, make in program.of_loops.items():
            _apply(stack, Patch(base_events.BaseEventLoop, name, make))
        for patch in program.of_running_loop():
            _apply(stack, patch)
        yield


def check_clock(clock: ServiceClock) -> None:
    """Raise UsageError for a clock that follows the program's time."""
    if isinstance(clock, SystemClock):
        raise errors.UsageError(
            "amplifybackend_time and fake_amplifybackend(time=True) let the program follow the "
            "fake's clock, and clock='system' the fake that of the program: use one of them. With "
            "clock='system', freezegun or time-machine move both."
        )


def _apply(stack: contextlib.ExitStack, patch: Patch) -> None:
    stack.callback(patch.undo)  # first, so that an interrupted one is undone as well
    patch.apply()


def _check_not_moved() -> None:
    travels = sys.modules.get("time_machine")
    if datetime.datetime.__name__ == "FakeDatetime":
        mover = "freezegun"
    elif travels is not None and travels.escape_hatch.is_travelling():
        mover = "time-machine"
    else:
        return
    raise errors.UsageError(
        "amplifybackend_time and fake_amplifybackend(time=True) cannot move the time of this "
        f"program, which {mover} moves already. Leave that away, or use clock='system' instead."
    )


def _travel(stack: contextlib.ExitStack, program: _ProgramTime) -> bool:
    """Let ``datetime`` and the wall clock follow, if time-machine is installed."""
    if importlib.util.find_spec("time_machine") is None:
        return False
    import time_machine

    traveller = stack.enter_context(time_machine.travel(program.clock.now(), tick=False))
    real = time_machine.escape_hatch.time.time_ns

    def time_ns() -> int:
        return program.wall_ns() if program.is_ours() else real()

    # time-machine asks it each time, in every thread.
    traveller.time_ns = time_ns  # type: ignore[method-assign]  # of this one traveller
    return True


def _patches(functions: Mapping[tuple[ModuleType, str], _Make]) -> Iterator[Patch]:
    """What replaces functions of ``time`` and asyncio, also where programs have imported them.

    A module that was imported in an earlier test may have what took their place then.
    """
    real = [(name, original(getattr(home, name)), make) for (home, name), make in functions.items()]
    for module_name, module in list(sys.modules.items()):
        known = getattr(module, "__dict__", None)
        if module_name.partition(".")[0] in _NOT_PROGRAMS or not isinstance(known, dict):
            continue
        for name, function, make in real:
            found = known.get(name)
            # Other objects are left alone: to look at a lazy one may have an effect.
            if isinstance(found, _FUNCTIONS) and original(found) is function:
                yield Patch(module, name, make)


class _ProgramTime:
    """The time of the thread that makes it, by a clock; after ``stop`` it is the real one again.

    While another fake answers the clients of the process, such as that of a decorator, the clock is
    that of the other.
    """

    def __init__(self, clock: ServiceClock) -> None:
        self._clock = clock
        self._thread = threading.get_ident()
        self._threads = {thread.ident for thread in threading.enumerate()}
        self._live = True
        self._real_began = time.monotonic_ns()
        self._passed = 0
        self._last = clock, clock.milliseconds()
        self._work: set[Any] = set()
        self.functions: dict[tuple[ModuleType, str], _Make] = {
            (time, "sleep"): self._sleeping,
            (time, "monotonic"): self._telling(lambda: self._monotonic_ns() / 10**9),
            (time, "monotonic_ns"): self._telling(self._monotonic_ns),
            (asyncio, "sleep"): self._sleeping_elsewhere,
        }
        self.wall: dict[tuple[ModuleType, str], _Make] = {
            (time, "time"): self._telling(lambda: self.clock.milliseconds() / 1000),
            (time, "time_ns"): self._telling(self.wall_ns),
        }
        self.of_loops: dict[str, _Make] = {
            "run_forever": self._running,
            "run_in_executor": self._submitting,
        }

    def stop(self) -> None:
        """Leave every function as it was, also where a module has imported it meanwhile."""
        self._live = False

    def is_ours(self) -> bool:
        """Whether the running thread is the one that lives in this time."""
        return self._live and threading.get_ident() == self._thread

    @property
    def clock(self) -> ServiceClock:
        """The clock of the fake that answers."""
        for activation in reversed(ACTIVE):
            if activation.answers_clients and activation.backend is not None:
                clock = activation.backend.clock
                if not isinstance(clock, SystemClock):  # which asks for the time of the program
                    return clock
        return self._clock

    def wall_ns(self) -> int:
        """The clock's time in nanoseconds since 1970."""
        return self.clock.milliseconds() * 10**6

    def _monotonic_ns(self) -> int:
        """The real value of the beginning, and what has passed since; it never goes back."""
        clock = self.clock
        now, (last_clock, last) = clock.milliseconds(), self._last
        if clock is last_clock:
            self._passed += max(0, now - last)
        self._last = clock, now
        return self._real_began + self._passed * 10**6

    def _pass(self, seconds: float) -> None:
        """Move the clock by seconds, and by a millisecond at least, or nothing would ever end."""
        whole = max(1, math.ceil(seconds * 1000 - 1e-6)) if seconds else 0
        self._monotonic_ns()
        self.clock.pass_by(whole / 1000)
        self._monotonic_ns()

    def _telling(self, tell: Callable[[], float]) -> _Make:
        def make(previous: Callable[..., Any]) -> Callable[..., Any]:
            return lambda: tell() if self.is_ours() else previous()

        return make

    def _sleeping(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        def sleep(seconds: Any, /) -> None:
            if not self.is_ours() or not _is_duration(seconds):
                previous(seconds)
            else:
                self._pass(float(seconds))

        setattr(sleep, _FOLLOWS, self.is_ours)
        return sleep

    # Event loops

    def _sleeping_elsewhere(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        """``asyncio.sleep`` in a loop that is not asyncio's own, such as uvloop's.

        Nothing says there what else waits: tasks that sleep side by side do so one by one.
        """

        async def sleep(delay: float, *args: Any, **named: Any) -> Any:
            own = isinstance(asyncio.get_running_loop(), base_events.BaseEventLoop)
            if own or not self.is_ours() or not _is_duration(delay):
                return await previous(delay, *args, **named)
            self._pass(float(delay))
            return await previous(0, *args, **named)

        return sleep

    def of_running_loop(self) -> Iterator[Patch]:
        """What lets the loop follow that runs this code, if one does."""
        loop = asyncio._get_running_loop()  # noqa: SLF001  # None where no loop runs
        selector = getattr(loop, "_selector", None)
        if selector is not None:
            yield Patch(selector, "select", lambda real: self._selecting(loop, real))

    def _running(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        def run_forever(loop: Any) -> Any:
            selector = getattr(loop, "_selector", None)
            if selector is None or not self.is_ours():
                return previous(loop)
            select = Patch(selector, "select", lambda real: self._selecting(loop, real))
            try:
                select.apply()
                return previous(loop)
            finally:
                select.undo()

        return run_forever

    def _submitting(self, previous: Callable[..., Any]) -> Callable[..., Any]:
        def run_in_executor(loop: Any, executor: Any, function: Any, *args: Any) -> Any:
            future = previous(loop, executor, function, *args)
            if self.is_ours():
                self._work.add(future)
                future.add_done_callback(self._work.discard)
            return future

        return run_in_executor

    def _selecting(self, loop: Any, previous: Callable[..., Any]) -> Callable[..., Any]:
        """How a loop waits for its next timer: not at all, if nothing else can happen meanwhile.

        While a thread works for the loop, or a socket may bring an answer, a timeout gets its real
        time; a sleep is skipped then too, but after the work.
        """

        def select(timeout: float | None = None) -> Any:
            if timeout is None or timeout <= 0 or not self.is_ours():
                return previous(timeout)
            at_work = any(one.get_loop() is loop and not one.done() for one in self._work)
            found = previous(timeout if at_work else 0)
            if not found and not at_work and self._others_at_work(loop):
                found = previous(min(timeout, _GRACE) if _sleeps(loop) else timeout)
            if not found:
                self._pass(timeout)
            return found

        return select

    def _others_at_work(self, loop: Any) -> bool:
        """Whether a socket, a process or a thread might wake the loop."""
        registered = getattr(loop._selector, "get_map", None)  # noqa: SLF001  # nothing public says
        if registered is None or len(registered()) > 1:  # one is the loop's own
            return True
        threads = threading.enumerate()
        return any(
            thread.ident not in self._threads and not thread.name.startswith(_POOL)
            for thread in threads
        )


def _is_duration(value: Any) -> bool:
    try:
        return bool(0 <= value <= _LONGEST_SLEEP)
    except TypeError:
        return False


_WAKES = futures._set_result_unless_cancelled  # type: ignore[attr-defined]  # noqa: SLF001
"""What ``asyncio.sleep`` lets its timer call; a timeout calls something else."""


def _sleeps(loop: Any) -> bool:
    """Whether a task of the loop is in ``asyncio.sleep``."""
    timers = loop._scheduled  # noqa: SLF001  # nothing public lists them
    return any(timer._callback is _WAKES and not timer.cancelled() for timer in timers)  # noqa: SLF001
