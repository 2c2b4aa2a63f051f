"""ListBackendJobs: newest first, filtered, in pages that hold each job once."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract._support import makers
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import (
    about,
    assumed,
    documented,
    modeled,
    observed,
)
from pytest_amplifybackend.contract._support.samples import sample
from pytest_amplifybackend.contract._support.states import job_in, place

pytestmark = about("ListBackendJobs")
LIST = "ListBackendJobs"


Records = list[dict[str, Any]]


def _with_records(backend: Backend, arrange: Any, count: int) -> tuple[dict[str, Any], Records]:
    """An environment with so many jobs, the first of CreateBackend; their records, newest first."""
    existing = arrange("job completed")
    at = place(existing)
    made = [*islice(makers.jobs(backend, at), count - 1)]
    return at, [*reversed(made), backend.job(job_in(existing))]


def _with_jobs(backend: Backend, arrange: Any, count: int) -> tuple[dict[str, Any], list[str]]:
    """The same, with the ids of the jobs."""
    at, records = _with_records(backend, arrange, count)
    return at, _ids({"Jobs": records})


def _ids(page: dict[str, Any]) -> list[str]:
    return [job["JobId"] for job in page["Jobs"]]


@observed("recorded list: newest createTime first")
def test_the_newest_job_is_first(backend: Backend, arrange: Any) -> None:
    at, ids = _with_jobs(backend, arrange, 4)
    jobs = backend.call(LIST, at)["Jobs"]
    assert [job["JobId"] for job in jobs] == ids, LIST
    times = [int(job["CreateTime"]) for job in jobs]
    assert times == sorted(times, reverse=True), f"{LIST}: {times}"


@modeled("MaxResults and NextToken")
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_pages_hold_every_job_once(backend: Backend, arrange: Any, size: int) -> None:
    at, ids = _with_jobs(backend, arrange, 5)
    params = {**at, "MaxResults": size}
    found: list[str] = []
    for start in range(0, 5, size):
        page = backend.call(LIST, params)
        assert _ids(page) == ids[start : start + size], f"{LIST}: page from {start}"
        found += _ids(page)
        assert ("NextToken" in page) == (start + size < 5), f"{LIST}: NextToken after {len(found)}"
        params["NextToken"] = page.get("NextToken", "")
    assert found == ids, LIST


@assumed("25, the most that MaxResults may be, is the size of a page without it")
def test_a_page_has_at_most_25_jobs(backend: Backend, arrange: Any) -> None:
    at, ids = _with_jobs(backend, arrange, 27)
    first = backend.call(LIST, at)
    assert _ids(first) == ids[:25], LIST
    second = backend.call(LIST, {**at, "NextToken": first["NextToken"]})
    assert _ids(second) == ids[25:], LIST
    assert "NextToken" not in second, LIST


@modeled("MaxResults is an integer from 1 to 25")
def test_a_full_last_page_has_no_token(backend: Backend, arrange: Any) -> None:
    at, ids = _with_jobs(backend, arrange, 2)
    page = backend.call(LIST, {**at, "MaxResults": 2})
    assert _ids(page) == ids, LIST
    assert "NextToken" not in page, f"{LIST}: a token that leads to nothing"


@documented("REST reference: filters the list of response objects")
@pytest.mark.parametrize(
    ("like", "members"),
    [
        (0, ["Status"]),
        (3, ["Status"]),
        (0, ["Operation"]),
        (3, ["Operation"]),
        (1, ["JobId"]),
        (1, ["JobId", "Operation", "Status"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else f"job{value}",
)
def test_a_filter_leaves_out_the_others(
    backend: Backend, arrange: Any, like: int, members: list[str]
) -> None:
    at, records = _with_records(backend, arrange, 4)
    filters = {name: records[like][name] for name in members}
    page = backend.call(LIST, {**at, **filters})
    assert _ids(page) == _matching(records, filters), f"{LIST}: {filters}"
    assert "NextToken" not in page, LIST


def _matching(records: Records, filters: dict[str, Any]) -> list[str]:
    return [one["JobId"] for one in records if filters.items() <= one.items()]


@documented("REST reference: filters the list of response objects")
@pytest.mark.parametrize(
    "filters",
    [
        {"Status": "RUNNING"},
        {"Operation": "ImportBackendAuth"},
        {"Operation": "CreateBackend", "Status": "FAILED"},
        {"JobId": "of the first", "Operation": "ImportBackendAuth"},
    ],
    ids=lambda filters: "-".join(filters.values()),
)
def test_a_filter_that_nothing_matches(
    backend: Backend, arrange: Any, filters: dict[str, str]
) -> None:
    at, ids = _with_jobs(backend, arrange, 4)
    if "JobId" in filters:
        filters = {**filters, "JobId": ids[-1]}
    page = backend.call(LIST, {**at, **filters})
    assert page["Jobs"] == [], f"{LIST}: {filters}"
    assert "NextToken" not in page, LIST


@documented("REST reference: filters the list of response objects")
def test_a_filter_holds_on_every_page(backend: Backend, arrange: Any) -> None:
    at, records = _with_records(backend, arrange, 4)
    filters = {"Status": records[0]["Status"]}
    found = backend.jobs(at, **filters, MaxResults=1)
    assert _ids({"Jobs": found}) == _matching(records, filters), LIST


@assumed("a token leads on from where it was issued")
def test_a_new_job_does_not_shift_the_pages(backend: Backend, arrange: Any) -> None:
    at, ids = _with_jobs(backend, arrange, 3)
    first = backend.call(LIST, {**at, "MaxResults": 1})
    next(makers.jobs(backend, at))
    second = backend.call(LIST, {**at, "MaxResults": 2, "NextToken": first["NextToken"]})
    assert _ids(second) == ids[1:], LIST


@assumed("no evidence of what becomes of a token that was issued for another request")
@pytest.mark.parametrize(
    "other", [{"Status": "FAILED"}, {"Operation": "CreateBackend"}, {"NextToken": "made-up"}]
)
def test_a_token_is_for_its_own_list(backend: Backend, arrange: Any, other: dict[str, str]) -> None:
    at, _ = _with_jobs(backend, arrange, 3)
    token = backend.call(LIST, {**at, "MaxResults": 1})["NextToken"]
    backend.rejected(LIST, {**at, "NextToken": token, **other}, errors.BadRequest)


@assumed("no evidence of what becomes of a token that was issued for another request")
def test_a_token_of_another_environment(backend: Backend, arrange: Any) -> None:
    at, _ = _with_jobs(backend, arrange, 2)
    backend.done("CreateBackend", sample("CreateBackend", {**at, "BackendEnvironmentName": "test"}))
    token = backend.call(LIST, {**at, "MaxResults": 1})["NextToken"]
    other = {**at, "BackendEnvironmentName": "test", "NextToken": token}
    backend.rejected(LIST, other, errors.BadRequest)


@assumed("a page is filled after the filter: MaxResults counts what is listed")
def test_a_filter_comes_before_the_page(backend: Backend, arrange: Any) -> None:
    at, records = _with_records(backend, arrange, 4)
    for filters in ({"Operation": one["Operation"]} for one in (records[-1], records[0])):
        wanted = _matching(records, filters)
        page = backend.call(LIST, {**at, **filters, "MaxResults": len(wanted)})
        assert _ids(page) == wanted, f"{LIST}: the page was cut before it was filtered"
        assert "NextToken" not in page, f"{LIST}: a token that leads to nothing"
