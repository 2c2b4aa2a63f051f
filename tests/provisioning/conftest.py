"""A fake that provisions in moto."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from pytest_amplifybackend import FakeAmplifyBackend

if find_spec("moto") and find_spec("joserfc"):
    from moto_shop import API, AUTH, DEV, STORAGE, done
else:  # nothing here goes without moto, and what its Cognito needs
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def empty() -> Iterator[FakeAmplifyBackend]:
    """An active fake that knows no app."""
    with FakeAmplifyBackend(moto=True) as fake:
        yield fake


@pytest.fixture
def shop(empty: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """The app ``d1shop`` with an empty environment, ``dev``."""
    done(empty, "CreateBackend", **DEV, AppName="shop")
    return empty


@pytest.fixture
def full(shop: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """The shop with auth, an API and storage, every member given."""
    done(shop, "CreateBackendAuth", **DEV, ResourceName="auth", ResourceConfig=AUTH)
    done(shop, "CreateBackendAPI", **DEV, ResourceName="api", ResourceConfig=API)
    done(shop, "CreateBackendStorage", **DEV, ResourceName="media", ResourceConfig=STORAGE)
    return shop
