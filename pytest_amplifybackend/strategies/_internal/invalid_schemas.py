"""Strategies for transform schemas that are certainly refused, and that say why."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend import errors
from pytest_amplifybackend._schema import schema as schemas
from pytest_amplifybackend._schema.faults import UNSYNCED
from pytest_amplifybackend.strategies._internal.plan import check_texts, named
from pytest_amplifybackend.strategies._internal.schemas import transform_schemas
from pytest_amplifybackend.strategies._internal.values import InvalidSchema, JobFailure

_MODES = ("API_KEY", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT", UNSYNCED)
"""An API with every mode, and without conflict resolution."""
_NAMES = ("Album", "Bridge", "Castle", "Dancer", "Engine", "Forest", "Guitar", "Harbor")
_PLACES = st.sampled_from(("", "before", "after"))
_FIRST = st.integers(0, 4)
_DEFINED = re.compile(r"^\s*(?:type|enum|input|interface|union|scalar) (\w+)", re.MULTILINE)
_OPERATIONS = ("Query", "Mutation", "Subscription")


@named
def invalid_schemas(*, rule: str | None = None) -> SearchStrategy[InvalidSchema]:
    """Transform schemas that Amplify refuses for an API with every mode, each for one rule.

    They are valid but for that: parts of valid ones stand around what breaks the rule. ``rule``
    narrows it to one, such as ``schema.index.type``; all are in docs/rules.md. Raises
    InvalidArgument for another name.
    """
    check_texts("invalid_schemas", rule=rule)
    known = schemas.rules()
    if rule is not None and rule not in known:
        nearest = errors.nearest(rule, known)
        raise InvalidArgument(f"invalid_schemas(rule={rule!r}): unknown rule; {nearest}")
    return _invalid(tuple(known) if rule is None else (rule,))


@functools.lru_cache(maxsize=256)
def _invalid(rules: tuple[str, ...]) -> SearchStrategy[InvalidSchema]:
    which = st.sampled_from(rules)

    @st.composite
    def invalid_schemas(draw: Callable[..., Any]) -> InvalidSchema:
        rule = schemas.rules()[draw(which)]
        broken = (_renamed(rule.example, draw(_FIRST)), rule.example)
        place = draw(_PLACES)
        valid = draw(transform_schemas()) if place else ""
        beside = (f"{one}\n{valid}" if place == "before" else f"{valid}\n{one}" for one in broken)
        # A name may have to be as it is, and the rest may be refused first together with it.
        candidates = (*beside, *broken)
        return InvalidSchema(
            schema=next(text for text in candidates if _breaks(text, rule.name)),
            rule=rule.name,
            expected=JobFailure(f"(rule {rule.name})"),
            change=f"breaks the rule that it {rule.says}",
        )

    return invalid_schemas()


def _renamed(example: str, first: int) -> str:
    """The example with other names for its types, from a place in the list of names on."""
    given = [name for name in dict.fromkeys(_DEFINED.findall(example)) if name not in _OPERATIONS]
    other = dict(zip(given, _NAMES[first:], strict=False))
    return re.sub(r"\w+", lambda word: other.get(word[0], word[0]), example)


def _breaks(text: str, rule: str) -> bool:
    fault = schemas.fault(text, _MODES)
    return fault is not None and fault.rule == rule
