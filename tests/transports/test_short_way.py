"""A call without a request is the same call: to its program, to handlers, and in its errors."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.hooks import HierarchicalEmitter

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._transports.short_way import SWITCH
from pytest_amplifybackend.contract._support import samples

APP, DEV = {"AppId": "d1shop"}, {"AppId": "d1shop", "BackendEnvironmentName": "dev"}
AUTH = {
    "AuthResources": "USER_POOL_ONLY",
    "Service": "COGNITO",
    "UserPoolConfigs": {
        "RequiredSignUpAttributes": ["EMAIL"],
        "SignInMethod": "EMAIL",
        "UserPoolName": "people",
    },
}
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("create_backend", {**DEV, "AppName": "shop"}),
    ("create_backend_auth", {**DEV, "ResourceName": "people", "ResourceConfig": AUTH}),
    ("create_backend_auth", {**DEV, "ResourceName": "läute", "ResourceConfig": AUTH}),
    ("create_backend_auth", {**DEV, "ResourceName": "a", "ResourceConfig": {"Service": 1}}),
    ("get_backend", {}),
    ("get_backend", {"AppId": "\ud800"}),
    ("get_backend", {"AppId": ""}),
    ("get_backend", {"AppId": "no-such-app"}),
    ("get_backend", {"AppId": None}),
    ("list_backend_jobs", {**DEV, "MaxResults": Decimal(2)}),
    ("list_backend_jobs", {**DEV, "MaxResults": 2}),
    ("list_s3_buckets", {}),
    ("remove_backend_config", APP),
]
EVENTS = (
    "provide-client-params",
    "before-parameter-build",
    "before-endpoint-resolution",
    "before-call",
    "after-call",
)

MAKING_A_CALL = inspect.getsource(inspect.unwrap(BaseClient._make_api_call))


def outcome(client: Any, method: str, params: dict[str, Any]) -> Any:
    try:
        return getattr(client, method)(**params)
    except Exception as error:  # noqa: BLE001  # any error is compared
        return type(error).__name__, str(error), getattr(error, "response", None)


def steps_of(client: Any) -> Any:
    return vars(client).get("_convert_to_request_dict")


@pytest.fixture
def long_way(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Makes a client of a fake of its own whose calls go the long way."""

    def make(**options: Any) -> Any:
        monkeypatch.setenv(SWITCH, "1")
        client = FakeAmplifyBackend().client(**options)
        monkeypatch.delenv(SWITCH)
        assert steps_of(client) is None
        return client

    return make


@pytest.mark.parametrize("validation", [True, False])
def test_every_outcome_is_that_of_the_long_way(validation: bool, long_way) -> None:
    config = Config(parameter_validation=validation)
    short, long = FakeAmplifyBackend().client(config=config), long_way(config=config)
    for method, params in REQUESTS:
        assert outcome(short, method, params) == outcome(long, method, params), (method, params)


def test_handlers_get_what_they_get_on_the_long_way(long_way) -> None:
    def seen(client: Any) -> list[Any]:
        found: list[Any] = []

        def note(event_name: str, **kwargs: Any) -> None:
            if "http_response" in kwargs:
                http = kwargs.pop("http_response")
                kwargs.update(status=http.status_code, headers=dict(http.headers))
            unlike = ("model", "request_signer", "context")  # objects of each client
            context = set(kwargs.get("context", ())) - {"amplifybackend_short_way"}
            kwargs = {name: value for name, value in kwargs.items() if name not in unlike}
            found.append((event_name, kwargs, context))

        for event in ("provide-client-params", "before-parameter-build", "after-call"):
            client.meta.events.register(event, note)
        outcome(client, "create_backend", {**DEV, "AppName": "shop"})
        outcome(client, "get_backend", APP)
        return found

    short = FakeAmplifyBackend().client()
    assert len(seen(short)) == 6
    assert seen(FakeAmplifyBackend().client()) == seen(long_way())


def test_these_are_all_events_that_botocore_has(long_way, monkeypatch) -> None:
    emit, found = HierarchicalEmitter._emit, set()

    def emitting(emitter: Any, event_name: str, *args: Any, **kwargs: Any) -> Any:
        found.add(event_name.partition(".")[0])
        return emit(emitter, event_name, *args, **kwargs)

    clients = {"long": long_way(), "short": FakeAmplifyBackend().client()}
    monkeypatch.setattr(HierarchicalEmitter, "_emit", emitting)
    for way, client in clients.items():
        client.list_s3_buckets()
        found.clear()
        client.list_s3_buckets()
        # Old ones find the endpoint first, before anybody has claimed the call.
        is_short = way == "short" and "_emit_api_params" in MAKING_A_CALL
        passed_over = {"before-endpoint-resolution"} if is_short else set()
        assert found == {*EVENTS} - passed_over, way


@pytest.mark.parametrize("way", ["short", "long"])
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("register", ["register_first", "register", "register_last"])
@pytest.mark.parametrize("operation", ["", ".amplifybackend", ".amplifybackend.CreateBackend"])
def test_a_handler_of_any_event_is_called(
    way: str, event: str, register: str, operation: str, long_way
) -> None:
    client = long_way() if way == "long" else FakeAmplifyBackend().client()
    outcome(client, "create_backend", {**DEV, "AppName": "shop"})
    found: list[Any] = []
    getattr(client.meta.events, register)(
        event + operation, lambda **kwargs: found.append(kwargs.get("params"))
    )
    other = {"AppId": "d2shop", "BackendEnvironmentName": "dev", "AppName": "shop"}
    outcome(client, "create_backend", other)
    # The fake answers at the end of a name, so that one registered last for all comes too late;
    # endpoints are looked for with the name of the service alone.
    if (event, register, operation) == ("before-call", "register_last", ""):
        return
    if event != "before-endpoint-resolution" or operation != ".amplifybackend.CreateBackend":
        assert len(found) == 1
    if event == "before-call" and found:
        assert found[0]["body"], "a handler that sees the request gets it whole"


def test_a_handler_that_goes_again_is_not_missed() -> None:
    client = FakeAmplifyBackend().client()
    found: list[Any] = []

    def handler(**kwargs: Any) -> None:
        found.append(kwargs["params"]["url_path"])

    for _ in range(2):
        client.meta.events.register("before-call", handler)
        client.list_s3_buckets()
        client.meta.events.unregister("before-call", handler)
        client.list_s3_buckets()
    assert found == ["/s3Buckets"] * 2


@pytest.mark.parametrize("name", ["_resolve_endpoint_ruleset", "_convert_to_request_dict"])
@pytest.mark.parametrize("early", [True, False])
def test_a_program_may_replace_a_step(name: str, early: bool, monkeypatch) -> None:
    client = None if early else FakeAmplifyBackend().client()
    found, before = [], getattr(BaseClient, name)

    def replaced(*args: Any, **kwargs: Any) -> Any:
        found.append(name)
        return before(*args, **kwargs)

    monkeypatch.setattr(BaseClient, name, replaced)
    client = client or FakeAmplifyBackend().client()
    client.list_s3_buckets()
    assert found == [name]


@pytest.mark.parametrize("missing", ["_lookup_cache", "_handlers", "_emitter"])
def test_a_botocore_that_is_built_otherwise_takes_the_long_way(missing: str, monkeypatch) -> None:
    with FakeAmplifyBackend() as fake:
        client = fake.client()
        events = client.meta.events
        owner = events if missing == "_emitter" else events._emitter
        assert hasattr(owner, missing), "what the short way relies on has gone from botocore"
        short = client._convert_to_request_dict.__self__
        short.leave()
        monkeypatch.delattr(owner, missing)
        short.take()
        assert steps_of(client) is None


def test_a_client_is_as_before_when_the_fake_is_gone() -> None:
    fake = FakeAmplifyBackend()
    client = fake.client()
    assert steps_of(client) is not None
    fake.detach(client)
    assert steps_of(client) is None
    assert "_resolve_endpoint_ruleset" not in vars(client)


def odd(value: Any, random: Random) -> Any:
    """A value with something changed at a place somewhere within."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        name = random.choice([*value])
        return {**value, name: odd(value[name], random)}
    if isinstance(value, list) and value and random.random() < 0.8:
        return [odd(value[0], random), *value[1:]]
    if isinstance(value, dict) and random.random() < 0.6:
        name = random.choice([*value, "Unknown", 1])
        return {each: value[each] for each in value if each != name} or {name: "text"}
    return random.choice(ODD)


class Text(str):
    __slots__ = ()


ODD: list[Any] = [
    *(
        "",
        "text",
        "l\u00e4ute",
        "\ud800",
        b"text",
        Text("text"),
        None,
        Decimal(2),
        1.5,
        float("nan"),
    ),
    *(True, 0, -1, 10**9, 10**5000, [], {}, (), ["text"], ["\ud800"], [1], {"a": 1}, object()),
]


@pytest.mark.parametrize("operation", sorted(catalogue.operations()))
def test_what_is_taken_for_valid_is_valid_and_can_be_serialized(operation: str) -> None:
    client = FakeAmplifyBackend().client()
    way, model = steps_of(client).__self__, client.meta.service_model.operation_model(operation)
    usual, taken, random = 0, 0, Random(operation)
    for number in range(90):
        params: Any = samples.sample(operation, {}, full=bool(number % 2))
        for _ in range(number % 3):
            params = odd(params, random)
        if type(params) is dict and way._is_valid(model.input_shape, params):
            taken += 1
            assert client._serializer.serialize_to_request(params, model)
        usual += number % 6 == 0
    assert taken >= usual, "a request without anything odd is taken for valid"


def test_presigned_urls_are_whole() -> None:
    client = FakeAmplifyBackend().client()
    url = client.generate_presigned_url("get_backend", {"AppId": "d1shop"})
    assert "/backend/d1shop/details?" in url
