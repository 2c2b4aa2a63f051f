"""The control API: every action, and what the documentation says of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("httptools")

from http_client import Caller

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._transports import control

CREATE = {"appId": "d1abc", "appName": "shop", "backendEnvironmentName": "dev"}


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


def test_an_overview_of_models_whose_api_is_gone(caller: Caller, fake: FakeAmplifyBackend) -> None:
    fake.add_api("d1abc", "dev")
    caller.call("/backend/d1abc/api/dev/generateModels", {"resourceName": "api"})
    dumped = fake.dump()
    del dumped["apps"][0]["environments"]["dev"]["resources"]["api"]
    fake.load(dumped)
    (app,) = caller.do("overview")
    rows = app["environments"][0]["resources"]
    assert {"entity": "models", "name": "", "state": "generating"} in rows


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


def test_the_documentation_names_every_error_that_no_model_has() -> None:
    page = (Path(__file__).parents[3] / "docs" / "http.md").read_text()
    (row,) = (line for line in page.splitlines() if line.startswith("| `fail` |"))
    kinds: list[type] = [errors.AccessDenied, *errors.TransportFault.__subclasses__()]
    for kind in kinds:
        assert f"`{kind.__name__}`" in row


def test_the_documentation_names_every_action_and_its_arguments() -> None:
    page = (Path(__file__).parents[3] / "docs" / "http.md").read_text()
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
