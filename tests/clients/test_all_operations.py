"""Each client makes every operation on the server: with success, and with each error."""

from __future__ import annotations

from typing import Any

import pytest
from clients import AwsCli
from differences import known
from full_requests import FULL
from tour import ADD_IT, BUCKET, of_all_operations, walk

from pytest_amplifybackend import errors

ERRORS = (
    errors.NotFound("This is gone: \N{CJK UNIFIED IDEOGRAPH-611B}.", resource_type="App"),
    errors.BadRequest("Not like this."),
    errors.TooManyRequests("Slower, please.", limit_type="Rate"),
    errors.GatewayTimeout("Nobody came."),
)


def test_success(client: Any, server: Any) -> None:
    server.fake.add_bucket(BUCKET)

    def call(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        outcome = client.call(server, operation, params)
        made = server.fake.calls[-1]
        assert (made.operation, made.params, made.error) == (operation, params, None)
        assert known(operation, outcome.answer) == known(operation, made.response)
        assert outcome.status in (200, None)
        return dict(outcome.answer)

    assert set(walk(of_all_operations(), call)) == set(FULL), ADD_IT
    assert [job for job in server.fake.jobs if job.status != "COMPLETED"] == []


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_errors(client: Any, server: Any, error: errors.ServiceError) -> None:
    """The CLIs, which start anew for each call and parse all errors alike, make four calls each."""
    operations = list(FULL)
    if isinstance(client, AwsCli):
        operations = operations[ERRORS.index(error) :: 8]
    for operation in operations:
        server.fake.fail(operation, error)

    outcomes = [client.call(server, name, FULL[name]) for name in operations]

    for operation, outcome in zip(operations, outcomes, strict=True):
        assert (outcome.kind, outcome.message) == (error.code, error.message), operation
        assert outcome.status in (error.status, None)
        assert outcome.members in (error.members, None)
    assert sorted(call.operation for call in server.fake.calls) == sorted(operations)
    assert {str(call.error) for call in server.fake.calls} == {error.message}
