"""The control API: every action, what it refuses, and who may not use it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httptools")

from http_client import Raw
from hypothesis import given, settings
from hypothesis import strategies as st
from volume import budget

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._transports import control
from pytest_amplifybackend._transports.gateway import HTTPRequest

CREATE = {"appId": "d1abc", "appName": "shop", "backendEnvironmentName": "dev"}


@pytest.fixture
def fake() -> FakeAmplifyBackend:
    return FakeAmplifyBackend(jobs=progress.manual())


class Caller:
    """A test in another language."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw

    def do(self, action: str, status: int = 200, **arguments: Any) -> Any:
        found, answer = self.raw.ask(
            "POST",
            f"/_amplifybackend/{action}",
            json.dumps(arguments).encode(),
            X_Amplifybackend_Control="1",
        )
        assert (found, answer) == (status, answer)
        return answer

    def signed(self, action: str, secrets: dict[str, str]) -> tuple[int, Any]:
        """Status and answer of an action that is signed with the first of some keys."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        ((access_key, secret_key),) = secrets.items()
        path = f"/_amplifybackend/{action}"
        request = AWSRequest("POST", f"http://{self.raw.host}{path}", data=b"{}")
        signer = SigV4Auth(Credentials(access_key, secret_key), "amplifybackend", "us-east-1")
        signer.add_auth(request)
        headers = {name.replace("-", "_"): value for name, value in request.headers.items()}
        return self.raw.ask("POST", path, b"{}", X_Amplifybackend_Control="1", **headers)

    def call(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        return self.raw.ask("POST", path, json.dumps(body or {}).encode())


@pytest.fixture
def caller(fake: FakeAmplifyBackend) -> Iterator[Caller]:
    with fake.serve() as server, Raw(server.url) as raw:
        yield Caller(raw)


def test_finish_a_job(caller: Caller) -> None:
    _, job = caller.call("/backend", CREATE)
    assert [found["status"] for found in caller.do("jobs")] == ["PENDING"]
    ended = caller.do("finish", job=job["jobId"])
    assert ended == {
        "job": job["jobId"],
        "operation": "CreateBackend",
        "status": "COMPLETED",
        "error": None,
        "rule": None,
        "app": "d1abc",
        "environment": "dev",
        "region": "us-east-1",
        "created": "2024-01-01T00:00:00+00:00",
        "updated": "2024-01-01T00:00:00+00:00",
    }
    assert caller.call("/backend/d1abc/details")[0] == 200
    refused = caller.do("finish", 400, job=job["jobId"])
    assert "is already COMPLETED" in refused["message"]


def test_fail_a_job(caller: Caller) -> None:
    _, job = caller.call("/backend", CREATE)
    assert caller.do("fail-job", job=job["jobId"], error="no capacity")["error"] == "no capacity"
    assert caller.call("/backend/d1abc/details")[0] == 404


def test_plan_a_failure_and_advance(caller: Caller) -> None:
    caller.do("fail-next", operation="CreateBackend", error="planned")
    caller.call("/backend", CREATE)
    assert [job["status"] for job in caller.do("advance")] == ["RUNNING"]
    (job,) = caller.do("advance")
    assert (job["status"], job["error"]) == ("FAILED", "planned")


def test_inject_a_modeled_error(caller: Caller) -> None:
    caller.do(
        "fail",
        operation="GetBackend",
        error="TooManyRequests",
        message="slow down",
        limit_type="Rate",
        after=1,
        when={"AppId": "d1abc"},
    )
    assert caller.call("/backend/d1abc/details")[0] == 404
    assert caller.call("/backend/d2other/details")[0] == 404
    status, body = caller.call("/backend/d1abc/details")
    assert (status, body["message"], body["limitType"]) == (429, "slow down", "Rate")


@pytest.mark.parametrize("name", ["NotFoundException", "NotFound"])
def test_errors_by_either_name(caller: Caller, name: str) -> None:
    caller.do("fail", operation="ListS3Buckets", error=name, resource_type="Bucket")
    assert caller.call("/s3Buckets")[1]["resourceType"] == "Bucket"


@pytest.mark.parametrize("name", ["ConnectionReset", "ReadTimeout", "GarbledResponse"])
def test_inject_a_transport_fault(caller: Caller, fake: FakeAmplifyBackend, name: str) -> None:
    caller.do("fail", operation="ListS3Buckets", error=name)
    caller.raw.request("POST", "/s3Buckets", b"{}")
    if name == "ConnectionReset":
        assert caller.raw.at_end()
    elif name == "GarbledResponse":
        assert caller.raw.answer()[0] == 200
    else:
        while not fake.calls:
            pass  # it is on its way; there will be no answer to wait for
    assert repr(fake.calls[0].error) == f"{name}()"


def test_delay_and_clock(caller: Caller) -> None:
    caller.do("delay", operation="ListS3Buckets", seconds=3, times=1)
    caller.call("/s3Buckets")
    assert caller.do("clock") == {"clock": "2024-01-01T00:00:03+00:00"}
    assert caller.do("clock", shift=60.5) == {"clock": "2024-01-01T00:01:03.500000+00:00"}
    moved = caller.do("clock", move_to="2030-06-01T12:00:00Z", shift=1)
    assert moved == {"clock": "2030-06-01T12:00:01+00:00"}


def test_override(caller: Caller) -> None:
    caller.do(
        "override", operation="GetBackend", response={"AppId": "d9", "BackendEnvironmentList": []}
    )
    assert caller.call("/backend/d1abc/details")[1] == {"appId": "d9", "backendEnvironmentList": []}
    refused = caller.do("override", 400, operation="GetBackend", response={"Nope": 1})
    assert "override: response has no member 'Nope'" in refused["message"]


def test_dump_load_and_reset(caller: Caller) -> None:
    caller.do("add-app", app="d1abc", name="shop", environments=["dev", "prod"])
    dumped = caller.do("dump")
    assert caller.do("status") == {"clock": "2024-01-01T00:00:00+00:00", "jobs": 0, "calls": 0}
    assert caller.do("reset") == {}
    assert caller.call("/backend/d1abc/details")[0] == 404
    caller.do("load", state=dumped)
    status, found = caller.call("/backend/d1abc/details")
    assert (status, found["backendEnvironmentList"]) == (200, ["dev", "prod"])
    assert caller.do("dump") == dumped
    assert "damaged" in caller.do("load", 400, state={**dumped, "jobs": 5})["message"]


def test_preset_a_category(caller: Caller, fake: FakeAmplifyBackend) -> None:
    fake.add_auth("d1abc")
    entries = {"resize": {"service": "Lambda", "output": {"Name": "resize-dev"}}}
    added: dict[str, Any] = {
        "category": "function",
        "entries": entries,
        "before": "auth",
        "environment": "dev",
    }
    assert caller.do("add-category", app="d1abc", **added) == {}

    body = {"backendEnvironmentName": "dev"}
    status, found = caller.call("/backend/d1abc/details", body)
    meta = json.loads(found["amplifyMetaConfig"])
    assert (status, list(meta), meta["function"]) == (
        *(200, ["providers", "function", "auth"], entries),
    )


def test_deny_access(caller: Caller) -> None:
    caller.do("fail", operation="ListS3Buckets", error="AccessDenied")
    assert caller.call("/s3Buckets")[0] == 403


def test_a_state_that_is_larger_than_a_request_may_be(
    caller: Caller, fake: FakeAmplifyBackend
) -> None:
    schema = "type A @model { id: ID! } # " + "x" * 900_000
    for app in ("d1a", "d2b", "d3c"):
        fake.add_api(
            app, config={"TransformSchema": schema, "DefaultAuthType": {"Mode": "API_KEY"}}
        )
    dumped = caller.do("dump")
    caller.do("reset")
    caller.do("load", state=dumped)
    assert fake.dump() == dumped


def test_read_the_calls_without_secrets(caller: Caller) -> None:
    google = {"client_id": "shop", "client_secret": "hunter2"}
    users = {
        "requiredSignUpAttributes": ["EMAIL"],
        "signInMethod": "EMAIL",
        "userPoolName": "users",
        "oAuth": {
            "oAuthGrantType": "CODE",
            "oAuthScopes": ["EMAIL"],
            "redirectSignInURIs": ["https://shop.example/"],
            "redirectSignOutURIs": ["https://shop.example/"],
            "socialProviderSettings": {"Google": google},
        },
    }
    config = {"authResources": "USER_POOL_ONLY", "service": "COGNITO", "userPoolConfigs": users}
    caller.call(
        "/backend/d1abc/auth",
        {"backendEnvironmentName": "dev", "resourceName": "auth", "resourceConfig": config},
    )
    caller.call("/s3Buckets")
    (call,) = caller.do("calls", operation="CreateBackendAuth")
    assert (call["operation"], call["error"], call["transport"]) == (
        *("CreateBackendAuth", "NotFoundException", "server"),
    )
    oauth = call["params"]["ResourceConfig"]["UserPoolConfigs"]["OAuth"]
    assert oauth["SocialProviderSettings"]["Google"]["ClientSecret"] == "<redacted>"
    assert "hunter2" not in json.dumps(caller.do("calls"))
    assert [call["operation"] for call in caller.do("calls")] == [
        *("CreateBackendAuth", "ListS3Buckets"),
    ]


def test_pages_of_calls_and_jobs(caller: Caller) -> None:
    for app in ("d1a", "d2b", "d3c"):
        caller.call("/backend", {**CREATE, "appId": app})
        caller.call(f"/backend/{app}/details")
    first, second = caller.do("calls", limit=2, skip=1)
    assert (first["number"], first["operation"], first["error"]) == (
        4,
        "GetBackend",
        "NotFoundException",
    )
    assert (second["number"], second["operation"], second["error"]) == (5, "CreateBackend", None)
    assert first["message"].endswith("App d2b not found.")
    assert [call["number"] for call in caller.do("calls", failed=True, limit=2)] == [4, 6]
    assert [call["number"] for call in caller.do("calls", failed=False)] == [1, 3, 5]
    assert [c["number"] for c in caller.do("calls", operation="create_backend", limit=1)] == [5]
    assert caller.do("calls", skip=6) == []
    oldest = caller.do("jobs")[0]["job"]
    caller.do("finish", job=oldest)
    assert [job["app"] for job in caller.do("jobs", unfinished=True)] == ["d2b", "d3c"]
    assert [job["app"] for job in caller.do("jobs", limit=1, skip=1)] == ["d2b"]
    assert [job["job"] for job in caller.do("jobs", unfinished=False)] == [oldest]


def test_an_overview_of_states(caller: Caller, fake: FakeAmplifyBackend) -> None:
    fake.add_auth("d1abc", "dev")
    fake.add_api("d1abc", "dev")
    caller.call("/backend/d1abc/challenge")
    caller.call("/backend/d1abc/auth/dev/remove", {"resourceName": "auth"})
    caller.call("/backend", {**CREATE, "appId": "d2new"})
    old, new = caller.do("overview")
    assert old == {
        "app": "d1abc",
        "name": "d1abc",
        "region": "us-east-1",
        "studio": "disabled",
        "tokens": {"active": 1, "expired": 0},
        "environments": [
            {
                "environment": "dev",
                "state": "ready",
                "resources": [
                    {"entity": "auth", "name": "auth", "state": "deleting"},
                    {"entity": "api", "name": "api", "state": "present"},
                ],
            }
        ],
    }
    (creating,) = new["environments"]
    assert creating == {"environment": "dev", "state": "creating", "resources": []}
    caller.do("advance")
    caller.do("advance")
    old, new = caller.do("overview")
    assert [found["entity"] for found in old["environments"][0]["resources"]] == ["api"]
    assert new["environments"][0]["state"] == "ready"
    caller.do("clock", shift=10**7)
    assert caller.do("overview")[0]["tokens"] == {"active": 0, "expired": 1}


def test_list_and_remove_faults(caller: Caller, fake: FakeAmplifyBackend) -> None:
    caller.do("fail", operation="ListS3Buckets", error="TooManyRequests", times=2, optional=True)
    caller.do("delay", operation="ListS3Buckets", seconds=5, times=None)
    caller.do("fail-next", operation="CreateBackend", error="no", optional=True)
    caller.do("fail-next", operation="CreateBackend", error="no", optional=True)
    caller.call("/s3Buckets")
    failing, delaying, planned, other = caller.do("faults")
    assert failing == {
        "fault": failing["fault"],
        "kind": "fail",
        "operation": "ListS3Buckets",
        "error": "TooManyRequestsException",
        "seconds": None,
        "when": {},
        "after": 0,
        "times": 1,
        "acted": True,
    }
    assert (delaying["kind"], delaying["seconds"], delaying["times"]) == ("delay", 5, None)
    assert (planned["kind"], planned["error"]) == ("fail-next", "no")
    assert caller.do("remove-fault", fault=failing["fault"]) == [delaying, planned, other]
    assert caller.call("/s3Buckets")[0] == 200
    assert [fault["kind"] for fault in caller.do("remove-fault", fault=planned["fault"])] == [
        *("delay", "fail-next"),
    ]
    assert caller.do("remove-fault", fault=delaying["fault"]) == [other]
    assert caller.do("remove-fault", fault=other["fault"]) == []
    fake.assert_no_unused()
    refused = caller.do("remove-fault", 400, fault=failing["fault"])["message"]
    assert refused.endswith("is not the number of a fault; there are no faults.")


def test_secrets_do_not_show_in_faults(caller: Caller) -> None:
    when = {
        "ResourceConfig": {
            "UserPoolConfigs": {
                "OAuth": {"SocialProviderSettings": {"Google": {"ClientSecret": "hunter2"}}}
            }
        }
    }
    caller.do("fail", operation="CreateBackendAuth", error="NotFound", when=when, optional=True)
    assert "<redacted>" in json.dumps(caller.do("faults"))
    assert "hunter2" not in json.dumps(caller.do("faults"))


def test_the_names_that_actions_take(caller: Caller) -> None:
    known = caller.do("reference")
    for error in known["errors"]:
        caller.do("fail", operation=known["operations"][0], error=error, optional=True)
    for operation in known["jobs"]:
        caller.do("fail-next", operation=operation, optional=True)
    moves = known["states"]["environment"]
    assert {"from": "absent", "to": "creating", "by": "CreateBackend"} in moves


# ---------------------------------------------------------------- what is refused


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


def test_the_documentation_names_every_error_that_no_model_has() -> None:
    page = (Path(__file__).parents[2] / "docs" / "http.md").read_text()
    (row,) = (line for line in page.splitlines() if line.startswith("| `fail` |"))
    kinds: list[type] = [errors.AccessDenied, *errors.TransportFault.__subclasses__()]
    for kind in kinds:
        assert f"`{kind.__name__}`" in row


def test_the_documentation_names_every_action_and_its_arguments() -> None:
    page = (Path(__file__).parents[2] / "docs" / "http.md").read_text()
    fake = FakeAmplifyBackend()
    for name, action in control.ACTIONS.items():
        (row,) = (line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        found = re.findall(r"`(\w+)(\??)`", row.split("|")[2])
        assert found == [
            (argument, "" if parameter.default is parameter.empty else "?")
            for argument, parameter in action.parameters(fake).items()
        ]


def test_every_fault_has_a_name() -> None:
    assert set(control._FAULTS.values()) == set(errors.TransportFault.__subclasses__())


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
