"""The rest-json codec against botocore's serializer and parser, and against junk."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from botocore.parsers import BaseJSONParser, create_parser
from botocore.serialize import create_serializer
from hypothesis import example, given, settings
from hypothesis import strategies as st
from volume import budget

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._transports import codec
from pytest_amplifybackend._transports.gateway import Exchange

OPERATIONS = sorted(catalogue.operations())
JSON = {"content-type": "application/json"}
TOKEN_MISSING = {"message": "Missing Authentication Token"}


def new_exchange(style: str = "modeled") -> tuple[Exchange, Service]:
    backend = FakeAmplifyBackend()._backend
    return Exchange(backend, error_style=style, transport="test"), backend


def decode(
    method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[str, dict[str, Any]]:
    """The operation and the params of a request."""
    operation, params = codec.route(method, path)
    codec.add_content(operation, params, path, headers, body)
    return operation, params


def ask(
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] = JSON,
    style: str = "modeled",
) -> tuple[int, Any, dict[str, str]]:
    """Status, parsed body and headers of the answer of a fresh fake."""
    exchange, _ = new_exchange(style)
    answer = exchange.answer(method, path, headers, body, region="us-east-1")
    assert answer.headers["content-length"] == str(len(answer.body))
    return answer.status, json.loads(answer.body) if answer.body else None, answer.headers


# ---------------------------------------------------------------- both directions, by botocore


def serialized(operation: str, params: dict[str, Any]) -> tuple[str, str, dict[str, str], bytes]:
    """What botocore sends: method, path, headers and body."""
    made = create_serializer("rest-json", include_validation=False).serialize_to_request(
        params, catalogue.service_model().operation_model(operation)
    )
    body = made["body"] or b""
    headers = {name.lower(): value for name, value in made["headers"].items()}
    return (
        made["method"],
        made["url_path"],
        headers,
        body.encode() if isinstance(body, str) else bytes(body),
    )


def parsed(operation: str, status: int, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """What botocore makes of an answer."""
    model = catalogue.service_model()
    response = {"status_code": status, "headers": headers, "body": body}
    found: dict[str, Any] = create_parser("rest-json").parse(
        response, model.operation_model(operation).output_shape
    )
    del found["ResponseMetadata"]
    return found


def values(shape: Any) -> st.SearchStrategy[Any]:
    """Anything that fits a shape."""
    if shape.type_name == "structure":
        members = {name: values(member) for name, member in shape.members.items()}
        required = {name: members.pop(name) for name in shape.required_members}
        return st.fixed_dictionaries(required, optional=members)
    if shape.type_name == "list":
        return st.lists(values(shape.member), max_size=3)
    if shape.type_name == "string":
        return st.text(max_size=12)
    return {
        "boolean": st.booleans(),
        "integer": st.integers(),
        "double": st.floats(allow_nan=False) | st.integers(-(2**53), 2**53),
    }[str(shape.type_name)]


@pytest.mark.volume
@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_botocore_sends_is_what_the_caller_gave(operation: str) -> None:
    @settings(max_examples=budget(25, 5), deadline=None, database=None)
    @given(
        values(catalogue.operations()[operation].input_shape),
        st.sampled_from(["", "/prod", "/prod/", "/"]),
    )
    def check(params: dict[str, Any], prefix: str) -> None:
        method, path, headers, body = serialized(operation, params)
        assert decode(method, prefix + path, headers, body) == (operation, params)

    check()


READS_INFINITY = hasattr(BaseJSONParser, "_handle_float")
"""Whether botocore reads a number that JSON does not have; older ones leave it as text."""


@pytest.mark.volume
@pytest.mark.parametrize("operation", OPERATIONS)
def test_botocore_reads_what_the_fake_answered(operation: str) -> None:
    @settings(max_examples=budget(25, 5), deadline=None, database=None)
    @given(values(catalogue.operations()[operation].output_shape))
    def check(answer: dict[str, Any]) -> None:
        body = codec.encode(operation, answer)
        if READS_INFINITY or "Infinity" not in body.decode():
            assert parsed(operation, 200, {}, body) == answer
        json.loads(body, parse_constant=pytest.fail)  # JSON proper, for clients that are strict

    check()


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_does_not_have(number: float) -> None:
    params = {
        "AppId": "d1abc",
        "BackendEnvironmentName": "dev",
        "ResourceName": "api",
        "ResourceConfig": {"DefaultAuthType": {"Settings": {"ExpirationTime": number}}},
    }
    _, decoded = decode(*serialized("UpdateBackendAPI", params))
    found = decoded["ResourceConfig"]["DefaultAuthType"]["Settings"]["ExpirationTime"]
    assert repr(found) == repr(number)
    status, answer, _ = ask(*_reordered(serialized("UpdateBackendAPI", params)))
    assert (status, answer["code"]) == (400, "BadRequestException")
    assert "must be a finite number" in answer["message"]


def _reordered(sent: tuple[str, str, dict[str, str], bytes]) -> tuple[Any, ...]:
    method, path, headers, body = sent
    return method, path, body, headers


def test_an_answer_has_numbers_that_json_does_not_have_as_strings() -> None:
    answer = {"ResourceConfig": {"DefaultAuthType": {"Settings": {"ExpirationTime": math.nan}}}}
    assert b'"expirationTime":"NaN"' in codec.encode("GetBackendAPI", answer)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_is_reached_at_its_path_only(operation: str) -> None:
    entry = catalogue.operations()[operation]
    path = entry.path.replace("{", "<").replace("}", ">")
    assert codec.route(entry.method, path)[0] == operation
    others = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "get"} - {entry.method}
    same = {o.method for o in catalogue.operations().values() if _alike(o.path, entry.path)}
    for method in others - same:
        status, body, headers = ask(method, path)
        assert (status, body) == (403, TOKEN_MISSING)
        assert headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"


def _alike(one: str, other: str) -> bool:
    """Whether a path of labels only could be meant by both."""
    left, right = one.split("/"), other.split("/")
    return len(left) == len(right) and all(
        a == b or a.startswith("{") or b.startswith("{") for a, b in zip(left, right, strict=True)
    )


# ---------------------------------------------------------------- odd ids

ODD_IDS = {
    "a/b": "a%2Fb",
    "%": "%25",
    "%2F": "%252F",
    " ": "%20",
    "\t": "%09",
    "\n": "%0A",
    "é": "%C3%A9",
    "日本": "%E6%97%A5%E6%9C%AC",
    "😀": "%F0%9F%98%80",
    "~-_.": "~-_.",
    ".": ".",
    "..": "..",
    "a//b": "a%2F%2Fb",
    "": "",
    "a?b": "a%3Fb",
    "prod": "prod",
    "remove": "remove",
    "details": "details",
    **{char: f"%{ord(char):02X}" for char in "?#+;='\\*:@&()![]{}\"<>$,"},
}


@pytest.mark.parametrize("odd", ODD_IDS, ids=repr)
def test_odd_ids(odd: str) -> None:
    wire = ODD_IDS[odd]
    for method, path, operation, member in [
        ("POST", f"/backend/{wire}/auth/dev/details", "GetBackendAuth", "AppId"),
        ("POST", f"/backend/d1abc/auth/{wire}/details", "GetBackendAuth", "BackendEnvironmentName"),
        ("POST", f"/backend/d1abc/challenge/{wire}/remove", "DeleteToken", "SessionId"),
        ("GET", f"/backend/a/job/E/{wire}", "GetBackendJob", "JobId"),
    ]:
        for prefix in ("", "/prod"):
            found, params = codec.route(method, prefix + path)
            assert (found, params[member]) == (operation, odd)


@pytest.mark.parametrize("odd", ODD_IDS, ids=repr)
def test_odd_ids_as_botocore_sends_them(odd: str) -> None:
    params = {"AppId": odd, "BackendEnvironmentName": odd, "JobId": odd}
    assert decode(*serialized("GetBackendJob", params)) == ("GetBackendJob", params)


def test_a_path_may_come_with_raw_characters() -> None:
    _, params = codec.route("POST", "/backend/é ü/details?x=1")
    assert params == {"AppId": "é ü"}


@pytest.mark.parametrize("segment", ["%ff", "%C3", "\udcff", "%ed%a0%80"])
@pytest.mark.parametrize("style", ["modeled", "observed"])
def test_a_path_that_is_no_text(segment: str, style: str) -> None:
    status, body, _ = ask("POST", f"/backend/{segment}/details", b"{}", style=style)
    assert status == 400
    assert body["code"] == {"modeled": "BadRequestException"}.get(style, "ValidationException")
    assert body["message"].endswith("The path is not UTF-8.")


# ---------------------------------------------------------------- errors

EVERY_ERROR = [
    errors.NotFound("gone", resource_type="App"),
    errors.BadRequest("bad"),
    errors.TooManyRequests("slow", limit_type="Rate"),
    errors.GatewayTimeout("late"),
]


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: error.code)
def test_botocore_reads_the_four_errors(error: errors.ServiceError) -> None:
    answer = codec.modeled_error(error, "modeled")
    found = parsed("GetBackend", answer.status, answer.headers, answer.body)
    assert found["Error"] == {"Code": error.code, "Message": error.message}
    shape = catalogue.service_model().shape_for(error.code)
    response = {"status_code": answer.status, "headers": answer.headers, "body": answer.body}
    members = create_parser("rest-json")._do_modeled_error_parse(response, shape)
    assert members == {"Message": error.message, **error.members}


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: error.code)
def test_observed_errors_have_the_code_in_the_body_alone(error: errors.ServiceError) -> None:
    answer = codec.modeled_error(error, "observed")
    assert "x-amzn-errortype" not in answer.headers
    found = parsed("GetBackend", answer.status, answer.headers, answer.body)
    assert found["Error"]["Code"] == error.observed_code
    assert found["Error"]["Message"] == f"{error.observed_code} - {error.message}"


def test_an_error_of_the_service_comes_with_its_type_twice() -> None:
    status, body, headers = ask("POST", "/backend/d1abc/details", b"{}")
    assert (status, headers["x-amzn-errortype"]) == (404, "NotFoundException")
    assert body["code"] == "NotFoundException"
    assert set(headers) == {
        *("content-type", "content-length", "date", "x-amzn-requestid", "x-amzn-errortype")
    }


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "path",
    ["/", "", "*", "/backend/", "/backend/d1/", "/backend/d1", "/backend/d1/nothing", "/Backend",
     "/prod", "/prod/", "/prod/prod/backend", "/stage/backend", "//", "///backend", "/s3buckets",
     "/s3Buckets/", "/backend/a/auth/b/details/x", "/backend/d1/job", "/%62ackend", "/\udcff",
     "/" * 5000, "/backend" * 5000],
)  # fmt: skip
def test_unknown_paths(path: str) -> None:
    for method in ("GET", "POST", "HEAD"):
        status, body, headers = ask(method, path)
        assert (status, body) == (403, TOKEN_MISSING)
        assert headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"


def test_options_are_answered_as_recorded() -> None:
    status, body, headers = ask("OPTIONS", "/backend/d1/environments/x/clone")
    assert (status, body) == (200, None)
    assert headers["access-control-allow-origin"] == "*"
    assert headers["access-control-allow-methods"] == "GET,HEAD,PUT,PATCH,POST,DELETE"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "The body is not JSON in UTF-8."),
        (b"{} {}", "The body is not JSON in UTF-8."),
        (b"\xff\xfe{}", "The body is not JSON in UTF-8."),
        (b'{"appId": "\xff"}', "The body is not JSON in UTF-8."),
        (b"\xef\xbb\xbf{}", "The body is not JSON in UTF-8."),
        (b"1" * 5000, "The body "),
        (b"[" * 500_000, "The body is not JSON in UTF-8."),
        (b"[" * 80 + b"]" * 80, "The body is nested too deeply."),
        (b'{"appId":' * 70 + b"1" + b"}" * 70, "The body is nested too deeply."),
        (b"[]", "The body must be a JSON object."),
        (b"null", "The body must be a JSON object."),
        (b'"text"', "The body must be a JSON object."),
        (b"NaN", "The body must be a JSON object."),
        (b"{}", "CreateBackend: AppId is missing."),
        (b'{"appId": 5}', "CreateBackend: AppId: 5 must be a string."),
        (b'{"appId": true}', "CreateBackend: AppId: true must be a string."),
        (b'{"appId": [1]}', "CreateBackend: AppId: a list must be a string."),
        (b'{"appId": NaN}', "CreateBackend: AppId: NaN must be a string."),
        (b'{"appId": null}', "CreateBackend: AppId is missing."),
        (b'{"AppId": "d1"}', "unknown member 'AppId': did you mean 'appId'?"),
        (b'{"": 1}', "CreateBackend: unknown member '': known are: "),
        (b'{"\\ud800": 1}', "unknown member '\\ud800': known are: "),
        (
            b'{"appId": "\\ud800"}',
            'AppId: "\\ud800" contains a lone surrogate, which ',
        ),
        (b'{"resourceConfig": {"x": 1}}', "CreateBackend: ResourceConfig: unknown member 'x': "),
    ],
)
def test_bodies_that_are_refused(body: bytes, says: str) -> None:
    status, answer, _ = ask("POST", "/backend", body)
    assert (status, answer["code"]) == (400, "BadRequestException")
    assert says in answer["message"]


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/backend/d1/job/dev", {"maxResults": "5"}, 'MaxResults: "5" must be a whole number.'),
        ("/backend/d1/job/dev", {"maxResults": True}, "MaxResults: true must be a whole number."),
        ("/backend/d1/job/dev", {"maxResults": 1.5}, "MaxResults: 1.5 must be a whole number."),
        ("/backend/d1/remove", {"cleanAmplifyApp": "true"}, '"true" must be true or false.'),
        ("/backend/d1/details", {"appId": "d1"}, "unknown member 'appId'"),
    ],
)
def test_types_that_javascript_clients_send(path: str, body: object, says: str) -> None:
    status, answer, _ = ask("POST", path, json.dumps(body).encode())
    assert (status, answer["code"]) == (400, "BadRequestException")
    assert says in answer["message"]


def test_a_whole_number_may_be_written_with_a_point() -> None:
    _, params = decode("POST", "/backend/d1/job/dev", JSON, b'{"maxResults": 5.0}')
    assert repr(params["MaxResults"]) == "5"


def test_members_that_are_null_are_absent() -> None:
    body = b'{"backendEnvironmentName": null, "other": null}'
    assert decode("POST", "/backend/d1/details", JSON, body) == (
        "GetBackend",
        {"AppId": "d1"},
    )


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "é"])
def test_other_content_types(kind: str) -> None:
    status, body, headers = ask("POST", "/backend", b"{}", {"content-type": kind})
    assert (status, body) == (415, {"message": "Unsupported Media Type"})
    assert headers["x-amzn-errortype"] == "UnsupportedMediaTypeException"


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=UTF-8", None])
def test_content_types_that_are_json(kind: str | None) -> None:
    headers = {} if kind is None else {"content-type": kind}
    status, _, _ = ask("POST", "/backend/d1abc/details", b"{}", headers)
    assert status == 404


def test_an_empty_body_needs_no_content_type() -> None:
    for kind in ("text/plain", "application/json"):
        assert ask("POST", "/backend/d1/challenge", b"", {"content-type": kind})[0] == 404
    assert ask("POST", "/backend/d1/challenge", b"{}")[0] == 404  # as one client sends it


def test_bodies_over_a_mebibyte() -> None:
    padding = b" " * (codec.LARGEST_BODY - 2)
    assert ask("POST", "/backend/d1/details", b"{}" + padding)[0] == 404
    status, body, headers = ask("POST", "/backend/d1/details", b"{}" + padding + b" ")
    assert (status, body) == (413, {"message": "Request Entity Too Large"})
    assert headers["x-amzn-errortype"] == "RequestTooLongException"


@pytest.mark.parametrize(
    "body",
    [
        {"resourceConfig": {"userPoolConfigs": {"oAuth": {"socialProviderSettings": {
            "Google": {"client_id": "hunter2", "client_secret": 12345678}}}}}},
        {"resourceConfig": {"userPoolConfigs": {"oAuth": {"socialProviderSettings": {
            "Google": "client_secret=12345678"}}}}},
        {"resourceConfig": '{"client_secret": "12345678"}'},
        {"resourceConfig": [{"client_secret": "12345678"}]},
        {"resourceConfig": {"userPoolConfigs": [{"client_secret": "12345678"}]}},
    ],
)  # fmt: skip
def test_a_refusal_shows_no_secret(body: object) -> None:
    status, answer, _ = ask("POST", "/backend/d1/auth/dev", json.dumps(body).encode())
    assert status == 400
    assert "12345678" not in json.dumps(answer)


def test_a_refusal_is_short() -> None:
    for body in ({"x" * 900_000: 1}, {"backendEnvironmentName": ["x" * 900_000]}, {"x": "y" * 999}):
        status, answer, _ = ask("POST", "/backend/d1/details", json.dumps(body).encode())
        assert status == 400
        assert len(answer["message"]) < 400


# ---------------------------------------------------------------- junk

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["appId", "resourceConfig", "resourceName", "jobId"]) | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
bodies = st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode())
known_paths = st.sampled_from([entry.path for entry in catalogue.operations().values()])
paths = (
    known_paths
    | st.builds(lambda path, junk: path.replace("{appId}", junk), known_paths, st.text())
    | st.text(st.characters(exclude_categories=()))
    | st.lists(st.sampled_from(["", "prod", "backend", "%2F", "..", "{", "job", "%"])).map("/".join)
)


@pytest.mark.volume
@settings(max_examples=budget(400, 60), deadline=None, database=None)
@given(
    method=st.sampled_from(["GET", "POST", "OPTIONS", "HEAD", "DELETE"]) | st.text(),
    path=paths,
    kind=st.sampled_from(["application/json", "text/plain"]) | st.text(),
    body=bodies,
    style=st.sampled_from(["modeled", "observed"]),
)
@example("POST", "/backend", "application/json", b'{"appId": "\\ud83d"}', "modeled")
def test_junk_gets_a_defined_answer(
    method: str, path: str, kind: str, body: bytes, style: str
) -> None:
    exchange, backend = new_exchange(style)
    answer = exchange.answer(method, path, {"content-type": kind}, body, region="us-east-1")
    assert answer.status in (200, 400, 403, 404, 413, 415)
    if answer.body:
        assert isinstance(json.loads(answer.body), dict)
        assert b"Traceback" not in answer.body
    assert all(name == name.lower() and value.isprintable() for name, value in
               answer.headers.items())  # fmt: skip
    if answer.status in (403, 413, 415):
        assert not backend.history


@pytest.mark.volume
@pytest.mark.parametrize("operation", OPERATIONS)
def test_junk_in_the_body_of_each_operation(operation: str) -> None:
    entry = catalogue.operations()[operation]
    names = [_wire_name(name, member) for name, member in entry.input_shape.members.items()]

    @settings(max_examples=budget(25, 5), deadline=None, database=None)
    @given(st.dictionaries(st.sampled_from(names), json_values))
    def check(body: dict[str, Any]) -> None:
        status, answer, _ = ask(entry.method, entry.path, json.dumps(body).encode())
        assert status in (200, 400, 404)
        assert isinstance(answer, dict)

    check()


def _wire_name(name: str, shape: Any) -> str:
    return str(shape.serialization.get("name", name))
