"""The net: outside any fake nothing reaches the real service."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from blocking import CALL, ENDPOINT, ONCE, REAL, WHY, ask, is_blocked
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.exceptions import ClientError, EndpointConnectionError, ProfileNotFound
from botocore.session import Session
from botocore.stub import Stubber
from process_state import process

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._transports.blocked import Net
from pytest_amplifybackend._transports.hosts import is_on_this_machine

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
