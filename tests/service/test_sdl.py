"""What graphql-core's rules say, word for word, and what they may cost to say it."""

from __future__ import annotations

import re

import graphql
import pytest
from graphql.validation.specified_rules import specified_sdl_rules
from graphql.validation.validate import validate_sdl
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_amplifybackend._schema import definitions, sdl
from pytest_amplifybackend._schema.document import document

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
    st.builds("directive @a({}: {}!) on OBJECT".format, ARGUMENTS, NAMES),
    st.builds("schema {{ query: {} query: {} }}".format, NAMES, NAMES),
)


AMPLIFY = definitions._APPSYNC + definitions._AMPLIFY
NEWER = ("UniqueArgumentDefinitionNamesRule",)
"""graphql-core's rules that the transformer's graphql-js does not have yet."""


def message(text: str) -> str:
    found = sdl.fault(document(graphql.parse(text)))
    assert found is not None
    return found.text.split("\n\n")[1]


def _quoted(message: str) -> str:
    quoted = re.sub(r"'(\S+?)'", r'"\1"', message)
    return re.sub(r"used on .*", lambda found: found[0][:8] + found[0][8:].upper(), quoted)


@settings(deadline=None)  # some runs look for suggestions
@given(st.lists(DEFINITIONS, min_size=1, max_size=6).map("\n".join))
def test_the_error_is_the_first_that_graphql_core_finds(text: str) -> None:
    """Over the schema and what Amplify defines, which stands below it."""
    rules = [rule for rule in specified_sdl_rules if rule.__name__ not in NEWER]
    scalars = " ".join(f"scalar {name}" for name in definitions.SCALARS)
    found = validate_sdl(graphql.parse(f"{text}\n{AMPLIFY}\n{scalars}"), rules=rules)
    expected = _quoted(found[0].message) if found else None

    fault = sdl.fault(document(graphql.parse(text)))
    values = fault is not None and fault.rule == "schema.sdl.values"  # those are looked at later
    assert (None if fault is None or values else message(text)) == expected


def types(count: int) -> str:
    return " ".join(f"type Post{number}" for number in range(count))


LONG = "a" * 99


@pytest.mark.parametrize(
    ("within", "beyond", "sentence"),
    [
        pytest.param(
            f"{types(199)} type Z {{ a: Post1x }}",
            f"{types(200)} type Z {{ a: Post1x }}",
            'Unknown type "Post1x".',
            id="a type among many",
        ),
        pytest.param(
            f"{types(200)} extend type Post1x @a",
            f"{types(201)} extend type Post1x @a",
            'Cannot extend type "Post1x" because it is not defined.',
            id="an extension among many",
        ),
        pytest.param(
            f"directive @d(b: Int {' '.join(f'c{n}: Int' for n in range(199))}) on OBJECT "
            "type Z @d(c1x: 1)",
            f"directive @d(b: Int {' '.join(f'c{n}: Int' for n in range(200))}) on OBJECT "
            "type Z @d(c1x: 1)",
            'Unknown argument "c1x" on directive "@d".',
            id="an argument among many",
        ),
        pytest.param(
            f"type {LONG} type Z {{ a: {LONG}b }}",
            f"type {LONG}a type Z {{ a: {LONG}ab }}",
            f'Unknown type "{LONG}*b".',
            id="a type of a long name",
        ),
        pytest.param(
            f"type {LONG} extend type {LONG}b @a",
            f"type {LONG}a extend type {LONG}ab @a",
            f'Cannot extend type "{LONG}*b" because it is not defined.',
            id="an extension of a long name",
        ),
        pytest.param(
            f"directive @d({LONG}: Int) on OBJECT type Z @d({LONG}b: 1)",
            f"directive @d({LONG}a: Int) on OBJECT type Z @d({LONG}ab: 1)",
            f'Unknown argument "{LONG}*b" on directive "@d".',
            id="an argument of a long name",
        ),
    ],
)
def test_a_name_is_suggested_among_few_and_for_short_ones_only(
    within: str, beyond: str, sentence: str
) -> None:
    assert message(within).startswith(f'{sentence.replace("*", "")} Did you mean "')
    assert message(beyond) == sentence.replace("*", "a")
