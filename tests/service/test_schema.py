"""What the fake accepts as a transform schema, and which auth providers a schema asks for."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._schema import parsing
from pytest_amplifybackend._schema.checks.auth import MODES
from pytest_amplifybackend._schema.definitions import SCALARS
from pytest_amplifybackend._schema.faults import UNREADABLE, SchemaError
from pytest_amplifybackend._schema.rules import SchemaRule, rules
from pytest_amplifybackend._schema.schema import check, fault, modes

SHOP = """
input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }  # Amplify's own setting

enum Status { OPEN CLOSED }

type Address { street: String! country: AWSJSON }

type Order @model @auth(rules: [{ allow: owner }]) @searchable {
  number: ID! @primaryKey(sortKeyFields: ["placed"])
  placed: AWSDateTime!
  status: Status! @default(value: "OPEN") @index(name: "byStatus", queryField: "ordersByStatus")
  ship: Address @auth(rules: [{ allow: owner, operations: [read] }])
  lines: [Line] @hasMany(indexName: "byOrder", fields: ["number"])
  tags: [Tag] @manyToMany(relationName: "OrderTags")
}

type Line @model @mapsTo(name: "OrderLine") { order: ID @index(name: "byOrder") total: Float }
type Tag @model { orders: [Order] @manyToMany(relationName: "OrderTags") }
type Query {
  echo(text: String): String @function(name: "echo-${env}")
  get: AWSURL @http(url: "https://example.com")
  say: String @predictions(actions: [translateText])
}
"""

EVERY_SCALAR = (*SCALARS, "ID", "String", "Int", "Float", "Boolean")

UNSOUND = {
    "": ("schema.syntax", "Syntax Error: Unexpected <EOF>."),
    " \n ": ("schema.syntax", "Syntax Error: Unexpected <EOF>."),
    "type": ("schema.syntax", "Syntax Error: Expected Name, found <EOF>."),
    "type Todo {\n  id: ID!\n  : }": ("schema.syntax", 'Syntax Error: Expected Name, found ":".'),
    "type A { \u00e9: ID }": (
        "schema.syntax",
        'Syntax Error: Cannot parse the unexpected character "\\u00E9".',
    ),
    "<schema>": ("schema.syntax", 'Syntax Error: Cannot parse the unexpected character "<".'),
    "type A { id: ID! } \x00": (
        "schema.syntax",
        'Syntax Error: Cannot contain the invalid character "\\u0000".',
    ),
    "type A { id: 'ID' }": (
        "schema.syntax",
        "Syntax Error: Unexpected single quote character ('), did you mean to use a double quote "
        '(")?',
    ),
    "type A @model(queries: $x) { id: ID! }": ("schema.syntax", 'Syntax Error: Unexpected "$".'),
    'type A { a: ID } "d" m: ID': ("schema.syntax", 'Syntax Error: Unexpected Name "m".'),
    'type A { a: ID } "d" query { noop }': (
        "schema.syntax",
        'Syntax Error: Unexpected Name "query".',
    ),
    'type A { a: ID } query ("d" $a: ID) { noop }': (
        "schema.syntax",
        'Syntax Error: Expected "$", found String "d".',
    ),
    "type A { a: ID } { }": ("schema.syntax", 'Syntax Error: Expected Name, found "}".'),
    "directive @x @model on OBJECT": ("schema.syntax", 'Syntax Error: Expected "on", found "@".'),
    "extend directive @x @model": (
        "schema.syntax",
        'Syntax Error: Unexpected Name "directive".',
    ),
    "extend type A { a: ID } extend type B { b: ID } type A { a: ID }": (
        "schema.extension.repeats",
        "Object type extension 'A' cannot redeclare field a",
    ),
    "extend type B @model { id: ID! }": (
        "schema.extension.nothing",
        "Cannot extend nonexistent type 'B'.",
    ),
    "type Todo @modle { id: ID! }": (
        "schema.sdl.known-directives",
        'Schema validation failed.\n\nUnknown directive "@modle".\n\n'
        "GraphQL request:1:11\n1 | type Todo @modle { id: ID! }\n  |           ^",
    ),
    "{ a }": (
        "schema.sdl.executable",
        'Schema validation failed.\n\nCannot query field "a" on type "Query".\n\n'
        "GraphQL request:1:3\n1 | { a }\n  |   ^",
    ),
    "type A @index { id: ID! @model }": (
        "schema.sdl.known-directives",
        'Schema validation failed.\n\nDirective "@index" may not be used on OBJECT.\n\n'
        "GraphQL request:1:8\n1 | type A @index { id: ID! @model }\n  |        ^\n\n"
        'Directive "@model" may not be used on FIELD_DEFINITION.\n\n'
        "GraphQL request:1:25\n1 | type A @index { id: ID! @model }\n  |                         ^",
    ),
    "type A @model @auth(rules: {allow: public, allow: owner}) { id: ID! }": (
        "schema.sdl.unique-members",
        'Schema validation failed.\n\nThere can be only one input field named "allow".\n\n'
        "GraphQL request:1:29\n"
        "1 | type A @model @auth(rules: {allow: public, allow: owner}) { id: ID! }\n"
        "  |                             ^\n\nGraphQL request:1:44\n"
        "1 | type A @model @auth(rules: {allow: public, allow: owner}) { id: ID! }\n"
        "  |                                            ^",
    ),
}
"""What Amplify's transformer prints (observed: graphql-transformer 2.5.1, run on each)."""

SAID = {
    "type Todo { id: ID! id: Int }": 'Field "Todo.id" can only be defined once.',
    "enum Day { MON MON }": 'Enum value "Day.MON" can only be defined once.',
    "type Todo @model { owner: [Person!]! }": 'Unknown type "Person".',
    "type Todo { find(by: Filter): ID }": 'Unknown type "Filter".',
    "type Todo { due: AWSDate } scalar AWSDate": 'There can be only one type named "AWSDate".',
    "type AuthRule { id: ID }": 'There can be only one type named "AuthRule".',
    "type T @model { name: Strng }": 'Unknown type "Strng". Did you mean "String"?',
    "type A @model @auth(rules: null) { id: ID! }": (
        'Expected value of type "[AuthRule!]!", found null.'
    ),
    "type A @model @auth(rules: [null]) { id: ID! }": (
        'Expected value of type "AuthRule!", found null.'
    ),
    "type A @model @auth { id: ID! }": (
        'Directive "@auth" argument "rules" of type "[AuthRule!]!" is required, but it was not '
        "provided."
    ),
    "type A @model(foo: 1) { id: ID! }": 'Unknown argument "foo" on directive "@model".',
    "type A @model @model { id: ID! }": (
        'The directive "@model" can only be used once at this location.'
    ),
    "extend enum A @deprecated { B } enum A @deprecated { C }": (
        'The directive "@deprecated" can only be used once at this location.'
    ),
    "type A @model { b: [B] @hasMany(fields: [id]) id: ID! } type B @model { id: ID! }": (
        "String cannot represent a non string value: id"
    ),
    "type A @model @auth(rules: [{allow: group}]) { id: ID! }": (
        'Value "group" does not exist in "AuthStrategy" enum. Did you mean the enum value "groups"?'
    ),
    'type A @model @auth(rules: [{allow: private, provider: "iam"}]) { id: ID! }': (
        'Enum "AuthProvider" cannot represent non-enum value: "iam". Did you mean the enum value '
        '"iam"?'
    ),
    "type A @model @auth(rules: [{allow: owner, mutations: [create]}]) { id: ID! }": (
        'Field "mutations" is not defined by type "AuthRule". Did you mean "operations"?'
    ),
}
"""The sentence that it prints first below "Schema validation failed."."""


def test_a_schema_with_every_directive_of_amplify_is_sound() -> None:
    check(SHOP)


@pytest.mark.parametrize("scalar", EVERY_SCALAR)
def test_the_scalars_of_graphql_and_appsync_need_no_definition(scalar: str) -> None:
    check(f"type Todo @model {{ value: {scalar} }}")


@pytest.mark.parametrize(("text", "found"), UNSOUND.items())
def test_an_unsound_schema_is_refused_in_the_words_of_the_package(
    text: str, found: tuple[str, str]
) -> None:
    with pytest.raises(SchemaError) as refused:
        check(text)

    said = str(refused.value)
    assert refused.value.rule == found[0]
    assert (said.partition("\n")[0] if found[0] == "schema.syntax" else said) == found[1]


@pytest.mark.parametrize(("text", "sentence"), SAID.items())
def test_the_first_error_against_the_rules_for_sdl_is_told_first(text: str, sentence: str) -> None:
    with pytest.raises(SchemaError) as refused:
        check(text)

    said = str(refused.value)
    assert said.startswith(f"Schema validation failed.\n\n{sentence}\n\nGraphQL request:1:")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('type A @model @key(fields: ["id"]) { id: ID! }', '"@key" directive'),
        (
            "type A @model { id: ID! b: A @key } type B @connection @versioned { id: ID }",
            '"@key", "@connection", "@versioned" directives',
        ),
    ],
)
def test_directives_of_the_first_transformer_have_a_text_of_their_own(
    text: str, names: str
) -> None:
    with pytest.raises(SchemaError) as refused:
        check(text)

    assert refused.value.rule == "schema.sdl.old-directives"
    assert str(refused.value) == (
        f"Your GraphQL Schema is using {names} from an older version of the GraphQL Transformer. "
        "Visit https://docs.amplify.aws/cli/migration/transformer-migration/ to learn how to "
        "migrate your GraphQL schema."
    )


def test_what_else_is_wrong_is_told_beside_old_directives() -> None:
    with pytest.raises(SchemaError, match="listed below \n\n Unknown type"):
        check("type A @model @versioned { b: B }")


@pytest.mark.parametrize("rule", rules().values(), ids=list(rules()))
def test_each_rule_is_broken_by_its_example(rule: SchemaRule) -> None:
    found = fault(rule.example)

    assert found is not None
    assert found.rule == rule.name


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("type A { a: " + "[" * 50_000, id="list types"),
        pytest.param("type A @a(b: " + "[" * 50_000, id="list values"),
        pytest.param("type A @a(b: " + "{c: " * 50_000, id="object values"),
        pytest.param("{ a" * 50_000, id="selections"),
    ],
)
def test_deep_nesting_is_an_unsound_schema_and_no_recursion_error(text: str) -> None:
    with pytest.raises(SchemaError, match=UNREADABLE):
        check(text)


def test_a_name_of_more_digits_than_python_reads_is_a_name_like_others() -> None:
    digits = "1" * (sys.get_int_max_str_digits() or 5_000)

    with pytest.raises(SchemaError, match=f'Unknown type "A{digits}1"'):
        check(f"type A{digits}11 {{ a: A{digits}1 }}")


@pytest.fixture
def texts_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that was parsed."""
    texts, read = [], parsing.read

    def noted(text: str) -> Any:
        texts.append(text)
        return read(text)

    monkeypatch.setattr(parsing, "read", noted)
    return texts


@pytest.mark.parametrize("field", ["readOnce: ID", "readOnce: Nothing", "readOnce"])
def test_a_schema_is_read_once_whoever_asks(field: str, texts_read: list[str]) -> None:
    text = f"type Todo @model @auth(rules: [{{ allow: public }}]) {{ {field} }}"

    for ask in (check, modes, check):
        with contextlib.suppress(SchemaError):
            ask(text)

    assert texts_read.count(text) == 1


def test_a_schema_is_read_once_for_its_api_and_its_models(texts_read: list[str]) -> None:
    text = "type Todo @model { readForItsApi: ID }"
    fake = FakeAmplifyBackend()
    fake.add_api("d1abc", config={"DefaultAuthType": {"Mode": "API_KEY"}, "TransformSchema": text})
    assert texts_read.count(text) == 1

    named = {"AppId": "d1abc", "BackendEnvironmentName": "dev", "ResourceName": "api"}
    fake.call("UpdateBackendAPI", {**named, "ResourceConfig": {"ApiName": "other"}})
    for _ in range(2):
        fake.call("GenerateBackendAPIModels", named)
        assert "readForItsApi" in fake.call("GetBackendAPIModels", named)["Models"]
    assert texts_read.count(text) == 1


WORDS = st.one_of(
    st.sampled_from(["type", "input", "enum", "union", "interface", "extend", "schema", "query"]),
    st.sampled_from(["directive", "scalar", "implements", "on", "AMPLIFY", "A", "id", "ID", "B"]),
    st.sampled_from(["@model", "@auth", "rules", "allow", "provider", "public", "null", "9e999"]),
    st.sampled_from(["{", "}", "(", ")", "[", "]", "!", ":", "=", "|", "&", "$", "#", "@", "\n"]),
    st.sampled_from(['"', '"""', "\\", r'"\ud800"', r'"\u{110000}"', "\ud800", "\x00", "-", "0"]),
)


@settings(deadline=None)  # the first example imports graphql
@given(st.one_of(st.text(), st.lists(WORDS).map(" ".join)))
@example("type A @auth { id: ID }")
@example("type A @auth(rules: [9e999, null, {allow: [public]}, {provider: {}}]) { id: ID }")
def test_any_text_is_sound_or_breaks_a_rule(text: str) -> None:
    found = fault(text)

    if found is None:
        assert modes(text) <= {mode for mode, _ in MODES.values()}
    else:
        assert found.rule in rules()
        assert found.text


@pytest.mark.parametrize(
    ("rule", "mode", "provider", "name"),
    [
        ("{ allow: public }", "API_KEY", "apiKey", "API Key"),
        ("{ allow: private }", "AMAZON_COGNITO_USER_POOLS", "userPools", "Cognito User Pools"),
        ("{ allow: owner }", "AMAZON_COGNITO_USER_POOLS", "userPools", "Cognito User Pools"),
        (
            '{ allow: groups, groups: ["Admin"] }',
            "AMAZON_COGNITO_USER_POOLS",
            "userPools",
            "Cognito User Pools",
        ),
        ("{ allow: custom }", "AWS_LAMBDA", "function", "Lambda"),
        ("{ allow: public, provider: iam }", "AWS_IAM", "iam", "IAM"),
        ("{ allow: private, provider: identityPool }", "AWS_IAM", "identityPool", "IAM"),
        ("{ allow: owner, provider: oidc }", "OPENID_CONNECT", "oidc", "OPENID_CONNECT"),
    ],
)
def test_a_rule_needs_the_mode_of_the_provider_it_names_or_of_its_default(
    rule: str, mode: str, provider: str, name: str
) -> None:
    text = f"type Todo @model @auth(rules: [{rule}]) {{ id: ID! }}"

    found = fault(text, modes=())

    assert modes(text) == {mode}
    assert fault(text, modes=[mode]) is None
    assert found is not None
    assert found.text == (
        f"@auth directive with '{provider}' provider found, but the project has no {name} "
        "authentication provider configured."
    )


def test_rules_count_on_types_fields_and_extensions() -> None:
    text = """
    type Todo @model @auth(rules: [{ allow: public }, { allow: owner, provider: oidc }]) {
      secret: String @auth(rules: [{ allow: private, provider: iam }])
    }
    extend type Query { more: String @auth(rules: [{ allow: private }]) }
    type Query { some: String }
    """

    assert modes(text) == {"API_KEY", "OPENID_CONNECT", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS"}


def test_a_schema_without_rules_needs_no_mode_and_neither_does_the_global_rule() -> None:
    assert modes("type Todo @model { id: ID! }") == frozenset()
    assert modes("input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }") == frozenset()


def test_the_modes_of_an_unsound_schema_are_not_guessed() -> None:
    with pytest.raises(SchemaError, match="Unknown type"):
        modes("type Todo @auth(rules: [{ allow: public }]) { owner: Person }")


@pytest.mark.parametrize(
    ("rules_of_auth", "rule"),
    [
        ('{allow: public}, {allow: owner, groupClaim: "g"}', "api.schema.providers"),
        ('{allow: owner, groupClaim: "g"}, {allow: public}', "schema.auth.group-claim"),
    ],
)
def test_the_fault_that_the_transformer_meets_first_is_told(rules_of_auth: str, rule: str) -> None:
    text = f"type Todo @model @auth(rules: [{rules_of_auth}]) {{ id: ID! }}"

    found = fault(text, modes=["AMAZON_COGNITO_USER_POOLS"])

    assert found is not None
    assert found.rule == rule


def test_importing_the_modules_does_not_import_what_they_read_schemas_with() -> None:
    program = (
        "import sys, pytest_amplifybackend._schema.schema, pytest_amplifybackend._schema.modelgen\n"
        "sys.exit(bool({'graphql', 'pluralizer'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
