"""Assertions on the call history, and the text they fail with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_amplifybackend._api.paths import find, get, join
from pytest_amplifybackend._api.secrets.shapes import redact_request
from pytest_amplifybackend._service.calls import Call, History, is_subset

_MOST_SHOWN = 5


def assert_called(
    calls: History, operation: str, times: int | None, subset: Mapping[str, Any]
) -> Sequence[int]:
    """Fail unless the operation was called with these members, exactly ``times`` times if set.

    Returns where in the history the calls are that match.
    """
    places = calls.places(operation)
    matching = [index for index in places if is_subset(subset, calls[index].params)]
    if (matching and times is None) or len(matching) == times:
        return matching
    wanted = _request(operation, subset)
    expected = f"to be called {'at least once' if times is None else _count(times)}"
    if times == 0:
        expected = "not to be called"
    lines = [f"Expected {wanted} {expected}, but {_was_called(len(matching))}."]
    others = len(places) - len(matching)
    if others:
        lines.append(f"Similar calls ({others} of {operation} with other params):")
        lines += similar(calls, operation, subset)
    elif not places:
        lines.append(f"Calls: {_summary(calls)}")
    raise AssertionError("\n".join(lines))


def similar(calls: History, operation: str, subset: Mapping[str, Any]) -> list[str]:
    """The calls of an operation that come closest to what they do not match, a line for each."""
    found = {index: calls[index] for index in calls.places(operation)}
    others = {index: call for index, call in found.items() if not is_subset(subset, call.params)}
    return [
        f"  #{index} differs in {'; '.join(_differences(subset, others[index]))}"
        for index in _closest(others, subset)
    ]


def assert_not_called(calls: History, operation: str) -> None:
    """Fail if the operation was called."""
    found = calls.places(operation)
    if found:
        shown = "\n".join(f"  #{index} {calls[index]!r}" for index in found[:_MOST_SHOWN])
        raise AssertionError(
            f"Expected {operation} not to be called, but {_was_called(len(found))}:\n{shown}"
        )


def assert_no_other_calls(calls: Sequence[Call], asserted: set[int]) -> None:
    """Fail if there are calls at positions that are not in ``asserted``."""
    others = [(index, call) for index, call in enumerate(calls) if index not in asserted]
    if others:
        shown = "\n".join(f"  #{index} {call!r}" for index, call in others[:_MOST_SHOWN])
        more = f"\n  and {len(others) - _MOST_SHOWN} more" if len(others) > _MOST_SHOWN else ""
        raise AssertionError(f"Calls that no assertion expects:\n{shown}{more}")


def _closest(calls: Mapping[int, Call], subset: Mapping[str, Any]) -> list[int]:
    """The places of the calls that differ in the fewest members, not too many to show."""
    return sorted(calls, key=lambda index: len(_differences(subset, calls[index])))[:_MOST_SHOWN]


def _differences(subset: Mapping[str, Any], call: Call) -> list[str]:
    wanted = redact_request(call.operation, subset)
    sent = redact_request(call.operation, call.params)
    lines = []
    for path in _differing(subset, call.params):
        shown = [repr(value) for value in find(sent, path)] or ["missing"]
        lines.append(f"{path}: expected {get(wanted, path)!r}, was {shown[0]}")
    return lines


def _differing(wanted: Any, sent: Any, path: str = "") -> Iterator[str]:
    """The paths of the innermost members that differ."""
    if isinstance(wanted, Mapping) and isinstance(sent, Mapping):
        for name, value in wanted.items():
            yield from _differing(value, sent.get(name, _ABSENT), join(path, name))
    elif wanted != sent:
        yield path


_ABSENT = object()


def _request(operation: str, subset: Mapping[str, Any]) -> str:
    shown = redact_request(operation, subset)
    return f"{operation}({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def _count(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _was_called(number: int) -> str:
    return f"it was called {_count(number)}" if number else "it was never called"


def _summary(calls: Sequence[Call]) -> str:
    if not calls:
        return "none"
    return ", ".join(call.operation for call in calls[:20]) + (" ..." if len(calls) > 20 else "")
