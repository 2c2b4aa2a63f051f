"""What the tests of all four commands share."""

from __future__ import annotations

import pytest
from pytest_amplifybackend import FakeAmplifyBackend


@pytest.fixture(autouse=True)
def virtual_time(amplifybackend: FakeAmplifyBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs sleep and tell the time by the clock of the fake, which is active in every test."""
    clock = amplifybackend.clock
    monkeypatch.setattr("time.sleep", clock.shift)
    monkeypatch.setattr("time.time", lambda: clock.now().timestamp())
    monkeypatch.setattr("time.monotonic", lambda: clock.now().timestamp())
