"""How two descriptions of the API differ: what a newer botocore adds, removes or changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._api import catalogue, description, installed

Description = Mapping[str, Any]
_FLAGS = ("required", "sensitive")
_TOLD = ("min", "max", "pattern", "only in", "promised")


@dataclass(frozen=True, slots=True)
class Change:
    """One change: ``mark`` is ``+`` for added, ``-`` for removed, ``~`` for changed.

    ``place`` is the operation or error, followed by the path of a member.
    """

    mark: str
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.mark} {self.place}: {self.text}"


def drift(before: Description, after: Description) -> tuple[Change, ...]:
    """The changes from one description to another; none when the APIs are the same.

    Operations and errors come in alphabetical order, their members likewise. A description is
    what :func:`pytest_amplifybackend._api.description.describe` gives.
    """
    return (
        *_entries(before["operations"], after["operations"], "operation", _operation),
        *_entries(before["errors"], after["errors"], "error", _error),
    )


def _entries(before: Description, after: Description, kind: str, compare: Any) -> Iterator[Change]:
    for name in sorted({*before, *after}):
        if name not in after:
            yield Change("-", name, f"the {kind} is gone")
        elif name not in before:
            yield Change("+", name, f"a new {kind}{_line(after[name])}")
        else:
            yield from compare(name, before[name], after[name])


def _line(entry: Description) -> str:
    said = entry.get("request line", entry.get("status"))
    return f", {said}" if said else ""


def _operation(name: str, before: Description, after: Description) -> Iterator[Change]:
    for key in ("request line", *description.USUAL):
        usual = description.USUAL.get(key)
        old, new = before.get(key, usual), after.get(key, usual)
        if old != new:
            yield Change("~", name, f"{key} {_shown(old)} is now {_shown(new)}")
    for side in ("request", "response"):
        yield from _members(f"{name} {side}", before[side], after[side])
    for error in sorted({*before["errors"]} ^ {*after["errors"]}):
        added = error in after["errors"]
        yield Change("+" if added else "-", f"{name} errors", error)


def _error(name: str, before: Description, after: Description) -> Iterator[Change]:
    if before["status"] != after["status"]:
        old, new = _shown(before["status"]), _shown(after["status"])
        yield Change("~", name, f"status {old} is now {new}")
    yield from _members(name, before["members"], after["members"])


def _members(place: str, before: Description, after: Description) -> Iterator[Change]:
    for path in sorted({*before, *after}):
        where = f"{place} {path}"
        if path not in after:
            yield Change("-", where, said(before[path]))
        elif path not in before:
            yield Change("+", where, said(after[path]))
        else:
            yield from _member(where, before[path], after[path])


def _member(place: str, before: Description, after: Description) -> Iterator[Change]:
    old, new = before.get("enum", []), after.get("enum", [])
    if old and new:
        for value in [value for value in old if value not in new]:
            yield Change("-", place, f"enum value {value}")
        for value in [value for value in new if value not in old]:
            yield Change("+", place, f"enum value {value}")
    elif old or new:
        yield Change("~", place, f"{_enum(old)} is now {_enum(new)}")
    for name in sorted({*before, *after} - {"enum"}):
        if before.get(name) != after.get(name):
            shown = (_value(name, before.get(name)), _value(name, after.get(name)))
            yield Change("~", place, f"{shown[0]} is now {shown[1]}")


def _enum(values: list[str]) -> str:
    return f"enum {', '.join(values)}" if values else "a free string"


def _shown(value: Any) -> str:
    return {None: "none", True: "yes", False: "no"}.get(value, str(value))


_WITHOUT = {"only in": "in both shapes", "promised": "promised as it is"}
"""How to say that a member lacks a trait, where ``no`` and its name do not."""


def _value(name: str, value: Any) -> str:
    if value is None:
        return _WITHOUT.get(name, f"not {name}" if name in _FLAGS else f"no {name}")
    return name if name in _FLAGS else f"{name} {value}"


def said(member: Description) -> str:
    """A member in a few words: ``string, required, enum ON, OFF``."""
    words = [member["type"], *(name for name in _FLAGS if member.get(name))]
    words += [f"{name} {member[name]}" for name in _TOLD if name in member]
    words += [_enum(member["enum"])] if member.get("enum") else []
    return ", ".join(words)


def report() -> tuple[str, tuple[Change, ...]]:
    """How the installed model differs from the shipped one: a readable text, and the changes."""
    import botocore

    models = catalogue.service_model(), installed.service_model()
    changes = drift(*map(description.describe, models))
    version = catalogue.recorded_with()
    head = f"recorded with botocore {version}, installed is {botocore.__version__}"
    if not changes:
        return f"No drift: {head}.", changes
    count = "1 difference" if len(changes) == 1 else f"{len(changes)} differences"
    lines = [f"{count}: {head}.", *map(str, changes)]
    return "\n".join(lines), changes
