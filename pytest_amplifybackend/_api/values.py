"""Copies of JSON-like values, several times faster than ``copy.deepcopy``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LEAVES = frozenset({str, int, float, bool, type(None)})


def copied(value: Any) -> Any:
    """A deep copy of a JSON-like value; tuples become lists, subclasses of str plain strings.

    Every call pays for a few of these.
    """
    kind = type(value)
    if kind is dict:
        return {
            name: item if type(item) in _LEAVES else copied(item) for name, item in value.items()
        }
    if kind is list:
        return [item if type(item) in _LEAVES else copied(item) for item in value]
    if kind in _LEAVES:
        return value
    if isinstance(value, Mapping):
        return {name: copied(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [copied(item) for item in value]
    if isinstance(value, str):
        return str.__str__(value)
    return value
