"""Schemas cost in proportion to their length, whatever they hold: counted in function calls.

``benchmarks/growth.py`` measures the same kinds, and more, in seconds.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any

import pytest
from graphql import parse
from graphql.language import Node, Token
from large_schemas import MODELS, SDL

from pytest_amplifybackend._schema import modelgen, schema

LENGTH, OF_MODELS = 800, 1_500
"""Of the shorter of two texts: what is fixed in one that makes models weighs more."""
MOST_GROWTH = 6.0
"""Of something that is linear: 4. Of something that grows with the square: 16."""


def calls(work: Callable[[str], object], text: str) -> int:
    """How many functions a piece of work calls, those written in C included."""
    count = 0

    def counting(frame: Any, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    work("type A @model")  # the first time imports modules
    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        work(text)
    finally:
        sys.setprofile(before)
    return count


def read(text: str) -> object:
    """Read a schema, whether it was read before or not."""
    schema._kept.cache_clear()
    return schema._verdict.__wrapped__(text)


def generate(text: str) -> object:
    schema._kept.cache_clear()
    schema._verdict.cache_clear()
    return modelgen._outcome.__wrapped__(text)


@pytest.mark.parametrize("kind", SDL)
def test_reading_a_schema_costs_in_proportion_to_its_length(kind: str) -> None:
    made = SDL[kind]

    assert calls(read, made(4 * LENGTH)) < MOST_GROWTH * calls(read, made(LENGTH))


@pytest.mark.parametrize("kind", MODELS)
def test_generating_models_costs_in_proportion_to_the_length_of_the_schema(kind: str) -> None:
    made = MODELS[kind]

    short, long = made(OF_MODELS), made(4 * OF_MODELS)
    assert isinstance(generate(short), modelgen.Artefacts)
    assert calls(generate, long) < MOST_GROWTH * calls(generate, short)


def test_checking_and_generating_costs_little_beside_parsing() -> None:
    text = "enum State { OPEN CLOSED } type Place { street: String city: String }"
    for number in range(20):
        text += f"""
        type Order{number} @model @auth(rules: [
          {{ allow: owner }}
          {{ allow: groups, groups: ["Admin"], operations: [read] }}
        ]) {{
          id: ID!
          name: String! @index(name: "by{number}", sortKeyFields: ["day"], queryField: "q{number}")
          day: AWSDate!
          tags: [String!]
          price: Float
          state: State
          place: Place
          orders: [Order{(number + 1) % 20}] @hasMany
          before: Order{(number - 1) % 20} @belongsTo
        }}
        """

    assert calls(generate, text) < 5 * calls(parse, text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "".join(f"type A{n} {{ b: B{n} }}\n" for n in range(800)), id="800 unknown types"
        ),
        pytest.param(f"type A{'a' * 8000} {{ b: B{'a' * 8000} }}", id="two names of 8,000 letters"),
    ],
)
def test_an_unknown_type_costs_no_more_than_a_known_one(text: str) -> None:
    known = text.replace("b: B", "b: A")

    assert isinstance(read(text), schema._Verdict)
    assert calls(read, text) < 2 * calls(read, known)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        read("type A { b: B }")
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()


@pytest.mark.parametrize("text", ["type A { a: Int }", "type A { a: B }", "scalar AWSDate"])
def test_a_document_goes_without_the_garbage_collector(text: str) -> None:
    def documents() -> int:
        return sum(isinstance(one, (Node, Token)) for one in gc.get_objects())

    before = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        schema._kept.cache_clear()
        there = documents()
        read(text)
        generate(text)
        schema._kept.cache_clear()
        assert documents() == there
    finally:
        (gc.enable if before else gc.disable)()
