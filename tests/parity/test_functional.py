"""Every functional test of the service, run again over each transport.

The tests are those of ``tests/service``: the modules in ``FUNCTIONAL``, collected here once more.
Their ``fake.call`` goes through a client, and each answer is held to what the service answered:
the same members, or the same error class with the same members.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from differences import known, not_carried
from ways_in import LONG_WAY, WAYS, open_way

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._api.catalogue import named

SERVICE_TESTS = Path(__file__).parent.parent / "service"
FUNCTIONAL = (
    "test_progress",
    "test_rules",
    "test_semantics_api",
    "test_semantics_auth",
    "test_semantics_environments",
    "test_semantics_jobs",
    "test_semantics_meta",
    "test_semantics_models",
    "test_semantics_storage",
    "test_semantics_studio",
    "test_state",
    "test_state_rules",
)


def _collect(module: Any, area: str) -> None:
    """Take over a module's tests under names of their own, and its fixtures as they are."""
    for name, value in vars(module).items():
        for prefix in ("test_", "Test"):
            if name.startswith(prefix):
                globals()[f"{prefix}{area}_{name.removeprefix(prefix)}"] = value
                break
        else:
            if not name.startswith("_"):
                globals().setdefault(name, value)


def _service_conftest() -> Any:
    spec = importlib.util.spec_from_file_location("service_conftest", SERVICE_TESTS / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=[way for way in WAYS if way != LONG_WAY], autouse=True)
def over(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every fake's ``call`` go over a transport."""
    ways: dict[FakeAmplifyBackend, Any] = {}

    def call(
        fake: FakeAmplifyBackend,
        operation: str,
        params: Mapping[str, Any] | None = None,
        *,
        region: str | None = None,
    ) -> Any:
        operation = named(operation)
        if reason := not_carried(request.param, operation, params or {}):
            pytest.skip(reason)
        if fake not in ways:
            ways[fake] = open_way(request.param, fake)
            opened.callback(ways[fake].close)
        return checked_call(ways[fake], fake, operation, dict(params or {}), region or fake.region)

    with ExitStack() as opened:
        monkeypatch.setattr(FakeAmplifyBackend, "call", call)
        yield


def checked_call(
    way: Any, fake: FakeAmplifyBackend, operation: str, params: dict[str, Any], region: str
) -> Any:
    """Make a call and hold what the client sees to what the service was asked and answered."""
    before = len(fake._backend.history)
    try:
        parsed = way.call(operation, params, region)
    except ParamValidationError as error:
        assert len(fake._backend.history) == before
        raise errors.UsageError(f"{operation}: {error}") from error
    except ClientError as error:
        (made,) = fake._backend.history[before:]
        assert made.params == params
        assert made.error is not None
        check_error(error, made.error)
        raise made.error from None
    (made,) = fake._backend.history[before:]
    assert (made.operation, made.params, made.region) == (operation, params, region)
    metadata = parsed.pop("ResponseMetadata")
    assert metadata["HTTPStatusCode"] == 200
    assert known(operation, parsed) == known(operation, made.response)
    return {**(made.copy().response or {}), **parsed}  # with what an old botocore does not know


def check_error(seen: ClientError, made: Any) -> None:
    """The class is the modeled one, and what it holds is what the service raised."""
    assert type(seen).__name__ == made.code
    response = {name: seen.response[name] for name in seen.response if name != "ResponseMetadata"}
    assert response == {
        "Error": {"Code": made.code, "Message": made.message},
        "Message": made.message,
        **made.members,
    }
    assert seen.response["ResponseMetadata"]["HTTPStatusCode"] == made.status


for _name in FUNCTIONAL:
    _collect(importlib.import_module(_name), _name.removeprefix("test_").removeprefix("semantics_"))
_collect(_service_conftest(), "")
