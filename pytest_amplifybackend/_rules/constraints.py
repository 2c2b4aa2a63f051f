"""The kinds of limit a parameter can have, as plain data.

``service.validation`` says whether a value keeps one; ``strategies`` makes values that do and
values that do not. Each knows the sentence that a refusal ends with.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OneOf:
    """A string out of a fixed set."""

    values: tuple[str, ...]

    def sentence(self) -> str:
        return f"must be one of {', '.join(self.values)}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A string that a regular expression matches in full (ASCII classes)."""

    regex: str
    meaning: str

    def sentence(self) -> str:
        return self.meaning


@dataclass(frozen=True, slots=True)
class Length:
    """A string of so many characters."""

    least: int
    most: int | None = None

    def sentence(self) -> str:
        if self.most is None:
            return f"must have at least {self.least} character{'s' if self.least > 1 else ''}"
        return f"must have {self.least} to {self.most} characters"


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number in a range; ``8.0`` counts, ``8.5``, NaN and booleans do not."""

    least: int
    most: int

    def sentence(self) -> str:
        return f"must be a whole number from {self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class Finite:
    """A number that JSON can hold: neither NaN nor infinite nor a boolean."""

    def sentence(self) -> str:
        return "must be a finite number"


@dataclass(frozen=True, slots=True)
class Items:
    """A list of at most so many elements."""

    most: int

    def sentence(self) -> str:
        return f"must have at most {self.most} elements"


@dataclass(frozen=True, slots=True)
class Includes:
    """A string that holds a placeholder."""

    text: str

    def sentence(self) -> str:
        return f"must contain {self.text}"


@dataclass(frozen=True, slots=True)
class Avoids:
    """A string that holds none of some reserved words."""

    words: tuple[str, ...]

    def sentence(self) -> str:
        return f"must not contain {' or '.join(self.words)}"


@dataclass(frozen=True, slots=True)
class RedirectUri:
    """An absolute URI without fragment; plain http only for this machine; own schemes allowed."""

    def sentence(self) -> str:
        return "must be an absolute URI that ends in '/', with https unless it names localhost"


@dataclass(frozen=True, slots=True)
class IssuerUri:
    """An OpenID issuer: https (http only for this machine), ending in a slash."""

    def sentence(self) -> str:
        return "must be a URI that ends in '/', with https unless it names localhost"


@dataclass(frozen=True, slots=True)
class GraphQLSchema:
    """Text that parses as an annotated GraphQL schema."""

    def sentence(self) -> str:
        return "must be a GraphQL schema that parses"


@dataclass(frozen=True, slots=True)
class Needs:
    """A structure that must hold some members, non-empty, when one of its members has a value.

    ``members`` are paths below the structure. ``when`` is ``(member, values)``; without it the
    members are always needed. ``empty_allowed`` lets the structure be given as ``{}``.
    """

    members: tuple[str, ...]
    when: tuple[str, tuple[str, ...]] | None = None
    empty_allowed: bool = False

    def sentence(self) -> str:
        need = f"needs {', '.join(self.members)}"
        if self.when is None:
            return need
        return f"{need} when {self.when[0]} is {' or '.join(self.when[1])}"


@dataclass(frozen=True, slots=True)
class Unrepeated:
    """No element's value below ``each`` equals the value at ``than``, both below the structure."""

    each: str
    than: str

    def sentence(self) -> str:
        return f"must not repeat {self.than} in {self.each}"


@dataclass(frozen=True, slots=True)
class ProvidersConfigured:
    """Every provider that the schema's @auth rules name has its authorization mode in the API."""

    modes: tuple[tuple[str, str, str], ...]
    """(provider in the schema, API mode, name in the sentence)."""

    def sentence(self) -> str:
        return "must configure every provider that the schema's @auth rules use"


Constraint = (
    OneOf
    | Pattern
    | Length
    | Whole
    | Finite
    | Items
    | Includes
    | Avoids
    | RedirectUri
    | IssuerUri
    | GraphQLSchema
    | Needs
    | Unrepeated
    | ProvidersConfigured
)
