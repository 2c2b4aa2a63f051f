"""What the tests of all programs share."""

from __future__ import annotations

import pytest
from pytest_amplifybackend import Clock, FakeAmplifyBackend


@pytest.fixture(autouse=True)
def virtual_time(amplifybackend: FakeAmplifyBackend, amplifybackend_time: Clock) -> None:
    """Programs sleep and tell the time by the clock of the fake, which is active in every test."""
