"""APIs: defaults, updates and what they need of auth."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from shop_calls import API, DEV, ORDERS, failure, meta, run

from pytest_amplifybackend import FakeAmplifyBackend, errors

SCHEMA = "type Order @model { id: ID! }"


def config(fake: FakeAmplifyBackend) -> dict[str, Any]:
    return dict(fake.call("GetBackendAPI", ORDERS)["ResourceConfig"])


def output(fake: FakeAmplifyBackend) -> dict[str, Any]:
    return dict(meta(fake)["api"]["orders"]["output"])


def update(fake: FakeAmplifyBackend, **fields: Any) -> None:
    run(fake, "UpdateBackendAPI", {**ORDERS, "ResourceConfig": fields})


def test_name_and_service_may_be_left_out(shop: FakeAmplifyBackend) -> None:
    run(shop, "CreateBackendAPI", {**ORDERS, "ResourceConfig": API})

    assert config(shop) == {**API, "ApiName": "orders", "Service": "AppSync"}


@pytest.mark.parametrize("missing", API)
def test_a_new_api_needs_a_mode_and_a_schema(shop: FakeAmplifyBackend, missing: str) -> None:
    """The text is what the validator of ``amplify add api --headless`` prints."""
    least = {name: value for name, value in API.items() if name != missing}

    error = failure(shop, "CreateBackendAPI", {**ORDERS, "ResourceConfig": least})

    headless = f"{missing[0].lower()}{missing[1:]}"
    assert (
        "Data did not validate against the supplied schema. Underlying errors were "
        '[{"keyword":"required","dataPath":".serviceConfiguration","schemaPath":"#/required",'
        f'"params":{{"missingProperty":"{headless}"}},'
        f'"message":"should have required property \'{headless}\'"}}]'
    ) in error
    assert "api" not in meta(shop)


def test_a_new_api_needs_a_schema_that_is_not_empty(shop: FakeAmplifyBackend) -> None:
    empty = {**API, "TransformSchema": ""}

    error = failure(shop, "CreateBackendAPI", {**ORDERS, "ResourceConfig": empty})

    assert "Syntax Error: Unexpected <EOF>." in error


REFUSED = {
    "blank": (" \n", "schema.syntax", "Syntax Error: Unexpected <EOF>."),
    "unparsable": ("type {", "schema.syntax", 'Syntax Error: Expected Name, found "{".'),
    "not ASCII": (
        "type N\u00f6te { id: ID }",
        "schema.syntax",
        'Syntax Error: Cannot parse the unexpected character "\\u00F6".',
    ),
    "a query": ("{ a }", "schema.sdl.executable", 'Cannot query field "a" on type "Query".'),
    "deep": (f"type A {{ a: {'[' * 50_000}", "schema.depth", "Maximum call stack size exceeded"),
    "huge": (f"type A {{ {'a: B ' * 20_000}}}", "schema.sdl.field-names", 'Field "A.a" can only'),
    "misspelt": ("type A @modle { a: ID }", "schema.sdl.known-directives", '"@modle"'),
    "no key": (
        "type A @model { a: ID @primaryKey }",
        "schema.primary-key.nullable",
        "The primary key on type 'A' must reference non-null fields.",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("operation", ["CreateBackendAPI", "UpdateBackendAPI"])
def test_a_schema_that_amplify_refuses_changes_nothing(
    shop: FakeAmplifyBackend, operation: str, kind: str
) -> None:
    schema, rule, says = REFUSED[kind]
    if operation == "UpdateBackendAPI":
        run(shop, "CreateBackendAPI", {**ORDERS, "ResourceConfig": API})
    before = shop.dump()

    error = failure(
        shop, operation, {**ORDERS, "ResourceConfig": {**API, "TransformSchema": schema}}
    )

    after = shop.dump()
    assert says in error
    assert next(reversed(list(shop.jobs))).rule == rule
    assert (after["apps"], after["buckets"]) == (before["apps"], before["buckets"])


class TestName:
    """The API is in amplify-meta.json by its ApiName; calls find it by its ResourceName."""

    CONFIG: ClassVar = {**API, "ApiName": "store"}

    def test_is_the_key_of_the_meta(self, shop: FakeAmplifyBackend) -> None:
        run(shop, "CreateBackendAPI", {**ORDERS, "ResourceConfig": self.CONFIG})

        (found,) = meta(shop)["api"].items()
        assert found[0] == "store"
        assert found[1]["providerMetadata"]["logicalId"] == "apistore"
        assert config(shop)["ApiName"] == "store"
        store = {**ORDERS, "ResourceName": "store"}
        with pytest.raises(errors.NotFound):
            shop.call("GetBackendAPI", store)
        assert "has not been added to api" in failure(shop, "UpdateBackendAPI", store)

    def test_is_what_a_second_api_is_told(self, shop: FakeAmplifyBackend) -> None:
        run(shop, "CreateBackendAPI", {**ORDERS, "ResourceConfig": self.CONFIG})

        error = failure(shop, "CreateBackendAPI", {**ORDERS, "ResourceConfig": self.CONFIG})

        assert "GraphQL API store already exists in the project." in error


class TestUpdate:
    def test_keeps_the_api_and_its_key(self, full_shop: FakeAmplifyBackend) -> None:
        before = output(full_shop)

        update(full_shop, TransformSchema=SCHEMA, AdditionalAuthTypes=[{"Mode": "AWS_IAM"}])

        after = output(full_shop)
        for name in ("GraphQLAPIIdOutput", "GraphQLAPIEndpointOutput", "GraphQLAPIKeyOutput"):
            assert after[name] == before[name]

    def test_takes_the_key_away_with_its_mode_and_makes_a_new_one(
        self, full_shop: FakeAmplifyBackend
    ) -> None:
        first = output(full_shop)["GraphQLAPIKeyOutput"]

        update(full_shop, DefaultAuthType={"Mode": "AWS_IAM"})
        assert "GraphQLAPIKeyOutput" not in output(full_shop)
        update(full_shop, AdditionalAuthTypes=[{"Mode": "API_KEY"}])

        assert output(full_shop)["GraphQLAPIKeyOutput"] not in ("", first)

    def test_is_held_to_the_rules_together_with_what_stays(
        self, full_shop: FakeAmplifyBackend
    ) -> None:
        """Neither field is wrong alone; the repetition is between the old one and the new."""
        change = {"ResourceConfig": {"AdditionalAuthTypes": [{"Mode": "API_KEY"}]}}

        error = failure(full_shop, "UpdateBackendAPI", {**ORDERS, **change})

        assert "must not repeat DefaultAuthType.Mode" in error
        assert "AdditionalAuthTypes" not in config(full_shop)

    def test_cannot_rename(self, full_shop: FakeAmplifyBackend) -> None:
        before = config(full_shop)["ApiName"]

        update(full_shop, ApiName="another name", TransformSchema=SCHEMA)

        assert config(full_shop)["ApiName"] == before
        assert list(meta(full_shop)["api"]) == [before]

    def test_skips_an_empty_schema_and_empty_modes(self, full_shop: FakeAmplifyBackend) -> None:
        update(full_shop, TransformSchema=SCHEMA, AdditionalAuthTypes=[{"Mode": "AWS_IAM"}])
        before = config(full_shop)

        update(full_shop, TransformSchema="", AdditionalAuthTypes=[])

        assert config(full_shop) == before

    def test_of_another_name_fails(self, full_shop: FakeAmplifyBackend) -> None:
        wrong = {**DEV, "ResourceName": "bills", "ResourceConfig": {"ApiName": "bills"}}

        error = failure(full_shop, "UpdateBackendAPI", wrong)

        assert "Resource bills has not been added to api" in error


def test_a_deleted_api_makes_room_for_another(full_shop: FakeAmplifyBackend) -> None:
    first = output(full_shop)["GraphQLAPIIdOutput"]

    run(full_shop, "DeleteBackendAPI", ORDERS)
    run(full_shop, "CreateBackendAPI", {**ORDERS, "ResourceConfig": API})

    assert output(full_shop)["GraphQLAPIIdOutput"] != first
