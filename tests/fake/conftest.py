"""What the tests of the fake share: one with an app, and the words for the commonest calls."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, progress

DEV = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}


@pytest.fixture
def fake() -> FakeAmplifyBackend:
    """A fake with one app and one environment; not active, since no client is needed."""
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc", name="shop")
    return fake


@pytest.fixture
def waiting() -> FakeAmplifyBackend:
    """The same, whose jobs wait for the test."""
    fake = FakeAmplifyBackend(jobs=progress.manual())
    fake.add_app("d1abc", name="shop")
    return fake


@pytest.fixture
def dev() -> dict[str, Any]:
    """The params that name the app's environment."""
    return dict(DEV)
