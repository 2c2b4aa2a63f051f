"""The kinds of constraint that a value can be under: one class for each.

A class says whether a value keeps the constraint, what is said where it does not, what breaks it
and, as plain data for the strategies, what valid values look like. Another kind is another class.
"""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pytest_amplifybackend._api import paths
from pytest_amplifybackend._arguments import LARGEST_BITS
from pytest_amplifybackend._rules.leaves import Choices, Leaf, Lists, Matches, Numbers, Texts
from pytest_amplifybackend._schema import schema


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a value must be like: the base of all kinds."""

    structural: ClassVar[bool] = False
    """Whether it is about how the members of a structure agree, not about a leaf or a list."""

    described: ClassVar[bool] = True
    """Whether :meth:`narrow` says all: what is drawn so need not be looked at again."""

    @property
    def message(self) -> str:
        """How a message about a value that breaks it ends: "must be ..."."""
        raise NotImplementedError

    def holds(self, value: Any) -> bool:
        """Whether a value keeps it; the client has checked the value's type."""
        raise NotImplementedError

    def problem(self, value: Any) -> str:
        """What to say of a value that breaks it, where the message depends on the value."""
        return self.message

    def breaking(self, value: Any) -> list[Any]:
        """Values made from a valid one, which are to break it; some may break other rules too."""
        raise NotImplementedError

    def narrow(self, leaf: Leaf) -> Leaf:
        """What the valid leaves look like that keep this too; what it cannot say is filtered."""
        return leaf

    def mend(self, value: Any) -> None:
        """Change a structure, in place, so that it keeps the constraint."""

    @property
    def wanted(self) -> tuple[str, ...]:
        """The members that a structure needs so that the constraint can be broken in it."""
        return ()

    @property
    def conditions(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The (member, values) of a structure for which alone it can be broken."""
        return ()


@dataclass(frozen=True, slots=True)
class OneOf(Constraint):
    """A value out of a fixed set: a string, or a boolean."""

    values: tuple[Any, ...]

    @property
    def message(self) -> str:
        return f"must be one of {', '.join(map(str, self.values))}"

    def holds(self, value: Any) -> bool:
        return value in self.values

    def breaking(self, value: Any) -> list[Any]:
        text = str(value)
        return ["NO_SUCH_VALUE", f"{text} ", text.lower(), text.swapcase(), ""]

    def narrow(self, leaf: Leaf) -> Leaf:
        return Choices(self.values)


@dataclass(frozen=True, slots=True)
class Pattern(Constraint):
    """A string that a regular expression matches in full (ASCII classes).

    ``meaning`` is the message. ``texts`` are the spellings that strategies draw; without them
    they draw from the regular expression, which is slow for long ones.
    """

    regex: str
    meaning: str
    texts: Texts | None = None
    _match: Callable[[str], object] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_match", re.compile(self.regex, re.ASCII).fullmatch)

    @property
    def message(self) -> str:
        return self.meaning

    def holds(self, value: Any) -> bool:
        return self._match(value) is not None

    def breaking(self, value: Any) -> list[Any]:
        ends = [f"{value}!", f"!{value}", f"{value}\u00e9", f"{value} ", f"-{value}", f"{value}-"]
        others = [value[:1], value.upper(), f"1{value}", (value * 200)[:2000], ""]
        return [*ends, *others, value[1:], value[::-1]]

    def narrow(self, leaf: Leaf) -> Leaf:
        if self.texts is None:
            return Matches(self.regex)
        return leaf.both(self.texts) if isinstance(leaf, Texts) else leaf


def spelled(
    letters: str, least: int, most: int | None, meaning: str, *, prefix: str = ""
) -> Pattern:
    """The pattern of names that are a prefix and so many of some letters.

    ``letters`` are the inside of a character class, such as ``a-z0-9``.
    """
    count = f"{{{least},{'' if most is None else most}}}"
    is_one = re.compile(f"[{letters}]", re.ASCII).fullmatch
    drawn = "".join(letter for letter in map(chr, range(ord(" "), 0x7F)) if is_one(letter))
    longest = None if most is None else len(prefix) + most
    texts = Texts(drawn, len(prefix) + least, longest, affixes=((prefix, ""),))
    return Pattern(f"{prefix}[{letters}]{count}", meaning, texts)


@dataclass(frozen=True, slots=True)
class Length(Constraint):
    """A string of so many characters."""

    least: int
    most: int | None = None

    @property
    def message(self) -> str:
        if self.most is None:
            return f"must have at least {self.least} character{'s' if self.least > 1 else ''}"
        return f"must have {self.least} to {self.most} characters"

    def holds(self, value: Any) -> bool:
        return self.least <= len(value) and (self.most is None or len(value) <= self.most)

    def breaking(self, value: Any) -> list[Any]:
        made: list[Any] = []
        if self.most is not None:
            end = value[-1:] or "p"  # what a URI ends in has to stay
            longer = (self.most + 1, self.most * 2)
            made += [f"{value}{'p' * (size - len(value) - 1)}{end}" for size in longer]
            made.append(f"{value}\n#".ljust(longer[0], "p"))  # a schema stays one
        return [*made, value[: self.least - 1], "ab"[: self.least - 1]] if self.least else made

    def narrow(self, leaf: Leaf) -> Leaf:
        if isinstance(leaf, Texts):
            return leaf.both(Texts(leaf.letters, self.least, self.most, leaf.affixes, leaf.inside))
        if isinstance(leaf, Lists):
            longest = [most for most in (leaf.most, self.most) if most is not None]
            return Lists(max(leaf.least, self.least), min(longest, default=None))
        return leaf


@dataclass(frozen=True, slots=True)
class Whole(Constraint):
    """A whole number in a range; ``8.0`` counts, ``8.5``, NaN and booleans do not."""

    least: int
    most: int

    @property
    def message(self) -> str:
        return f"must be a whole number from {self.least} to {self.most}"

    def holds(self, value: Any) -> bool:
        return _is_number(value) and self.least <= value <= self.most and value == int(value)

    def breaking(self, value: Any) -> list[Any]:
        least, most = self.least, self.most
        return [
            *(most + 1, most + 2, most * 40, least - 1),
            *(least + 0.5, most + 0.25, -float(least), most * 1000),
        ]

    def narrow(self, leaf: Leaf) -> Leaf:
        if isinstance(leaf, Numbers):
            return Numbers(max(leaf.least, self.least), min(leaf.most, self.most))
        return leaf


@dataclass(frozen=True, slots=True)
class Finite(Constraint):
    """A number that JSON can hold: neither NaN nor infinite nor a boolean."""

    @property
    def message(self) -> str:
        return "must be a finite number"

    def holds(self, value: Any) -> bool:
        if not _is_number(value):
            return False
        # An integer may have more digits than JSON can be written with.
        return value.bit_length() <= LARGEST_BITS if type(value) is int else math.isfinite(value)

    def breaking(self, value: Any) -> list[Any]:
        return [float("nan"), float("inf"), -float("inf"), True, False]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Items(Constraint):
    """A list of at most so many elements."""

    most: int

    @property
    def message(self) -> str:
        return f"must have at most {self.most} elements"

    def holds(self, value: Any) -> bool:
        return len(value) <= self.most

    def breaking(self, value: Any) -> list[Any]:
        return [(value * (self.most + 20))[:size] for size in (self.most + 1, self.most + 20)]

    def narrow(self, leaf: Leaf) -> Leaf:
        if isinstance(leaf, Lists):
            return Lists(leaf.least, min(leaf.most or self.most, self.most))
        return leaf


@dataclass(frozen=True, slots=True)
class Includes(Constraint):
    """A string that holds a placeholder."""

    text: str

    @property
    def message(self) -> str:
        return f"must contain {self.text}"

    def holds(self, value: Any) -> bool:
        return self.text in value

    def breaking(self, value: Any) -> list[Any]:
        """The placeholder misspelled: as many characters, so that no length is wrong instead."""
        text = self.text
        others = (
            "#" * len(text),
            text[1:] + text[:1],
            text[::-1],
            text.swapcase(),
            " " * len(text),
        )
        return [value.replace(text, other) for other in others]

    def narrow(self, leaf: Leaf) -> Leaf:
        return leaf.both(replace(leaf, inside=self.text)) if isinstance(leaf, Texts) else leaf


@dataclass(frozen=True, slots=True)
class Avoids(Constraint):
    """A string that holds none of some reserved words."""

    words: tuple[str, ...]
    described: ClassVar[bool] = False

    @property
    def message(self) -> str:
        return f"must not contain {' or '.join(self.words)}"

    def holds(self, value: Any) -> bool:
        return not any(word in value for word in self.words)

    def breaking(self, value: Any) -> list[Any]:
        words = self.words
        inside = (f"{value[:20]}{word}x" for word in words)
        return [*words, *inside, *(f"my{word}" for word in words)]


_NOT_IN_URI = re.compile(r"[#\s]")
_OWN_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://.*")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_WEB = (
    ("https://shop.example.com/", "/"),
    ("https://shop-", ".example.com/"),
    ("http://localhost:3000/", "/"),
    ("http://127.0.0.1/", "/"),
)
_APPS = (("", "://"), ("myapp://", "/"))
_URI_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _is_uri(value: str, *, own_schemes: bool) -> bool:
    if not value.endswith("/") or _NOT_IN_URI.search(value) is not None:
        return False
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    if parts.scheme == "http":
        return host in _LOOPBACK
    return own_schemes and _OWN_SCHEME.fullmatch(value) is not None


def _not_uris(value: str) -> list[Any]:
    """Texts that are no URIs, none longer than a valid one: rules on the length come first."""
    return [
        "https://example.com",
        "https://example.com/#top/",
        "https://exam ple.com/",
        "http://example.com/",
        "https:///",
        "example.com/",
        "/callback/",
        f"{value[:-2]}#/",
        f"{value[:-1]}x",
    ]


def _uris(leaf: Leaf, affixes: tuple[tuple[str, str], ...]) -> Leaf:
    uris = Texts(_URI_LETTERS, least=1 + min(len(a + b) for a, b in affixes), affixes=affixes)
    return leaf.both(uris) if isinstance(leaf, Texts) else leaf


@dataclass(frozen=True, slots=True)
class RedirectUri(Constraint):
    """An absolute URI without fragment; plain http only for this machine; own schemes allowed."""

    @property
    def message(self) -> str:
        return "must be an absolute URI that ends in '/', with https unless it names localhost"

    def holds(self, value: Any) -> bool:
        return _is_uri(value, own_schemes=True)

    def breaking(self, value: Any) -> list[Any]:
        return _not_uris(value)

    def narrow(self, leaf: Leaf) -> Leaf:
        return _uris(leaf, (*_WEB, *_APPS))


@dataclass(frozen=True, slots=True)
class IssuerUri(Constraint):
    """An OpenID issuer: https (http only for this machine), ending in a slash."""

    @property
    def message(self) -> str:
        return "must be a URI that ends in '/', with https unless it names localhost"

    def holds(self, value: Any) -> bool:
        return _is_uri(value, own_schemes=False)

    def breaking(self, value: Any) -> list[Any]:
        return [*_not_uris(value), "myapp://login/"]

    def narrow(self, leaf: Leaf) -> Leaf:
        return _uris(leaf, _WEB)


@dataclass(frozen=True, slots=True)
class GraphQLSchema(Constraint):
    """Text that parses as an annotated GraphQL schema."""

    @property
    def message(self) -> str:
        return "must be a GraphQL schema that parses"

    def holds(self, value: Any) -> bool:
        try:
            schema.check(value)
        except schema.SchemaError:
            return False
        return True

    def problem(self, value: Any) -> str:
        try:
            schema.check(value)
        except schema.SchemaError as error:
            return str(error)
        return ""

    def breaking(self, value: Any) -> list[Any]:
        unknown = f"{value}type Lost {{ it: Nowhere }}"
        twice = f"{value}\n{value}"
        return [f"{value}}}", f"{value}type", unknown, twice, "query { a }", "type", ""]

    def narrow(self, leaf: Leaf) -> Leaf:
        return Choices(("type Note @model { id: ID! }", "enum Status { NEW OLD }"))


@dataclass(frozen=True, slots=True)
class Needs(Constraint):
    """A structure that must hold some members, non-empty, when one of its members has a value.

    ``members`` are paths below the structure. ``when`` is ``(member, values)``; without it the
    members are always needed. ``empty_allowed`` lets the structure be ``{}``.
    """

    members: tuple[str, ...]
    when: tuple[str, tuple[str, ...]] | None = None
    empty_allowed: bool = False
    _paths: tuple[tuple[str, ...], ...] = field(init=False, repr=False, compare=False)
    structural: ClassVar[bool] = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "_paths", tuple(map(paths.segments, self.members)))

    @property
    def message(self) -> str:
        need = f"needs {', '.join(self.members)}"
        if self.when is None:
            return need
        return f"{need} when {self.when[0]} is {' or '.join(self.when[1])}"

    def holds(self, value: Any) -> bool:
        if not value and self.empty_allowed:
            return True
        if self.when is not None and value.get(self.when[0]) not in self.when[1]:
            return True
        # Not all(): a generator takes twice as long, in every call.
        for path in self._paths:  # noqa: SIM110
            if not _has(value, path):
                return False
        return True

    def breaking(self, value: Any) -> list[Any]:
        """The structure without one needed member, or what it is in, or with that empty."""
        return [
            changed
            for member in self.members
            for change in (*_without(member), (member, _emptied))
            if (changed := _changed(value, *change)) is not None
        ]

    @property
    def wanted(self) -> tuple[str, ...]:
        return self.members

    @property
    def conditions(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return () if self.when is None else (self.when,)


_Change = Callable[[dict[str, Any], str], None]


def _has(value: Any, path: tuple[str, ...]) -> bool:
    """Whether a structure has a value that is not empty at a path without lists."""
    for segment in path:
        value = value.get(segment)
        if value is None:
            return False
    return value not in _EMPTY


_EMPTY: tuple[Any, ...] = ("", [], {})


def _without(member: str) -> Iterator[tuple[str, _Change]]:
    yield member, dict.__delitem__
    above, _, _ = member.rpartition(".")
    if above:
        yield above, dict.__delitem__


def _emptied(container: dict[str, Any], name: str) -> None:
    container[name] = type(container[name])()


def _changed(value: Any, member: str, change: _Change) -> Any:
    """A copy of a structure in which one member was changed; None if it has no such member."""
    made = copy.deepcopy(value)
    for container, name in paths.places(made, member):
        if name in container:
            change(container, name)
            return made
    return None


@dataclass(frozen=True, slots=True)
class Unrepeated(Constraint):
    """No element's value below ``each`` equals the value at ``than``, both below the structure."""

    each: str
    than: str
    _elements: tuple[tuple[str, ...], tuple[str, ...]] = field(
        init=False, repr=False, compare=False
    )
    """The path of the list, and the one within each element, empty for the element itself."""
    _than: tuple[str, ...] = field(init=False, repr=False, compare=False)
    structural: ClassVar[bool] = True

    def __post_init__(self) -> None:
        elements, _, below = self.each.partition(paths.EACH)
        both = paths.segments(elements), paths.segments(below.lstrip("."))
        object.__setattr__(self, "_elements", both)
        object.__setattr__(self, "_than", paths.segments(self.than))

    @property
    def message(self) -> str:
        return f"must not repeat {self.than} in {self.each}"

    def holds(self, value: Any) -> bool:
        elements, below = self._elements
        there = _value(value, elements)
        if not there:
            return True
        default = _value(value, self._than)
        return default is None or all(_value(one, below) != default for one in there)

    def breaking(self, value: Any) -> list[Any]:
        """The structure with the value repeated, as the first element and as the last."""
        elements, below = self._elements
        *above, name = self._than
        repeated = copy.deepcopy(_value(value, self._than))
        if below == (name,):
            element = copy.deepcopy(_value(value, tuple(above)))
        else:
            element = {below[0]: repeated} if below else repeated
        there, path = _value(value, elements) or [], ".".join(elements)
        return [_with(value, path, [element, *there]), _with(value, path, [*there, element])]

    def mend(self, value: Any) -> None:
        elements, below = self._elements
        there, default = _value(value, elements), _value(value, self._than)
        if there:
            there[:] = [one for one in there if _value(one, below) != default]

    @property
    def wanted(self) -> tuple[str, ...]:
        return (self.than,)


def _value(value: Any, path: tuple[str, ...]) -> Any:
    """What is at a path without lists; None where there is nothing."""
    for segment in path:
        if not isinstance(value, dict):
            return None
        value = value.get(segment)
    return value


def _with(value: Any, path: str, item: Any) -> Any:
    made = copy.deepcopy(value)
    paths.put(made, path, item)
    return made


@dataclass(frozen=True, slots=True)
class ProvidersConfigured(Constraint):
    """Every provider that the schema's @auth rules name has its authorization mode in the API."""

    modes: tuple[tuple[str, str, str], ...]
    """(provider in the schema, API mode, name in the message)."""
    structural: ClassVar[bool] = True

    @property
    def message(self) -> str:
        return "must configure every provider that the schema's @auth rules use"

    def holds(self, value: Any) -> bool:
        return next(self._missing(value), None) is None

    def problem(self, value: Any) -> str:
        for provider, _, name in self._missing(value):
            return (
                f"auth directive with '{provider}' provider found, but the project has no "
                f"{name} authentication provider configured"
            )
        return ""

    def _missing(self, value: Any) -> Iterator[tuple[str, str, str]]:
        """The rows whose provider the schema uses without its mode."""
        text = value.get("TransformSchema")
        if text is None:
            return
        try:
            used = schema.auth_providers(text)
        except schema.SchemaError:
            return  # the rule before this one says so
        configured = _modes(value)
        for row in self.modes:
            if row[0] in used and row[1] not in configured:
                yield row

    def breaking(self, value: Any) -> list[Any]:
        """The API with a model for a provider whose mode it does not have, or no longer has."""
        return [
            broken
            for provider, mode, _ in self.modes
            for other in (None, *(row[1] for row in self.modes))
            if mode != other
            if mode not in _modes(broken := _asking(value, provider, other))
        ]

    def mend(self, value: Any) -> None:
        for _, mode, _ in list(self._missing(value)):
            value.setdefault("AdditionalAuthTypes", []).append({"Mode": mode})

    @property
    def wanted(self) -> tuple[str, ...]:
        return ("DefaultAuthType", "TransformSchema")


def _modes(value: Any) -> set[Any]:
    more = [one.get("Mode") for one in value.get("AdditionalAuthTypes", ())]
    return {value.get("DefaultAuthType", {}).get("Mode"), *more}


def _asking(value: Any, provider: str, only_mode: str | None) -> Any:
    """An API with one more model, whose rule asks for a provider, and perhaps one mode alone."""
    made = copy.deepcopy(value)
    rule = f"{{allow: {_ALLOWED.get(provider, 'private')}, provider: {provider}}}"
    model = f"\ntype Extra @model @auth(rules: [{rule}]) {{\n  id: ID!\n}}\n"
    if only_mode is None:
        made["TransformSchema"] += model
        return made
    made.pop("AdditionalAuthTypes", None)
    return {**made, "DefaultAuthType": {"Mode": only_mode}, "TransformSchema": model}


_ALLOWED = {"apiKey": "public", "oidc": "owner"}
"""What a rule allows by a provider that does not know private access."""
