"""Activations are all or nothing, whatever interrupts them and however many come at once."""

from __future__ import annotations

import _socket
import linecache
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from process_state import process
from volume import FULL, only_full

import pytest_amplifybackend
from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._transports.activation import ACTIVE

PACKAGE = str(Path(pytest_amplifybackend.__file__).parent)
REAL = "amplifybackend.us-east-1.amazonaws.com"
STEP = 1 if FULL else 5
"""At every how many lines an interrupt is tried."""


class _Interrupt:
    """Interrupts the n-th line that runs in the package, once.

    Not at a ``with``: Python takes no signal between the end of its block and its exit.
    """

    def __init__(self, line: int) -> None:
        self._left = line
        self.happened = False

    def __call__(self, frame: Any, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        if event == "line" and not self.happened and not _is_with(frame):
            self._left -= 1
            if self._left <= 0:
                self.happened = True
                raise KeyboardInterrupt
        return self

    def during(self, action: Callable[[], object]) -> bool:
        """Whether the action was interrupted."""
        previous = sys.gettrace()
        sys.settrace(self)
        try:
            action()
        except KeyboardInterrupt:
            assert self.happened
            return True
        finally:
            sys.settrace(previous)
        return False


def _is_with(frame: Any) -> bool:
    return linecache.getline(frame.f_code.co_filename, frame.f_lineno).lstrip().startswith("with ")


def _all_lines(start: Callable[[], object], end: Callable[[], object]) -> int:
    """Interrupt an activation at each of its lines, or some; gives how many there are."""
    before = process()
    line = 1
    while _Interrupt(line).during(start):
        assert process() == before, f"after an interrupt at line {line}"
        line += STEP
    end()
    assert process() == before
    return line


@pytest.mark.volume
@pytest.mark.parametrize("transport", ["stubber", pytest.param("wire", marks=only_full())])
def test_an_interrupted_activation_leaves_nothing(transport: Any) -> None:
    fake = FakeAmplifyBackend(transport=transport)
    fake.activate()  # so that what is imported only once is
    fake.deactivate()
    assert _all_lines(fake.__enter__, fake.deactivate) > 100
    assert not fake.calls


@pytest.mark.volume
def test_an_interrupted_mock_of_responses_leaves_nothing() -> None:
    pytest.importorskip("responses")
    from requests.adapters import HTTPAdapter

    send = HTTPAdapter.send
    mock = FakeAmplifyBackend().behind_requests()
    with mock:
        pass
    assert _all_lines(mock.__enter__, lambda: mock.__exit__(None, None, None)) > 100
    assert HTTPAdapter.send is send


def test_a_failing_change_takes_the_others_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = process()
    fake = FakeAmplifyBackend()
    with monkeypatch.context() as patch:
        patch.setattr(_socket, "socket", None)  # no port can be had for children
        with pytest.raises(TypeError):
            fake.activate()
    assert process() == before
    with fake, pytest.raises(errors.UnservedRequest):
        socket.gethostbyname(REAL)


@pytest.mark.volume
def test_an_interrupted_end_is_finished_all_the_same() -> None:
    before = process()
    line = 2  # the first line decides nothing yet
    while True:
        fake = FakeAmplifyBackend()
        fake.activate()
        interrupted = _Interrupt(line).during(fake.deactivate)
        fake.deactivate()  # as a program does that meets the interrupt
        assert process() == before, f"after an interrupt at line {line}"
        if not interrupted:
            break
        line += STEP
    assert line > 50


def test_threads_that_activate_at_once_never_leave_the_guard_off() -> None:
    before = process()
    unguarded: list[str] = []
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)

    runs, ready = threading.Event(), threading.Barrier(4)

    def work() -> None:
        runs.set()
        ready.wait(30)
        for _ in range(60):
            with FakeAmplifyBackend():
                try:
                    socket.getaddrinfo(REAL, 443)
                except errors.UnservedRequest:
                    continue
                except OSError:
                    pass
                unguarded.append(threading.current_thread().name)

    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            runs.clear()
            thread.start()
            assert runs.wait(30)  # CPython 3.11 does not let coverage trace two that start at once
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert unguarded == []
    assert process() == before


def test_where_it_began() -> None:
    with FakeAmplifyBackend():
        assert ACTIVE[-1].where == f"{__file__}:{sys._getframe().f_lineno - 1}"
