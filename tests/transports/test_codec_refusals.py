"""What the codec refuses, and junk, which gets a defined answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from exchanging import JSON, TOKEN_MISSING, ask, decode, new_exchange
from hypothesis import example, given, settings
from hypothesis import strategies as st
from volume import budget

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._transports import codec

OPERATIONS = sorted(catalogue.operations())


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
