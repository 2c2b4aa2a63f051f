"""How two API models differ: what a newer botocore adds, removes or changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._api import catalogue, installed
from pytest_amplifybackend._api.responses import RESPONSE_OBJECTS
from pytest_amplifybackend._api.secrets.shapes import is_sensitive

Traits = dict[str, Any]
_FLAGS = ("required", "sensitive")
_METADATA = ("min", "max", "pattern", "idempotencyToken", "document")
_SERIALIZATION = ("jsonvalue", "streaming", "timestampFormat")
_SUMMARIZED = ("min", "max", "pattern", "only in", "promised")


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


def drift(before: Any, after: Any) -> tuple[Change, ...]:
    """The changes from one ServiceModel to another; none when the APIs are the same.

    Operations come first, then errors, each in alphabetical order, their members likewise.
    """
    old, new = _entries(before), _entries(after)
    names = sorted({**old, **new}, key=lambda name: ((old.get(name) or new[name]).kind, name))
    return tuple(
        change for name in names for change in _changes(name, old.get(name), new.get(name))
    )


def report() -> tuple[str, tuple[Change, ...]]:
    """How the installed model differs from the shipped one: a readable text, and the changes."""
    import botocore

    changes = drift(catalogue.service_model(), installed.service_model())
    versions = f"with botocore {catalogue.recorded_with()}, installed is {botocore.__version__}"
    if not changes:
        return f"No drift: recorded {versions}.", changes
    if botocore.__version__ == catalogue.recorded_with():  # whose own model is the recorded one
        versions += " (the installed model comes from AWS_DATA_PATH or ~/.aws/models)"
    count = "1 difference" if len(changes) == 1 else f"{len(changes)} differences"
    return "\n".join([f"{count}: recorded {versions}.", *map(str, changes)]), changes


# What a client or a fake has to know of an API, without how botocore keeps it


@dataclass(frozen=True, slots=True)
class _Entry:
    """An operation or an error: its own traits, and those of each member by its place."""

    kind: int
    traits: Traits
    members: Mapping[str, Traits]
    errors: tuple[str, ...] = ()


_KINDS = ("operation", "error")


def _entries(model: Any) -> dict[str, _Entry]:
    found = {name: _operation(model, model.operation_model(name)) for name in model.operation_names}
    for name in {error for entry in found.values() for error in entry.errors}:
        shape = model.shape_for(name)
        status = shape.metadata.get("error", {}).get("httpStatusCode")
        found[name] = _Entry(1, {"status": status}, _members(shape, ""))
    return found


def _operation(model: Any, operation: Any) -> _Entry:
    request, response = operation.input_shape, operation.output_shape
    promised = RESPONSE_OBJECTS.get(operation.name)
    known = promised is not None and promised in model.shape_names
    members = _members(request, "request ")
    members |= _response(response, model.shape_for(promised) if known else None)
    traits = {
        "request line": f"{operation.http['method']} {operation.http['requestUri']}",
        "status": operation.http.get("responseCode", 200),
        "request payload": request.serialization.get("payload") if request else None,
        "response payload": response.serialization.get("payload") if response else None,
        "deprecated": bool(operation.deprecated),
    }
    return _Entry(0, traits, members, tuple(shape.name for shape in operation.error_shapes))


def _response(shape: Any, promised: Any) -> dict[str, Traits]:
    """The members of a response as clients parse it, with what its ``*RespObj`` promises.

    Where the two differ, ``only in`` names the shape that has a member, and ``promised`` the type
    in the ``*RespObj``.
    """
    parsed, promises = _members(shape, "response "), _members(promised, "response ")
    if promised is None:
        return parsed
    for place in {*parsed} - {*promises}:
        parsed[place]["only in"] = shape.name
    for place, traits in promises.items():
        own = parsed.setdefault(place, {**traits, "only in": promised.name})
        if traits.get("required"):
            own["required"] = True
        if own["type"] != traits["type"]:
            own["promised"] = traits["type"]
    return parsed


def _members(shape: Any, prefix: str) -> dict[str, Traits]:
    if shape is None:
        return {}
    below = dict(catalogue.members(shape))
    required = set(shape.required_members)
    for path, member in below.items():
        required.update(f"{path}.{name}" for name in getattr(member, "required_members", ()))
    return {
        f"{prefix}{path}": _traits(path.rsplit(".", 1)[-1], member, required=path in required)
        for path, member in below.items()
    }


def _traits(name: str, shape: Any, *, required: bool) -> Traits:
    location = shape.serialization.get("location")
    wire = shape.serialization.get("name", name if location else None)
    optional = {
        "required": required,
        "sensitive": is_sensitive(shape),
        "enum": list(getattr(shape, "enum", None) or ()),
        "wire": f"{wire} in the {location}" if location else wire,
    }
    traits = {"type": shape.type_name, **{name: value for name, value in optional.items() if value}}
    for source, names in ((shape.metadata, _METADATA), (shape.serialization, _SERIALIZATION)):
        traits.update({name: source[name] for name in names if name in source})
    return traits


# The comparison


def _changes(name: str, old: _Entry | None, new: _Entry | None) -> Iterator[Change]:
    if new is None:
        assert old is not None
        yield Change("-", name, f"the {_KINDS[old.kind]} is gone")
    elif old is None:
        summary = next(iter(new.traits.values()))
        yield Change("+", name, f"a new {_KINDS[new.kind]}{f', {summary}' if summary else ''}")
    else:
        for trait, value in old.traits.items():
            if value != new.traits[trait]:
                words = f"{trait} {_word(value)} is now {_word(new.traits[trait])}"
                yield Change("~", name, words)
        for place in sorted({*old.members, *new.members}):
            yield from _member(f"{name} {place}", old.members.get(place), new.members.get(place))
        for error in sorted({*old.errors} ^ {*new.errors}):
            yield Change("+" if error in new.errors else "-", f"{name} errors", error)


def _word(value: Any) -> str:
    return {None: "none", True: "yes", False: "no"}.get(value, str(value))


def _member(place: str, old: Traits | None, new: Traits | None) -> Iterator[Change]:
    if old is None or new is None:
        yield Change("+" if old is None else "-", place, _summary(old or new or {}))
        return
    yield from _enum_changes(place, old.get("enum", []), new.get("enum", []))
    for name in sorted({*old, *new} - {"enum"}):
        if old.get(name) != new.get(name):
            words = (_trait(name, old.get(name)), _trait(name, new.get(name)))
            yield Change("~", place, f"{words[0]} is now {words[1]}")


def _enum_changes(place: str, old: list[str], new: list[str]) -> Iterator[Change]:
    if bool(old) != bool(new):
        yield Change("~", place, f"{_enum(old)} is now {_enum(new)}")
        return
    yield from (Change("-", place, f"enum value {value}") for value in old if value not in new)
    yield from (Change("+", place, f"enum value {value}") for value in new if value not in old)


def _enum(values: list[str]) -> str:
    return f"enum {', '.join(values)}" if values else "a free string"


_ABSENT = {"only in": "in both shapes", "promised": "promised as it is"}
"""How to say that a member lacks a trait, where ``no`` and its name do not."""


def _trait(name: str, value: Any) -> str:
    if value is None:
        return _ABSENT.get(name, f"not {name}" if name in _FLAGS else f"no {name}")
    return name if name in _FLAGS else f"{name} {value}"


def _summary(traits: Traits) -> str:
    """A member in a few words: ``string, required, enum ON, OFF``."""
    words = [traits["type"], *(name for name in _FLAGS if traits.get(name))]
    words += [f"{name} {traits[name]}" for name in _SUMMARIZED if name in traits]
    words += [_enum(traits["enum"])] if "enum" in traits else []
    return ", ".join(words)
