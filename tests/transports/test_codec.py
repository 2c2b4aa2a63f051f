"""The rest-json codec against botocore's serializer and parser."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from botocore.parsers import BaseJSONParser, create_parser
from botocore.serialize import create_serializer
from exchanging import TOKEN_MISSING, ask, decode
from hypothesis import given, settings
from hypothesis import strategies as st
from volume import budget

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._transports import codec, routes

OPERATIONS = sorted(catalogue.operations())


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
    assert routes.route(entry.method, path)[0] == operation
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
            found, params = routes.route(method, prefix + path)
            assert (found, params[member]) == (operation, odd)


@pytest.mark.parametrize("odd", ODD_IDS, ids=repr)
def test_odd_ids_as_botocore_sends_them(odd: str) -> None:
    params = {"AppId": odd, "BackendEnvironmentName": odd, "JobId": odd}
    assert decode(*serialized("GetBackendJob", params)) == ("GetBackendJob", params)


def test_a_path_may_come_with_raw_characters() -> None:
    _, params = routes.route("POST", "/backend/é ü/details?x=1")
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
