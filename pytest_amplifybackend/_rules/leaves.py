"""What valid values of a leaf look like, as plain data: constraints say it, strategies draw it."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

WRITING = (
    string.ascii_letters
    + string.digits
    + string.punctuation
    + " \t\näßéñøžΩλж漢字かな\u0301\u200b🎉"
    + "\r\x00\x1b\x7f\x85\u2028\ufeff"
)
"""What people write, ASCII and control characters, and enough else to upset programs that take text
for ASCII.

An alphabet that is spelled out spares hypothesis its tables of all of Unicode, which take it
seconds to make when a project has none yet.
"""


@dataclass(frozen=True, slots=True)
class Choices:
    """One of a few values."""

    values: tuple[Any, ...]

    def where(self, holds: Callable[[Any], bool]) -> Choices:
        """Those for which a condition holds."""
        return Choices(tuple(value for value in self.values if holds(value)))


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers from ``least`` to ``most``."""

    least: int = -1_000_000
    most: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Texts:
    """Strings of ``least`` to ``most`` characters, the longest unlimited if that is None.

    Between the two ends of one of the ``affixes`` are any of ``letters``, and among them the
    text ``inside``.
    """

    letters: str = WRITING
    least: int = 0
    most: int | None = None
    affixes: tuple[tuple[str, str], ...] = (("", ""),)
    inside: str = ""

    def both(self, other: Texts) -> Texts:
        """The strings that are of both kinds, as far as one description can say."""
        longest = [most for most in (self.most, other.most) if most is not None]
        return Texts(
            letters="".join(letter for letter in self.letters if letter in other.letters),
            least=max(self.least, other.least),
            most=min(longest, default=None),
            affixes=_both(self.affixes, other.affixes),
            inside=self.inside if other.inside in self.inside else self.inside + other.inside,
        )

    def room(self, affix: tuple[str, str]) -> tuple[int, int | None]:
        """The least and the greatest number of letters that there can be within an affix."""
        taken = len("".join(affix)) + len(self.inside)
        return max(self.least - taken, 0), None if self.most is None else self.most - taken

    @property
    def possible(self) -> tuple[tuple[str, str], ...]:
        """The affixes that leave room for a valid string."""
        rooms = [(affix, *self.room(affix)) for affix in self.affixes]
        return tuple(
            affix
            for affix, least, most in rooms
            if (most is None or most >= least) and (self.letters or least == 0)
        )


def _both(
    ours: tuple[tuple[str, str], ...], theirs: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    shared = tuple(affix for affix in ours if affix in theirs)
    return shared or (theirs if ours == (("", ""),) else ours)


@dataclass(frozen=True, slots=True)
class Matches:
    """Strings that a regular expression matches in full, of which nothing else is known."""

    regex: str


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists of ``least`` to ``most`` elements, the longest unlimited if that is None."""

    least: int = 0
    most: int | None = None


Leaf = Choices | Numbers | Texts | Matches | Lists
