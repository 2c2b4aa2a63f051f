"""The server: how it begins, what it holds while it runs, and how it ends."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("httptools")

from http_client import Raw

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._transports.server import Server

DETAILS = "/backend/d1abc/details"


def open_sockets() -> int:
    gc.collect()
    return len(list(os.scandir("/proc/self/fd")))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts what /proc shows")
def test_nothing_is_left_behind(served: FakeAmplifyBackend) -> None:
    with served.serve():
        pass  # the first time imports modules
    before, threads = open_sockets(), threading.active_count()
    for _ in range(5):
        with served.serve() as server:
            kept = [Raw(server.url) for _ in range(3)]
            assert kept[0].ask("POST", DETAILS, b"{}")[0] == 200
            kept[1].send(b"POST")
            for raw in kept:
                raw.close()
    assert threading.active_count() == threads
    assert open_sockets() == before


def test_nothing_is_left_behind_where_moto_does_not_start(
    served: FakeAmplifyBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("moto")
    from moto.core.botocore_stubber import BotocoreStubber

    from pytest_amplifybackend._provision import moto

    class Fails(moto.KeptKeys):
        def apply(self) -> None:
            super().apply()
            raise MemoryError

    with FakeAmplifyBackend(moto=True).serve() as server:
        port = server.port
    before = open_sockets()
    with monkeypatch.context() as patch:
        patch.setattr(moto, "KeptKeys", Fails)
        with pytest.raises(MemoryError), FakeAmplifyBackend(moto=True).serve(port=port):
            pass
    assert open_sockets() == before
    stubbers = [one for one in gc.get_objects() if type(one) is BotocoreStubber]
    assert not any(stubber.enabled for stubber in stubbers)
    with served.serve(port=port):
        pass


def test_a_port_is_free_again(served: FakeAmplifyBackend) -> None:
    with served.serve() as server, Raw(server.url) as raw:
        assert raw.ask("POST", DETAILS, b"{}")[0] == 200
        port = server.port
    with served.serve(port=port) as again, Raw(again.url) as raw:
        assert again.port == port
        assert raw.ask("POST", DETAILS, b"{}")[0] == 200
        with pytest.raises(OSError, match="in use"), served.serve(port=port):
            pass


def test_a_server_keeps_as_many_calls_as_it_is_told(served: FakeAmplifyBackend) -> None:
    with served.serve(keep_calls=3) as server, Raw(server.url) as raw:
        for number in range(9):
            raw.ask("POST", f"/backend/d{number}/details", b"{}")
            assert len(served.calls) <= 6
        kept = [call.params["AppId"] for call in served.calls]
    assert kept == ["d4", "d5", "d6", "d7", "d8"]


@pytest.mark.parametrize("keep", [0, -1, 1.5, True, "many"])
def test_a_number_of_calls_that_cannot_be(served: FakeAmplifyBackend, keep: Any) -> None:
    with pytest.raises(errors.UsageError, match="keep_calls must be a whole number from 1"):
        served.serve(keep_calls=keep)


def test_two_servers_of_two_fakes(served: FakeAmplifyBackend) -> None:
    with served.serve() as one, FakeAmplifyBackend().serve() as two:
        with Raw(one.url) as raw:
            assert raw.ask("POST", DETAILS, b"{}")[0] == 200
        with Raw(two.url) as raw:
            assert raw.ask("POST", DETAILS, b"{}")[0] == 404


def test_stopping_waits_for_the_call_in_flight(served: FakeAmplifyBackend) -> None:
    answering, go_on = threading.Event(), threading.Event()

    def slow(_: Any) -> Any:
        answering.set()
        assert go_on.wait(20)
        return {"AppId": "d1abc"}

    served.override("GetBackend", slow)
    server = served.serve()
    server.__enter__()
    raw = Raw(server.url)
    raw.request("POST", DETAILS, b"{}")
    assert answering.wait(20)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    go_on.set()
    stopping.join(20)
    assert not stopping.is_alive()
    assert raw.answer()[0] == 200
    raw.close()
    server.__exit__(None, None, None)


def test_an_override_may_stop_its_server(served: FakeAmplifyBackend) -> None:
    with served.serve() as server, Raw(server.url) as raw:

        def stop(_: Any) -> Any:
            server.stop()
            return {"AppId": "d1abc"}

        served.override("GetBackend", stop)
        assert raw.ask("POST", DETAILS, b"{}")[0] == 200
        assert raw.at_end()


def test_the_real_service_is_out_of_reach_meanwhile(server: Server) -> None:
    with pytest.raises(errors.UnservedRequest):
        socket.getaddrinfo("amplifybackend.us-east-1.amazonaws.com", 443)


def test_the_environment_for_other_programs(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("NO_PROXY", "intranet")
    found = {name: value for name, value in server.env.items() if name.startswith("AWS_")}
    assert found == {
        "AWS_ENDPOINT_URL_AMPLIFYBACKEND": server.url,
        "AWS_ENDPOINT_URL_AMPLIFY_BACKEND": server.url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    assert server.env["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert server.env["PATH"] == os.environ["PATH"]


def test_another_program(server: Server, served: FakeAmplifyBackend) -> None:
    pytest.importorskip("boto3", "1.28")  # the first that reads the variable
    program = (
        "import boto3; print(boto3.client('amplifybackend').get_backend(AppId='d1abc')['AppId'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=server.env, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("d1abc\n", "")
    assert served.calls[-1].transport == "server"


def test_without_httptools(served: FakeAmplifyBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("listener", "http1"):
        monkeypatch.delitem(sys.modules, f"pytest_amplifybackend._transports.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "httptools", None)
    wanted = r"^The server needs httptools: pip install 'pytest-amplifybackend\[http\]'$"
    with pytest.raises(errors.MissingExtra, match=wanted), served.serve():
        pass


def test_on_every_interface(served: FakeAmplifyBackend) -> None:
    with served.serve(host="0.0.0.0") as server:
        assert urlsplit(server.url).hostname == "127.0.0.1"
        with Raw(server.url) as raw:
            assert raw.ask("POST", DETAILS, b"{}", Host="10.1.2.3:9")[0] == 200
            assert raw.ask("POST", DETAILS, b"{}", Host="evil.example")[0] == 403
