"""What the tests of rows have in common: the forms that ids have, and which backends have what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from drawn import Drawn

CLOCK = r"(?:\d|1\d|2[0-3])[0-5]\d[0-5]\d"
HEX = r"[0-9a-f]{5}"
UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
BASE32 = r"[a-z2-7]{26}"
INSTANT = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def of(backends: list[Drawn], family: str, *, imported: bool = False) -> Iterator[Drawn]:
    """The backends that have a resource of a family."""
    for one in backends:
        if family in one.meta and ("serviceType" in one.entry(family)) == imported:
            yield one


def chosen(backends: list[Drawn]) -> Iterator[tuple[Drawn, dict[str, Any], dict[str, Any]]]:
    """Of each managed auth: the backend, the settings of the pool, and the entry."""
    for one in of(backends, "auth"):
        yield one, one.configs["auth"]["UserPoolConfigs"], one.entry("auth")


def instant(text: str) -> datetime:
    assert re.fullmatch(INSTANT, text)
    return datetime.fromisoformat(text)
