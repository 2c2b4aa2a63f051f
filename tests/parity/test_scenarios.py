"""Whole responses, ids and metadata included, are the same over every transport."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from differences import METADATA, SCENARIOS_NOT_CARRIED, known
from full_requests import FULL
from tour import ADD_IT, BUCKET, of_all_operations, walk
from ways_in import WAYS, open_way

from pytest_amplifybackend import FakeAmplifyBackend, errors

Make = Callable[..., dict[str, Any]]
DEV = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}
REFERENCE = "stubber"
LOVE, SMILE, ACCENT = "\N{CJK UNIFIED IDEOGRAPH-611B}", "\N{GRINNING FACE}", "e\u0301"
ODD_IDS = (
    *("a/b", "a//b", "%", "%2F", "a b", "a\tb", "a\nb", " ", "x" * 300, "prod"),
    *("environments", "?a=b#c", "~-_.", "+;='\"\\*:@&()!", "[]{}<>$,", LOVE, SMILE, ACCENT),
)
UNICODE = f'{LOVE} {SMILE} {ACCENT} \x7f\u2028"\\ {{####}}'
FAULTS = (
    errors.NotFound("gone", resource_type="App"),
    errors.NotFound(),
    errors.BadRequest(UNICODE),
    errors.TooManyRequests("slower", limit_type="Rate"),
    errors.TooManyRequests(),
    errors.GatewayTimeout(""),
    errors.ConnectionReset(),
    errors.GarbledResponse(),
)


def all_operations(fake: FakeAmplifyBackend, call: Make) -> None:
    fake.add_bucket(BUCKET)
    assert set(walk(of_all_operations(), call)) == set(FULL), ADD_IT
    assert [job.status for job in fake.jobs if job.status != "COMPLETED"] == []


def every_error_of_every_operation(fake: FakeAmplifyBackend, call: Make) -> None:
    for operation, params in FULL.items():
        for fault in FAULTS:
            fake.fail(operation, fault)
            call(operation, params)


def no_answer_in_time(fake: FakeAmplifyBackend, call: Make) -> None:
    fake.fail("GetBackend", errors.ReadTimeout())
    call("GetBackend", DEV)


def empty_answers_and_every_member(fake: FakeAmplifyBackend, call: Make) -> None:
    for operation, params in FULL.items():
        fake.override(operation, {}, times=1)
        call(operation, params)
        call(operation, params)


def pages(fake: FakeAmplifyBackend, call: Make) -> None:
    fake.add_app("d1shop")
    for _ in range(7):
        call("DeleteBackendAuth", {**DEV, "ResourceName": "users"})
    page = call("ListBackendJobs", {**DEV, "MaxResults": 3})
    while "NextToken" in page:
        page = call("ListBackendJobs", {**DEV, "MaxResults": 3, "NextToken": page["NextToken"]})
    call("ListBackendJobs", {**DEV, "NextToken": "none of ours"})
    for wrong in (26, 100):
        call("ListBackendJobs", {**DEV, "MaxResults": wrong})
    for number in range(60):
        fake.add_bucket(f"bucket-{number}")
    page = call("ListS3Buckets", {})
    while "NextToken" in page:
        page = call("ListS3Buckets", {"NextToken": page["NextToken"]})


def odd_ids(fake: FakeAmplifyBackend, call: Make) -> None:
    _ids(call, ODD_IDS)


def ids_of_dots(fake: FakeAmplifyBackend, call: Make) -> None:
    _ids(call, (".", "..", "..."))


def _ids(call: Make, ids: Iterable[str]) -> None:
    for odd in ids:
        call("GetBackend", {"AppId": odd})
        call("CreateBackend", {"AppId": odd, "AppName": odd, "BackendEnvironmentName": odd})
        call("GetBackendJob", {**DEV, "JobId": odd})
        call("GetBackendAuth", {"AppId": odd, "BackendEnvironmentName": odd, "ResourceName": odd})
        call("DeleteToken", {"AppId": odd, "SessionId": odd})
        call("UpdateBackendJob", {"AppId": odd, "BackendEnvironmentName": odd, "JobId": odd})


def empty_ids(fake: FakeAmplifyBackend, call: Make) -> None:
    call("GetBackend", {"AppId": ""})
    call("GetBackendJob", {**DEV, "JobId": ""})
    call("GetBackendAuth", {"AppId": "d1shop", "BackendEnvironmentName": "", "ResourceName": ""})


def texts(fake: FakeAmplifyBackend, call: Make) -> None:
    fake.add_app("d1shop", name=UNICODE)
    call("GetBackend", DEV)
    auth = FULL["CreateBackendAuth"]
    pool = {**auth["ResourceConfig"]["UserPoolConfigs"]}
    pool["VerificationMessage"] = {
        "DeliveryMethod": "EMAIL",
        "EmailSettings": {"EmailMessage": UNICODE, "EmailSubject": UNICODE},
    }
    config = {**auth["ResourceConfig"], "UserPoolConfigs": pool}
    call("CreateBackendAuth", {**auth, "ResourceConfig": config})
    call("GetBackendAuth", {**DEV, "ResourceName": "users"})
    fake.override("GetBackendJob", {"Error": UNICODE, "Status": "", "JobId": "\0"}, times=1)
    call("GetBackendJob", {**DEV, "JobId": "j"})


def numbers(fake: FakeAmplifyBackend, call: Make) -> None:
    for number in (7, 7.0, 7.5, 365, 366, 0, -1, 1e300):
        fake.reset()
        fake.add_app("d1shop")
        setting = {"Mode": "API_KEY", "Settings": {"ExpirationTime": number}}
        config = {"TransformSchema": "type A @model { id: ID! }", "DefaultAuthType": setting}
        made = {**DEV, "ResourceName": "orders", "ResourceConfig": config}
        answer = call("CreateBackendAPI", made)
        if "JobId" in answer:
            call("GetBackendJob", {**DEV, "JobId": answer["JobId"]})
            call("GetBackendAPI", {**DEV, "ResourceName": "orders"})


def a_job_that_fails(fake: FakeAmplifyBackend, call: Make) -> None:
    fake.add_app("d1shop")
    fake.jobs.fail_next("DeleteBackend", error=UNICODE)
    answer = call("DeleteBackend", DEV)
    call("GetBackendJob", {**DEV, "JobId": answer["JobId"]})


SCENARIOS: Mapping[str, Callable[[FakeAmplifyBackend, Make], None]] = {
    scenario.__name__: scenario
    for scenario in (
        all_operations,
        every_error_of_every_operation,
        no_answer_in_time,
        empty_answers_and_every_member,
        pages,
        odd_ids,
        ids_of_dots,
        empty_ids,
        texts,
        numbers,
        a_job_that_fails,
    )
}


def play(name: str, way_name: str, style: Any) -> list[Any]:
    """What a client sees of each call of a scenario."""
    fake = FakeAmplifyBackend(seed=7, errors=style)
    seen: list[Any] = []
    with closing(open_way(way_name, fake)) as way:

        def call(operation: str, params: dict[str, Any]) -> dict[str, Any]:
            kind, answer = outcome(way, operation, params)
            seen.append((operation, kind, answer))
            return answer

        SCENARIOS[name](fake, call)
    return [*seen, fake.dump(), [call.operation for call in fake.calls]]


def outcome(way: Any, operation: str, params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The kind of a call's end, and the parsed response without what may differ."""
    try:
        answer = way.call(operation, params, "us-east-1")
    except ClientError as error:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        return " < ".join(kinds), comparable(error.response)
    except BotoCoreError as error:
        return type(error).__name__, {}
    return "answer", comparable(known(operation, answer))


def comparable(response: Any) -> Any:
    metadata = response["ResponseMetadata"]
    return {
        **response,
        "ResponseMetadata": {name: metadata[name] for name in metadata if name not in METADATA},
    }


@functools.cache
def reference(name: str, style: str) -> list[Any]:
    return play(name, REFERENCE, style)


@pytest.mark.parametrize("style", ["modeled", "observed"])
@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("way", [way for way in WAYS if way != REFERENCE])
def test_a_scenario_looks_the_same(way: str, name: str, style: str) -> None:
    if reason := SCENARIOS_NOT_CARRIED.get((way, name)):
        pytest.skip(reason)
    seen = play(name, way, style)
    for ours, theirs in zip(seen, reference(name, style), strict=True):
        assert ours == theirs


def test_the_reference_sees_something() -> None:
    kinds = {seen[1] for seen in reference("every_error_of_every_operation", "modeled")[:-2]}
    assert len(kinds) == 6  # four modeled errors, one of the connection, and an empty answer
