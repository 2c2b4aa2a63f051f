"""What the parity tests share: the tests of the service next door, and an event loop's end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "service"))

import ways_in

FULL = "AMPLIFYBACKEND_TEST_PARITY"
"""With this in the environment, rules are tried at every place and with every value."""


@pytest.fixture(scope="session", autouse=True)
def _loop_ends() -> Iterator[None]:
    yield
    ways_in.close_loop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the cases of a rule keep the first for each way in, unless all are asked for.

    The rules have over a thousand cases, each of which would run over every way in.
    """
    if FULL in os.environ:
        return
    seen: set[tuple[object, ...]] = set()
    kept, left_out = [], []
    for item in items:
        case = getattr(getattr(item, "callspec", None), "params", {})
        key = (item.path, getattr(item, "originalname", ""), case.get("over"), case.get("name"))
        if "over" in case and "path" in case and key in seen:
            left_out.append(item)
        else:
            seen.add(key)
            kept.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept
