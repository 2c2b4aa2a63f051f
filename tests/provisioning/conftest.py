"""A fake that provisions in moto."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend

if find_spec("moto") and find_spec("joserfc"):
    from moto_shop import API, AUTH, DEV, STORAGE, done
else:  # nothing here goes without moto, and what its Cognito needs
    collect_ignore_glob = ["test_*.py"]


@functools.cache
def _key() -> Any:
    """The one key of moto's user pools: moto reads it for each of them, in a third of a second."""
    from joserfc.jwk import RSAKey
    from moto.utilities.utils import load_resource

    return RSAKey.import_key(load_resource("cognitoidp/resources/jwks-private.json"))


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAmplifyBackend]:
    """An active fake that knows no app."""
    key = _key()
    monkeypatch.setattr("joserfc.jwk.RSAKey.import_key", lambda _: key)
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
