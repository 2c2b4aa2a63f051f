"""Copies of JSON-like values, several times faster than ``copy.deepcopy``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LEAVES = frozenset({str, int, float, bool, type(None)})


def copied(value: Any) -> Any:
    """A deep copy of a JSON-like value; tuples become lists, subclasses of str plain strings.

    Every call pays for a few of these.
    """
    if type(value) in _LEAVES:
        return value
    if type(value) is dict or isinstance(value, Mapping):
        return {
            name: item if type(item) in _LEAVES else copied(item) for name, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [item if type(item) in _LEAVES else copied(item) for item in value]
    if isinstance(value, str):
        return str.__str__(value)
    return value
