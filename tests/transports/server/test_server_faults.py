"""The server: faults and errors as a client meets them."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("httptools")

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from http_client import Raw

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._transports.server import Server

DETAILS = "/backend/d1abc/details"


def test_a_connection_reset(served: FakeAmplifyBackend, raw: Raw, client: Any) -> None:
    served.fail("GetBackend", errors.ConnectionReset(), times=2)
    raw.request("POST", DETAILS, b"{}")
    assert raw.at_end()
    with pytest.raises(ConnectionClosedError):
        client.get_backend(AppId="d1abc")
    assert client.get_backend(AppId="d1abc")["AppId"] == "d1abc"


def test_a_read_timeout(served: FakeAmplifyBackend, server: Server, client: Any) -> None:
    served.fail("GetBackend", errors.ReadTimeout(), times=2)
    with pytest.raises(ReadTimeoutError):
        client.get_backend(AppId="d1abc")
    with Raw(server.url) as hanging, Raw(server.url) as raw:
        hanging.request("POST", DETAILS, b"{}")
        hanging.request("POST", DETAILS, b"{}")  # nothing more is answered on this connection
        for _ in range(10):
            assert raw.ask("POST", DETAILS, b"{}")[0] == 200
        hanging.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            hanging.socket.recv(1)


def test_a_server_stops_while_a_client_waits(served: FakeAmplifyBackend) -> None:
    served.fail("GetBackend", errors.ReadTimeout())
    with served.serve() as server:
        hanging, idle = Raw(server.url), Raw(server.url)
        hanging.request("POST", DETAILS, b"{}")
        assert idle.ask("POST", "/s3Buckets", b"{}")[0] == 200
    assert hanging.at_end()
    assert idle.at_end()
    hanging.close()
    idle.close()


def test_a_garbled_response(served: FakeAmplifyBackend, raw: Raw, client: Any) -> None:
    served.fail("GetBackend", errors.GarbledResponse(), times=2)
    raw.request("POST", DETAILS, b"{}")
    status, _, body = raw.answer()
    assert status == 200
    with pytest.raises(ValueError, match=r"(?i)expect|unterminated|delimiter"):
        json.loads(body)
    assert set(client.get_backend(AppId="d1abc")) == {"ResponseMetadata"}  # botocore is lenient
