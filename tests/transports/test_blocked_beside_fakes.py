"""The net beside fakes, in threads and in processes: inside a fake it changes nothing."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from blocking import CALL, ENDPOINT, ONCE, PRINT, REAL, TRANSPORTS, ask, is_blocked
from process_state import process

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._transports.blocked import Net

# Fakes


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_fake_on_top(
    net: Net,
    new_client: Callable[..., Any],
    served_by: Callable[[Any], list[str]],
    transport: Any,
) -> None:
    client = new_client()
    for _ in range(2):
        assert is_blocked(client)
        with FakeAmplifyBackend(transport=transport) as outer:
            outer.add_app("d1abc", environments=["outer"])
            assert served_by(client) == ["outer"]
            with FakeAmplifyBackend(transport=transport) as inner:
                inner.add_app("d1abc", environments=["inner"])
                assert served_by(client) == served_by(new_client()) == ["inner"]
            assert served_by(client) == ["outer"]
    assert is_blocked(client)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_clients_of_a_fake_that_is_not_active(
    net: Net,
    new_client: Callable[..., Any],
    served_by: Callable[[Any], list[str]],
    transport: Any,
) -> None:
    fake = FakeAmplifyBackend(transport=transport)
    fake.add_app("d1abc")
    attached = new_client()
    fake.attach(attached)
    assert served_by(fake.client()) == served_by(attached) == ["dev"]
    fake.detach(attached)
    assert is_blocked(attached)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_an_attached_client_whose_call_a_mock_forwards(
    net: Net, served_by: Callable[[Any], list[str]], transport: Any
) -> None:
    fake = FakeAmplifyBackend(transport=transport)
    fake.add_app("d1abc")
    client = fake.client()
    original = client._make_api_call
    with mock.patch.object(client, "_make_api_call", lambda *args: original(*args)):
        assert served_by(client) == ["dev"]


def test_a_detached_client_in_a_fake_ends_at_its_guard(
    asked: list[str], net: Net, new_client: Callable[..., Any]
) -> None:
    client = new_client(config=ONCE)
    with FakeAmplifyBackend() as fake:
        fake.detach(client)
        with pytest.raises(Exception, match="but it did not serve this caller"):
            ask(client)
        with pytest.raises(errors.UnservedRequest, match="but it did not serve this caller"):
            socket.getaddrinfo(REAL, 443)
    assert asked == []


def test_a_fake_behind_a_url_and_one_behind_requests(
    net: Net, new_client: Callable[..., Any]
) -> None:
    pytest.importorskip("httptools")
    pytest.importorskip("responses")
    requests = pytest.importorskip("requests")
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc")
    with fake.serve() as server:
        assert ask(new_client(endpoint_url=server.url))["AppId"] == "d1abc"
        env = {"PATH": os.environ["PATH"]}
        shown = subprocess.check_output([sys.executable, "-c", PRINT], env=env, text=True)
        assert shown == server.url
    with fake.behind_requests():
        url = f"https://{REAL}/backend/d1abc/details"
        assert requests.post(url, json={}, timeout=1).status_code == 200
    with pytest.raises(errors.UnservedRequest):
        requests.post(url, json={}, timeout=1)


def test_a_fake_that_was_active_before_is_covered(new_client: Callable[..., Any]) -> None:
    with FakeAmplifyBackend() as below:
        below.add_app("d1abc")
        client = new_client()
        net = Net()
        net.start()
        assert is_blocked(client)
        with FakeAmplifyBackend() as above:
            above.add_app("d1abc", environments=["above"])
            assert ask(client)["BackendEnvironmentList"] == ["above"]
        assert is_blocked(client)
        net.stop()
        assert ask(client)["BackendEnvironmentList"] == ["dev"]


def test_two_nets(new_client: Callable[..., Any]) -> None:
    before = process()
    outer, inner = Net(), Net()
    client = new_client()
    outer.start()
    with FakeAmplifyBackend() as fake:
        fake.add_app("d1abc")
        inner.start()
        assert is_blocked(client)
        inner.stop()
        assert ask(client)["AppId"] == "d1abc"
    assert is_blocked(client)
    outer.stop()
    assert process() == before


# Threads and processes


def test_a_poller_that_outlives_its_fake(net: Net, new_client: Callable[..., Any]) -> None:
    client = new_client()
    served, ended = threading.Event(), threading.Event()

    def poll() -> str:
        ask(client)
        served.set()
        assert ended.wait(10)
        with pytest.raises(errors.UnservedRequest) as caught:
            ask(client)
        return str(caught.value)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with FakeAmplifyBackend() as fake:
            fake.add_app("d1abc")
            told = pool.submit(poll)
            assert served.wait(10)
        ended.set()
        assert told.result(10) == CALL


def test_threads_while_fakes_come_and_go(
    asked: list[str], net: Net, new_client: Callable[..., Any]
) -> None:
    client, stop = new_client(), threading.Event()

    def call() -> set[str]:
        seen = set()
        while not stop.is_set():
            try:
                ask(client)
            except errors.UnservedRequest as error:
                seen.add(str(error))
        return seen

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        told = [pool.submit(call) for _ in range(3)]
        for _ in range(30):
            with FakeAmplifyBackend() as fake:
                fake.add_app("d1abc")
        stop.set()
    under_way = "GetBackend was under way when its FakeAmplifyBackend was deactivated"
    for seen in (one.result() for one in told):
        assert all(text == CALL or text.startswith(under_way) for text in seen)
    assert asked == []


def _tell(queue: Any, client: Any) -> None:
    try:
        ask(client)
    except errors.UnservedRequest as error:
        queue.put(str(error))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child(net: Net, new_client: Callable[..., Any]) -> None:
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=_tell, args=(queue, new_client()))
    child.start()
    assert queue.get() == CALL
    child.join()


def _shown(**options: Any) -> str:
    return subprocess.check_output([sys.executable, "-c", PRINT], text=True, **options)


def test_a_child_gets_a_closed_endpoint(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = _shown()
    assert closed.startswith("http://127.0.0.1:")
    with FakeAmplifyBackend():
        assert _shown() != closed
    assert _shown(env={"PATH": os.environ["PATH"]}) == closed
    with monkeypatch.context() as patch:  # as amplifybackend_server does
        patch.setenv(ENDPOINT, "http://127.0.0.1:4566")
        assert _shown() == "http://127.0.0.1:4566"
    assert _shown() == closed


def test_a_child_keeps_the_endpoint_of_all_of_aws_on_this_machine(
    net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"PATH": os.environ["PATH"]}
    local, proxy = "http://localhost:4566", "https://proxy.example.com"
    assert _shown(env={**environment, "AWS_ENDPOINT_URL": local}) == "-"
    assert _shown(env={**environment, "AWS_ENDPOINT_URL": proxy}).startswith("http://127.0.0.1:")
    with FakeAmplifyBackend():
        shown = _shown(env={**environment, "AWS_ENDPOINT_URL": local})
        assert shown.startswith("http://127.0.0.1:")


def test_children_that_have_nets_of_their_own(net: Net) -> None:
    net.leave_children()
    assert _shown() == "-"
    net.stop()
    assert _shown() == "-"
