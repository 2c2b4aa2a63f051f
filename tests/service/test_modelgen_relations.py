"""What model generation makes of relations, and of the version that counts them.

The expected shapes and versions are those that the published generator (@aws-amplify/
graphql-generator 0.5.4, with its default options) gives for the same schemas.
"""

from __future__ import annotations

import json

import pytest
from generated import field, introspection, keys, model, models

from pytest_amplifybackend._schema.faults import SchemaError
from pytest_amplifybackend._schema.modelgen import generate


def test_has_many_and_belongs_to_share_a_foreign_key() -> None:
    schema = """
    type Blog @model { posts: [Post] @hasMany }
    type Post @model { blog: Blog @belongsTo }
    """
    posts = model(schema, "Blog")["fields"]["posts"]
    post = model(schema, "Post")["fields"]

    assert posts["type"] == {"model": "Post"}
    assert posts["association"] == {"connectionType": "HAS_MANY", "associatedWith": ["blogPostsId"]}
    assert post["blog"]["association"] == {
        "connectionType": "BELONGS_TO",
        "targetNames": ["blogPostsId"],
    }
    assert post["blogPostsId"] == field("blogPostsId", "ID")
    assert keys(schema, "Post") == []


def test_has_many_in_one_direction_gives_the_other_side_an_index() -> None:
    schema = "type Team @model { members: [Member] @hasMany } type Member @model { name: String }"

    assert keys(schema, "Member") == [{"name": "gsi-Team.members", "fields": ["teamMembersId"]}]


@pytest.mark.parametrize(
    ("back", "held_by"),
    [("", "postID"), ('post: Post @belongsTo(fields: ["postID"])', "post")],
)
def test_has_many_by_an_index_is_held_by_its_field_or_the_relation_on_it(
    back: str, held_by: str
) -> None:
    schema = f"""
    type Post @model {{ id: ID! comments: [Comment] @hasMany(indexName: "byPost", fields: ["id"]) }}
    type Comment @model {{ postID: ID! @index(name: "byPost") {back} }}
    """

    association = model(schema, "Post")["fields"]["comments"]["association"]
    assert association == {"connectionType": "HAS_MANY", "associatedWith": [held_by]}


def test_has_one_keeps_a_foreign_key_for_each_part_of_the_primary_key() -> None:
    schema = """
    type User @model { home: City! @hasOne }
    type City @model { name: String! @primaryKey(sortKeyFields: ["zip"]) zip: Int! }
    """
    fields = model(schema, "User")["fields"]

    assert fields["home"]["association"] == {
        "connectionType": "HAS_ONE",
        "associatedWith": ["name", "zip"],
        "targetNames": ["userHomeName", "userHomeZip"],
    }
    assert fields["userHomeZip"] == field("userHomeZip", "Int", isRequired=True)


@pytest.mark.parametrize(
    ("fields", "gsi"),
    [
        ("head: Team @belongsTo", False),
        ("first: Team @hasOne head: Team @belongsTo", True),
        ("head: Team @belongsTo last: Team @hasOne", False),
    ],
)
def test_the_first_field_back_decides_whether_has_many_needs_an_index(
    fields: str, gsi: bool
) -> None:
    schema = f"""
    type Team @model {{ members: [Member] @hasMany }}
    type Member @model {{ {fields} }}
    """
    index = {"name": "gsi-Team.members", "fields": ["teamMembersId"]}

    assert keys(schema, "Member") == ([index] if gsi else [])


def test_belongs_to_answers_has_one_with_a_foreign_key_of_its_own() -> None:
    schema = """
    type User @model { home: City @hasOne }
    type City @model { owner: User! @belongsTo }
    """

    assert model(schema, "City")["fields"]["owner"]["association"] == {
        "connectionType": "BELONGS_TO",
        "targetNames": ["cityOwnerId"],
    }
    assert model(schema, "City")["fields"]["cityOwnerId"] == field(
        "cityOwnerId", "ID", isRequired=True
    )


def test_references_are_held_by_the_other_side() -> None:
    schema = """
    type Team @model { members: [Member] @hasMany(references: "teamId") }
    type Member @model { teamId: ID team: Team @belongsTo(references: ["teamId"]) }
    """
    member = model(schema, "Member")["fields"]

    assert model(schema, "Team")["fields"]["members"]["association"] == {
        "connectionType": "HAS_MANY",
        "associatedWith": ["teamId"],
    }
    assert member["team"]["association"] == {
        "connectionType": "BELONGS_TO",
        "targetNames": ["teamId"],
    }
    assert list(member) == ["id", "teamId", "team", "createdAt", "updatedAt"]


def test_only_the_introspection_names_the_targets_of_has_one_by_references() -> None:
    schema = """
    type Team @model { coach: Coach @hasOne(references: ["teamId"]) }
    type Coach @model { teamId: ID team: Team @belongsTo(references: ["teamId"]) }
    """
    association = {"connectionType": "HAS_ONE", "associatedWith": ["teamId"]}
    teams = [made["models"]["Team"] for made in (models(schema), introspection(schema))]
    first, second = (team["fields"]["coach"]["association"] for team in teams)

    assert first == association
    assert second == {**association, "targetNames": []}


def test_many_to_many_is_a_model_that_joins_both() -> None:
    rule = "{ allow: private }"
    schema = f"""
    type Post @model @auth(rules: [{rule}]) {{
      day: AWSDate! @primaryKey(sortKeyFields: ["nr"])
      nr: Int!
      tags: [HTMLTag] @manyToMany(relationName: "postTags")
    }}
    type HTMLTag @model @auth(rules: [{rule}]) {{
      posts: [Post!] @manyToMany(relationName: "PostTags")
    }}
    """
    joining = model(schema, "PostTags")
    operations = ["create", "update", "delete", "read"]
    fields = joining["fields"]

    assert list(models(schema)["models"]) == ["Post", "HTMLTag", "PostTags"]
    assert list(fields) == [
        *("id", "postDay", "postnr", "hTMLTagId", "post", "htmlTag", "createdAt", "updatedAt")
    ]
    assert fields["postDay"] == field("postDay", "ID")
    assert fields["postnr"] == field("postnr", "Int")
    assert fields["htmlTag"]["association"]["targetNames"] == ["hTMLTagId"]
    assert [one["properties"] for one in joining["attributes"]] == [
        {},
        {"name": "byPost", "fields": ["postDay", "postnr"]},
        {"name": "byHTMLTag", "fields": ["hTMLTagId"]},
        {"rules": [{"allow": "private", "operations": operations}]},
    ]
    assert model(schema, "Post")["fields"]["tags"] == field(
        "tags",
        {"model": "PostTags"},
        isArray=True,
        isArrayNullable=True,
        association={"connectionType": "HAS_MANY", "associatedWith": ["post"]},
    )


VERSIONS = {
    "type A @model { n: [N!]! } type N { a: Int } extend type N { b: [[Int]] }": (
        "53cf4b16b4247326dcbdef8dbb630b21"
    ),
    "type Blog @model { posts: [Post] @hasMany } type Post @model { blog: Blog @belongsTo }": (
        "f00e5ea9cdd77727d1fde0e035218240"
    ),
    """
    type A @model { code: ID! @primaryKey(sortKeyFields: ["year"]) year: Int! b: [B] @hasMany }
    type B @model { id: ID! }
    """: "37810b2e3a376da7208130ec2a2b64cb",
    """
    type A @model { b: B @hasOne(fields: ["bId"]) bId: ID }
    type B @model { id: ID! }
    """: "516b4ef4dd191ce791f3f37fdcf196db",
    """
    type A @model { b: [B] @hasMany(references: "aId", limit: 5) }
    type B @model { aId: ID a: A @belongsTo(references: ["aId"]) }
    """: "f1ff57ff15765daba76ecd563114ad1e",
    """
    type A @model { k: String! @primaryKey b: [B] @manyToMany(relationName: "R") }
    type B @model { id: ID! a: [A] @manyToMany(relationName: "R") }
    """: "badd550ec9f43934abd1a0af8a9e3f4f",
}
"""Schemas in which the generator looks for relations in each of its ways, and their versions."""


@pytest.mark.parametrize("schema", VERSIONS)
def test_the_version_counts_relations_as_the_generator_does(schema: str) -> None:
    assert models(schema)["version"] == VERSIONS[schema]


def test_relations_that_imply_more_than_appsync_takes_have_no_artefacts() -> None:
    keys = [f"k{number}" for number in range(100)]
    many = " ".join(f"r{number}: B @hasOne" for number in range(200))
    schema = f"""
    type A @model {{ {many} }}
    type B @model {{
      id: ID! @primaryKey(sortKeyFields: {json.dumps(keys)})
      {" ".join(f"{key}: ID!" for key in keys)}
    }}
    """

    with pytest.raises(SchemaError, match=r"foreign keys of more than 1,000,000 characters"):
        generate(schema)
