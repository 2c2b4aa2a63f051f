"""What an answer of the fake has beside what the service says.

tests/parity compares each answer with what botocore's own parser makes of it on the wire.
"""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from pytest_amplifybackend import FakeAmplifyBackend, errors


def test_an_observed_not_found_is_no_modeled_class(new_client) -> None:
    with FakeAmplifyBackend(errors="observed"), pytest.raises(ClientError) as caught:
        new_client().get_backend(AppId="d1abc")
    assert str(caught.value) == (
        "An error occurred (ResourceNotFoundException) when calling the GetBackend operation: "
        "ResourceNotFoundException - An error occurred while processing your request: "
        "App d1abc not found."
    )


def test_the_response_metadata(fake, new_client) -> None:
    metadata = new_client().get_backend(AppId="d1abc")["ResponseMetadata"]
    assert metadata == {
        "RequestId": metadata["RequestId"],
        "HTTPStatusCode": 200,
        "HTTPHeaders": {
            "date": "Mon, 01 Jan 2024 00:00:00 GMT",
            "content-type": "application/json",
            "x-amzn-requestid": metadata["RequestId"],
        },
        "RetryAttempts": 0,
    }


def _request_ids(seed: int) -> list[str]:
    fake = FakeAmplifyBackend(seed=seed)
    client, ids = fake.client(), []
    for _ in range(3):
        with pytest.raises(ClientError) as caught:
            client.get_backend(AppId="d1abc")
        ids.append(caught.value.response["ResponseMetadata"]["RequestId"])
    return ids


def test_request_ids_follow_from_the_seed() -> None:
    assert _request_ids(1) == _request_ids(1)
    assert len({*_request_ids(1), *_request_ids(2)}) == 6


def test_the_date_is_the_fakes(fake, new_client) -> None:
    fake.clock.shift(86400)
    headers = new_client().get_backend(AppId="d1abc")["ResponseMetadata"]["HTTPHeaders"]
    assert headers["date"] == "Tue, 02 Jan 2024 00:00:00 GMT"


def test_a_response_is_the_callers_own(fake, new_client) -> None:
    client = new_client()
    client.get_backend(AppId="d1abc")["BackendEnvironmentList"].append("mine")
    assert client.get_backend(AppId="d1abc")["BackendEnvironmentList"] == ["dev"]
    assert fake.calls[0].response["BackendEnvironmentList"] == ["dev"]
    assert "ResponseMetadata" not in fake.calls[0].response


def test_a_reset_connection(fake, new_client) -> None:
    fake.fail("GetBackend", errors.ConnectionReset())
    with pytest.raises(ConnectionClosedError, match=r"amplifybackend\.us-east-1\.amazonaws\.com"):
        new_client().get_backend(AppId="d1abc")
    assert isinstance(fake.calls[0].error, errors.ConnectionReset)


def test_a_read_timeout(fake, new_client) -> None:
    fake.fail("GetBackend", errors.ReadTimeout())
    with pytest.raises(ReadTimeoutError, match=r"amplifybackend\.us-east-1\.amazonaws\.com"):
        new_client().get_backend(AppId="d1abc")
    assert isinstance(fake.calls[0].error, errors.ReadTimeout)


def test_after_call_handlers_run(fake, new_client) -> None:
    client, seen = new_client(), []
    client.meta.events.register(
        "after-call.amplifybackend.GetBackend",
        lambda parsed, http_response, **_: seen.append(
            (parsed["AppId"], http_response.status_code)
        ),
    )
    client.get_backend(AppId="d1abc")
    assert seen == [("d1abc", 200)]


def test_the_paginator(fake, new_client) -> None:
    client = new_client()
    app = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
    for _ in range(30):
        client.remove_all_backends(AppId="d1abc")
        client.create_backend(AppName="shop", **app)
    pages = list(client.get_paginator("list_backend_jobs").paginate(**app))
    assert [len(page["Jobs"]) for page in pages] == [25, 25, 10]
