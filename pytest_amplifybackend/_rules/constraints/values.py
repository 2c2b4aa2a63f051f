"""Constraints on a leaf or a list: on the value alone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from pytest_amplifybackend._arguments import LARGEST_BITS
from pytest_amplifybackend._rules.constraints.base import Constraint
from pytest_amplifybackend._rules.leaves import Choices, Leaf, Lists, Matches, Numbers, Texts


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
        ends += [f"{value}\n", f"{value}\x00"]  # "$" matches before a last newline
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
            longer = (self.most + 1, self.most * 2)
            made += [f"{value}{'p' * (size - len(value))}" for size in longer]
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
class Filled(Constraint):
    """A string or a list that is not empty."""

    @property
    def message(self) -> str:
        return "must not be empty"

    def holds(self, value: Any) -> bool:
        return bool(value)

    def breaking(self, value: Any) -> list[Any]:
        return [type(value)()]

    def narrow(self, leaf: Leaf) -> Leaf:
        return Length(1).narrow(leaf)


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
