"""Checks that the records of a loaded dump have the types of their fields."""

from __future__ import annotations

import functools
import types
from dataclasses import is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from pytest_amplifybackend._service.clock import in_calendar


def check(value: Any, hint: Any, path: str) -> None:
    """Raise TypeError, naming the path, where a value is not of the type that a hint says.

    Whole numbers are milliseconds, or counts that are smaller; ValueError says which cannot be.
    """
    kind, arguments = _parts(hint)
    if kind in (Union, types.UnionType):
        (hint,) = (option for option in arguments if option is not type(None))
        if value is not None:
            check(value, hint, path)
    elif hint is Any:
        return
    elif type(value) is not (kind or hint):
        raise TypeError(f"{path} is of type {type(value).__name__}")
    elif hint is int:
        in_calendar(value)
    elif isinstance(hint, type) and is_dataclass(hint):
        for name, item in _hints(hint).items():
            check(getattr(value, name), item, f"{path}.{name}")
    elif kind is dict:
        for name, item in value.items():
            check(name, arguments[0], f"a key of {path}")
            check(item, arguments[1], f"{path}[{name!r}]")
    elif kind is tuple:
        each = arguments[:1] * len(value) if arguments[-1] is ... else arguments
        for item, one in zip(value, each, strict=True):
            check(item, one, path)


@functools.cache
def _parts(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    return get_origin(hint), get_args(hint)


@functools.cache
def _hints(record: type) -> dict[str, Any]:
    return get_type_hints(record)
