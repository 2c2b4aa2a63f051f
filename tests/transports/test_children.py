"""Other processes that a program starts reach a served fake, or a port that is closed."""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import botocore
import pytest

from pytest_amplifybackend import FakeAmplifyBackend

ENDPOINT = "AWS_ENDPOINT_URL_AMPLIFYBACKEND"
IGNORE = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
PRINT = (
    "import os, sys; names = sys.argv[1:]; "
    "sys.stdout.write(','.join(os.environ.get(name, '-') for name in names))"
)
CHILD = [sys.executable, "-I", "-S", "-c", PRINT, ENDPOINT]
MINIMAL = {"PATH": os.environ["PATH"]}


def _run(**options: Any) -> str:
    return subprocess.run(CHILD, capture_output=True, check=True, text=True, **options).stdout


def _check_output() -> str:
    return subprocess.check_output(CHILD, text=True)


def _positional() -> str:
    popen = subprocess.Popen(
        CHILD, -1, None, None, subprocess.PIPE, None, None, True, False, None, dict(os.environ)
    )
    return popen.communicate()[0].decode()


def _os_popen() -> str:
    with os.popen(subprocess.list2cmdline(CHILD)) as pipe:
        return pipe.read()


def _asyncio() -> str:
    async def run() -> str:
        child = await asyncio.create_subprocess_exec(*CHILD, stdout=subprocess.PIPE, env=MINIMAL)
        return (await child.communicate())[0].decode()

    return asyncio.run(run())


def _through(start: Callable[[Any], int]) -> str:
    """What a child prints that is started with file descriptors of its own."""
    reading, writing = os.pipe()
    try:
        pid = start([(os.POSIX_SPAWN_DUP2, writing, 1)])
        os.close(writing)
        os.waitpid(pid, 0)
        return os.read(reading, 1000).decode()
    finally:
        os.close(reading)


def _posix_spawn() -> str:
    return _through(lambda actions: os.posix_spawn(CHILD[0], CHILD, MINIMAL, file_actions=actions))


def _posix_spawnp() -> str:
    return _through(lambda actions: os.posix_spawnp(CHILD[0], CHILD, MINIMAL, file_actions=actions))


def _tell(connection: Any) -> None:
    connection.send(os.environ.get(ENDPOINT, "-"))


def _spawned() -> str:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_tell, args=(theirs,))
    child.start()
    told: str = ours.recv()
    child.join()
    return told


def _executed() -> str:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(writing, 1)
        os.execve(CHILD[0], CHILD, MINIMAL)
    os.close(writing)
    os.waitpid(pid, 0)
    with os.fdopen(reading) as pipe:
        return pipe.read()


WAYS: dict[str, Callable[[], str]] = {
    "an inherited environment": _run,
    "a copy": lambda: _run(env=dict(os.environ)),
    "one of its own": lambda: _run(env=MINIMAL),
    "one of bytes": lambda: _run(env={b"PATH": os.environb[b"PATH"]}),
    "check_output": _check_output,
    "positional arguments": _positional,
    "a shell": _os_popen,
    "asyncio": _asyncio,
    "posix_spawn": _posix_spawn,
    "posix_spawnp": _posix_spawnp,
    "multiprocessing's spawn": _spawned,
    "execve after a fork": _executed,
}
BOTOCORE = tuple(int(part) for part in botocore.__version__.split(".")[:2])
FORKS = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


pytestmark = pytest.mark.usefixtures("no_endpoint")


@pytest.fixture
def no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENDPOINT, raising=False)
    monkeypatch.delenv(IGNORE, raising=False)


def _is_closed(url: str) -> bool:
    parts = urlsplit(url)
    assert (parts.scheme, parts.hostname) == ("http", "127.0.0.1")
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", parts.port or 0)) != 0


def _inherited() -> bytes | None:
    getenv = ctypes.CDLL(None).getenv
    getenv.restype = ctypes.c_char_p
    value: bytes | None = getenv(ENDPOINT.encode())
    return value


@FORKS
@pytest.mark.parametrize("way", WAYS)
def test_a_child_gets_a_closed_port(way: str) -> None:
    with FakeAmplifyBackend():
        assert ENDPOINT not in os.environ
        assert _is_closed(WAYS[way]())
    assert WAYS[way]() == "-"


@FORKS
@pytest.mark.parametrize("way", ["an inherited environment", "one of its own", "posix_spawn"])
def test_a_child_gets_the_served_fake(way: str) -> None:
    pytest.importorskip("httptools")
    fake = FakeAmplifyBackend()
    with fake.serve() as server, fake:
        assert WAYS[way]() == server.url
    with fake, fake.serve() as server:
        assert WAYS[way]() == server.url


def test_clients_of_this_process_never_see_it(new_client) -> None:
    with FakeAmplifyBackend():
        url = new_client().meta.endpoint_url
    assert url == "https://amplifybackend.us-east-1.amazonaws.com"


def test_nested_fakes() -> None:
    with FakeAmplifyBackend():
        outer = _inherited()
        with FakeAmplifyBackend():
            assert _inherited() not in (None, outer)
        assert _inherited() == outer
    assert _inherited() is None


def test_an_endpoint_of_the_programs_own_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    own = "http://127.0.0.1:4566"
    monkeypatch.setenv(ENDPOINT, own)
    with FakeAmplifyBackend():
        assert _run() == own
        assert _run(env={**MINIMAL, ENDPOINT: "http://127.0.0.1:5000"}) == "http://127.0.0.1:5000"
    assert _run() == own


def test_but_not_one_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    real = "https://amplifybackend.us-east-1.amazonaws.com"
    monkeypatch.setenv(ENDPOINT, real)
    with FakeAmplifyBackend():
        assert _is_closed(_run())
        assert _is_closed(_run(env={**MINIMAL, ENDPOINT: real}))
        assert os.environ[ENDPOINT] == real
    assert _run() == real


def test_it_comes_back_when_the_program_takes_it_away(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def shell() -> str:
        assert os.system(f"{subprocess.list2cmdline(CHILD)} > {tmp_path / 'printed'}") == 0
        return (tmp_path / "printed").read_text()

    with FakeAmplifyBackend():
        monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:4566")
        monkeypatch.delenv(ENDPOINT)
        assert _is_closed(shell())
        with mock.patch.dict(os.environ, {"ANOTHER": "1"}):
            pass
        assert _is_closed(shell())
    assert shell() == "-"


def test_an_endpoint_that_is_no_url_is_the_childs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, "http://[bad")
    with FakeAmplifyBackend():
        assert _run() == "http://[bad"


def test_a_child_may_not_overlook_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(IGNORE, "true")
    with FakeAmplifyBackend():
        told = subprocess.check_output([*CHILD, IGNORE], text=True)
        assert told.endswith(",false")
        assert os.environ[IGNORE] == "true"
    assert subprocess.check_output([*CHILD, IGNORE], text=True) == "-,true"


def test_an_environment_that_is_none_is_refused_as_ever() -> None:
    with FakeAmplifyBackend(), pytest.raises((TypeError, AttributeError)):
        subprocess.run(CHILD, check=False, env=5)  # type: ignore[call-overload]


@pytest.mark.skipif(BOTOCORE < (1, 31), reason="it does not read the variable yet")
def test_a_program_in_a_child_reaches_nothing(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\n"
        "def note(event, args):\n"
        "    if event == 'socket.getaddrinfo':\n"
        "        print(args[0])\n"
        "sys.addaudithook(note)\n"
        "from botocore.session import Session\n"
        "from botocore.config import Config\n"
        "client = Session().create_client('amplifybackend', 'us-east-1', aws_access_key_id='a',\n"
        "    aws_secret_access_key='b', config=Config(retries={'max_attempts': 0}))\n"
        "try:\n"
        "    client.get_backend(AppId='d1abc')\n"
        "except Exception as error:\n"
        "    print(type(error).__name__)\n"
    )
    with FakeAmplifyBackend():
        told = subprocess.check_output([sys.executable, str(program)], text=True)
    assert told.split() == ["127.0.0.1", "EndpointConnectionError"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@FORKS
def test_a_forked_child_is_served_by_its_copy_of_the_fake(new_client) -> None:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def ask() -> None:
        theirs.send(new_client().get_backend(AppId="d1abc")["BackendEnvironmentList"])

    with FakeAmplifyBackend() as fake:
        fake.add_app("d1abc")
        child = context.Process(target=ask)
        child.start()
        assert ours.recv() == ["dev"]
        child.join()
        fake.assert_not_called("GetBackend")
