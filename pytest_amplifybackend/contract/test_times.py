"""Times agree with each other: units, zones and order, in records, tokens, buckets and the meta."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, assumed, documented, observed
from pytest_amplifybackend.contract._support.pictures import NAMES
from pytest_amplifybackend.contract._support.samples import STATES, sample
from pytest_amplifybackend.contract._support.states import meta, place

SLACK = timedelta(seconds=1)
"""A time in whole seconds may be cut off."""

FIRST = datetime(2020, 8, 11, tzinfo=UTC)
"""When the API was published: no time is earlier."""


def _moment(operation: str, text: Any) -> datetime:
    """The time that a text in ISO 8601 tells, with its zone."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", str(text)), (
        f"{operation}: {text!r} is no time of ISO 8601 in UTC"
    )
    return datetime.fromisoformat(str(text).replace("Z", "+00:00"))


def _span(record: dict[str, Any]) -> tuple[datetime, datetime]:
    """When a job began and ended."""
    made, ended = (
        datetime.fromtimestamp(int(record[member]) / 1000, UTC)
        for member in ("CreateTime", "UpdateTime")
    )
    assert made > FIRST, f"{record['Operation']}: CreateTime {made} is before the service was made"
    assert made <= ended, f"{record['Operation']}: ended at {ended}, before it began at {made}"
    return made, ended


def _inside(operation: str, what: str, moment: datetime, record: dict[str, Any]) -> None:
    made, ended = _span(record)
    assert made - SLACK <= moment <= ended + SLACK, (
        f"{operation}: {what} {moment} is not in the time of its job, {made} to {ended}"
    )


def _pass_time(backend: Backend) -> None:
    if backend.target.shift is not None:
        backend.target.shift(3600)


@about("GetBackend", "GetBackendJob", "ListS3Buckets")
@observed("amplify-meta.json files: lastPushTimeStamp in ISO 8601 with Z, of the resource's push")
@pytest.mark.parametrize(
    "family",
    [
        pytest.param(name, marks=about(f"CreateBackend{name}", f"UpdateBackend{name}"))
        for name in ("Auth", "API", "Storage")
    ],
)
def test_a_push_is_in_the_time_of_its_job(backend: Backend, arrange: Any, family: str) -> None:
    create, update = (f"{verb}Backend{family}" for verb in ("Create", "Update"))
    existing = place(arrange(STATES[create]))
    for operation in (create, update):
        _pass_time(backend)
        params = sample(operation, existing, full=operation == update)
        params["ResourceName"] = NAMES[family.lower()]
        record = backend.done(operation, params)
        told = meta(backend, existing)
        (entry,) = told[family.lower()].values()
        pushed = _moment(operation, entry["lastPushTimeStamp"])
        _inside(operation, "lastPushTimeStamp", pushed, record)
        for other in set(told) - {"providers", family.lower()}:
            (beside,) = told[other].values()
            before = _moment(operation, beside["lastPushTimeStamp"])
            assert before <= pushed + SLACK, f"{operation}: it has pushed {other} too"


@about("CreateBackendStorage", "ListS3Buckets", "GetBackendJob")
@assumed("a bucket's CreationDate is in ISO 8601; it is made while its job is at work")
def test_a_bucket_is_made_in_the_time_of_its_job(backend: Backend, arrange: Any) -> None:
    existing = arrange("auth present")
    _pass_time(backend)
    record = backend.done("CreateBackendStorage", sample("CreateBackendStorage", place(existing)))
    (entry,) = meta(backend, existing)["storage"].values()
    (made,) = (
        bucket["CreationDate"]
        for bucket in backend.call("ListS3Buckets", {})["Buckets"]
        if bucket["Name"] == entry["output"]["BucketName"]
    )
    moment = _moment("ListS3Buckets", made)
    _inside("CreateBackendStorage", "CreationDate", moment, record)


@about("CreateBackendAPI", "GetBackend", "GetBackendJob")
@documented("Amplify CLI, AppSync walkthrough: an API key expires after days")
def test_a_key_expires_days_after_its_job(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environment dev")
    params = sample("CreateBackendAPI", existing, full=True)
    record = backend.done("CreateBackendAPI", params)
    (entry,) = meta(backend, existing)["api"].values()
    key = entry["output"]["authConfig"]["defaultAuthentication"]["apiKeyConfig"]
    days = params["ResourceConfig"]["DefaultAuthType"]["Settings"]["ExpirationTime"]
    if "apiKeyExpirationDate" not in key:
        pytest.skip("the meta text tells the days alone")
    ends = _moment("CreateBackendAPI", key["apiKeyExpirationDate"])
    made, ended = _span(record)
    least, most = made + timedelta(days=days), ended + timedelta(days=days)
    # AppSync rounds down to the hour
    assert least - timedelta(hours=1) <= ends <= most + timedelta(hours=1), (
        f"CreateBackendAPI: the key expires at {ends}, {days} days after {made}"
    )


@about("GetBackendJob", "ListBackendJobs")
@observed("recorded lists: newest createTime first; jobs of an environment follow each other")
def test_one_job_begins_after_the_other(backend: Backend, shared: Any) -> None:
    jobs = backend.newest_jobs(place(shared("app with many jobs")))
    spans = [_span(job) for job in jobs]
    for (later, _), (_, earlier) in pairwise(spans):
        assert later >= earlier, f"ListBackendJobs: a job began at {later}, before {earlier}"
    assert len(spans) > 5, "ListBackendJobs"


@about("CreateToken", "GetToken", "GetBackendJob")
@assumed("Ttl is in seconds since 1970, after the token was made; no value was recorded")
def test_a_token_expires_after_it_was_made(backend: Backend, arrange: Any) -> None:
    existing = arrange("job completed")
    app = {"AppId": existing["AppId"]}
    before = int(backend.job({**place(existing), "JobId": existing["JobId"]})["UpdateTime"]) / 1000
    first = int(backend.call("CreateToken", app)["Ttl"])
    assert 0 < first - before < 24 * 60 * 60, f"CreateToken: Ttl {first}, made after {before}"
    _pass_time(backend)
    second = int(backend.call("CreateToken", app)["Ttl"])
    passed = 3600 if backend.target.shift is not None else 0
    assert passed <= second - first <= passed + 600, f"CreateToken: Ttl {first}, then {second}"


@about("CreateToken", "GetToken", "DeleteToken")
@assumed("a token can be read until its Ttl, and is gone from then on")
def test_a_token_is_good_until_its_ttl(backend: Backend, arrange: Any) -> None:
    shift = backend.target.shift
    if shift is None:
        pytest.skip("the target's clock cannot be moved")
    existing = arrange("app with environment dev")
    app = {"AppId": existing["AppId"]}
    token = backend.call("CreateToken", app)
    own = {**app, "SessionId": token["SessionId"]}
    job = backend.done("CreateBackendAuth", sample("CreateBackendAuth", place(existing)))
    left = int(token["Ttl"]) - int(job["UpdateTime"]) / 1000
    shift(left - 1)
    assert backend.call("GetToken", own) == token, "GetToken: expired before its Ttl"
    shift(1.001)
    backend.rejected("GetToken", own, errors.NotFound)
    backend.rejected("DeleteToken", own, errors.NotFound)
