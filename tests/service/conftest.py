"""The fakes that the tests of the service start from."""

from __future__ import annotations

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, progress


@pytest.fixture
def fake() -> FakeAmplifyBackend:
    """A fake whose jobs have ended by the next call; no app is there."""
    return FakeAmplifyBackend()


@pytest.fixture
def manual() -> FakeAmplifyBackend:
    """A fake whose jobs wait for the test."""
    return FakeAmplifyBackend(jobs=progress.manual())


@pytest.fixture
def shop(fake: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """The app ``d1shop`` with an empty environment, ``dev``."""
    fake.add_app("d1shop", name="shop", environments=("dev",))
    return fake


@pytest.fixture
def full_shop(shop: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """The same with auth ``users``, API ``orders`` and storage ``media``."""
    shop.add_auth("d1shop", name="users")
    shop.add_api("d1shop", name="orders")
    shop.add_storage("d1shop", name="media")
    return shop
