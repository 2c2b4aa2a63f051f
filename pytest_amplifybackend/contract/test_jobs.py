"""Jobs: one at a time, polled to their end, and moved by hand where they are stuck."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support import makers
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import (
    about,
    assumed,
    documented,
    modeled,
    observed,
)
from pytest_amplifybackend.contract._support.meanwhile import rejected_while
from pytest_amplifybackend.contract._support.noted import HARMLESS_JOB
from pytest_amplifybackend.contract._support.samples import STATES, sample
from pytest_amplifybackend.contract._support.states import job_in, place

IN_AN_ENVIRONMENT = [
    pytest.param(name, marks=about(name))
    for name, operation in catalogue.operations().items()
    if "JobId" in operation.output_shape.members
    and "BackendEnvironmentName" in operation.required
    and name not in ("CloneBackend", "CreateBackend")
    and not name.endswith("BackendJob")
]


@observed("recorded answer: there is already a pending job for the requested appId")
@pytest.mark.parametrize("operation", IN_AN_ENVIRONMENT)
def test_one_job_at_a_time(backend: Backend, arrange: Any, shared: Any, operation: str) -> None:
    other = makers.harmless(backend.target.implemented)
    if other is None:  # the target has no job that leaves everything as it is
        existing = arrange(STATES[operation])
        first = backend.submit(operation, sample(operation, existing))
    else:
        existing = shared(STATES[operation])
        with backend.noted.inside(HARMLESS_JOB):
            first = backend.submit(other, sample(other, place(existing)))
    rejected_while(backend, first, operation, sample(operation, existing))
    assert backend.wait(first)["Operation"] == (other or operation)


@about("CloneBackend", "CreateBackend")
@assumed("which environment's job keeps a clone out is not known: that of its target")
def test_a_clone_waits_for_a_job_of_its_target(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environment dev")
    copy = {**existing, "BackendEnvironmentName": "copy"}
    first = backend.submit("CreateBackend", sample("CreateBackend", copy))
    rejected_while(backend, first, "CloneBackend", sample("CloneBackend", existing))
    assert backend.wait(first)["Status"] == "COMPLETED"


@about("CreateBackend")
@observed("recorded answer: there is already a pending job for the requested appId")
def test_an_environment_is_made_once(backend: Backend, arrange: Any) -> None:
    existing = arrange("no app")
    params = sample("CreateBackend", existing)
    first = backend.submit("CreateBackend", params)
    rejected_while(backend, first, "CreateBackend", params)
    assert backend.wait(first)["Status"] == "COMPLETED"


@about("RemoveAllBackends")
@assumed("the removal of everything waits for whatever is at work")
def test_removing_all_waits_for_any_job(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environments dev and test")
    first = backend.submit("DeleteBackend", {**existing, "BackendEnvironmentName": "test"})
    rejected_while(backend, first, "RemoveAllBackends", {"AppId": existing["AppId"]})
    assert backend.wait(first)["Status"] == "COMPLETED"


@about("RemoveAllBackends", "CreateBackendAuth")
@assumed("while everything is being removed nothing is begun")
def test_nothing_begins_while_all_is_removed(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environment dev")
    first = backend.submit("RemoveAllBackends", {"AppId": existing["AppId"]})
    rejected_while(backend, first, "CreateBackendAuth", sample("CreateBackendAuth", existing))
    assert backend.wait(first)["Status"] == "COMPLETED"


@about("UpdateBackendConfig", "RemoveBackendConfig", "CreateBackendConfig")
@assumed("a configuration in the making can be neither changed nor removed")
@pytest.mark.parametrize("operation", ["UpdateBackendConfig", "RemoveBackendConfig"])
def test_studio_in_the_making_is_left_alone(backend: Backend, arrange: Any, operation: str) -> None:
    app = {"AppId": arrange("app with environment dev")["AppId"]}
    first = backend.submit("CreateBackendConfig", app)
    rejected_while(backend, first, operation, app)
    assert backend.wait(first)["Status"] == "COMPLETED"


@about("GetBackendJob")
@observed("recorded lists: PENDING, then RUNNING, then COMPLETED or FAILED")
def test_a_job_goes_one_way(backend: Backend, arrange: Any) -> None:
    existing = arrange("job pending")
    order = {"PENDING": 0, "RUNNING": 1, "FAILED": 2, "COMPLETED": 2}
    found = ["PENDING"]
    for _ in backend.target.polling.pauses():
        found.append(backend.job(job_in(existing))["Status"])
        if found[-1] in ("COMPLETED", "FAILED"):
            break
    assert found == sorted(found, key=lambda status: order.get(status, 3)), (
        f"GetBackendJob: {found}"
    )
    assert backend.job(job_in(existing))["Status"] == found[-1], "GetBackendJob: an ended job moved"


@about("GetBackendJob", "ListBackendJobs")
@observed("a recorded FAILED job has an error, COMPLETED and RUNNING ones have none")
@pytest.mark.parametrize("state", ["job completed", "job failed"])
def test_a_job_is_the_same_in_a_list(backend: Backend, shared: Any, state: str) -> None:
    existing = shared(state)
    record = backend.job(job_in(existing))
    found = backend.jobs(place(existing), JobId=existing["JobId"])
    assert found == [record], "ListBackendJobs: not what GetBackendJob says"
    assert ("Error" in record) == (state == "job failed"), f"GetBackendJob: {record}"


@about("GetBackendJob")
@observed("a failed job's error begins: Command failed with exit code 1")
def test_the_error_of_a_job_is_the_workers(backend: Backend, shared: Any) -> None:
    existing = shared("job failed")
    error = backend.job(job_in(existing))["Error"]
    assert error.startswith("Command failed with exit code 1: "), f"GetBackendJob: {error}"


@about("GetBackendJob")
@observed("recorded jobs: updateTime is later than createTime by the time that the job took")
def test_a_job_says_when_it_ended(backend: Backend, arrange: Any) -> None:
    existing = arrange("job running")
    if backend.target.shift is not None:
        backend.target.shift(60)
    record = backend.wait(job_in(existing))
    took = int(record["UpdateTime"]) - int(record["CreateTime"])
    least = 0 if backend.target.shift is None else 60_000
    assert took >= least, f"GetBackendJob: took {took} ms"


@about("GetBackendJob", "DeleteBackend")
@observed("recorded lists hold jobs of months; a poller has to see a deletion end")
def test_the_jobs_of_a_deleted_environment_can_be_read(backend: Backend, arrange: Any) -> None:
    existing = arrange("job completed")
    deleted = backend.done("DeleteBackend", place(existing))
    found = [job["JobId"] for job in backend.jobs(place(existing))]
    assert found == [deleted["JobId"], existing["JobId"]], "DeleteBackend: its jobs are gone"


@about("CloneBackend")
@assumed("a clone's job is that of its target")
def test_the_job_of_a_clone_is_its_targets(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environment dev")
    at = backend.submit("CloneBackend", sample("CloneBackend", existing))
    assert at["BackendEnvironmentName"] == "copy", "CloneBackend: filed under another environment"
    assert backend.wait(at)["Status"] == "COMPLETED"
    other = {**at, "BackendEnvironmentName": "dev"}
    backend.rejected("GetBackendJob", other, errors.NotFound)


@about("RemoveAllBackends")
@modeled("RemoveAllBackendsRespObj has no BackendEnvironmentName; the job is read under any")
def test_the_job_that_removes_all_is_that_of_each(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environments dev and test")
    answer = backend.call("RemoveAllBackends", {"AppId": existing["AppId"]})
    assert "BackendEnvironmentName" not in answer, "RemoveAllBackends: names an environment"
    for name in ("dev", "test"):
        at = {"AppId": existing["AppId"], "BackendEnvironmentName": name, "JobId": answer["JobId"]}
        assert backend.wait(at)["BackendEnvironmentName"] == name, "RemoveAllBackends"


@about("CreateBackendConfig", "GetBackendJob")
@observed("callers poll with the BackendEnvironmentName of the answer, not with their own")
def test_the_job_of_studio_is_found_by_its_answer(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environments dev and test")
    at = backend.submit("CreateBackendConfig", {"AppId": existing["AppId"]})
    assert at["BackendEnvironmentName"] not in ("dev", "test"), "CreateBackendConfig"
    assert backend.wait(at)["Operation"] == "CreateBackendConfig"


@about("CreateBackendStorage", "GetBackendJob")
@documented("Amplify CLI: storage needs auth; the job fails, and the next one may begin")
def test_after_a_failed_job_another_can_begin(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environment dev")
    backend.fails("CreateBackendStorage", sample("CreateBackendStorage", existing))
    backend.done("CreateBackendAuth", sample("CreateBackendAuth", existing))
    backend.done("CreateBackendStorage", sample("CreateBackendStorage", existing))


@about("GetBackendJob", "ListBackendJobs")
@observed("recorded lists: jobs of months ago, whose updateTime is minutes after createTime")
@pytest.mark.parametrize("state", ["job completed", "job failed"])
def test_an_ended_job_stays_as_it_ended(backend: Backend, shared: Any, state: str) -> None:
    existing = shared(state)
    before = backend.job(job_in(existing))
    if backend.target.shift is not None:
        backend.target.shift(60)
    assert backend.job(job_in(existing)) == before, "GetBackendJob: an ended job has changed"
    assert backend.jobs(place(existing)) == [
        before if job["JobId"] == before["JobId"] else job for job in backend.jobs(place(existing))
    ], "ListBackendJobs"


@about("CloneBackend", "DeleteBackend")
@assumed("what is cloned is looked for when the job does its work")
def test_a_clone_needs_its_source_to_the_end(backend: Backend, arrange: Any) -> None:
    existing = arrange("app with environment dev")
    at = backend.submit("CloneBackend", sample("CloneBackend", existing))
    backend.done("DeleteBackend", place(existing))
    ended = backend.wait(at)["Status"]
    if ended == "COMPLETED" and backend.target.progress == "poll":
        pytest.skip("the clone had ended before its source was gone")
    assert ended == "FAILED", "CloneBackend: completed without its source"
