"""Calls that the state refuses, and requests of careless clients."""

from __future__ import annotations

import http.client
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("hypothesis", reason="strategies need the hypothesis extra")

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import InvalidArgument
from volume import budget

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend.errors import ServiceError
from pytest_amplifybackend.strategies import (
    RefusedRequest,
    WireRequest,
    refused_requests,
    wire_requests,
)
from pytest_amplifybackend.strategies._internal.refused import _STATES
from pytest_amplifybackend.strategies._internal.wire import _FAULTS


@pytest.mark.volume
@pytest.mark.parametrize("state", _STATES)
def test_the_state_refuses_a_valid_call_as_it_says(state: str) -> None:
    fake = FakeAmplifyBackend()
    client = fake.client()
    operations: Counter[str] = Counter()

    @settings(max_examples=budget(300, 60), deadline=None, database=None, derandomize=True)
    @given(refused_requests(state))
    def refused(request: RefusedRequest) -> None:
        fake.reset()
        call = request.prepare(client, fake.clock.shift)
        before = fake.dump()
        with pytest.raises(ClientError) as error:
            call.send(client)
        assert error.value.response["Error"]["Code"] == request.expected.code, request
        met = fake.calls[-1].error
        assert isinstance(met, ServiceError)
        assert "param" not in str(met.rule)
        assert fake.dump() == before
        assert request.state == state
        operations[call.operation] += 1

    refused()
    assert len(operations) >= 2


def test_what_a_refused_request_says() -> None:
    shown: list[str] = []

    @settings(max_examples=5, deadline=None, database=None, derandomize=True)
    @given(refused_requests("expired"))
    def collect(request: RefusedRequest) -> None:
        shown.append(repr(request))
        with pytest.raises(TypeError, match="seconds pass"):
            request.prepare(FakeAmplifyBackend().client())

    collect()
    assert ") ends in NotFound after CreateBackend, CreateToken and 3" in shown[0]
    with pytest.raises(InvalidArgument, match="did you mean 'expired'"):
        refused_requests("expire")


@pytest.mark.volume
def test_no_careless_request_meets_an_error_of_the_server() -> None:
    fake = FakeAmplifyBackend()
    chosen = settings(
        max_examples=budget(60, 12),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    answers: Counter[int] = Counter()
    with fake.serve() as server:
        at = urlsplit(server.url)
        host = at.hostname or ""

        def careless(request: WireRequest) -> None:
            connection = http.client.HTTPConnection(host, at.port, timeout=10)
            headers = {**request.headers, "Authorization": "AWS4-HMAC-SHA256 careless"}
            connection.request(request.method, request.path, request.body, headers)
            status = connection.getresponse().status
            connection.close()
            assert status < 500, request
            answers[status] += 1

        for fault in _FAULTS:  # each on its own, since draws need not come to all of them
            chosen(given(wire_requests(fault=fault))(careless))()
    assert {200, 400, 404} <= set(answers)


def test_a_fault_narrows() -> None:
    @settings(max_examples=20, database=None, derandomize=True)
    @given(wire_requests("CreateBackendAuth", fault="mark"))
    def marked(request: WireRequest) -> None:
        assert request.body.startswith(b"\xef\xbb\xbf{")
        assert request.operation == "CreateBackendAuth"

    marked()
    wrong: Any = "nul"
    with pytest.raises(InvalidArgument, match="did you mean 'null'"):
        wire_requests(fault=wrong)
