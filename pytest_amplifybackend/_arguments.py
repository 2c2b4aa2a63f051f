"""Checks of the arguments that users pass: each fails with one sentence, before any change.

Each check returns the value as a plain one of Python's own: a subclass of ``str`` or an integer of
numpy would otherwise end up in the state.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from numbers import Number
from typing import Any

from pytest_amplifybackend._wording import american as american  # as is the next one
from pytest_amplifybackend._wording import nearest
from pytest_amplifybackend._wording import shown as shown  # messages elsewhere show values too
from pytest_amplifybackend.errors import InvalidArgument

_DEEPEST = 64
"""How deep JSON may be nested, as in the body of a request."""

_MOST_VALUES = 1_000_000
"""A request of a megabyte has fewer; one that contains itself twice has more at any depth."""

_MOST_DUMPED = 20_000_000
"""The values of a dump of a million jobs."""

LONGEST_WAIT = 10**11
"""In seconds: the furthest that the clock can be shifted."""

_MOST_NAMES = 10_000
_MOST_LISTED = 5


def wrong(method: str, problems: Sequence[tuple[str, str]]) -> InvalidArgument:
    """The error for an argument in which several places are wrong; it lists the first few."""
    listed = [f"{argument} {text}" for argument, text in problems[1:_MOST_LISTED]]
    more = len(problems) - _MOST_LISTED
    rest = [*listed, f"and {more} more"] if more > 0 else listed
    argument, text = problems[0]
    sentence = "; ".join(part.removesuffix(".") for part in (text, *rest))
    return InvalidArgument(method, argument, sentence if sentence[-1] == "?" else f"{sentence}.")


def text(method: str, argument: str, value: Any, *, empty: bool = True) -> str:
    """A string."""
    if not isinstance(value, str):
        raise InvalidArgument(method, argument, f"must be a string, not {shown(value)}.")
    if not value and not empty:
        raise InvalidArgument(method, argument, "must not be empty.")
    return str.__str__(value)


def optional_text(method: str, argument: str, value: Any) -> str | None:
    """A string, or None."""
    return None if value is None else text(method, argument, value)


def encodable(method: str, argument: str, value: Any) -> str:
    """A string that is not empty and leaves this process, in UTF-8."""
    plain = text(method, argument, value, empty=False)
    try:
        plain.encode()
    except UnicodeEncodeError as error:
        half = f"a lone surrogate (U+{ord(plain[error.start]):04X})"
        problem = f"contains {half}, which UTF-8 cannot encode."
        raise InvalidArgument(method, argument, problem) from None
    return plain


def whole(
    method: str,
    argument: str,
    value: Any,
    *,
    least: int = 0,
    most: int = sys.maxsize,
    kind: type[InvalidArgument] = InvalidArgument,
) -> int:
    """A whole number; integers of numpy and members of an IntEnum become plain ones."""
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or not least <= number <= most:
        upper = "" if most == sys.maxsize else f" to {most}"
        problem = f"must be a whole number from {least}{upper}, not {shown(value)}."
        raise kind(method, argument, problem)
    return number


def duration(
    method: str,
    argument: str,
    value: Any,
    *,
    least: float,
    most: float,
    kind: type[InvalidArgument] = InvalidArgument,
) -> float:
    """A finite number of seconds, whole or not; a timedelta is one as well."""
    number = plain_number(value.total_seconds() if isinstance(value, timedelta) else value)
    if number is None or not least <= number <= most:
        problem = f"must be a number of seconds from {least:,} to {most:,}, not {shown(value)}."
        raise kind(method, argument, problem)
    return number


def plain_number(value: Any) -> float | None:
    """A finite number as a plain int or float; None for any other value."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    try:
        return operator.index(value)
    except TypeError:
        return None


def flag(method: str, argument: str, value: Any) -> bool:
    """True or False; no other value that is true or false in an ``if``."""
    if not isinstance(value, bool):
        raise InvalidArgument(method, argument, f"must be True or False, not {shown(value)}.")
    return value


def choice(method: str, argument: str, value: Any, known: Iterable[str]) -> str:
    """One of some names."""
    names = list(known)
    if isinstance(value, str) and value in names:
        return str.__str__(value)
    near = nearest(value, names) if isinstance(value, str) else ""
    hint = f": {near}" if near.startswith("did you mean") else "."
    allowed = ", ".join(map(repr, names))
    raise InvalidArgument(method, argument, f"must be one of {allowed}, not {shown(value)}{hint}")


def names(method: str, argument: str, value: Any) -> list[str]:
    """Strings in their order; those of a set are sorted, so that every run is the same."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        example = f": write [{shown(value)}]" if isinstance(value, str) else ""
        raise InvalidArgument(
            method, argument, f"must be a list of strings, not {shown(value)}{example}."
        )
    found = []
    for item in islice(value, _MOST_NAMES + 1):
        if not isinstance(item, str):
            problem = f"must be a list of strings, not a list with {shown(item)} in it."
            raise InvalidArgument(method, argument, problem)
        found.append(str.__str__(item))
    if len(found) > _MOST_NAMES:
        raise InvalidArgument(method, argument, f"must contain at most {_MOST_NAMES:,} names.")
    return sorted(found) if isinstance(value, (set, frozenset)) else found


def mapping(method: str, argument: str, value: Any) -> Mapping[str, Any]:
    """A mapping with strings as names."""
    if not isinstance(value, Mapping):
        kind = type(value).__name__  # a string may be JSON with secrets in it
        raise InvalidArgument(method, argument, f"must be a dict, not a value of type {kind}.")
    for name in value:
        if not isinstance(name, str):
            problem = f"must have strings as keys, not {shown(name)}."
            raise InvalidArgument(method, argument, problem)
    return value


def structure(
    method: str, argument: str, value: Any, *, most: int = _MOST_VALUES
) -> Mapping[str, Any]:
    """A mapping of finite depth whose keys are strings at every level.

    Its leaves may be of any type; the shape is checked elsewhere.
    """
    found = mapping(method, argument, value)
    level, count = [value], 0
    for _ in range(_DEEPEST):
        below: list[Any] = []
        for item in level:
            if isinstance(item, Mapping):
                below += mapping(method, argument, item).values()
            elif isinstance(item, (list, tuple)):
                below += item
            count += 1
            if count > most or len(below) > most:
                raise InvalidArgument(method, argument, f"must contain at most {most:,} values.")
        if not below:
            return found
        level = below
    raise InvalidArgument(
        method, argument, f"must not be nested more than {_DEEPEST} levels deep, or contain itself."
    )


def json_ready(method: str, argument: str, value: Any) -> Mapping[str, Any]:
    """A structure that survives JSON unchanged: no NaN, no infinity, no objects."""
    found = structure(method, argument, value, most=_MOST_DUMPED)
    waiting: list[Any] = [found]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)
        elif not _is_json_leaf(item):
            raise InvalidArgument(
                method, argument, f"must be JSON-ready, but JSON has no {_leaf(item)}."
            )
    return found


def _leaf(value: Any) -> str:
    return shown(value) if isinstance(value, Number) else f"type {type(value).__name__}"


def _is_json_leaf(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return value.bit_length() <= LARGEST_BITS
    return value is None or isinstance(value, str)


LARGEST_BITS = 10_000
"""Python writes no larger integer in decimal, which takes time that grows with its square."""
