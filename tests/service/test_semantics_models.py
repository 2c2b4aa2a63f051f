"""Generated models: none, LATEST, STALE, and what is in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from shop_calls import APP, DEV, ORDERS, failure, refusal, run

from pytest_amplifybackend import FakeAmplifyBackend, errors

FIRST = "type Order @model { id: ID! }"
SECOND = "type Order @model { id: ID! total: Float }"


@pytest.fixture
def generated(shop: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """An API whose models were generated from its schema."""
    shop.add_api(APP, name="orders", config={"TransformSchema": FIRST})
    run(shop, "GenerateBackendAPIModels", ORDERS)
    return shop


def models(fake: FakeAmplifyBackend) -> dict[str, Any]:
    return fake.call("GetBackendAPIModels", ORDERS)


def update(fake: FakeAmplifyBackend, schema: str) -> None:
    run(fake, "UpdateBackendAPI", {**ORDERS, "ResourceConfig": {"TransformSchema": schema}})


def test_they_are_read_as_the_ui_builder_does(generated: FakeAmplifyBackend) -> None:
    text = models(generated)["Models"]

    assert text.startswith("export const schema = {\n    ")
    schema = json.loads(text[text.index("{") :].replace(";", ""))
    assert list(schema["models"]) == ["Order"]
    assert {"enums", "nonModels", "version"} <= schema.keys()


def test_the_introspection_schema_is_json(generated: FakeAmplifyBackend) -> None:
    introspection = json.loads(models(generated)["ModelIntrospectionSchema"])

    assert introspection["version"] == 1
    assert introspection["models"]["Order"]["primaryKeyInfo"] == {
        "isCustomPrimaryKey": False,
        "primaryKeyFieldName": "id",
        "sortKeyFieldNames": [],
    }


def test_they_are_stale_as_long_as_the_schema_is_another(generated: FakeAmplifyBackend) -> None:
    old = models(generated)
    assert old["Status"] == "LATEST"

    update(generated, SECOND)
    assert models(generated) == {**old, "Status": "STALE"}
    update(generated, FIRST)
    assert models(generated) == old


def test_generating_again_makes_them_latest(generated: FakeAmplifyBackend) -> None:
    update(generated, SECOND)

    run(generated, "GenerateBackendAPIModels", ORDERS)

    assert models(generated)["Status"] == "LATEST"
    assert "total" in models(generated)["Models"]


def test_a_change_of_anything_but_the_schema_leaves_them_latest(
    generated: FakeAmplifyBackend,
) -> None:
    run(generated, "UpdateBackendAPI", {**ORDERS, "ResourceConfig": {"ApiName": "other"}})

    assert models(generated)["Status"] == "LATEST"


def test_a_failed_generation_leaves_the_old_ones(generated: FakeAmplifyBackend) -> None:
    update(generated, SECOND)
    generated.jobs.fail_next("GenerateBackendAPIModels")
    generated.call("GenerateBackendAPIModels", ORDERS)

    assert models(generated)["Status"] == "STALE"
    assert "total" not in models(generated)["Models"]


def test_they_go_with_their_api(generated: FakeAmplifyBackend) -> None:
    run(generated, "DeleteBackendAPI", ORDERS)

    assert "API resource orders not found" in refusal(
        generated, "GetBackendAPIModels", ORDERS, errors.NotFound
    )


def test_an_api_of_another_name_has_none(generated: FakeAmplifyBackend) -> None:
    other = {**DEV, "ResourceName": "bills"}

    assert "Expected api.bills.service = AppSync" in refusal(
        generated, "GenerateBackendAPIModels", other
    )
    assert "API resource bills not found" in refusal(
        generated, "GetBackendAPIModels", other, errors.NotFound
    )


def test_an_api_without_a_schema_fails_the_job(manual: FakeAmplifyBackend) -> None:
    manual.add_api(APP, name="orders", config={"ApiName": "orders"})

    error = failure(manual, "GenerateBackendAPIModels", ORDERS)

    assert error.endswith("Transform GraphQL schema file not found.")
