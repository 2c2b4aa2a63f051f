"""The schemas that are written for the comparison, and those whose outcome still differs.

A file of ``schemas/`` holds many of one subject. Each begins with a line ``### its-name``, which
may go on with the auth modes of its API: ``### its-name: API_KEY, AWS_IAM``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from comparison import MODES

_HERE = Path(__file__).parent
_HEAD = re.compile(r"^### ([\w-]+)(?:: (.+))?\n", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """A schema, and the auth modes of its API."""

    name: str
    schema: str
    modes: Sequence[str] = MODES


def written() -> list[Case]:
    """Every schema of ``schemas/``; its name is that of its file and its own."""
    return [case for path in sorted(_HERE.glob("schemas/*.graphql")) for case in _read(path)]


def _read(path: Path) -> Iterator[Case]:
    before, *parts = _HEAD.split(path.read_bytes().decode())
    assert not before, f"{path} begins with a line '### name', not with {before!r}"
    for name, modes, schema in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        yield Case(f"{path.stem}/{name}", schema, modes.split(", ") if modes else MODES)


def given() -> list[Case]:
    """Every ``*.graphql`` below the folder that AMPLIFYBACKEND_TEST_SCHEMAS names, if it does."""
    folder = os.environ.get("AMPLIFYBACKEND_TEST_SCHEMAS")
    paths = sorted(Path(folder).rglob("*.graphql")) if folder else []
    return [Case(str(path), path.read_bytes().decode("utf-8", "replace")) for path in paths]


def still_open() -> set[str]:
    """The names of the cases that differ today: one a line of ``open.txt``."""
    return set((_HERE / "open.txt").read_text("utf-8").split())
