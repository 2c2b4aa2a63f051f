"""ListBackendJobs: newest first, filtered, in pages that hold each job once."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import (
    about,
    assumed,
    documented,
    modeled,
    observed,
)
from pytest_amplifybackend.contract._support.samples import sample
from pytest_amplifybackend.contract._support.states import place

pytestmark = about("ListBackendJobs")
LIST = "ListBackendJobs"


def _with_jobs(backend: Backend, arrange: Any, count: int) -> tuple[dict[str, Any], list[str]]:
    """An environment with so many jobs, all but the first FAILED; their ids, newest first."""
    existing = arrange("job completed")
    at = place(existing)
    update = sample("UpdateBackendAuth", at)
    made = [backend.fails("UpdateBackendAuth", update)["JobId"] for _ in range(count - 1)]
    return at, [*reversed(made), existing["JobId"]]


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
    ("filters", "wanted"),
    [
        ({"Status": "FAILED"}, [0, 1, 2]),
        ({"Status": "COMPLETED"}, [3]),
        ({"Status": "RUNNING"}, []),
        ({"Operation": "CreateBackend"}, [3]),
        ({"Operation": "UpdateBackendAuth"}, [0, 1, 2]),
        ({"Operation": "UpdateBackendAuth", "Status": "COMPLETED"}, []),
        ({"Operation": "DeleteBackend"}, []),
        ({"JobId": 1}, [1]),
        ({"JobId": 1, "Status": "COMPLETED"}, []),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_a_filter_leaves_out_the_others(
    backend: Backend, arrange: Any, filters: dict[str, Any], wanted: list[int]
) -> None:
    at, ids = _with_jobs(backend, arrange, 4)
    if "JobId" in filters:
        filters = {**filters, "JobId": ids[filters["JobId"]]}
    page = backend.call(LIST, {**at, **filters})
    assert _ids(page) == [ids[number] for number in wanted], f"{LIST}: {filters}"
    assert "NextToken" not in page, LIST


@documented("REST reference: filters the list of response objects")
def test_a_filter_holds_on_every_page(backend: Backend, arrange: Any) -> None:
    at, ids = _with_jobs(backend, arrange, 4)
    found = backend.jobs(at, Status="FAILED", MaxResults=1)
    assert [job["JobId"] for job in found] == ids[:3], LIST


@assumed("a token leads on from where it was issued")
def test_a_new_job_does_not_shift_the_pages(backend: Backend, arrange: Any) -> None:
    at, ids = _with_jobs(backend, arrange, 3)
    first = backend.call(LIST, {**at, "MaxResults": 1})
    backend.fails("UpdateBackendAuth", sample("UpdateBackendAuth", at))
    second = backend.call(LIST, {**at, "MaxResults": 2, "NextToken": first["NextToken"]})
    assert _ids(second) == ids[1:], LIST


@assumed("no evidence of what becomes of a token that was issued for another request")
@pytest.mark.parametrize(
    "other", [{"Status": "FAILED"}, {"Operation": "UpdateBackendAuth"}, {"NextToken": "made-up"}]
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
    at, ids = _with_jobs(backend, arrange, 4)
    page = backend.call(LIST, {**at, "Status": "COMPLETED", "MaxResults": 1})
    assert _ids(page) == ids[3:], f"{LIST}: the page was cut before it was filtered"
    page = backend.call(LIST, {**at, "Status": "FAILED", "MaxResults": 3})
    assert _ids(page) == ids[:3], LIST
    assert "NextToken" not in page, f"{LIST}: a token that leads to nothing"
