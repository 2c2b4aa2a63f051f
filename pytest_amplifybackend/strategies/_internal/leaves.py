"""Strategies for the leaves of requests, made from the rules on each of them.

No limit is written here: what a leaf may be follows from the constraints of the rules at its path.
All that is added is how a member is usually spelled where the rules leave that open.
"""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._rules import limits, table
from pytest_amplifybackend._rules.constraints import Constraint, Length
from pytest_amplifybackend._rules.leaves import Choices, Leaf, Matches, Numbers, Texts
from pytest_amplifybackend.strategies._internal.plan import Sizes
from pytest_amplifybackend.strategies._internal.targets import shapes

_ALNUM = string.ascii_letters + string.digits
_KEY = Texts(_ALNUM, 1, 32)
_SECRET = Texts(least=1, most=64)
_NAME = Texts(_ALNUM, 1)
_UUID = Texts("0123456789abcdef", 36, 36, affixes=(("5eed0000-0000-4000-8000-", ""),))
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")


@functools.cache
def _usual() -> Mapping[str, Leaf]:
    """How members are spelled where the rules of an operation leave it open, by their names."""
    app_id, environment, bucket = (
        limit.texts or Texts()
        for limit in (limits.APP_ID, limits.ENVIRONMENT_NAME, limits.BUCKET_NAME)
    )
    return {
        "AppName": Texts(),
        "AwsCognitoRegion": Choices(REGIONS),
        "AwsUserPoolsWebClientId": limits.CLIENT_ID.texts or _KEY,
        "BackendEnvironmentName": environment,
        "BackendManagerAppId": app_id,
        "BucketName": bucket,
        "ClientId": _KEY,
        "ClientSecret": _SECRET,
        "Description": Texts(most=30),
        "JobId": _UUID,
        "KeyId": _KEY,
        "NextToken": Texts(string.ascii_lowercase + string.digits, 1, 40),
        "OpenIDAuthTTL": Texts(string.digits, 1, 13),
        "OpenIDClientId": _KEY,
        "OpenIDIatTTL": Texts(string.digits, 1, 13),
        "OpenIDProviderName": _KEY,
        "Operation": Choices(tuple(catalogue.operations())),
        "ResourceName": _NAME,
        "SessionId": _UUID,
        "Status": Choices(limits.JOB_STATUSES),
        "TargetEnvironmentName": environment,
        "TeamId": _KEY,
    }


_ANY: Mapping[str, Leaf] = {
    "boolean": Choices((False, True)),
    "double": Numbers(),
    "integer": Numbers(),
    "string": Texts(),
}

_LIKE = {"DeleteBackendAPI": "CreateBackendAPI", "GetBackendAPI": "CreateBackendAPI"}
"""A read or a deletion of an API names a config that it was created with."""


def constraints(rules: table.Table, operation: str, path: str) -> tuple[Constraint, ...]:
    """What the rules of an operation ask for at a place."""
    like = _LIKE.get(operation) if path.startswith("ResourceConfig.") else None
    return (*rules.at(operation, path), *(rules.at(like, path) if like else ()))


def leaf(
    operation: str, path: str, *, filled: bool = False, usual: Leaf | None = None
) -> SearchStrategy[Any]:
    """Values of a leaf that keep all of its rules; none is empty when it has to be ``filled``.

    ``usual`` is how it is spelled as long as the rules allow that. Raises InvalidArgument where
    the rules leave no value.
    """
    return _leaf(table.current(), operation, path, filled, usual)


@functools.lru_cache(maxsize=4096)
def _leaf(
    rules: table.Table, operation: str, path: str, filled: bool, usual: Leaf | None
) -> SearchStrategy[Any]:
    kind = shapes(operation)[path].type_name
    asked = constraints(rules, operation, path)
    if filled and kind == "string":
        asked = (*asked, Length(1))
    found = _described(path, kind, asked, usual)
    strategy = drawn(found, kind)
    return strategy if _says_all(found, asked) else strategy.filter(all_hold(asked))


def choices(operation: str, path: str) -> tuple[Any, ...]:
    """The values of an enum that keep all rules at a place."""
    return _choices(table.current(), operation, path)


@functools.lru_cache(maxsize=1024)
def _choices(rules: table.Table, operation: str, path: str) -> tuple[Any, ...]:
    found = _described(path, "string", constraints(rules, operation, path), None)
    assert isinstance(found, Choices), path
    return found.values


def _described(path: str, kind: str, asked: tuple[Constraint, ...], usual: Leaf | None) -> Leaf:
    """The leaves that keep the constraints: spelled as usual, if they allow it."""
    name = path.rpartition(".")[2].removesuffix("[]")
    for start in (usual, _usual().get(name), _ANY[kind]):
        if start is None:
            continue
        found: Leaf = start
        for constraint in asked:
            narrowed = constraint.narrow(found)
            is_lost = isinstance(found, Choices) and not isinstance(narrowed, Choices)
            found = found if is_lost else narrowed
        if isinstance(found, Choices):
            found = found.where(all_hold(asked))
        if _is_possible(found):
            return found
    raise InvalidArgument(f"no value of {path} keeps all of its rules.")


def _is_possible(found: Leaf) -> bool:
    if isinstance(found, Choices):
        return bool(found.values)
    if isinstance(found, Numbers):
        return found.least <= found.most
    return bool(found.possible) if isinstance(found, Texts) else True


def all_hold(asked: Iterable[Constraint]) -> Callable[[Any], bool]:
    """Whether a value keeps all of some constraints."""
    return lambda value: all(constraint.holds(value) for constraint in asked)


def _says_all(found: Leaf, asked: tuple[Constraint, ...]) -> bool:
    """Whether what is drawn need not be looked at: two patterns may not agree, as one does.

    A regular expression says nothing of the rules beside it.
    """
    if isinstance(found, Choices):
        return True
    if not all(constraint.described for constraint in asked):
        return False
    if isinstance(found, Matches):
        return len(asked) == 1
    others = [constraint for constraint in asked if not isinstance(constraint, Length)]
    return isinstance(found, Numbers) or len(others) <= 1


# From descriptions to strategies

_USUAL_LENGTH, _LONG = 12, 80


def drawn(found: Leaf, kind: str = "string") -> SearchStrategy[Any]:
    """The strategy for what a description says, for a shape of a kind."""
    if isinstance(found, Choices):
        return st.sampled_from(found.values)
    if isinstance(found, Numbers):
        ends: tuple[float, ...] = (found.least, found.most)
        if kind == "double":
            ends = (*ends, float((found.least + found.most) // 2))
        return st.one_of(st.integers(found.least, found.most), st.sampled_from(ends))
    if isinstance(found, Matches):
        ascii_only = st.characters(codec="ascii")
        return st.from_regex(re.compile(found.regex, re.ASCII), fullmatch=True, alphabet=ascii_only)
    assert isinstance(found, Texts)
    return _texts(found)


def _texts(texts: Texts) -> SearchStrategy[str]:
    """Strings of a usual length, and now and then of any other, the shortest and the longest too.

    Long ones repeat what was drawn: entropy is too precious for 20,000 characters.
    """
    each = [_within(texts, affix) for affix in texts.possible]
    return each[0] if len(each) == 1 else st.one_of(each)


def _within(texts: Texts, affix: tuple[str, str]) -> SearchStrategy[str]:
    least, most = texts.room(affix)
    longest = max(_LONG, least) if most is None else most
    low, high = min(least, _USUAL_LENGTH), min(longest, _USUAL_LENGTH)
    letters = st.text(texts.letters, min_size=low, max_size=high) if texts.letters else st.just("")
    (prefix, suffix), sizes = affix, Sizes(least, longest)

    @st.composite
    def spelled(draw: Callable[..., Any]) -> str:
        text = draw(letters)
        size = sizes.draw(draw)
        if size is None:
            size = max(len(text), least)
        if len(text) < size:
            text = ((text or texts.letters[0]) * size)[:size]
        half = size // 2
        return f"{prefix}{text[:half]}{texts.inside}{text[half:size]}{suffix}"

    return spelled()
