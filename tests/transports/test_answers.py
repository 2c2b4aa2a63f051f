"""An answer of the fake is what botocore's own parser makes of the same answer on the wire."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from pytest_amplifybackend import FakeAmplifyBackend, errors

MODELED = [
    (errors.NotFound("App d1abc not found.", resource_type="App"), 404, {"ResourceType": "App"}),
    (errors.NotFound("gone"), 404, {}),
    (errors.BadRequest("no"), 400, {}),
    (errors.TooManyRequests("slow down", limit_type="Rate"), 429, {"LimitType": "Rate"}),
    (errors.TooManyRequests(), 429, {}),
    (errors.GatewayTimeout(), 504, {}),
]


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Any:
        yield self.read()


@pytest.fixture
def over_the_wire(new_client) -> Callable[..., Any]:
    """Sends an HTTP answer through botocore's own endpoint and parser, as the oracle."""

    def call(method: str, params: Any, status: int, headers: Any, body: Any) -> Any:
        client = new_client()
        events = client.meta.events
        events.unregister("needs-retry.amplifybackend", unique_id="retry-config-amplifybackend")
        answer = AWSResponse("https://x", status, headers, _Raw(json.dumps(body).encode()))
        events.register("before-send", lambda **_: answer)
        return getattr(client, method)(**params)

    return call


def _on_the_wire(value: Any, shape: Any) -> Any:
    """A response as JSON, by the wire names that the model gives."""
    if shape.type_name == "structure":
        return {
            shape.members[name].serialization.get("name", name): _on_the_wire(
                item, shape.members[name]
            )
            for name, item in value.items()
        }
    if shape.type_name == "list":
        return [_on_the_wire(item, shape.member) for item in value]
    return value


def _body(message: str, members: dict[str, str]) -> dict[str, str]:
    return {
        "message": message,
        **{f"{name[0].lower()}{name[1:]}": members[name] for name in members},
    }


def _without_headers(response: dict[str, Any]) -> dict[str, Any]:
    metadata = {**response["ResponseMetadata"]}
    del metadata["HTTPHeaders"]
    return {**response, "ResponseMetadata": metadata}


@pytest.mark.parametrize(("error", "status", "members"), MODELED, ids=repr)
def test_a_modeled_error(fake, new_client, over_the_wire, error, status, members) -> None:
    client = new_client()
    fake.fail("GetBackend", error)
    with pytest.raises(getattr(client.exceptions, error.code)) as caught:
        client.get_backend(AppId="d1abc")
    response = caught.value.response
    assert response["Error"] == {"Message": error.message, "Code": error.code}
    assert response["Message"] == error.message
    assert {name: response[name] for name in ("ResourceType", "LimitType") if name in response} == (
        members
    )
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status

    fake.deactivate()
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    with pytest.raises(ClientError) as real:
        over_the_wire(
            "get_backend",
            {"AppId": "d1abc"},
            status,
            {**headers, "x-amzn-errortype": error.code},
            _body(error.message, members),
        )
    assert type(real.value).__name__ == type(caught.value).__name__
    assert str(real.value) == str(caught.value)
    assert _without_headers(real.value.response) == _without_headers(response)


@pytest.mark.parametrize(("error", "status", "members"), MODELED, ids=repr)
def test_an_observed_error(new_client, over_the_wire, error, status, members) -> None:
    client = new_client()
    with FakeAmplifyBackend(errors="observed") as fake:
        fake.fail("GetBackend", error)
        with pytest.raises(ClientError) as caught:
            client.get_backend(AppId="d1abc")
    response, code = caught.value.response, error.observed_code
    message = f"{code} - {error.message}"
    assert response["Error"] == {"Message": message, "Code": code}

    headers = {**response["ResponseMetadata"]["HTTPHeaders"], "x-amzn-errortype": code}
    with pytest.raises(ClientError) as real:
        over_the_wire("get_backend", {"AppId": "d1abc"}, status, headers, _body(message, {}))
    assert type(real.value).__name__ == type(caught.value).__name__
    assert str(real.value) == str(caught.value)
    assert _without_headers(real.value.response) == _without_headers(response)


@pytest.mark.parametrize("style", ["modeled", "observed"])
@pytest.mark.parametrize("transport", ["stubber", "wire"])
def test_access_denied_is_that_of_iam(new_client, over_the_wire, transport, style) -> None:
    client, error = new_client(), errors.AccessDenied()
    with FakeAmplifyBackend(errors=style, transport=transport) as fake:
        fake.fail("GetBackend", error)
        with pytest.raises(ClientError) as caught:
            client.get_backend(AppId="d1abc")
    response = caught.value.response
    assert type(caught.value) is ClientError
    assert response["Error"] == {"Message": error.message, "Code": "AccessDeniedException"}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403

    headers = {**response["ResponseMetadata"]["HTTPHeaders"]}
    headers["x-amzn-errortype"] = "AccessDeniedException"
    with pytest.raises(ClientError) as real:
        over_the_wire("get_backend", {"AppId": "d1abc"}, 403, headers, {"message": error.message})
    assert _without_headers(real.value.response) == _without_headers(response)


@pytest.mark.parametrize("style", ["modeled", "observed"])
@pytest.mark.parametrize("transport", ["stubber", "wire"])
def test_a_missing_app_is_noted_to_be_in_another_region(new_client, transport, style) -> None:
    with FakeAmplifyBackend(errors=style, transport=transport) as fake:
        for region in ("us-west-2", "eu-west-1"):
            fake.add_app("d1abc", region=region)
        with pytest.raises(ClientError) as caught:
            new_client().get_backend(AppId="d1abc")
        with pytest.raises(errors.NotFound) as called:
            fake.call("CreateToken", {"AppId": "d1abc"})
        with pytest.raises(ClientError) as unknown:
            new_client().get_backend(AppId="d1other")

    note = "The fake has an app d1abc in eu-west-1, us-west-2; this call was for us-east-1."
    assert caught.value.__notes__ == called.value.__notes__ == [note]
    assert not hasattr(unknown.value, "__notes__")


def test_an_observed_not_found_is_no_modeled_class(new_client) -> None:
    with FakeAmplifyBackend(errors="observed"), pytest.raises(ClientError) as caught:
        new_client().get_backend(AppId="d1abc")
    assert str(caught.value) == (
        "An error occurred (ResourceNotFoundException) when calling the GetBackend operation: "
        "ResourceNotFoundException - An error occurred while processing your request: "
        "App d1abc not found."
    )


READS: list[tuple[str, dict[str, Any]]] = [
    ("get_backend", {"AppId": "d1abc", "BackendEnvironmentName": "dev"}),
    ("get_backend_auth", {"ResourceName": "auth"}),
    ("get_backend_api", {"ResourceName": "api"}),
    ("get_backend_storage", {"ResourceName": "storage"}),
    ("list_backend_jobs", {}),
    ("list_s3_buckets", {}),
    ("create_token", {"AppId": "d1abc"}),
]


@pytest.mark.parametrize(("method", "params"), READS, ids=lambda part: str(part)[:20])
def test_a_response_survives_the_wire(new_client, over_the_wire, method, params) -> None:
    client = new_client()
    app = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
    if not params or "ResourceName" in params:
        params = {**params, **(app if method != "list_s3_buckets" else {})}
    with FakeAmplifyBackend() as fake:
        fake.add_auth("d1abc")
        fake.add_api("d1abc")
        fake.add_storage("d1abc")
        fake.add_bucket("a-bucket")
        client.generate_backend_api_models(ResourceName="api", **app)
        response = getattr(client, method)(**params)
    operation = client.meta.method_to_api_mapping[method]
    shape = client.meta.service_model.operation_model(operation).output_shape
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    body = _on_the_wire({k: v for k, v in response.items() if k != "ResponseMetadata"}, shape)
    assert len(response) > 1
    assert over_the_wire(method, params, 200, headers, body) == response


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
