"""The control API: what it rejects, and who may not use it."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("httptools")

from http_client import Caller, Raw
from hypothesis import given, settings
from hypothesis import strategies as st
from volume import budget

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports import control
from pytest_amplifybackend._transports.gateway import HTTPRequest


@pytest.mark.parametrize(
    ("action", "arguments", "says"),
    [
        ("calls", {"limit": 0}, "calls: limit must be"),
        ("calls", {"failed": 1}, "calls: failed must be True or False, not 1."),
        ("jobs", {"skip": -1}, "jobs: skip must be"),
        ("jobs", {"unfinished": "no"}, "jobs: unfinished must be True or False"),
        ("remove-fault", {"fault": 5}, "remove-fault: fault 5 is not the number of a fault"),
        ("finish", {}, "finish needs the argument 'job'."),
        ("finish", {"job": "x"}, "finish: job 'x' is not the id of a job; there are no jobs."),
        ("finish", {"job": ["x"]}, "finish: job must be a string, not a list."),
        ("finish", {"jobb": "x"}, "finish has no argument 'jobb': did you mean 'job'?"),
        ("reset", {"x": 1}, "reset has no argument 'x': it takes none."),
        (
            "fail",
            {"operation": "GetBackend", "error": "NotFond"},
            "not 'NotFond': did you mean 'NotFound'?",
        ),
        ("fail", {"operation": "GetBackend", "error": 5}, "fail: error must be one of"),
        ("fail", {"operation": "NoSuch", "error": "NotFound"}, "does not know the operation"),
        ("fail", {"operation": 5, "error": "NotFound"}, "5"),
        (
            "fail",
            {"operation": "GetBackend", "error": "BadRequest", "limit_type": "x"},
            "does not go with",
        ),
        (
            "fail",
            {"operation": "GetBackend", "error": "NotFound", "times": "1"},
            "fail: times must be a whole number from 0, not '1'.",
        ),
        (
            "fail",
            {"operation": "GetBackend", "error": "NotFound", "when": {"X": 1}},
            "fail: when has no member 'X'",
        ),
        (
            "fail",
            {"operation": "GetBackend", "error": "NotFound", "when": 5},
            "fail: when must be a dict",
        ),
        ("delay", {"operation": "GetBackend", "seconds": -1}, "delay: seconds must be a number of"),
        ("clock", {"shift": "x"}, "clock: shift must be a number of seconds"),
        ("clock", {"shift": 1e300}, "clock: shift must be a number of seconds"),
        ("clock", {"move_to": "tomorrow"}, "clock: move_to must be a time such as"),
        ("clock", {"move_to": 5}, "clock: move_to must be a"),
        ("load", {"state": 5}, "load: state must be a dict"),
        ("add-app", {"app": ""}, "add-app: app '' must have at least 1 character"),
        ("add-app", {"app": "d1abc", "region": 5}, "add-app: region must be the name of an AWS"),
        ("add-app", {"app": "d1abc", "region": "local"}, "not 'local'."),
        ("add-app", {"app": ["d1"]}, "add-app: app must be a string, not a list."),
        ("add-app", {"app": "d1", "name": 5}, "add-app: name must be a string, not 5."),
        ("add-app", {"app": "d1", "environments": "dev"}, "must be a list of strings"),
        ("add-app", {"app": "d1", "environments": [5]}, "not a list with 5 in it."),
        ("add-app", {"app": "d1", "environments": ["Dev"]}, "add-app: environments 'Dev': "),
        ("add-category", {"category": "function"}, "add-category needs the argument 'entries'."),
        (
            "add-category",
            {"category": "function", "entries": 5, "app": "d1"},
            "add-category: entries must be a dict",
        ),
        (
            "add-category",
            {"category": "function", "entries": {"a": {}}, "app": "d1"},
            "add-category: entries['a'] must have a 'service', such as 'Lambda'",
        ),
        (
            "add-category",
            {"category": "function", "entries": {}, "app": 5},
            "add-category: app must be a string, not 5.",
        ),
        (
            "add-category",
            {"category": "function", "entries": {}},
            "add-category: app",
        ),
        ("fail-job", {"job": "x", "error": 5}, "fail-job: error must be a string, not 5."),
        ("fail-next", {"operation": "DeleteBackend", "error": 5}, "fail-next: error must be a"),
        ("fail-next", {"operation": "GetBackend"}, "GetBackend starts no job"),
        ("calls", {"operation": 5}, "operation must be a string, not 5."),
        (
            "fail",
            {"operation": "GetBackend", "error": "NotFound", "message": 5},
            "fail: message must be a string, not 5.",
        ),
        (
            "fail",
            {"operation": "GetBackend", "error": "NotFound", "resource_type": {"a": [1]}},
            "fail: resource_type must be a string, not a dict.",
        ),
        (
            "fail",
            {"operation": "GetBackend", "error": "ReadTimeout", "message": "x"},
            "fail: message does not go with the error ReadTimeout.",
        ),
        (
            "fail",
            {"operation": "GetBackend", "error": "NotFound", "when": {"AppId": 5}},
            "fail: when.AppId must be a string, not 5.",
        ),
        ("override", {"operation": "GetBackend", "response": 5}, "override: response must be"),
        ("load", {"state": {"version": 1.0}}, "this has version 1.0."),
        ("clock", {"move_to": "2030-01-01", "shift": 1e300}, "clock: shift must be a number"),
        ("clock", {"move_to": "0001-01-01T00:00:00+01:00"}, "clock: move_to must leave the"),
        ("add-app", {"app": "d1", "environments": 5}, "add-app: environments must be a list"),
    ],
)
def test_wrong_arguments(
    caller: Caller, fake: FakeAmplifyBackend, action: str, arguments: dict[str, Any], says: str
) -> None:
    before = fake.dump()
    assert says in caller.do(action, 400, **arguments)["message"]
    assert fake.dump() == before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/_amplifybackend/nothing", 404),
        ("POST", "/_amplifybackend", 404),
        ("POST", "/_amplifybackend/", 404),
        ("POST", "/_amplifybackend/reset/", 404),
        ("GET", "/_amplifybackend/reset", 405),
        ("DELETE", "/_amplifybackend/status", 405),
        ("GET", "/_amplifybackend/status?x=1", 200),
        ("GET", "/_amplifybackend/dump", 200),
        ("POST", "/_amplifybackendx/reset", 403),  # a path of the service, and unknown there
    ],
)
def test_paths_and_methods(caller: Caller, method: str, path: str, status: int) -> None:
    found, answer = caller.raw.ask(method, path, X_Amplifybackend_Control="1")
    assert found == status
    assert isinstance(answer, dict)


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b"5"])
def test_bodies_that_are_no_arguments(caller: Caller, body: bytes) -> None:
    status, answer = caller.raw.ask(
        "POST", "/_amplifybackend/reset", body, X_Amplifybackend_Control="1"
    )
    assert (status, list(answer)) == (400, ["message"])


def test_pages_of_the_web_cannot_use_it(caller: Caller, fake: FakeAmplifyBackend) -> None:
    fake.add_app("d1abc")
    before = fake.dump()
    for method in ("POST", "GET"):
        status, answer = caller.raw.ask(method, "/_amplifybackend/reset", b"{}")
        assert status == 403
        assert answer == {"message": "The control API needs the header X-Amplifybackend-Control."}
    caller.raw.request("OPTIONS", "/_amplifybackend/reset", None, Origin="http://localhost:1")
    status, headers, _ = caller.raw.answer()
    assert status == 403
    assert not [name for name in headers if name.startswith("access-control")]
    status, _ = caller.raw.ask(
        "POST", "/_amplifybackend/reset", b"{}", X_Amplifybackend_Control="1", Host="evil.example"
    )
    assert status == 403
    assert fake.dump() == before


def test_it_must_be_signed_where_everything_must() -> None:
    secrets = {"key": "secret"}
    fake = FakeAmplifyBackend(verify_signatures=secrets)
    with fake.serve() as server, Raw(server.url) as raw:
        status, answer = Caller(raw).signed("reset", secrets)
        assert (status, answer) == (200, {})
        for wrong in ({"key": "another"}, {"another": "secret"}):
            assert Caller(raw).signed("reset", wrong)[0] == 403
        assert Caller(raw).do("dump", 403) == {
            "message": "This server checks signatures: sign control requests as well, for the "
            "service amplifybackend, or start it with --control-token."
        }
        assert raw.ask("OPTIONS", "/_amplifybackend/dump", X_Amplifybackend_Control="1")[0] == 403


def test_a_token_is_what_it_needs() -> None:
    token = "t0ken-0f-the-test"
    fake = FakeAmplifyBackend(verify_signatures={"key": "secret"})
    with fake.serve(control_token=token, host="0.0.0.0") as server, Raw(server.url) as raw:
        said = Caller(raw).do("dump", 403)["message"]
        assert said == (
            "The control API needs the header X-Amplifybackend-Control with the token that this "
            "server was started with (--control-token)."
        )
        for value in ("1", token[:-1], None):
            path = "/_amplifybackend/status"
            assert raw.ask("POST", path, b"", X_Amplifybackend_Control=value)[0] == 403
        env = server.env["AMPLIFYBACKEND_CONTROL_TOKEN"]
        assert raw.ask("POST", path, b"", X_Amplifybackend_Control=env)[0] == 200


def test_it_is_off_where_other_machines_get() -> None:
    fake = FakeAmplifyBackend()
    with fake.serve(host="0.0.0.0") as server, Raw(server.url) as raw:
        assert "The control API is off" in Caller(raw).do("dump", 403)["message"]
        assert raw.ask("POST", "/s3Buckets", b"{}")[0] == 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.volume
@pytest.mark.parametrize("action", control.ACTIONS)
def test_junk_gets_a_defined_answer(action: str) -> None:
    names = list(control.ACTIONS[action].parameters(FakeAmplifyBackend())) or ["x"]

    @settings(max_examples=budget(60, 10), deadline=None, database=None)
    @given(st.dictionaries(st.sampled_from(names), json_values | st.just("GetBackend")))
    def check(arguments: dict[str, Any]) -> None:
        fake = FakeAmplifyBackend()
        body = json.dumps(arguments).encode()
        request = HTTPRequest(
            "POST", f"/_amplifybackend/{action}", {"x-amplifybackend-control": "1"}, body
        )
        answer = control.Control(fake).answer(request)
        assert answer.status in (200, 400)
        json.loads(answer.body)
        fake.dump()

    check()


def test_a_call_in_a_region_that_cannot_be_one() -> None:
    """A credential scope can say anything; what is served can be dumped and loaded."""
    fake = FakeAmplifyBackend()
    with fake.serve() as server, Raw(server.url) as raw:
        for region, status in (("local", 200), ("eu-test-1", 200), ("a b", 403), ("x" * 64, 403)):
            scope = f"KEY/20240101/{region}/amplifybackend/aws4_request"
            found, answer = raw.ask(
                "POST",
                "/s3Buckets",
                b"{}",
                Authorization=f"AWS4-HMAC-SHA256 Credential={scope}, Signature=x",
            )
            assert (region, found) == (region, status)
            if status == 403:
                assert answer["message"] == (
                    f"Credential should be scoped to a valid region, not '{region[:63]}'."
                )
    assert [call.region for call in fake.calls] == ["local", "eu-test-1"]
