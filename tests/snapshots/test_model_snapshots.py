"""Request and response of each operation, as the shipped model has them; the errors."""

from __future__ import annotations

import pytest

pytest.importorskip("syrupy")

from pytest_amplifybackend._api import catalogue, description
from pytest_amplifybackend._snapshot import PlacedJSONExtension

SHIPPED = description.describe(catalogue.service_model())


@pytest.fixture
def model_snapshot(snapshot):
    """A snapshot without redaction: a description of types holds no secret and no id."""
    return snapshot.use_extension(PlacedJSONExtension)


@pytest.mark.parametrize("operation", catalogue.operations())
def test_request_and_response(operation: str, model_snapshot) -> None:
    said = SHIPPED["operations"][operation]
    assert said["request"] == model_snapshot(name="request")
    assert said["response"] == model_snapshot(name="response")


def test_request_lines_and_errors(model_snapshot) -> None:
    said = SHIPPED["operations"].items()
    lines = {name: [one["request line"], *one["errors"]] for name, one in said}
    assert lines == model_snapshot


def test_errors(model_snapshot) -> None:
    assert SHIPPED["errors"] == model_snapshot
