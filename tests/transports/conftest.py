"""What the transport tests share: a machine without AWS, and words for the commonest steps."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.session import Session

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports.blocked import Net

APP = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    """A session on a machine without profile, credentials and instance metadata."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return Session()


@pytest.fixture
def new_client(session: Session) -> Callable[..., Any]:
    """Makes clients as a program does, with credentials."""

    def make(service: str = "amplifybackend", **options: Any) -> Any:
        given = {"region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
        return session.create_client(service, **{**given, **options})

    return make


@pytest.fixture
def fake() -> Iterator[FakeAmplifyBackend]:
    """An active fake with one app."""
    with FakeAmplifyBackend() as fake:
        fake.add_app("d1abc")
        yield fake


@pytest.fixture
def served_by() -> Callable[[Any], list[str]]:
    """Which environments a client sees in app d1abc, to tell fakes apart."""

    def see(client: Any) -> list[str]:
        return list(client.get_backend(AppId="d1abc")["BackendEnvironmentList"])

    return see


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
