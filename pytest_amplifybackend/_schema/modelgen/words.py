"""Words as the generator's npm packages make them: plurals, and names in other cases."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pluralizer import Pluralizer

_NOT_IN_NPM = ("canvas", "her", "his", "its", "my")
"""Irregular nouns of ``pluralizer`` 2.0 that ``pluralize`` 8.0, which the generator uses, lacks."""

_BETWEEN_WORDS = re.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
_NOT_IN_A_NAME = re.compile("^[^_A-Za-z]+|[^_0-9A-Za-z]")


def plural(noun: str) -> str:
    """Return the plural of a model's name: ``Category`` gives ``Categories``."""
    return _pluralizer().plural(noun)


@functools.lru_cache(maxsize=1)
def _pluralizer() -> Pluralizer:
    from pluralizer import Pluralizer  # the import is slow, and few tests generate models

    made = Pluralizer()  # type: ignore[no-untyped-call]  # its one method without annotations
    for single in _NOT_IN_NPM:
        made.irregularPlurals.pop(made.irregularSingles.pop(single, ""), None)
    return made


def lower_first(word: str) -> str:
    return word[:1].lower() + word[1:]


def upper_first(word: str) -> str:
    return word[:1].upper() + word[1:]


def joined(first: str, *more: str) -> str:
    """``Blog``, ``posts`` and ``id`` give ``blogPostsId``."""
    return lower_first(first) + "".join(map(upper_first, more))


def constant_case(word: str) -> str:
    """``inProgress`` and ``in_progress`` give ``IN_PROGRESS``."""
    return "_".join(_words(word)).upper()


def camel_case(word: str) -> str:
    """``HTMLPage`` and ``HTML_page`` give ``htmlPage``."""
    first = _words(word)[0]
    return first.lower() + pascal_case(word)[len(first) :]


def pascal_case(word: str) -> str:
    """``HTMLPage`` and ``HTML_page`` give ``HtmlPage``, and ``page_2`` gives ``Page_2``."""
    first, *more = (part.capitalize() for part in _words(word))
    return first + "".join(f"_{part}" if part[0].isdigit() else part for part in more)


def graphql_name(text: str) -> str:
    """Leave out what no name may have: the relation ``post-tags`` gives ``Posttags``."""
    return _NOT_IN_A_NAME.sub("", upper_first(text))


def _words(name: str) -> list[str]:
    return [word for word in _BETWEEN_WORDS.split(name) if word] or [""]
