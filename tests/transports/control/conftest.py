"""A fake whose control API is used over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from http_client import Caller, Raw

from pytest_amplifybackend import FakeAmplifyBackend, progress


@pytest.fixture
def fake() -> FakeAmplifyBackend:
    return FakeAmplifyBackend(jobs=progress.manual())


@pytest.fixture
def caller(fake: FakeAmplifyBackend) -> Iterator[Caller]:
    with fake.serve() as server, Raw(server.url) as raw:
        yield Caller(raw)
