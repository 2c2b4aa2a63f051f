"""What model generation makes of a transform schema.

The expected shapes are those that the published generator (@aws-amplify/graphql-generator, with
its default options) gave for the same schemas when this was written.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from generated import field, introspection, keys, model, models, read_json, read_models
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_amplifybackend._schema.faults import SchemaError
from pytest_amplifybackend._schema.modelgen import generate

TODO = "type Todo @model { name: String! tags: [String!]! marks: [Int] due: AWSDateTime }"


def auth_rules(rules: str) -> Any:
    attributes = model(f"type Todo @model @auth(rules: [{rules}]) {{ id: ID! }}", "Todo")
    (auth,) = (one for one in attributes["attributes"] if one["type"] == "auth")
    return auth["properties"]["rules"]


def primary_key(schema: str, name: str) -> Any:
    return introspection(schema)["models"][name]["primaryKeyInfo"]


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
    ruled = TODO.replace("@model", "@model @auth(rules: [{ allow: owner }])")

    assert models(TODO.replace("name", "title"))["version"] != models(TODO)["version"]
    assert models(ruled)["version"] == models(TODO)["version"]


def test_enums_and_types_that_are_no_models_are_referred_to_by_name() -> None:
    schema = """
    enum Status { OPEN in_progress }
    type Place { lat: Float! status: Status }
    type Shop @model { status: Status! places: [Place] }
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


def test_an_extension_adds_fields_after_and_values_before_those_that_are_there() -> None:
    schema = """
    extend type Todo { due: AWSDate }
    type Note @model { id: ID! }
    type Todo @model { id: ID! state: State }
    extend type Todo { note: String }
    enum State { open closed }
    extend enum State { late }
    """

    assert list(models(schema)["models"]) == ["Todo", "Note"], "in the order of first mention"
    named_first = f"{schema} directive @Note on OBJECT"
    assert list(models(named_first)["models"]) == ["Note", "Todo"]
    assert list(model(schema, "Todo")["fields"])[:4] == ["id", "due", "state", "note"]
    assert models(schema)["enums"]["State"]["values"] == ["late", "open", "closed"]


def test_of_enum_values_that_differ_in_case_alone_the_last_is_left_and_numbers_come_first() -> None:
    schema = "type Day @model { id: ID! } enum Sky { inRain dull In_Rain _2 _1 IN_RAIN }"

    assert models(schema)["enums"]["Sky"]["values"] == ["_1", "_2", "IN_RAIN", "dull"]


def test_operations_and_their_inputs_are_in_the_introspection_alone() -> None:
    schema = """
    schema { query: Asked }
    type Todo @model { id: ID! }
    type Asked {
      todos(after: Day!, limit: Int): [Todo!]! @function(name: "find")
      names: [String]
      found: Found
    }
    type Mutation { mail(to: [[AWSEmail!]!]): Boolean! @function(name: "mail") }
    type Subscription { mailed: String @aws_subscribe(mutations: ["mail"]) }
    input Day { year: Int! part: Part }
    enum Part { AM PM }
    union Found = Nothing
    type Nothing { reason: String }
    type Query { never: Int }
    """
    made = introspection(schema)

    def value(name: str, kind: Any, **more: Any) -> dict[str, Any]:
        return {"name": name, "isArray": False, "type": kind, "isRequired": False, **more}

    assert {name: made[name] for name in list(made)[4:]} == {
        "queries": {
            "todos": value(
                "todos",
                {"model": "Todo"},
                isArray=True,
                isRequired=True,
                isArrayNullable=False,
                arguments={
                    "after": value("after", {"input": "Day"}, isRequired=True),
                    "limit": value("limit", "Int"),
                },
            ),
            "names": value("names", "String", isArray=True, isArrayNullable=True),
        },
        "mutations": {
            "mail": value(
                "mail",
                "Boolean",
                isRequired=True,
                arguments={
                    "to": value(
                        "to", "AWSEmail", isArray=True, isRequired=True, isArrayNullable=True
                    )
                },
            )
        },
        "subscriptions": {"mailed": value("mailed", "String")},
        "inputs": {
            "Day": {
                "name": "Day",
                "attributes": {
                    "year": value("year", "Int", isRequired=True),
                    "part": value("part", {"enum": "Part"}),
                },
            }
        },
    }
    assert set(made["nonModels"]) == {"Nothing", "Query"}, "Query is no root of this schema"
    assert list(models(schema)) == ["models", "enums", "nonModels", "codegenVersion", "version"]


def test_ai_routes_have_parts_of_their_own() -> None:
    schema = """
    type Query {
      story(about: String!): String @generation(aiModel: "nova", systemPrompt: "Be brief.")
    }
    type Mutation {
      helpDesk(
        conversationId: ID!
        content: [AmplifyAIContentBlockInput]
        aiContext: AWSJSON
        toolConfiguration: AmplifyAIToolConfigurationInput
      ): AmplifyAIConversationMessage
        @conversation(
          aiModel: "nova"
          systemPrompt: "Be brief."
          auth: { strategy: owner, provider: userPools }
        )
        @aws_cognito_user_pools
    }
    input AmplifyAIContentBlockInput { text: String }
    input AmplifyAIToolConfigurationInput { tools: [String] }
    interface AmplifyAIConversationMessage { id: ID! }
    """
    made = introspection(schema)
    chat = made["conversations"]["helpDesk"]
    send = chat["message"].pop("send")
    messages = chat["models"]["ConversationHelpDesk"]["fields"]["messages"]

    assert list(made)[4:] == ["generations", "conversations", "inputs"]
    assert list(made["generations"]) == ["story"]
    assert list(chat["models"]) == ["ConversationHelpDesk", "ConversationMessageHelpDesk"]
    assert messages["type"] == {"model": "ConversationMessageHelpDesk"}
    assert messages["association"]["associatedWith"] == ["conversationId"]
    assert send["type"] == {"model": "ConversationMessageHelpDesk"}
    assert list(send["arguments"])[1:3] == ["content", "aiContext"]
    assert chat["message"]["subscribe"]["name"] == "onCreateAssistantResponseHelpDesk"


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


def test_an_auth_rule_may_allow_no_operation() -> None:
    (made,) = auth_rules("{ allow: private, operations: [] }")

    assert made["operations"] == []


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
def test_the_primary_key_is_the_directive_or_the_id(
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


def test_a_model_field_without_a_relation_is_dropped() -> None:
    assert "team" not in model("type Team @model { id: ID! team: Team }", "Team")["fields"]


def test_a_default_that_is_not_of_its_type_is_dropped() -> None:
    schema = """
    type Todo @model { id: ID! }
    type Query {
      q(a: Int = {}, b: [E!] = [A, {}], c: I! = {a: "A", b: {}}, d: I = {b: {}}, e: ID = {}): Int
    }
    enum E { A }
    input I { a: E! b: AWSJSON }
    """

    assert list(introspection(schema)["queries"]["q"]["arguments"]) == list("abcde")


def test_what_is_named_as_a_scalar_of_graphql_is_that_scalar() -> None:
    schema = "type Todo @model { id: ID! at: Int } enum Int { A } type Float { a: BigInt }"

    assert model(schema, "Todo")["fields"]["at"]["type"] == "Int"
    assert (models(schema)["enums"], models(schema)["nonModels"]) == ({}, {})


def test_reserved_names_are_seen_after_the_type_that_leads_there() -> None:
    schema = """
    type __Unseen @model { id: ID! }
    type Todo @model { id: ID! place: __Place }
    type __City { name: String }
    type Note { text: String }
    type __Place { city(__proto__: Int): __City __proto__: Int }
    """

    assert list(models(schema)["models"]) == ["Todo"]
    assert list(models(schema)["nonModels"]) == ["__Place", "__City", "Note"]
    assert list(models(schema)["nonModels"]["__Place"]["fields"]) == ["city"]


def test_an_unsound_schema_has_no_artefacts() -> None:
    with pytest.raises(SchemaError, match=r'Unknown type "Nobody"\.\n\nGraphQL request:1:27\n'):
        generate("type Todo @model { owner: Nobody }")


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
def test_whatever_the_directives_say_both_artefacts_are_json_or_there_are_none(
    given_directives: list[str], timestamps: str
) -> None:
    on_type, on_id, on_one, on_many = given_directives
    with contextlib.suppress(SchemaError):
        made = generate(f"""
        type A @model(timestamps: {timestamps}) {on_type} {{
          id: ID! {on_id} one: A {on_one} many: [A!]! {on_many}
        }}
        """)
        assert list(read_models(made.models)["models"]) == ["A"]
        assert list(read_json(made.introspection)["models"]) == ["A"]
