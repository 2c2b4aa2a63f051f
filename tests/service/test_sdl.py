"""What graphql-core's rules say, word for word, and what they may cost to say it."""

from __future__ import annotations

import sys
from typing import Any

import graphql
import pytest
from graphql.validation.rules import known_type_names
from graphql.validation.rules.known_directives import KnownDirectivesRule
from graphql.validation.rules.unique_directives_per_location import UniqueDirectivesPerLocationRule
from graphql.validation.specified_rules import specified_sdl_rules
from graphql.validation.validate import validate_sdl
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_amplifybackend._schema import sdl

NAMES = st.sampled_from(["A", "Ab", "Post", "Posts", "Int", "Sting", "__Type", "b", "c"])
DIRECTIVES = st.sampled_from(["a", "deprecated", "skip"])
ARGUMENTS = st.sampled_from(["reason", "reson", "if", "b", "c"])

DEFINITIONS = st.one_of(
    st.builds("type {} {{ {}: {} {}: [{}!]! }}".format, NAMES, NAMES, NAMES, NAMES, NAMES),
    st.builds("type {} implements {} @{}".format, NAMES, NAMES, DIRECTIVES),
    st.builds("interface {} {{ {}({}: {} {}: Int): Int }}".format, *[NAMES] * 5),
    st.builds("extend type {} {{ {}: {} }}".format, NAMES, NAMES, NAMES),
    st.builds("extend {} {} @a".format, st.sampled_from(["enum", "union", "input"]), NAMES),
    st.builds("enum {} {{ {} {} }}".format, NAMES, NAMES, NAMES),
    st.builds("union {} = {} | {}".format, NAMES, NAMES, NAMES),
    st.builds("scalar {} @{}({}: 1 {}: 2)".format, NAMES, DIRECTIVES, ARGUMENTS, ARGUMENTS),
    st.builds("input {} {{ {}: {} = {{b: 1 {}: 2}} }}".format, NAMES, NAMES, NAMES, ARGUMENTS),
    st.builds("directive @{}({}: {}!) on OBJECT".format, DIRECTIVES, ARGUMENTS, NAMES),
    st.builds("schema {{ query: {} query: {} }}".format, NAMES, NAMES),
)


def first_error(text: str) -> tuple[str, Any] | None:
    error = sdl.first_error(sdl.read(text))
    return (
        None if error is None else (error.message, error.locations[0] if error.locations else None)
    )


def message(text: str) -> str:
    error = first_error(text)
    assert error is not None
    return error[0]


@settings(deadline=None)  # some runs look for suggestions
@given(st.lists(DEFINITIONS, min_size=1, max_size=6).map("\n".join))
def test_the_error_is_the_first_that_graphql_core_finds(text: str) -> None:
    rules = [rule for rule in specified_sdl_rules if rule is not KnownDirectivesRule]
    found = validate_sdl(graphql.parse(text), rules=rules)

    expected = (found[0].message, found[0].locations[0]) if found else None  # type: ignore[index]  # its nodes have places
    assert first_error(text) == expected


def types(count: int) -> str:
    return " ".join(f"type Post{number}" for number in range(count))


LONG = "a" * 99


@pytest.mark.parametrize(
    ("within", "beyond", "sentence"),
    [
        pytest.param(
            f"{types(199)} type Z {{ a: Post1x }}",
            f"{types(200)} type Z {{ a: Post1x }}",
            "Unknown type 'Post1x'.",
            id="a type among many",
        ),
        pytest.param(
            f"{types(200)} extend type Post1x @a",
            f"{types(201)} extend type Post1x @a",
            "Cannot extend type 'Post1x' because it is not defined.",
            id="an extension among many",
        ),
        pytest.param(
            f"directive @d(b: Int {' '.join(f'c{n}: Int' for n in range(199))}) on OBJECT "
            "type Z @d(c1x: 1)",
            f"directive @d(b: Int {' '.join(f'c{n}: Int' for n in range(200))}) on OBJECT "
            "type Z @d(c1x: 1)",
            "Unknown argument 'c1x' on directive '@d'.",
            id="an argument among many",
        ),
        pytest.param(
            f"type {LONG} type Z {{ a: {LONG}b }}",
            f"type {LONG}a type Z {{ a: {LONG}ab }}",
            f"Unknown type '{LONG}*b'.",
            id="a type of a long name",
        ),
        pytest.param(
            f"type {LONG} extend type {LONG}b @a",
            f"type {LONG}a extend type {LONG}ab @a",
            f"Cannot extend type '{LONG}*b' because it is not defined.",
            id="an extension of a long name",
        ),
        pytest.param(
            f"directive @d({LONG}: Int) on OBJECT type Z @d({LONG}b: 1)",
            f"directive @d({LONG}a: Int) on OBJECT type Z @d({LONG}ab: 1)",
            f"Unknown argument '{LONG}*b' on directive '@d'.",
            id="an argument of a long name",
        ),
    ],
)
def test_a_name_is_suggested_among_few_and_for_short_ones_only(
    within: str, beyond: str, sentence: str
) -> None:
    assert message(within).startswith(f"{sentence.replace('*', '')} Did you mean '")
    assert message(beyond) == sentence.replace("*", "a")


def test_suggestions_are_looked_for_once_however_many_names_are_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_for = []
    look = known_type_names.suggestion_list

    def counted(name: str, options: Any) -> list[str]:
        looked_for.append(name)
        return look(name, options)

    monkeypatch.setattr(known_type_names, "suggestion_list", counted)
    text = " ".join(f"type A{number} {{ b: B{number} }}" for number in range(150))

    assert message(text) == "Unknown type 'B0'. Did you mean 'A0'?"
    assert looked_for == ["B0"]


def test_one_place_is_looked_up_however_many_an_error_has(monkeypatch: pytest.MonkeyPatch) -> None:
    positions = []
    look_up = graphql.Source.get_location

    def counted(source: graphql.Source, position: int) -> Any:
        positions.append(position)
        return look_up(source, position)

    monkeypatch.setattr(graphql.Source, "get_location", counted)

    error = first_error("type A\n  @b(" + "c: 1 " * 300 + ")")
    assert error == ("There can be only one argument named 'c'.", (2, 6))
    assert len(positions) <= 1, "newer versions look all of them up in one walk"


def test_every_rule_that_suggests_is_bounded() -> None:
    suggests = {
        rule
        for rule in specified_sdl_rules
        if hasattr(sys.modules[rule.__module__], "suggestion_list")
    }

    assert suggests == set(sdl._BOUNDED), "graphql-core suggests elsewhere: see sdl.py"


def test_no_rule_looks_at_the_nodes_that_are_not_visited() -> None:
    visiting = ("enter", "leave")
    for rule in sdl._RULES:
        assert not any(hasattr(rule, f"{when}_name") for when in visiting), rule
        assert not any(hasattr(rule, f"{when}_string_value") for when in visiting), rule

    every_node = {rule for rule in sdl._RULES if any(when in vars(rule) for when in visiting)}
    assert every_node == {UniqueDirectivesPerLocationRule}, "names and descriptions have none"


def test_a_tripwire_for_what_is_overridden() -> None:
    known, possible, arguments = sdl._BOUNDED
    assert callable(known.enter_named_type)
    assert callable(arguments.enter_directive)
    for kind in ("scalar", "object", "interface", "union", "enum", "input_object"):
        of_kind = getattr(possible, f"enter_{kind}_type_extension")
        assert of_kind is possible.check_extension, "graphql-core checks extensions otherwise"
