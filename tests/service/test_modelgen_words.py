"""Words in generated models. The expected ones are what the npm packages give for them."""

from __future__ import annotations

import pytest

from pytest_amplifybackend._schema.modelgen.words import (
    camel_case,
    constant_case,
    graphql_name,
    pascal_case,
    plural,
)


@pytest.mark.parametrize(
    ("name", "plural_name"),
    [
        ("Post", "Posts"),
        ("Category", "Categories"),
        ("Day", "Days"),
        ("OrderStatus", "OrderStatuses"),
        ("Box", "Boxes"),
        ("Analysis", "Analyses"),
        ("Person", "People"),
        ("Woman", "Women"),
        ("Human", "Humans"),
        ("SuperHuman", "SuperHumen"),
        ("GrandChild", "GrandChildren"),
        ("News", "News"),
        ("Settings", "Settings"),
        ("API", "APIS"),
        ("Hero", "Heroes"),
        ("Photo", "Photos"),
        ("Schema", "Schemata"),
        ("EventSchema", "EventSchemas"),
        ("Leaf", "Leaves"),
        ("Datum", "Data"),
        ("Fish", "Fish"),
        ("FISH", "FISH"),
        ("Quiz", "Quizzes"),
        ("Canvas", "Canvas"),
        ("His", "His"),
        ("Her", "Hers"),
        ("Its", "Its"),
        ("My", "Mies"),
        ("Their", "Theirs"),
        ("Me", "Us"),
    ],
)
def test_plurals_are_those_of_the_generator(name: str, plural_name: str) -> None:
    assert plural(name) == plural_name


@pytest.mark.parametrize(
    ("name", "camel", "pascal", "constant"),
    [
        ("post", "post", "Post", "POST"),
        ("HTMLPage", "htmlPage", "HtmlPage", "HTML_PAGE"),
        ("in_progress", "inProgress", "InProgress", "IN_PROGRESS"),
        ("Post_2_tag", "post_2Tag", "Post_2Tag", "POST_2_TAG"),
        ("OAuth2Token", "oAuth2Token", "OAuth2Token", "O_AUTH2_TOKEN"),
        ("_x__Y_", "xY", "XY", "X_Y"),
        ("_1", "1", "1", "1"),
        ("_", "", "", ""),
    ],
)
def test_cases_are_those_of_the_generator(
    name: str, camel: str, pascal: str, constant: str
) -> None:
    assert (camel_case(name), pascal_case(name), constant_case(name)) == (camel, pascal, constant)


def test_a_relation_gives_a_model_the_name_that_is_left_of_it() -> None:
    assert graphql_name("post-tags of 2é") == "Posttagsof2"
