"""Generated models: none, LATEST, STALE, and what is in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from shop_calls import API, APP, DEV, ORDERS, refusal, run

from pytest_amplifybackend import FakeAmplifyBackend, errors

FIRST = "type Order @model { id: ID! }"


@pytest.fixture
def generated(shop: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """An API whose models were generated from its schema."""
    shop.add_api(APP, name="orders", config={**API, "TransformSchema": FIRST})
    run(shop, "GenerateBackendAPIModels", ORDERS)
    return shop


def models(fake: FakeAmplifyBackend) -> dict[str, Any]:
    return fake.call("GetBackendAPIModels", ORDERS)


def test_they_are_read_as_the_ui_builder_does(generated: FakeAmplifyBackend) -> None:
    text = models(generated)["Models"]

    assert text.startswith("export const schema = {\n    ")
    schema = json.loads(text[text.index("{") :].replace(";", ""))
    assert list(schema["models"]) == ["Order"]
    assert {"enums", "nonModels", "version"} <= schema.keys()


def test_an_api_of_another_name_has_none(generated: FakeAmplifyBackend) -> None:
    other = {**DEV, "ResourceName": "bills"}

    assert "Expected api.bills.service = AppSync" in refusal(
        generated, "GenerateBackendAPIModels", other
    )
    assert "API resource bills not found" in refusal(
        generated, "GetBackendAPIModels", other, errors.NotFound
    )
