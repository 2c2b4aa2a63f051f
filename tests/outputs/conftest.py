"""Two hundred backends, made once."""

from __future__ import annotations

import pytest
from drawn import Drawn, drawn

BACKENDS = 200


@pytest.fixture(scope="session")
def backends() -> list[Drawn]:
    """Backends of many shapes and seeds; tests only read them."""
    return [drawn(number) for number in range(BACKENDS)]
