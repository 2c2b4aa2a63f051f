"""HTTP itself: headers of every answer, and requests that no client sends.

What is sent in bytes is for targets with a URL; headers are read from what a client tells of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.paths import walk
from pytest_amplifybackend.contract._support.backend import READS, Backend
from pytest_amplifybackend.contract._support.marks import (
    EVERY,
    about,
    assumed,
    documented,
    modeled,
    observed,
)
from pytest_amplifybackend.contract._support.raw import JSON, Raw, wire
from pytest_amplifybackend.contract._support.samples import NOBODY, STATES, sample
from pytest_amplifybackend.contract._support.states import place

OPERATIONS = catalogue.operations()
LARGE = 11 * 1024 * 1024
"""Bytes: more than the 10 MB that API Gateway takes."""

WITH_BODY = [
    name for name, operation in OPERATIONS.items() if wire(name, sample(name, {}))[2] != {}
]


def _cases(*names: str) -> list[Any]:
    return [pytest.param(name, marks=about(name)) for name in names]


def _seen_by_client(backend: Backend) -> Mapping[str, Any]:
    """What the client told of the last answer; skips where it tells no headers."""
    metadata: Mapping[str, Any] = backend.metadata
    if not metadata.get("HTTPHeaders"):
        pytest.skip("the client tells no headers")
    return metadata


def _check_headers(operation: str, metadata: Mapping[str, Any]) -> str:
    """The id of a request whose answer has the headers that every one has."""
    headers = metadata["HTTPHeaders"]
    kind = headers.get("content-type", "").partition(";")[0]
    assert kind == "application/json", f"{operation}: content-type {kind!r}"
    request_id = headers.get("x-amzn-requestid")
    assert request_id, f"{operation}: no x-amzn-requestid"
    assert metadata.get("RequestId") == request_id, f"{operation}: RequestId"
    told = headers.get("date", "")
    try:
        date = parsedate_to_datetime(told)
    except ValueError:
        pytest.fail(f"{operation}: the Date {told!r} is none of HTTP", pytrace=False)
    assert date.tzinfo is not None, f"{operation}: the Date {told!r} has no zone"
    assert told.endswith("GMT"), f"{operation}: the Date {told!r} is not in GMT"
    return str(request_id)


@modeled("rest-json; RFC 9110 for Date; the id of a request is in x-amzn-requestid")
@pytest.mark.parametrize("operation", _cases(*sorted(READS)))
def test_every_answer_has_its_headers(backend: Backend, shared: Any, operation: str) -> None:
    params = sample(operation, shared(STATES[operation]))
    found = []
    for _ in range(2):
        backend.call(operation, params)
        found.append(_check_headers(operation, _seen_by_client(backend)))
    if "AppId" in params:
        answer = backend.rejected(operation, {**params, "AppId": f"d{'0' * 12}"}, errors.NotFound)
        found.append(_check_headers(operation, answer["ResponseMetadata"]))
    assert len(set(found)) == len(found), f"{operation}: two answers have one request id"


@about("GetBackend", "CreateToken", "GetBackendJob")
@documented("RFC 9110: Date is the time at which an answer was made")
def test_times_are_those_of_the_answers_date(backend: Backend, arrange: Any) -> None:
    """Where the target has a real clock: AWS, and what --amplifybackend-clock=system says."""
    if not backend.target.real_clock:
        pytest.skip("the target's clock may be its own: --amplifybackend-clock=system says not")
    existing = arrange("job completed")
    record = backend.job({**place(existing), "JobId": existing["JobId"]})
    date = parsedate_to_datetime(_seen_by_client(backend)["HTTPHeaders"]["date"])
    assert abs(date - datetime.now(UTC)) < timedelta(minutes=5), f"GetBackendJob: Date {date}"
    for member in ("CreateTime", "UpdateTime"):
        time = datetime.fromtimestamp(int(record[member]) / 1000, UTC)
        assert -timedelta(seconds=2) < date - time < timedelta(hours=1), f"GetBackendJob: {member}"


@observed("a recorded preflight: 204 with CORS headers, without a signature")
@about(EVERY)
@pytest.mark.parametrize("path", ["/backend", f"/backend/d1a/job/dev/{NOBODY}"])
def test_a_preflight_needs_no_signature(backend: Backend, path: str) -> None:
    answer = Raw(backend).send("OPTIONS", path, headers={}, signed=False)
    assert answer.status in (200, 204), f"OPTIONS: status {answer.status}"
    assert answer.headers.get("access-control-allow-origin"), "OPTIONS: no allowed origin"
    methods = answer.headers.get("access-control-allow-methods", "")
    assert {"GET", "POST"} <= {name.strip() for name in methods.split(",")}, f"OPTIONS: {methods}"


MALFORMED = {
    "cut off": b'{"appId": "d1',
    "no object": b"[]",
    "a string": b'"text"',
    "two values": b"{} {}",
    "not UTF-8": b'{"appName": "\xff\xfe"}',
    "XML": b"<request/>",
    "nested": b"[" * 2000,
    "an unfinished escape": b'{"appName": "\\ud8',
}


@modeled("BadRequestException has status 400; its causes are those of the request")
@pytest.mark.parametrize("body", [pytest.param(text, id=name) for name, text in MALFORMED.items()])
@pytest.mark.parametrize("operation", _cases("CreateBackend", "UpdateBackendAuth"))
def test_what_is_no_json_is_a_bad_request(
    backend: Backend, shared: Any, operation: str, body: bytes
) -> None:
    raw = Raw(backend)
    params = sample(operation, shared(STATES[operation]))
    answer = raw.ask(operation, params, body=body)
    assert answer.status == 400, f"{operation}: status {answer.status}"
    assert answer.members().get("message"), f"{operation}: no message"


def _wrong(value: Any) -> Iterator[Any]:
    """Values of other types than that of a value on the wire."""
    for other in ("text", 7, True, ["text"], {"a": "b"}):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if type(other) is not type(value) and not (number and isinstance(other, int)):
            yield other


@modeled("the types of the shapes; BadRequestException has status 400")
@pytest.mark.parametrize("operation", _cases(*WITH_BODY))
def test_a_member_of_another_type_is_a_bad_request(
    backend: Backend, shared: Any, operation: str
) -> None:
    """Each top member with one wrong type, and null where it is required."""
    raw = Raw(backend)
    params = sample(operation, shared(STATES[operation]))
    body = wire(operation, params)[2]
    for number, (name, value) in enumerate(body.items()):
        others = list(_wrong(value))
        for other in (others[number % len(others)], None):
            if other is None and name[0].upper() + name[1:] not in OPERATIONS[operation].required:
                continue
            sent = json.dumps({**body, name: other}).encode()
            answer = raw.ask(operation, params, body=sent)
            assert answer.status == 400, f"{operation}: {name} = {other!r}: {answer.status}"


@modeled("no member is a secret of its error; the only modeled error of 500 or more is a timeout")
@about("CreateBackendAuth", "GetBackend")
def test_a_wrong_type_deep_inside_is_a_bad_request(backend: Backend, shared: Any) -> None:
    raw = Raw(backend)
    there = shared("app with environment dev")
    params = sample("CreateBackendAuth", there, full=True)
    method, path, body = wire("CreateBackendAuth", params)
    before = backend.newest_jobs(place(there))
    for where, value, _ in list(walk(body["resourceConfig"])):
        if isinstance(value, dict) and where:
            changed = json.loads(json.dumps(body))
            container: Any = changed["resourceConfig"]
            *way, last = where.split(".")
            for name in way:
                container = container[name]
            container[last] = "s3cr3t text"
            answer = raw.send(method, path, json.dumps(changed).encode())
            assert answer.status == 400, f"CreateBackendAuth: {where}: status {answer.status}"
            assert b"s3cr3t" not in answer.body, f"CreateBackendAuth: {where} is shown"
    assert backend.newest_jobs(place(there)) == before, "CreateBackendAuth: a job was made"


@modeled("only members of the shapes are known")
@pytest.mark.parametrize("operation", _cases("CreateBackend", "ListBackendJobs"))
def test_an_unknown_member_does_no_harm(backend: Backend, shared: Any, operation: str) -> None:
    """Whether it is rejected or passed over is not known."""
    params = sample(operation, shared("app with environment dev"))
    body = {**wire(operation, params)[2], "unknownMember": {"a": [None, 1e308]}}
    answer = Raw(backend).ask(operation, params, body=json.dumps(body).encode())
    assert answer.status in (200, 400), f"{operation}: status {answer.status}"


@modeled("the bindings of the model: JSON by the content type that clients send")
@about("ListBackendJobs", "GetBackend")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/json; charset=utf-8"},
        {"CONTENT-TYPE": "APPLICATION/JSON"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "\u00e9".encode().decode("latin-1")},
    ],
    ids=["none", "charset", "capitals", "text", "strange"],
)
def test_a_content_type_does_no_harm(
    backend: Backend, shared: Any, headers: dict[str, str]
) -> None:
    params = place(shared("job completed"))
    for operation in ("ListBackendJobs", "GetBackend"):
        answer = Raw(backend).ask(operation, params, headers=headers)
        json_type = "json" in "".join(headers.values()).lower()
        allowed = (200,) if json_type else (200, 400, 415)
        assert answer.status in allowed, f"{operation}: status {answer.status}"


@documented("API Gateway: a payload has at most 10 MB")
@about("CreateBackend")
def test_a_body_that_is_too_large_is_rejected(backend: Backend, shared: Any) -> None:
    params = {**sample("CreateBackend", shared("no app")), "AppName": "a" * LARGE}
    answer = Raw(backend).ask("CreateBackend", params)
    assert answer.status in (400, 413), f"CreateBackend: status {answer.status}"
    backend.rejected("GetBackend", {"AppId": params["AppId"]}, errors.NotFound)


PATHS = (
    "/",
    "/nothing",
    "/backend/d1a",
    "/backend//",
    "/%00",
    "/%ff",
    "/..%2f..",
    f"/{'a' * 4000}",
)


@modeled("the paths and methods of the operations are all that there are")
@about(EVERY)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT", "DELETE"])
def test_an_unknown_path_is_the_callers_mistake(backend: Backend, method: str) -> None:
    raw = Raw(backend)
    for path in PATHS if method == "GET" else PATHS[:3]:
        answer = raw.send(method, path, None if method in ("GET", "HEAD") else b"{}")
        assert answer.status >= 400, f"{method} {path[:20]}: status {answer.status}"
        if method == "HEAD":
            assert answer.body == b"", f"HEAD {path[:20]}: a body"


@modeled("the methods of the bindings are GET and POST")
@pytest.mark.parametrize("operation", _cases("CreateBackend", "GetToken", "GetBackendJob"))
def test_another_method_does_nothing(backend: Backend, shared: Any, operation: str) -> None:
    raw = Raw(backend)
    params = sample(operation, shared(STATES[operation]))
    for method in ("HEAD", "PUT", "DELETE", "PATCH"):
        answer = raw.ask(operation, params, method=method)
        assert answer.status >= 400, f"{operation} by {method}: status {answer.status}"
    if operation == "CreateBackend":
        backend.rejected("GetBackend", {"AppId": params["AppId"]}, errors.NotFound)


@assumed("no recorded answer has a request's bad id; a path is as good as its decoded members")
@about("GetToken", "GetBackendJob")
@pytest.mark.parametrize("session", ["a%2Fb", "%25", "%C3%A9", "a+b", "%20", "..%2F.."])
def test_an_id_is_decoded_once(backend: Backend, shared: Any, session: str) -> None:
    app = shared("app with environment dev")["AppId"]
    answer = Raw(backend).send("GET", f"/backend/{app}/challenge/{session}", headers={})
    assert answer.status in (400, 404), f"GetToken: status {answer.status}"


@modeled("rest-json: members by their wire names, and an error's in its header or its body")
@about("GetBackend", "CreateToken")
def test_an_answer_is_json_by_wire_names(backend: Backend, shared: Any) -> None:
    raw = Raw(backend)
    app = {"AppId": shared("app with environment dev")["AppId"]}
    answer = raw.ask("GetBackend", app)
    assert answer.status == 200, f"GetBackend: status {answer.status}"
    assert answer.headers.get("content-type", "").startswith(JSON["Content-Type"]), "GetBackend"
    told = answer.members()
    assert (told["appId"], told["backendEnvironmentList"]) == (app["AppId"], ["dev"]), "GetBackend"
    for member, value in told.items():
        assert value is not None, f"GetBackend: {member} is null"
    missing = raw.ask("GetBackend", {"AppId": f"d{'0' * 12}"})
    assert missing.status == 404, f"GetBackend: status {missing.status}"
    body = missing.members()
    assert body.get("message"), "GetBackend: an error without a message"
    kind = missing.headers.get("x-amzn-errortype", body.get("code", ""))
    codes = backend.target.codes(errors.NotFound)
    assert kind.partition(":")[0] in codes, f"GetBackend: {kind!r} is none of {codes}"
