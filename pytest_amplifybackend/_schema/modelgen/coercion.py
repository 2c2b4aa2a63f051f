"""Arguments of directives as JavaScript takes them.

GraphQL lets a single value stand for a list, which the generator does not know: it takes the text
as it is, and a text is a list of its characters where it spreads one (observed).
"""

from __future__ import annotations

from typing import Any


def is_true(value: Any) -> bool:
    """Whether JavaScript takes a value for true: an empty list is."""
    return isinstance(value, (list, dict)) or bool(value)


def appended(value: Any) -> list[str]:
    """What ``[].concat(value ?? [])`` gives."""
    if isinstance(value, list):
        return _names(value)
    return [] if value is None else [str(value)]


def spread(value: Any) -> list[str]:
    """What ``[...(value || [])]`` gives."""
    return _names(value) if isinstance(value, (list, str)) else []


def _names(values: Any) -> list[str]:
    return [str(one) for one in values if one is not None]
