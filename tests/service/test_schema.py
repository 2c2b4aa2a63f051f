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
from pytest_amplifybackend._schema import schema, sdl
from pytest_amplifybackend._schema.schema import SchemaError, auth_providers, check

SHOP = """
input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }  # Amplify's own setting

enum Status { OPEN CLOSED }

type Address { street: String! country: AWSJSON }

type Order @model @auth(rules: [{ allow: owner }]) @searchable {
  number: ID! @primaryKey(sortKeyFields: ["placed"])
  placed: AWSDateTime!
  status: Status! @default(value: "OPEN") @index(name: "byStatus", queryField: "ordersByStatus")
  ship: Address @auth(rules: [{ allow: private }])
  lines: [Line] @hasMany(indexName: "byOrder", fields: ["number"])
  tags: [Tag] @manyToMany(relationName: "OrderTags")
}

type Line @model { order: ID @index(name: "byOrder") total: Float @mapsTo(name: "sum") }
type Tag @model @versioned { orders: [Order] @manyToMany(relationName: "OrderTags") }
type Legacy @model @key(fields: ["email"]) { email: AWSEmail! tag: Tag @connection }
type Query {
  echo(text: String): String @function(name: "echo-${env}")
  get: AWSURL @http(url: "https://example.com")
  say: String @predictions(actions: [translateText])
}
"""

EVERY_SCALAR = (*schema.APPSYNC_SCALARS, "ID", "String", "Int", "Float", "Boolean")

UNSOUND = {
    "": "Syntax Error: Unexpected <EOF>. (line 1, column 1)",
    " \n ": "Syntax Error: Unexpected <EOF>. (line 2, column 2)",
    "type Todo {\n  id: ID!\n  : }": "Syntax Error: Expected Name, found ':'. (line 3, column 3)",
    "type Todo {\n  id: ID!\n}\ntype Todo {\n  id: ID!\n}": (
        "There can be only one type named 'Todo'. (line 1, column 6)"
    ),
    "type Todo { id: ID! id: Int }": (
        "Field 'Todo.id' can only be defined once. (line 1, column 13)"
    ),
    "enum Day { MON MON }": "Enum value 'Day.MON' can only be defined once. (line 1, column 12)",
    "type Todo @model { owner: [Person!]! }": "Unknown type 'Person'. (line 1, column 28)",
    "type Todo { find(by: Filter): ID }": "Unknown type 'Filter'. (line 1, column 22)",
    "type Todo { due: AWSDate } scalar AWSDate": (
        "There can be only one type named 'AWSDate'. (line 1, column 35)"
    ),
    "{ listTodos { id } }": (
        "A schema has definitions only, no query or fragment. (line 1, column 1)"
    ),
}


def test_a_schema_with_every_directive_of_amplify_is_sound() -> None:
    check(SHOP)


@pytest.mark.parametrize("scalar", EVERY_SCALAR)
def test_the_scalars_of_graphql_and_appsync_need_no_definition(scalar: str) -> None:
    check(f"type Todo @model {{ value: {scalar} }}")


def test_a_directive_that_nobody_knows_is_let_through() -> None:
    check('type Todo @model @homemade(by: "us") { id: ID! }')


@pytest.mark.parametrize(("text", "message"), UNSOUND.items())
def test_an_unsound_schema_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(SchemaError) as refused:
        check(text)

    assert str(refused.value) == message


def test_a_similar_name_is_proposed() -> None:
    with pytest.raises(SchemaError, match=r"Unknown type 'Strng'\. Did you mean 'String'\?"):
        check("type Todo { name: Strng }")


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
    with pytest.raises(SchemaError, match="nested too deeply"):
        check(text)


def test_a_name_of_more_digits_than_python_reads_is_a_name_like_others() -> None:
    digits = "1" * (sys.get_int_max_str_digits() or 5_000)

    with pytest.raises(SchemaError, match=f"^Unknown type 'A{digits}1'"):
        check(f"type A{digits}11 {{ a: A{digits}1 }}")


@pytest.fixture
def texts_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that was parsed."""
    texts, read = [], sdl.read

    def noted(text: str) -> Any:
        texts.append(text)
        return read(text)

    monkeypatch.setattr(sdl, "read", noted)
    return texts


@pytest.mark.parametrize("field", ["readOnce: ID", "readOnce: Nothing", "readOnce"])
def test_a_schema_is_read_once_whoever_asks(field: str, texts_read: list[str]) -> None:
    text = f"type Todo @model @auth(rules: [{{ allow: public }}]) {{ {field} }}"

    for ask in (check, auth_providers, check):
        with contextlib.suppress(SchemaError):
            ask(text)

    assert texts_read.count(text) == 1


def test_a_schema_is_read_once_for_its_api_and_once_for_its_models(texts_read: list[str]) -> None:
    text = "type Todo @model { readForItsApi: ID }"
    fake = FakeAmplifyBackend()
    fake.add_api("d1abc", config={"TransformSchema": text})
    assert texts_read.count(text) == 1

    named = {"AppId": "d1abc", "BackendEnvironmentName": "dev", "ResourceName": "api"}
    fake.call("UpdateBackendAPI", {**named, "ResourceConfig": {"ApiName": "other"}})
    for _ in range(2):
        fake.call("GenerateBackendAPIModels", named)
        assert "readForItsApi" in fake.call("GetBackendAPIModels", named)["Models"]
    assert texts_read.count(text) == 2


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
def test_any_text_is_sound_or_a_schema_error_of_one_line(text: str) -> None:
    try:
        found = auth_providers(text)
    except SchemaError as refused:
        found, message = frozenset(), str(refused)
    else:
        message = "sound"

    assert all(isinstance(provider, str) for provider in found)
    assert len(message.splitlines()) == 1


@pytest.mark.parametrize(
    ("rule", "provider"),
    [
        ("{ allow: public }", "apiKey"),
        ("{ allow: private }", "userPools"),
        ("{ allow: owner }", "userPools"),
        ('{ allow: groups, groups: ["Admin"] }', "userPools"),
        ("{ allow: custom }", "function"),
        ("{ allow: public, provider: iam }", "iam"),
        ("{ allow: private, provider: identityPool }", "iam"),
        ("{ allow: owner, provider: oidc }", "oidc"),
    ],
)
def test_a_rule_needs_the_provider_it_names_or_its_default(rule: str, provider: str) -> None:
    assert auth_providers(f"type Todo @model @auth(rules: [{rule}]) {{ id: ID! }}") == {provider}


def test_rules_count_on_types_fields_and_extensions() -> None:
    text = """
    type Todo @model @auth(rules: [{ allow: public }, { allow: owner, provider: oidc }]) {
      secret: String @auth(rules: { allow: private, provider: iam })
    }
    extend type Todo @auth(rules: [{ allow: owner }]) { more: String }
    """

    assert auth_providers(text) == {"apiKey", "oidc", "iam", "userPools"}


def test_a_schema_without_rules_needs_no_provider_and_neither_does_the_global_rule() -> None:
    assert auth_providers("type Todo @model { id: ID! }") == frozenset()
    assert auth_providers("input AMPLIFY { globalAuthRule: AuthRule = { allow: public } }") == set()


def test_the_providers_of_an_unsound_schema_are_not_guessed() -> None:
    with pytest.raises(SchemaError, match="Unknown type"):
        auth_providers("type Todo @auth(rules: [{ allow: public }]) { owner: Person }")


def test_importing_the_modules_does_not_import_graphql() -> None:
    program = (
        "import sys, pytest_amplifybackend._schema.schema, pytest_amplifybackend._schema.modelgen\n"
        "sys.exit('graphql' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
