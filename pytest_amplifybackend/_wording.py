"""How messages show a value, and what they suggest in the place of an unknown name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from numbers import Number
from typing import Any

_LONGEST_SHOWN = 60
_LONGEST_NAME = 100
"""Longer text is no typing error, and the time to compare it grows with its length squared."""

_SHOWN = (str, bytes, type(None), Number, date, timedelta, type)


def shown(value: Any) -> str:
    """A value as a message may show it: shortened; never a structure, which may hold secrets."""
    if isinstance(value, (Mapping, list, tuple, set, frozenset)):
        return f"a {type(value).__name__}"
    if not isinstance(value, _SHOWN):
        return f"a value of type {type(value).__name__}"
    if isinstance(value, int) and value.bit_length() > _LONGEST_SHOWN * 4:
        return f"a whole number of {value.bit_length()} bits"
    if isinstance(value, (str, bytes)) and len(value) > _LONGEST_SHOWN:
        return f"{value[:_LONGEST_SHOWN]!r}... ({len(value)} characters)"
    return repr(value)


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence: the closest of the known names, or else all of them."""
    names = list(known)
    folded = {candidate.replace("_", "").lower(): candidate for candidate in names}
    close = (
        difflib.get_close_matches(name.replace("_", "").lower(), folded, n=1, cutoff=0.5)
        if len(name) <= _LONGEST_NAME
        else []
    )
    return f"did you mean {folded[close[0]]!r}?" if close else f"known are: {', '.join(names)}."


def american(value: Any) -> Any:
    """The one word that AWS and botocore spell the American way, for users who do not."""
    return "modeled" if value == "modelled" else value
