"""Copies of JSON-like values, so that nobody outside ever holds a piece of the state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LEAVES = frozenset({str, int, float, bool, type(None)})


def copied(value: Any) -> Any:
    """A deep copy of a JSON-like value; tuples become lists, subclasses of str plain strings.

    Several times faster than ``copy.deepcopy``, which every call would otherwise pay.
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
