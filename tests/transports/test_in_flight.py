"""Whoever claims a call answers it or refuses it, also when the fake ends while it is under way."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError

from pytest_amplifybackend import FakeAmplifyBackend, errors

ENDED = (
    r"^GetBackend was under way when its FakeAmplifyBackend was deactivated, so it was stopped, "
    r"and nothing was sent to AWS\. Let the threads and tasks that call the service end before the "
    r"fake does\.$"
)
ANSWER = ["dev"]


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The hosts whose names anybody looked up; a test that uses it has to find none."""
    import socket

    hosts: list[str] = []

    def getaddrinfo(host: str, *_: object, **__: object) -> list[object]:
        if host != "127.0.0.1":
            hosts.append(host)
        raise socket.gaierror("no network in this test")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield hosts
    assert hosts == []


class Caller:
    """A call in a thread of its own, which stops at a place until it is let go."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._arrived, self._go = threading.Event(), threading.Event()
        self._outcome: Any = None
        self._thread = threading.Thread(target=self._run)

    def stop_here(self, *_: Any, **__: Any) -> None:
        if threading.current_thread() is self._thread:
            self._arrived.set()
            assert self._go.wait(20)

    def start(self) -> None:
        self._thread.start()
        assert self._arrived.wait(20)

    def _run(self) -> None:
        try:
            self._outcome = self._call()["BackendEnvironmentList"]
        except Exception as error:  # noqa: BLE001  # the test looks at it
            self._outcome = error

    def outcome(self) -> Any:
        self._go.set()
        self._thread.join(20)
        assert not self._thread.is_alive()
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


@pytest.fixture
def client(new_client, looked_up: list[str]) -> Any:
    return new_client(config=_no_retries())


def _no_retries() -> Any:
    from botocore.config import Config

    return Config(retries={"max_attempts": 0})


def _stopped_at(client: Any, event: str, first: bool = True) -> Caller:
    caller = Caller(lambda: client.get_backend(AppId="d1abc"))
    register = client.meta.events.register_first if first else client.meta.events.register_last
    register(event, caller.stop_here)
    return caller


def _fake(transport: Any) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend(transport=transport)
    fake.add_app("d1abc")
    return fake


STOPS = (
    ("provide-client-params.amplifybackend.GetBackend", True),
    ("provide-client-params", False),
    ("before-parameter-build.amplifybackend.GetBackend", True),
    ("before-parameter-build", False),
    ("before-call.amplifybackend.GetBackend", True),
    ("before-call.amplifybackend.GetBackend", False),
)
"""Events of botocore, and whether the program's handler comes first there."""
SENT_ONLY_ON_WIRE = (
    *((f"{event}.amplifybackend.GetBackend", True) for event in
      ("choose-signer", "request-created", "before-sign", "before-send")),
    ("before-send.amplifybackend.GetBackend", False),
)  # fmt: skip


@pytest.mark.parametrize("transport", ["stubber", "wire"])
def test_a_call_in_a_handler_of_the_program(new_client, looked_up, transport: str) -> None:
    before = dict(BaseClient.__dict__)
    for event, first in (*STOPS, *(SENT_ONLY_ON_WIRE if transport == "wire" else ())):
        with _fake(transport):
            caller = _stopped_at(new_client(config=_no_retries()), event, first)
            caller.start()
        with pytest.raises(errors.UnservedRequest, match=ENDED):
            caller.outcome()
        del caller
    gc.collect()
    assert dict(BaseClient.__dict__) == before


@pytest.mark.parametrize("transport", ["stubber", "wire"])
def test_a_call_that_a_replaced_method_makes_later(client, transport: str) -> None:
    """A mock of ``_make_api_call`` that calls the original is entered before botocore is."""
    original = BaseClient._make_api_call
    caller = Caller(lambda: client.get_backend(AppId="d1abc"))

    def slow(self: Any, operation_name: str, kwargs: Any) -> Any:
        caller.stop_here()
        return original(self, operation_name, kwargs)

    with mock.patch.object(BaseClient, "_make_api_call", slow), _fake(transport):
        caller.start()
        with FakeAmplifyBackend():  # another one comes and goes meanwhile
            pass
        assert caller.outcome() == ANSWER


@pytest.mark.parametrize("transport", ["stubber", "wire"])
def test_a_replaced_method_that_outlives_the_fake(client, transport: str) -> None:
    original = BaseClient._make_api_call
    caller = Caller(lambda: client.get_backend(AppId="d1abc"))

    def slow(self: Any, operation_name: str, kwargs: Any) -> Any:
        caller.stop_here()
        return original(self, operation_name, kwargs)

    with mock.patch.object(BaseClient, "_make_api_call", slow):
        with _fake(transport):
            caller.start()
        with pytest.raises(errors.UnservedRequest, match=ENDED):
            caller.outcome()


@pytest.mark.parametrize("transport", ["stubber", "wire"])
@pytest.mark.parametrize("event", ["provide-client-params", "before-call"])
def test_an_attached_client_that_is_detached_meanwhile(client, transport: str, event: str) -> None:
    fake = _fake(transport)
    fake.attach(client)
    caller = _stopped_at(client, event)
    caller.start()
    fake.detach(client)
    with pytest.raises(errors.UnservedRequest, match=ENDED):
        caller.outcome()
    assert "_make_api_call" not in vars(client)


def test_a_call_that_the_service_is_answering(client) -> None:
    """An answer that is being made is given, also after the end."""
    fake = _fake("stubber")
    caller = Caller(lambda: client.get_backend(AppId="d1abc"))

    def slowly(params: Any) -> dict[str, Any]:
        caller.stop_here()
        return {"AppId": "d1abc", "BackendEnvironmentList": ANSWER}

    fake.override("GetBackend", slowly)
    with fake:
        caller.start()
    assert caller.outcome() == ANSWER


def test_a_call_of_the_inner_of_two_fakes_is_not_the_outers(client) -> None:
    with _fake("stubber") as outer:
        with _fake("stubber"):
            caller = _stopped_at(client, "before-call")
            caller.start()
        with pytest.raises(errors.UnservedRequest, match=ENDED):
            caller.outcome()
        assert client.get_backend(AppId="d1abc")["BackendEnvironmentList"] == ANSWER
    outer.assert_called("GetBackend", times=1)


def test_new_calls_pass_by_while_one_is_still_under_way(client, new_client) -> None:
    other = new_client(endpoint_url="http://127.0.0.1:1", config=_no_retries())
    with _fake("stubber"):
        caller = _stopped_at(client, "before-call")
        caller.start()
    with pytest.raises(Exception, match=r"127\.0\.0\.1:1") as raised:
        other.get_backend(AppId="d1abc")  # nobody's any more: it goes where it is meant for
    assert not isinstance(raised.value, errors.UnservedRequest)
    with _fake("stubber"):
        assert other.get_backend(AppId="d1abc")["BackendEnvironmentList"] == ANSWER
    with pytest.raises(errors.UnservedRequest):
        caller.outcome()


def test_a_fake_that_is_active_again_does_not_revive_the_call(client) -> None:
    fake = _fake("stubber")
    with fake:
        caller = _stopped_at(client, "before-call")
        caller.start()
    with fake:
        with pytest.raises(errors.UnservedRequest, match=ENDED):
            caller.outcome()
        assert client.get_backend(AppId="d1abc")["BackendEnvironmentList"] == ANSWER
    fake.assert_called("GetBackend", times=1)


def test_a_claim_ends_with_a_call_that_the_client_refuses(client) -> None:
    before = dict(BaseClient.__dict__)
    with _fake("stubber"):
        for _ in range(3):
            with pytest.raises(Exception, match="Parameter validation failed"):
                client.get_backend()
    assert dict(BaseClient.__dict__) == before


def test_a_look_up_in_a_claimed_call_is_refused_after_the_end(client) -> None:
    """What a handler of the program does meanwhile is part of the call, too."""
    import http.client as stdlib

    host = "amplifybackend.eu-west-1.amazonaws.com"
    caller = Caller(lambda: client.get_backend(AppId="d1abc"))
    seen: list[str] = []

    def handler(**_: Any) -> None:
        caller.stop_here()
        with pytest.raises(errors.UnservedRequest) as raised:
            stdlib.HTTPSConnection(host).request("GET", "/")
        seen.append(str(raised.value))

    client.meta.events.register_first("before-call", handler)
    with _fake("stubber"):
        caller.start()
    with pytest.raises(errors.UnservedRequest, match=ENDED):
        caller.outcome()
    assert len(seen) == 1
    assert seen[0].startswith(f"A request for {host} was under way when its Fake")


def test_a_client_of_a_server_that_ends_meanwhile(new_client) -> None:
    pytest.importorskip("httptools")
    before = dict(BaseClient.__dict__)
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc")
    with fake.serve() as server:
        client = new_client(endpoint_url=server.url, config=_no_retries())
        assert client.get_backend(AppId="d1abc")["BackendEnvironmentList"] == ANSWER
        caller = _stopped_at(client, "before-call")
        caller.start()
    with pytest.raises(errors.UnservedRequest, match=ENDED):
        caller.outcome()
    with pytest.raises(EndpointConnectionError):
        client.get_backend(AppId="d1abc")  # a new call is nobody's
    assert dict(BaseClient.__dict__) == before


def test_requests_whose_fake_ends_meanwhile(looked_up: list[str]) -> None:
    requests = pytest.importorskip("requests")
    pytest.importorskip("responses")
    url = "https://amplifybackend.us-east-1.amazonaws.com/backend/d1abc/details"

    def call() -> Any:
        return requests.post(url, json={}, auth=auth).json()

    caller = Caller(call)

    def auth(request: Any) -> Any:
        caller.stop_here()
        return request

    fake = FakeAmplifyBackend()
    fake.add_app("d1abc")
    with fake.behind_requests():
        caller.start()
    with pytest.raises(errors.UnservedRequest, match="was under way when its FakeAmplifyBackend"):
        caller.outcome()
