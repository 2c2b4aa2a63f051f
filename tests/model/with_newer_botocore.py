"""What test_newer_botocore runs where the client's API model has more than the shipped one."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import botocore.session
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.stateful import run_state_machine_as_test

from pytest_amplifybackend import FakeAmplifyBackend, assert_shape, errors, response_shape
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.strategies import AmplifyBackendMachine, invalid_requests, requests

UNKNOWN = "pytest-amplifybackend does not know the operation 'ListFutures' of amplifybackend: "
DEV = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}
STORAGE = {"Permissions": {"Authenticated": ["PEEK"]}, "ServiceName": "S3"}
FEW = settings(
    max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@contextmanager
def in_process(transport: Any) -> Iterator[tuple[FakeAmplifyBackend, Any]]:
    with FakeAmplifyBackend(transport=transport) as fake:
        yield fake, fake.client()


@contextmanager
def over_http(_: str) -> Iterator[tuple[FakeAmplifyBackend, Any]]:
    fake = FakeAmplifyBackend()
    with fake.serve() as server:
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        session = botocore.session.Session()
        client = session.create_client(
            "amplifybackend", region_name="us-east-1", endpoint_url=server.url, **keys
        )
        yield fake, client
        client.close()


WAYS: dict[str, Callable[[str], Any]] = {
    "stubber": in_process,
    "wire": in_process,
    "server": over_http,
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Iterator[tuple[FakeAmplifyBackend, Any]]:
    with WAYS[request.param](request.param) as (fake, client):
        fake.add_app("d1shop", environments=("dev",))
        fake.add_auth("d1shop")
        yield fake, client


def test_the_client_is_newer(way: Any) -> None:
    assert "ListFutures" in way[1].meta.service_model.operation_names
    assert "ListFutures" not in catalogue.operations()


def test_a_call_of_the_operation_names_it(request: pytest.FixtureRequest, way: Any) -> None:
    fake, client = way
    kind = errors.UnknownOperation
    if "server" in request.node.name:
        kind = client.exceptions.ClientError
    with pytest.raises(kind) as caught:
        client.list_futures(AppId="d1shop")
    assert UNKNOWN in str(caught.value)
    assert not fake.calls


def test_a_request_of_the_library_requests_names_it() -> None:
    requests = pytest.importorskip("requests")
    host = "https://amplifybackend.us-east-1.amazonaws.com"
    with FakeAmplifyBackend().behind_requests(), pytest.raises(errors.UnknownOperation) as caught:
        requests.post(f"{host}/backend/d1shop/futures")
    assert UNKNOWN in str(caught.value)


def test_an_async_call_names_it() -> None:
    session = pytest.importorskip("aiobotocore.session").get_session()

    async def call() -> None:
        async with session.create_client("amplifybackend", region_name="us-east-1") as client:
            await client.list_futures(AppId="d1shop")

    with FakeAmplifyBackend(transport="aio"), pytest.raises(errors.UnknownOperation) as caught:
        asyncio.run(call())
    assert UNKNOWN in str(caught.value)


@pytest.mark.parametrize(
    "ask",
    [
        lambda fake: fake.call("ListFutures", {"AppId": "d1shop"}),
        lambda fake: fake.fail("ListFutures", errors.BadRequest()),
        lambda fake: fake.override("ListFutures", {}),
        lambda fake: fake.assert_called("ListFutures"),
        lambda fake: fake.assert_not_called("ListFutures"),
        lambda fake: fake.calls.of("ListFutures"),
        lambda fake: assert_shape("ListFutures", {}),
        lambda fake: response_shape({}, "ListFutures"),
        lambda fake: requests("ListFutures").example(),
        lambda fake: invalid_requests("ListFutures").example(),
    ],
)
def test_the_operation_is_unknown(ask: Callable[[FakeAmplifyBackend], Any]) -> None:
    with pytest.raises(errors.UnknownOperation, match="'ListFutures'"):
        ask(FakeAmplifyBackend())


def test_a_new_member_of_a_request_is_ignored(way: Any) -> None:
    fake, client = way
    new = {"AppId": "d2", "AppName": "a", "BackendEnvironmentName": "dev"}
    client.create_backend(**new, ClientToken="t")
    assert fake.calls[-1].params == new
    config = {**STORAGE, "ClientToken": "t"}
    client.create_backend_storage(**DEV, ResourceName="media", ResourceConfig=config)
    assert fake.calls[-1].params["ResourceConfig"] == STORAGE
    assert [job.status for job in fake.jobs] == ["COMPLETED"] * 2


def test_so_it_is_without_a_client() -> None:
    fake = FakeAmplifyBackend()
    fake.call("CreateBackend", {**DEV, "AppName": "a", "ClientToken": "t"})
    assert "ClientToken" not in fake.calls[0].params
    with pytest.raises(errors.InvalidArgument, match="has the member 'ClientToken' of a newer"):
        fake.assert_called("CreateBackend", ClientToken="t")
    with pytest.raises(errors.InvalidArgument, match="has no member 'ClientTokens'"):
        fake.call("CreateBackend", {**DEV, "AppName": "a", "ClientTokens": "t"})


def test_a_new_value_of_an_enum_is_accepted(way: Any) -> None:
    fake, client = way
    client.create_backend_storage(**DEV, ResourceName="media", ResourceConfig=STORAGE)
    assert list(fake.jobs)[-1].status == "COMPLETED"
    answer = client.get_backend_storage(**DEV, ResourceName="media")
    assert answer["ResourceConfig"]["Permissions"]["Authenticated"] == ["PEEK"]
    assert_shape("GetBackendStorage", answer)
    wrong = {**STORAGE, "Permissions": {"Authenticated": ["PEEKABOO"]}}
    with pytest.raises(client.exceptions.BadRequestException):
        client.create_backend_storage(**DEV, ResourceName="media", ResourceConfig=wrong)


AUTH = {
    "AuthResources": "PEEK",
    "Service": "PEEK",
    "UserPoolConfigs": {
        "ForgotPassword": {"DeliveryMethod": "PEEK"},
        "Mfa": {"MFAMode": "PEEK"},
        "OAuth": {
            "OAuthGrantType": "PEEK",
            "OAuthScopes": ["PEEK"],
            "RedirectSignInURIs": ["https://example.com/"],
            "RedirectSignOutURIs": ["https://example.com/"],
        },
        "PasswordPolicy": {"AdditionalConstraints": ["PEEK"], "MinimumLength": 8},
        "RequiredSignUpAttributes": ["PEEK"],
        "SignInMethod": "PEEK",
        "UserPoolName": "shop",
    },
}
API = {
    "ApiName": "shop",
    "ConflictResolution": {"ResolutionStrategy": "PEEK"},
    "DefaultAuthType": {"Mode": "PEEK"},
    "Service": "AppSync",
    "TransformSchema": "type Book @model { id: ID! }",
}


def test_new_values_of_every_enum_are_accepted_and_shown(way: Any) -> None:
    fake, client = way
    new = {"AppId": "d2", "AppName": "a", "BackendEnvironmentName": "dev"}
    client.create_backend(**new)
    there = {"AppId": "d2", "BackendEnvironmentName": "dev"}
    client.create_backend_auth(**there, ResourceName="auth1", ResourceConfig=AUTH)
    client.create_backend_api(**there, ResourceName="api1", ResourceConfig=API)
    client.get_backend(**there)
    assert [(job.status, job.error) for job in fake.jobs] == [("COMPLETED", None)] * 3
    config = json.loads(client.get_backend(**there)["AmplifyMetaConfig"])
    assert config["auth"]["auth1"]["frontendAuthConfig"]["usernameAttributes"] == ["PEEK"]
    assert "PEEK" in json.dumps(config["api"])


def test_moto_is_asked_for_new_values_as_they_are() -> None:
    pytest.importorskip("moto")
    with FakeAmplifyBackend(moto=True) as fake:
        fake.add_app("d1shop", environments=("dev",))
        fake.call("CreateBackendAPI", {**DEV, "ResourceName": "api1", "ResourceConfig": API})
        fake.call("CreateBackendAuth", {**DEV, "ResourceName": "auth1", "ResourceConfig": AUTH})
        fake.call("GetBackend", DEV)
        assert not any("KeyError" in (job.error or "") for job in fake.jobs)


def test_a_new_member_of_a_response_can_be_answered(way: Any) -> None:
    fake, client = way
    fake.override("GetBackend", {**fake.call("GetBackend", DEV), "Color": "red"})
    answer = client.get_backend(**DEV)
    assert answer["Color"] == "red"
    assert_shape("GetBackend", answer)
    with pytest.raises(AssertionError, match=r"\+ Colour: string, a member that"):
        assert_shape("GetBackend", {**answer, "Colour": "red"})


def test_a_program_that_speaks_http() -> None:
    fake = FakeAmplifyBackend()
    with fake.serve() as server:
        body = json.dumps({"appId": "d1", "appName": "a", "backendEnvironmentName": "dev"})
        body = body.replace("}", ', "clientToken": "t"}')
        kind = {"content-type": "application/json"}
        asked = urllib.request.Request(f"{server.url}/backend", body.encode(), kind, method="POST")
        with urllib.request.urlopen(asked) as answer:
            assert answer.status == 200
    assert "ClientToken" not in fake.calls[0].params


def test_requests_have_nothing_new() -> None:
    fake = FakeAmplifyBackend()

    @FEW
    @given(request=requests())
    def draw(request: Any) -> None:
        assert "Token" not in repr(request.params).replace("NextToken", "")
        assert request.operation != "ListFutures"
        with suppress(errors.ServiceError):  # by the state, if at all
            fake.call(request.operation, request.params)

    draw()


def test_invalid_requests_have_nothing_new() -> None:
    @FEW
    @given(request=invalid_requests())
    def draw(request: Any) -> None:
        assert request.operation in catalogue.operations()
        assert "ClientToken" not in repr(request.params)

    draw()


class Machine(AmplifyBackendMachine):
    def connect(self) -> Any:
        return FakeAmplifyBackend().client()


def test_the_machine_runs() -> None:
    few = settings(FEW, max_examples=4, stateful_step_count=15)
    run_state_machine_as_test(Machine, settings=few)
