"""The net: outside any fake nothing reaches the real service, and inside one nothing changes."""

from __future__ import annotations

import concurrent.futures
import gc
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, ProfileNotFound
from botocore.session import Session
from botocore.stub import Stubber
from process_state import process

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._transports.blocked import Net
from pytest_amplifybackend._transports.hosts import is_on_this_machine

REAL = "amplifybackend.us-east-1.amazonaws.com"
ENDPOINT = "AWS_ENDPOINT_URL_AMPLIFYBACKEND"
TRANSPORTS = ("stubber", "wire")
ONCE = Config(retries={"max_attempts": 0}, connect_timeout=2, read_timeout=2)
WHY = (
    "no FakeAmplifyBackend is active, and amplifybackend_block_network is on. Request the fixture "
    "'amplifybackend' in the test, or use `with FakeAmplifyBackend():`. To reach the real service, "
    "turn amplifybackend_block_network off."
)
CALL = f"GetBackend was not sent to https://{REAL}: {WHY}"
PRINT = f"import os, sys; sys.stdout.write(os.environ.get('{ENDPOINT}', '-'))"


@pytest.fixture
def net() -> Iterator[Net]:
    """All is blocked."""
    made = Net()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts that get as far as name look-up, which finds none but this machine."""
    hosts: list[str] = []
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host in ("127.0.0.1", "localhost"):
            return real(host, *args, **kwargs)
        hosts.append(host)
        raise socket.gaierror("no network in this test")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return hosts


def ask(client: Any) -> Any:
    return client.get_backend(AppId="d1abc")


def is_blocked(client: Any) -> bool:
    with pytest.raises(errors.UnservedRequest) as caught:
        ask(client)
    return str(caught.value) == CALL


# Calls


def test_a_call_is_blocked_at_once(
    asked: list[str], net: Net, new_client: Callable[..., Any]
) -> None:
    client = new_client()
    heard: list[str] = []
    client.meta.events.register("*", lambda event_name, **_: heard.append(event_name))
    assert is_blocked(client)
    assert heard == []  # no handler, so no validation, no retry and no signature
    assert asked == []


@pytest.mark.parametrize("name", ["proxy.example.com", REAL, "10.0.0.1", "localhost.example.com"])
def test_other_endpoints_are_blocked(net: Net, new_client: Callable[..., Any], name: str) -> None:
    with pytest.raises(errors.UnservedRequest, match=f"^GetBackend was not sent to https://{name}"):
        ask(new_client(endpoint_url=f"https://{name}"))


def test_exceptions_paginators_and_waiters(net: Net, new_client: Callable[..., Any]) -> None:
    client = new_client()
    assert issubclass(client.exceptions.NotFoundException, ClientError)
    assert client.waiter_names == []
    pages = client.get_paginator("list_backend_jobs").paginate(
        AppId="d1abc", BackendEnvironmentName="dev"
    )
    with pytest.raises(errors.UnservedRequest, match=r"^ListBackendJobs was not sent"):
        list(pages)
    client.close()


def test_a_presigned_url_is_made_and_reaches_nothing(
    asked: list[str], net: Net, new_client: Callable[..., Any]
) -> None:
    requests = pytest.importorskip("requests")
    url = new_client().generate_presigned_url("get_token", {"AppId": "d1abc", "SessionId": "s"})
    assert url.startswith(f"https://{REAL}/backend/d1abc/challenge/s")
    with pytest.raises(errors.UnservedRequest) as caught:
        requests.get(url, timeout=1)
    assert str(caught.value) == f"A request for {REAL} was not sent: {WHY}"
    assert asked == []


def test_other_services_and_hosts_are_reached_as_ever(
    asked: list[str], net: Net, new_client: Callable[..., Any]
) -> None:
    with pytest.raises(EndpointConnectionError):
        new_client("amplify", config=ONCE).list_apps()
    with pytest.raises(OSError, match="no network"):
        socket.create_connection(("example.com", 443))
    assert asked == ["amplify.us-east-1.amazonaws.com", "example.com"]


# Endpoints on this machine


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_an_endpoint_on_this_machine_is_reached(
    net: Net, new_client: Callable[..., Any], host: str
) -> None:
    pytest.importorskip("httptools")
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc")
    server = fake.serve()  # listens without being entered: nothing is active
    server.listen()
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        client = new_client(endpoint_url=f"http://{host}:{server.port}")
        assert ask(client)["AppId"] == "d1abc"
    finally:
        server.stop()
        thread.join()


def test_an_endpoint_of_the_environment_on_this_machine(
    net: Net, new_client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv(ENDPOINT, f"http://127.0.0.1:{closed.getsockname()[1]}")
        client = new_client(config=ONCE)
        if client.meta.endpoint_url.endswith("amazonaws.com"):
            pytest.skip("this botocore does not read the variable")
        with pytest.raises(EndpointConnectionError):
            ask(client)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:4566", True),
        ("http://127.0.0.1", True),
        ("http://127.8.9.10:80/path", True),
        ("http://[::1]:4566", True),
        ("http://0.0.0.0:5000", True),
        ("http://LOCALHOST.", True),
        ("http://amplifybackend.localhost:4566", True),
        ("http://localhost.localstack.cloud:4566", True),
        ("https://proxy.example.com", False),
        ("https://localhost.example.com", False),
        ("https://notlocalhost", False),
        ("http://10.0.0.1", False),
        ("http://[::2]", False),
        ("http://[::1", False),
        ("localhost:4566", False),
        ("", False),
    ],
)
def test_what_is_on_this_machine(url: str, expected: bool) -> None:
    assert is_on_this_machine(url) is expected


# What tests put in the place of calls


def test_a_client_under_botocores_own_stubber(net: Net, new_client: Callable[..., Any]) -> None:
    client = new_client()
    stubber = Stubber(client)
    stubber.add_response("get_backend", {"AppId": "d1abc"}, {"AppId": "d1abc"})
    with stubber:
        assert ask(client) == {"AppId": "d1abc"}
        with pytest.raises(Exception, match="was not stubbed"):
            ask(client)
        assert is_blocked(new_client())
    assert is_blocked(client)


def test_a_call_that_a_mock_answers(net: Net, new_client: Callable[..., Any]) -> None:
    with mock.patch.object(BaseClient, "_make_api_call", return_value={"AppId": "mine"}):
        assert ask(new_client()) == {"AppId": "mine"}


@pytest.mark.parametrize("before", [True, False], ids=["bound before the net", "bound after"])
def test_a_call_that_a_mock_forwards(new_client: Callable[..., Any], before: bool) -> None:
    bound = BaseClient._make_api_call
    net = Net()
    net.start()
    try:
        original = bound if before else BaseClient._make_api_call

        def forward(client: Any, operation_name: str, api_params: Any) -> Any:
            return original(client, operation_name, api_params)

        with mock.patch.object(BaseClient, "_make_api_call", forward):
            assert is_blocked(new_client())
    finally:
        net.stop()


def test_a_handler_that_would_answer(net: Net, new_client: Callable[..., Any]) -> None:
    client = new_client()

    def answer(**_: Any) -> Any:
        return AWSResponse("", 200, {}, None), {"AppId": "mine"}

    client.meta.events.register_first("before-call", answer)
    assert is_blocked(client)


def test_moto_makes_no_difference(net: Net, new_client: Callable[..., Any]) -> None:
    moto = pytest.importorskip("moto")
    with moto.mock_aws():
        assert is_blocked(new_client())
        others = Session().create_client("s3", region_name="us-east-1")
        assert others.list_buckets()["Buckets"] == []


def test_what_a_test_registers_with_responses(net: Net) -> None:
    responses = pytest.importorskip("responses")
    requests = pytest.importorskip("requests")
    with responses.RequestsMock() as mocked:
        mocked.add("GET", f"https://{REAL}/backend", body="mine")
        assert requests.get(f"https://{REAL}/backend", timeout=1).text == "mine"
    with pytest.raises(errors.UnservedRequest):
        requests.get(f"https://{REAL}/backend", timeout=1)


def test_a_cassette_of_vcrpy(
    asked: list[str], net: Net, new_client: Callable[..., Any], tmp_path: Any
) -> None:
    vcr = pytest.importorskip("vcr")
    requests = pytest.importorskip("requests")
    with vcr.use_cassette(str(tmp_path / "cassette.yaml")):
        assert is_blocked(new_client())
        with pytest.raises(errors.UnservedRequest):
            requests.get(f"https://{REAL}/backend", timeout=1)
    assert asked == []


# Credentials


@pytest.mark.parametrize("section", ["credential_process = /bin/false", "role_arn = arn:aws:x"])
def test_making_a_client_asks_nobody(
    asked: list[str],
    net: Net,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
    section: str,
) -> None:
    (tmp_path / "config").write_text(
        f"[default]\n{section}\ncredential_source = Ec2InstanceMetadata\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    client = Session().create_client("amplifybackend", region_name="us-east-1")
    assert is_blocked(client)
    assert client._request_signer._credentials.access_key == "testing"
    assert asked == []


def test_a_missing_profile_is_missed_as_ever(
    net: Net, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3 = pytest.importorskip("boto3")
    monkeypatch.setenv("AWS_PROFILE", "nope")
    with pytest.raises(ProfileNotFound):
        boto3.Session()


# Fakes


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_fake_on_top(
    net: Net,
    new_client: Callable[..., Any],
    served_by: Callable[[Any], list[str]],
    transport: str,
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
    transport: str,
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
    net: Net, served_by: Callable[[Any], list[str]], transport: str
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


# Beginning and end


def test_everything_is_put_back(new_client: Callable[..., Any]) -> None:
    before = process()
    net = Net()
    net.start()
    assert process() != before
    with FakeAmplifyBackend(), net.lifted():
        pass
    net.stop()
    net.stop()
    assert process() == before
    gc.collect()


def test_a_start_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = process()
    with monkeypatch.context() as patch:
        patch.setattr(Net, "_in_stubber", mock.Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            Net().start()
    assert process() == before


def test_while_it_is_lifted_everything_is_as_without(
    asked: list[str], net: Net, new_client: Callable[..., Any]
) -> None:
    client = new_client(config=ONCE)
    with net.lifted(), pytest.raises(EndpointConnectionError):
        ask(client)
    assert asked == [REAL]
    assert is_blocked(client)


FIRST = {
    "botocore": "from botocore.session import Session\nfrom botocore.stub import Stubber",
    "the fake": "from pytest_amplifybackend import FakeAmplifyBackend\nFakeAmplifyBackend()",
    "a stubber": "from botocore.stub import Stubber",
    "credentials": "from pytest_amplifybackend._transports import credentials",
}


@pytest.mark.parametrize("first", FIRST)
def test_libraries_that_are_imported_later(first: str, tmp_path: Any) -> None:
    (tmp_path / "config").write_text("[default]\ncredential_process = /bin/false\n")
    code = f"""
import sys
from pytest_amplifybackend import errors
from pytest_amplifybackend._transports.blocked import Net
net = Net()
net.start()
assert not [name for name in sys.modules if name.partition(".")[0] == "botocore"]
{FIRST[first]}
from botocore.session import Session
from botocore.stub import Stubber
client = Session().create_client("amplifybackend", region_name="us-east-1")
try:
    client.get_backend(AppId="d1abc")
except errors.UnservedRequest as error:
    assert str(error) == {CALL!r}, error
else:
    raise AssertionError
with Stubber(client) as stubber:
    stubber.add_response("list_s3_buckets", {{"Buckets": []}})
    client.list_s3_buckets()
net.stop()
from botocore.client import BaseClient
for owner, names in (
    (BaseClient, ("_make_api_call", "_emit_api_params")),
    (Session, ("create_client", "get_credentials")),
    (Stubber, ("activate", "deactivate")),
):
    assert not [name for name in names if hasattr(vars(owner)[name], "_amplifybackend_patch")]
"""
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, env=env
    )
    assert done.returncode == 0, done.stderr
