"""Request and response of each operation, as the installed botocore has them; the errors.

They are of the newest botocore there was when they were written. An older one lacks members:
``tests/model/test_drift.py`` says which, and these tests do not run.
"""

from __future__ import annotations

import botocore
import pytest

pytest.importorskip("syrupy")

from pytest_amplifybackend._api import catalogue, description, history
from pytest_amplifybackend._snapshot import PlacedJSONExtension

RECORDED_WITH = description.recorded()[0]
if history.version(botocore.__version__) < history.version(RECORDED_WITH):
    pytest.skip(f"the API is recorded with botocore {RECORDED_WITH}", allow_module_level=True)


@pytest.fixture
def model_snapshot(snapshot):
    """A snapshot without redaction: a description of types holds no secret and no id."""
    return snapshot.use_extension(PlacedJSONExtension)


@pytest.mark.parametrize("operation", catalogue.operations())
def test_request_and_response(operation: str, model_snapshot) -> None:
    said = description.installed()["operations"][operation]
    assert said["request"] == model_snapshot(name="request")
    assert said["response"] == model_snapshot(name="response")


def test_request_lines_and_errors(model_snapshot) -> None:
    said = description.installed()["operations"].items()
    lines = {name: [one["request line"], *one["errors"]] for name, one in said}
    assert lines == model_snapshot


def test_errors(model_snapshot) -> None:
    assert description.installed()["errors"] == model_snapshot
