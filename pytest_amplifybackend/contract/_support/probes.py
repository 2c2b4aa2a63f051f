"""Probes, made from the shipped model and the rules: one for each change of a request.

Each takes a full request of an operation and changes one place of it: a member alone, absent,
null, of another type or unknown, a value of an enum, a limit and what is beside it. What a target
has to answer follows from the kind, or from the rules where a changed value keeps or breaks them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.paths import copied, general, get, put, segments, shape_at, walk
from pytest_amplifybackend._api.provenance import ASSUMED, MODELED, Provenance
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.constraints import Constraint, Items, Length, Pattern, Whole
from pytest_amplifybackend._rules.rule import Layer, Rule
from pytest_amplifybackend.contract._support.samples import sample

ACCEPTED, REJECTED, EITHER, BY_RULES = "accepted", "rejected", "accepted or rejected", "by rules"
Params = dict[str, Any]

_OTHERS: Mapping[str, tuple[Any, ...]] = {
    "string": (7, True, [], {}),
    "boolean": ("yes", 7, [], {}),
    "integer": ("text", [], {}),  # a client takes True for a number
    "double": ("text", [], {}),
    "list": ("text", 7, True, {}),
    "map": ("text", 7, True, []),
    "structure": ("text", 7, True, []),
}
"""Values on the wire that a type does not have."""


@dataclass(frozen=True)
class Probe:
    """One change of a request, and what has to come of it.

    ``raw`` is one that no client sends; ``tag`` and ``source`` say what the probe rests on.
    """

    operation: str
    kind: str
    path: str
    expected: str
    tag: Provenance
    source: str
    value: Any = None
    number: int = 0
    raw: bool = False

    @property
    def name(self) -> str:
        """Its id, without the operation's."""
        return f"{self.operation}-{self.kind}-{self.path or 'whole'}-{self.number}"

    def params(self, existing: Mapping[str, Any]) -> Params:
        """The request, on what a provider state has set up."""
        full = sample(self.operation, existing, full=True)
        shape = catalogue.operations()[self.operation].input_shape
        if self.kind == "alone":
            least = sample(self.operation, existing)
            return _only(full, shape, segments(self.path), {*least})
        if self.kind == "absent":
            return _without(full, self.path)
        changed: Params = copied(full)
        put(changed, self.path, copied(self.value))
        return changed

    def body(self, body: Params) -> Params:
        """A full request's body on the wire, with the change."""
        shape = catalogue.operations()[self.operation].input_shape
        path = wire_path(shape, self.path)
        if self.kind == "absent":
            return _without(body, path)
        changed: Params = copied(body)
        put(changed, path, copied(self.value))
        return changed


def _only(value: Params, shape: Any, way: tuple[str, ...], kept: set[str]) -> Params:
    """A structure with what it needs, and what leads to a place."""
    found = {}
    for name, item in value.items():
        below = shape.members[name]
        if way and name == way[0] and below.type_name == "structure":
            found[name] = _only(item, below, way[1:], set(below.required_members))
        elif name in kept or (way and name == way[0]):
            found[name] = copied(item)
    return found


def _without(params: Params, path: str) -> Params:
    changed: Params = copied(params)
    above, _, last = path.rpartition(".")
    container = get(changed, above) if above else changed
    del container[last]
    return changed


def wire_path(shape: Any, path: str) -> str:
    """A path by the names that its members have on the wire."""
    names: list[str] = []
    for segment in segments(path):
        if segment.startswith("["):
            names[-1] += segment
            shape = shape.member
        elif segment in getattr(shape, "members", {}):
            shape = shape.members[segment]
            names.append(shape.serialization.get("name", segment))
        else:
            names.append(segment)
    return ".".join(names)


def probes() -> Iterator[Probe]:
    """All of them, in the model's order."""
    for operation in catalogue.operations():
        yield from _of_members(operation)
        yield from _of_rules(operation)


def _of_members(operation: str) -> Iterator[Probe]:
    shape = catalogue.operations()[operation].input_shape
    full = sample(operation, {}, full=True)
    for path, _, below in walk(full, shape):
        if below is None or (path and _is_beside_the_body(shape, path)):
            continue
        if below.type_name == "structure":
            place = f"{path}.unknownMember" if path else "unknownMember"
            yield _made(operation, "unknown", place, EITHER, value={"a": [None]}, raw=True)
        if not path:
            continue
        for number, other in enumerate(_OTHERS[below.type_name]):
            yield _made(operation, "type", path, REJECTED, value=other, number=number, raw=True)
        if not path.endswith("]"):
            yield from _of_presence(operation, shape, path)
        yield from _of_enum(operation, path, below)


def _is_beside_the_body(shape: Any, path: str) -> bool:
    """Whether a member is in the path or the query of the URL."""
    return bool(shape.members[segments(path)[0]].serialization.get("location"))


def _of_presence(operation: str, shape: Any, path: str) -> Iterator[Probe]:
    above, _, name = path.rpartition(".")
    container = shape_at(shape, above) if above else shape
    if name in container.required_members:
        yield _made(operation, "absent", path, REJECTED, raw=True)
        yield _made(operation, "null", path, REJECTED, raw=True)
        return
    yield _made(operation, "absent", path, BY_RULES)
    yield _made(operation, "alone", path, BY_RULES)
    yield _made(operation, "null", path, EITHER, raw=True)


def _of_enum(operation: str, path: str, shape: Any) -> Iterator[Probe]:
    for number, value in enumerate(getattr(shape, "enum", ())):
        yield _made(operation, "enum", path, BY_RULES, value=value, number=number)
        for other in (value.lower(), f"{value}_", f" {value}"):
            number += 1000
            yield _made(operation, "no-enum", path, BY_RULES, value=other, number=number)


_SOURCES = {
    "unknown": (MODELED, "the members of the shape; no error but the modeled ones"),
    "type": (MODELED, "the types of the shapes; BadRequestException has status 400"),
    "absent": (MODELED, "the required members of the shape, and the rules"),
    "alone": (MODELED, "the required members of the shape, and the rules"),
    "null": (ASSUMED, "null is as good as absent; what a member that is required answers"),
    "enum": (MODELED, "the values of the enum"),
    "no-enum": (MODELED, "the values of the enum"),
}


def _made(operation: str, kind: str, path: str, expected: str, **more: Any) -> Probe:
    tag, source = _SOURCES[kind]
    return Probe(operation, kind, path, expected, tag, source, **more)


def _of_rules(operation: str) -> Iterator[Probe]:
    """The limits of each rule at each of its places: below, at and above."""
    full = sample(operation, {}, full=True)
    for layer in (Layer.SERVICE, Layer.PROVISIONING):
        for rule in table.current().of(operation, layer):
            for path, value, _ in walk(full, catalogue.operations()[operation].input_shape):
                if path and general(path) in rule.paths:
                    yield from _of_limits(operation, rule, path, value)


_NAMES = frozenset(
    {"AppId", "BackendEnvironmentName", "BucketName", "JobId", "ResourceName", "SessionId"}
)
"""Members that name what is there: a valid name of nothing is not found, whatever its length."""


def _names_what_is_there(operation: str, path: str) -> bool:
    made = {"AppId", "BackendEnvironmentName"} if operation == "CreateBackend" else {"ResourceName"}
    return path in _NAMES and not (operation.startswith("Create") and path in made)


def _of_limits(operation: str, rule: Rule, path: str, value: Any) -> Iterator[Probe]:
    for number, changed in enumerate(_limits(rule.constraint, value)):
        if _names_what_is_there(operation, path) and rule.constraint.holds(changed):
            continue
        kind = f"limit-{rule.name}"
        rest = (BY_RULES, rule.tag, rule.source)
        yield Probe(operation, kind, path, *rest, value=changed, number=number)


def _limits(constraint: Constraint, value: Any) -> list[Any]:
    """Values just below, at and just above the limits of a constraint, if it has some."""
    if isinstance(constraint, Whole):
        least, most = constraint.least, constraint.most
        return [least - 1, least, most, most + 1]
    if isinstance(constraint, Items) and isinstance(value, list) and value:
        return [
            (value * (constraint.most + 1))[:size]
            for size in (constraint.most, constraint.most + 1)
        ]
    if not isinstance(value, str):
        return []
    if isinstance(constraint, Length):
        return [
            _text(value, value[-1:] or "a", size)
            for size in _sizes(constraint.least, constraint.most)
        ]
    if isinstance(constraint, Pattern) and constraint.texts is not None:
        texts = constraint.texts
        prefix = texts.affixes[0][0] if texts.affixes else ""
        return [_text(prefix, texts.letters[-1], size) for size in _sizes(texts.least, texts.most)]
    return []


def _sizes(least: int, most: int | None) -> list[int]:
    ends = [] if most is None else [most, most + 1]
    return [size for size in dict.fromkeys((least - 1, least, *ends)) if 0 <= size < 100_000]


def _text(start: str, letter: str, size: int) -> str:
    return f"{start}{letter * size}"[:size]
