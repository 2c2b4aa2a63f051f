"""Probes of every member, enum and limit; with ``--amplifybackend-probes`` only: thousands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError
from botocore.validate import ParamValidator

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._rules.rule import Layer
from pytest_amplifybackend.contract._support import probes
from pytest_amplifybackend.contract._support.backend import READS, Backend
from pytest_amplifybackend.contract._support.marks import about, provenance
from pytest_amplifybackend.contract._support.probes import Probe
from pytest_amplifybackend.contract._support.raw import Raw, wire
from pytest_amplifybackend.contract._support.samples import STATES, sample
from pytest_amplifybackend.strategies._internal.accepting import broken

CASES = [
    pytest.param(
        probe, id=probe.name, marks=(about(probe.operation), provenance(probe.tag, probe.source))
    )
    for probe in probes.probes()
]


@pytest.mark.parametrize("probe", CASES)
def test_probe(backend: Backend, shared: Any, arrange: Any, probe: Probe) -> None:
    existing = shared(STATES[probe.operation])
    if probe.raw or not _clients_send(probe.operation, probe.params(existing)):
        _send(backend, existing, arrange, probe)
        return
    params = probe.params(existing)
    layer = next((found.rule.layer for found in broken(probe.operation, params)), None)
    if layer is Layer.SERVICE:
        backend.rejected(probe.operation, params, errors.BadRequest)
    elif layer is Layer.PROVISIONING:
        backend.fails(probe.operation, params)
    else:
        _accept(backend, existing, arrange, probe)


def _clients_send(operation: str, params: dict[str, Any]) -> bool:
    """Whether a client lets a request pass: it checks types, and the ranges of numbers."""
    shape = catalogue.operations()[operation].input_shape
    return not ParamValidator().validate(params, shape).has_errors()


def _accept(backend: Backend, existing: Any, arrange: Any, probe: Probe) -> None:
    """Expect that a request is accepted; what would change a shared state has one of its own."""
    if probe.operation not in READS:
        existing = arrange(STATES[probe.operation])
    params = probe.params(existing)
    if params.get("AppId", existing["AppId"]) != existing["AppId"]:
        backend.noted.apps.append((backend.region, params["AppId"]))
    backend.call(probe.operation, params)


def _send(backend: Backend, existing: Any, arrange: Any, probe: Probe) -> None:
    """Send what no client would; where there is no wire, the client is what has to reject it."""
    operation = probe.operation
    if backend.target.url is None:
        _refused_by_client(backend, existing, probe)
        return
    if probe.expected == probes.EITHER and operation not in READS:
        existing = arrange(STATES[operation])
    params = sample(operation, existing, full=True)
    body = probe.body(wire(operation, params)[2])
    answer = Raw(backend).ask(operation, params, body=json.dumps(body).encode())
    allowed = (200, 400) if probe.expected == probes.EITHER else (400,)
    assert answer.status in allowed, f"{operation}: {probe.path}: status {answer.status}"
    if answer.status == 400:
        assert answer.members().get("message"), f"{operation}: {probe.path}: no message"


def _refused_by_client(backend: Backend, existing: Any, probe: Probe) -> None:
    client = backend.target.client(backend.region)
    try:
        getattr(client, catalogue.method_name(probe.operation))(**probe.params(existing))
    except ParamValidationError:
        return
    raise AssertionError(f"{probe.operation}: {probe.path}: the client let {probe.kind} pass")
