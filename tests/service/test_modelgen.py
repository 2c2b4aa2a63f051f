"""What model generation makes of a transform schema.

The expected shapes are those that the published generator (@aws-amplify/graphql-generator, with
its default options) gave for the same schemas when this was written.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_amplifybackend._schema.modelgen import Artefacts, generate, plural
from pytest_amplifybackend._schema.schema import SchemaError

TODO = "type Todo @model { name: String! tags: [String!]! marks: [Int] due: AWSDateTime }"


def read_json(text: str) -> Any:
    """Read JSON as JavaScript does, which has no NaN and no Infinity."""
    return json.loads(text, parse_constant=pytest.fail)


def read_models(text: str) -> Any:
    """Read ``Models`` as a client of the API does: cut, strip the semicolon, parse."""
    return read_json(text[text.index("{") :].replace(";", ""))


def model(schema: str, name: str) -> Any:
    return read_models(generate(schema).models)["models"][name]


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    plain = {"name": name, "isArray": False, "type": kind, "isRequired": False, "attributes": []}
    return {**plain, **more}


def auth_rules(rules: str) -> Any:
    attributes = model(f"type Todo @model @auth(rules: [{rules}]) {{ id: ID! }}", "Todo")
    (auth,) = (one for one in attributes["attributes"] if one["type"] == "auth")
    return auth["properties"]["rules"]


def keys(schema: str, name: str) -> Any:
    attributes = model(schema, name)["attributes"]
    return [one["properties"] for one in attributes if one["type"] == "key"]


def primary_key(schema: str, name: str) -> Any:
    return read_json(generate(schema).introspection)["models"][name]["primaryKeyInfo"]


def test_a_model_gets_an_id_and_timestamps_around_its_own_fields() -> None:
    timestamp = {"isReadOnly": True}

    assert model(TODO, "Todo") == {
        "name": "Todo",
        "fields": {
            "id": field("id", "ID", isRequired=True),
            "name": field("name", "String", isRequired=True),
            "tags": field("tags", "String", isRequired=True, isArray=True, isArrayNullable=False),
            "marks": field("marks", "Int", isArray=True, isArrayNullable=True),
            "due": field("due", "AWSDateTime"),
            "createdAt": field("createdAt", "AWSDateTime", **timestamp),
            "updatedAt": field("updatedAt", "AWSDateTime", **timestamp),
        },
        "syncable": True,
        "pluralName": "Todos",
        "attributes": [{"type": "model", "properties": {}}],
    }


def test_fields_keep_their_order_but_for_the_id_which_comes_first() -> None:
    fields = model("type Todo @model { name: String id: ID! due: AWSDate }", "Todo")["fields"]

    assert list(fields) == ["id", "name", "due", "createdAt", "updatedAt"]


def test_models_is_a_javascript_module_with_the_generators_own_version() -> None:
    text = generate(TODO).models
    content = read_models(text)

    assert text == f"export const schema = {json.dumps(content, indent=4)};"
    assert list(content) == ["models", "enums", "nonModels", "codegenVersion", "version"]
    assert content["codegenVersion"] == "3.4.4"
    assert content["version"] == "61ee39adf57e036ff6a0385cd3dae778"


def test_introspection_is_the_same_models_with_their_primary_keys() -> None:
    made = generate(TODO)
    content = read_json(made.introspection)
    todo = content["models"]["Todo"]

    assert made.introspection == json.dumps(content, indent=4)
    assert list(content) == ["version", "models", "enums", "nonModels"]
    assert content["version"] == 1
    assert todo.pop("primaryKeyInfo") == {
        "isCustomPrimaryKey": False,
        "primaryKeyFieldName": "id",
        "sortKeyFieldNames": [],
    }
    assert todo == model(TODO, "Todo")


def test_the_same_schema_gives_the_same_artefacts() -> None:
    assert generate(TODO) == generate(TODO)


def test_the_version_changes_with_a_field_and_not_with_an_auth_rule() -> None:
    def version(schema: str) -> Any:
        return read_models(generate(schema).models)["version"]

    assert version(TODO.replace("name", "title")) != version(TODO)
    ruled = TODO.replace("@model", "@model @auth(rules: [{ allow: owner }])")
    assert version(ruled) == version(TODO)


def test_enums_and_types_that_are_no_models_are_referred_to_by_name() -> None:
    schema = """
    enum Status { OPEN in_progress }
    type Place { lat: Float! status: Status }
    union Any = Place | Shop
    type Shop @model { status: Status! places: [Place] any: Any }
    type Query { shops: [Shop] }
    """
    made = generate(schema)

    for content in (read_models(made.models), read_json(made.introspection)):
        assert content["enums"] == {"Status": {"name": "Status", "values": ["OPEN", "in_progress"]}}
        assert content["nonModels"] == {
            "Place": {
                "name": "Place",
                "fields": {
                    "lat": field("lat", "Float", isRequired=True),
                    "status": field("status", {"enum": "Status"}),
                },
            }
        }
        fields = content["models"]["Shop"]["fields"]
        assert fields["status"]["type"] == {"enum": "Status"}
        assert fields["places"]["type"] == {"nonModel": "Place"}
        assert "any" not in fields, "a union has no shape in either artefact"


@pytest.mark.parametrize(
    ("timestamps", "added"),
    [
        ("", ["createdAt", "updatedAt"]),
        ('(timestamps: { createdAt: "made" })', ["made", "updatedAt"]),
        ("(timestamps: null)", []),
    ],
)
def test_timestamps_are_named_and_left_out_by_the_model_directive(
    timestamps: str, added: list[str]
) -> None:
    assert list(model(f"type Todo @model{timestamps} {{ id: ID! }}", "Todo")["fields"]) == [
        "id",
        *added,
    ]


@pytest.mark.parametrize(
    ("rule", "written"),
    [
        ("{ allow: public }", {"allow": "public"}),
        ("{ allow: private, provider: iam }", {"allow": "private", "provider": "iam"}),
        (
            "{ allow: owner }",
            {
                "provider": "userPools",
                "ownerField": "owner",
                "allow": "owner",
                "identityClaim": "cognito:username",
            },
        ),
        (
            '{ allow: groups, groups: ["Admin"] }',
            {
                "groupClaim": "cognito:groups",
                "provider": "userPools",
                "allow": "groups",
                "groups": ["Admin"],
            },
        ),
    ],
)
def test_an_auth_rule_is_written_out_with_its_defaults(rule: str, written: Any) -> None:
    operations = {"operations": ["create", "update", "delete", "read"]}

    (made,) = auth_rules(rule)

    assert made == {**written, **operations}
    assert list(made) == [*written, "operations"]


def test_an_auth_rule_keeps_what_it_says_itself() -> None:
    (made,) = auth_rules(
        '{ allow: owner, ownerField: "boss", identityClaim: "username", operations: [read] }'
    )

    assert made["ownerField"] == "boss"
    assert made["identityClaim"] == "cognito:username"
    assert made["operations"] == ["read"]


def test_auth_comes_after_every_other_attribute() -> None:
    schema = """
    type Todo @auth(rules: [{ allow: public }]) @model @searchable {
      id: ID!
      name: String @index(name: "byName")
    }
    """

    assert [one["type"] for one in model(schema, "Todo")["attributes"]] == [
        "model",
        "searchable",
        "key",
        "auth",
    ]


@pytest.mark.parametrize(
    ("schema", "custom", "fields"),
    [
        ("type A @model { id: ID! }", False, ["id"]),
        ("type A @model { id: ID! @primaryKey }", False, ["id"]),
        ("type A @model { code: ID! @primaryKey }", True, ["code"]),
        (
            'type A @model { code: ID! @primaryKey(sortKeyFields: ["year"]) year: Int! }',
            True,
            ["code", "year"],
        ),
    ],
)
def test_the_primary_key_is_the_directive_or_the_unnamed_key_or_the_id(
    schema: str, custom: bool, fields: list[str]
) -> None:
    assert primary_key(schema, "A") == {
        "isCustomPrimaryKey": custom,
        "primaryKeyFieldName": fields[0],
        "sortKeyFieldNames": fields[1:],
    }
    assert ("id" in model(schema, "A")["fields"]) is ("id" in fields)


def test_keys_and_indexes_are_key_attributes() -> None:
    schema = """
    type Order @model {
      number: ID! @primaryKey(sortKeyFields: ["date"])
      date: AWSDate!
      status: String @index(name: "byStatus", queryField: "find") @index(sortKeyFields: ["date"])
    }
    """

    assert keys(schema, "Order") == [
        {"fields": ["number", "date"]},
        {"name": "byStatus", "queryField": "find", "fields": ["status"]},
        {"name": "ordersByStatusAndDate", "fields": ["status", "date"]},
    ]


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
    type Post @model {{ comments: [Comment] @hasMany(indexName: "byPost", fields: ["id"]) }}
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


def test_a_model_field_without_a_relation_is_dropped() -> None:
    assert "team" not in model("type Team @model { id: ID! team: Team }", "Team")["fields"]


@pytest.mark.parametrize(
    "relation", ['@manyToMany(relationName: "AB")', '@hasMany(references: ["bId"])']
)
def test_relations_that_are_not_generated_yet_stay_plain(relation: str) -> None:
    fields = model(f"type A @model {{ b: [B] {relation} }} type B @model {{ id: ID! }}", "A")

    assert fields["fields"]["b"] == field("b", {"model": "B"}, isArray=True, isArrayNullable=True)


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
        ("GrandChild", "GrandChildren"),
        ("News", "News"),
        ("Settings", "Settings"),
        ("API", "APIS"),
    ],
)
def test_plural_names_are_those_of_the_generator(name: str, plural_name: str) -> None:
    assert plural(name) == plural_name


def test_an_unsound_schema_has_no_artefacts() -> None:
    with pytest.raises(SchemaError, match=r'Unknown type "Nobody"\.\n\nGraphQL request:1:27\n'):
        generate("type Todo @model { owner: Nobody }")


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


VALUES = st.recursive(
    st.sampled_from(["null", "true", "9", "9e999", '"id"', '"ü"', "public", "owner", "groups"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda items: f"[{' '.join(items)}]"),
        st.dictionaries(st.sampled_from(["allow", "groups", "createdAt"]), inner).map(
            lambda items: "{" + " ".join(f"{key}: {value}" for key, value in items.items()) + "}"
        ),
    ),
    max_leaves=4,
)
DIRECTIVES = st.builds(
    "@{}({}: {})".format,
    st.sampled_from(["auth", "key", "index", "primaryKey", "hasMany", "hasOne", "belongsTo"]),
    st.sampled_from(["rules", "name", "fields", "indexName", "sortKeyFields", "references"]),
    VALUES,
)


@settings(deadline=None)  # the first example imports graphql
@given(st.lists(DIRECTIVES, min_size=4, max_size=4), VALUES)
def test_whatever_the_directives_say_both_artefacts_are_json_or_the_schema_is_refused(
    given_directives: list[str], timestamps: str
) -> None:
    on_type, on_id, on_one, on_many = given_directives
    schema = f"""
    type A @model(timestamps: {timestamps}) {on_type} {{
      id: ID! {on_id} one: A {on_one} many: [A!]! {on_many}
    }}
    """

    try:
        made = generate(schema)
    except SchemaError:
        return
    assert isinstance(made, Artefacts)
    assert list(read_models(made.models)["models"]) == ["A"]
    assert list(read_json(made.introspection)["models"]) == ["A"]
