"""A matcher of snapshots for lists whose order does not matter. It works without syrupy's code."""

from __future__ import annotations

from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import paths

UNORDERED = "\ue000unordered"
"""The last element of a list whose order a snapshot leaves open; it is not shown."""


def unordered(*places: str) -> Any:
    """A matcher for lists whose order does not matter: a snapshot shows their elements sorted.

    A place is members joined by dots, ``[]`` standing for each element of a list, such as
    ``Jobs`` or ``Apps[].Buckets``; without any, the data is the list itself. Elements are sorted
    by what the snapshot shows of them, so that ids and times that differ between runs do not
    matter. ``syrupy.matchers.compose_matchers`` puts it beside other matchers. Comparing raises
    UsageError where the data has no list at a place.
    """
    asked = places or ("",)

    def matcher(data: Any, path: Any) -> Any:
        if not path:
            for place in asked:
                _check_list(data, place)
        steps = [paths.EACH if isinstance(step, int) else f".{step}" for step, _ in path]
        if "".join(steps).lstrip(".") in asked and isinstance(data, (list, tuple)):
            return [*data, UNORDERED]
        return data

    return matcher


def _check_list(data: Any, place: str) -> None:
    if not any(isinstance(found, (list, tuple)) for found in paths.find(data, place)):
        lists = [paths.general(at) for at, item, _ in paths.walk(data) if isinstance(item, list)]
        raise errors.UsageError(
            f"unordered({place!r}): the data has no list there; {errors.nearest(place, lists)}"
        )
