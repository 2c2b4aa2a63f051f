"""ListBackendJobs: newest first, filtered, in pages that hold each job once."""

from __future__ import annotations

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
from pytest_amplifybackend.contract._support.samples import NOBODY
from pytest_amplifybackend.contract._support.states import job_in, place

pytestmark = about("ListBackendJobs")
LIST = "ListBackendJobs"

MOST = 25
"""The most jobs of a page (shape __integerMin1Max25)."""


def _ids(page: dict[str, Any]) -> list[str]:
    return [job["JobId"] for job in page["Jobs"]]


@observed("recorded list: newest createTime first")
def test_the_newest_job_is_first(backend: Backend, shared: Any) -> None:
    there = shared("app with many jobs")
    jobs = backend.call(LIST, place(there, MaxResults=MOST))["Jobs"]
    assert [job["JobId"] for job in jobs] == there["JobIds"][:MOST], LIST
    times = [int(job["CreateTime"]) for job in jobs]
    assert times == sorted(times, reverse=True), f"{LIST}: {times}"
    seen = backend.job(job_in({**there, "JobId": jobs[-1]["JobId"]}))
    assert seen == jobs[-1], f"{LIST}: not what GetBackendJob says"


@modeled("MaxResults and NextToken")
@pytest.mark.parametrize("size", [1, 22, 25])
def test_pages_hold_every_job_once(backend: Backend, shared: Any, size: int) -> None:
    """Of the sizes, 1 and 22 fill the last page."""
    there = shared("app with many jobs")
    ids, params = there["JobIds"], place(there, MaxResults=size)
    for start in range(0, len(ids), size):
        page = backend.call(LIST, params)
        assert _ids(page) == ids[start : start + size], f"{LIST}: page from {start}"
        more = start + size < len(ids)
        assert ("NextToken" in page) == more, f"{LIST}: NextToken after {start + size}"
        params["NextToken"] = page.get("NextToken", "")


@assumed("25, the most that MaxResults may be, is the size of a page without it")
def test_a_page_has_at_most_25_jobs(backend: Backend, shared: Any) -> None:
    there = shared("app with many jobs")
    page = backend.call(LIST, place(there))
    assert _ids(page) == there["JobIds"][:MOST], LIST
    page = backend.call(LIST, place(there, NextToken=page["NextToken"]))
    assert _ids(page) == there["JobIds"][MOST : 2 * MOST], LIST


@modeled("MaxResults is an integer from 1 to 25")
def test_a_page_that_has_all_has_no_token(backend: Backend, shared: Any) -> None:
    there = shared("job completed")
    count = len(backend.call(LIST, place(there))["Jobs"])
    page = backend.call(LIST, place(there, MaxResults=count))
    assert len(page["Jobs"]) == count, LIST
    assert "NextToken" not in page, f"{LIST}: a token that leads to nothing"


@modeled("NextToken: the request with it is for the page that follows")
def test_a_token_leads_to_the_same_page_each_time(backend: Backend, shared: Any) -> None:
    there = shared("app with many jobs")
    first = backend.call(LIST, place(there, MaxResults=2))
    params = place(there, MaxResults=2, NextToken=first["NextToken"])
    pages = [backend.call(LIST, params) for _ in range(2)]
    assert backend.call(LIST, place(there, MaxResults=2)) == first, LIST
    assert [_ids(page) for page in pages] == [there["JobIds"][2:4]] * 2, LIST


@documented("REST reference: filters the list of response objects")
@pytest.mark.parametrize(
    ("like", "members"),
    [
        (0, ["Status"]),
        (-1, ["Status"]),
        (0, ["Operation"]),
        (-1, ["Operation"]),
        (1, ["JobId"]),
        (-1, ["JobId"]),
        (1, ["JobId", "Operation", "Status"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else f"job{value}",
)
def test_a_filter_leaves_out_the_others(
    backend: Backend, shared: Any, every: Any, like: int, members: list[str]
) -> None:
    there = shared("app with many jobs")
    records = every(backend, there)
    filters = {name: records[like][name] for name in members}
    page = backend.call(LIST, place(there, MaxResults=MOST, **filters))
    wanted = _matching(records, filters)
    assert _ids(page) == wanted[:MOST], f"{LIST}: {filters}"
    assert ("NextToken" in page) == (len(wanted) > MOST), LIST


def _matching(records: list[dict[str, Any]], filters: dict[str, Any]) -> list[str]:
    return [one["JobId"] for one in records if filters.items() <= one.items()]


@documented("REST reference: filters the list of response objects")
@pytest.mark.parametrize(
    "filters",
    [
        {"Status": "RUNNING"},
        {"Operation": "ImportBackendAuth"},
        {"Operation": "CreateBackend", "Status": "FAILED"},
        {"JobId": "of the first", "Operation": "ImportBackendAuth"},
        {"JobId": NOBODY},
    ],
    ids=lambda filters: "-".join(filters.values()),
)
def test_a_filter_that_nothing_matches(
    backend: Backend, shared: Any, filters: dict[str, str]
) -> None:
    there = shared("app with many jobs")
    if "Operation" in filters and "JobId" in filters:
        filters = {**filters, "JobId": there["JobIds"][-1]}
    page = backend.call(LIST, place(there, **filters))
    assert page["Jobs"] == [], f"{LIST}: {filters}"
    assert "NextToken" not in page, LIST


@pytest.fixture(scope="module")
def every() -> Any:
    """All jobs of the state, read once."""
    read: dict[str, list[dict[str, Any]]] = {}

    def of(backend: Backend, there: dict[str, Any]) -> list[dict[str, Any]]:
        if there["AppId"] not in read:
            read[there["AppId"]] = backend.jobs(place(there, MaxResults=MOST))
        return read[there["AppId"]]

    return of


@documented("REST reference: filters the list of response objects")
def test_a_filter_holds_on_every_page(backend: Backend, shared: Any, every: Any) -> None:
    there = shared("app with many jobs")
    records = every(backend, there)
    filters = {"Status": records[0]["Status"]}
    found = backend.jobs(place(there), **filters, MaxResults=20)
    assert _ids({"Jobs": found}) == _matching(records, filters), LIST


@assumed("a page is filled after the filter: MaxResults counts what is listed")
def test_a_filter_comes_before_the_page(backend: Backend, shared: Any, every: Any) -> None:
    there = shared("app with many jobs")
    records = every(backend, there)
    for filters in ({"JobId": one["JobId"]} for one in (records[-1], records[0])):
        page = backend.call(LIST, place(there, **filters, MaxResults=1))
        assert _ids(page) == _matching(records, filters), (
            f"{LIST}: the page was cut before it was filtered"
        )
        assert "NextToken" not in page, f"{LIST}: a token that leads to nothing"


@assumed("a token leads on from where it was issued")
def test_a_new_job_does_not_shift_the_pages(backend: Backend, arrange: Any) -> None:
    at = place(arrange("job completed"))
    made = makers.jobs(backend, at)
    next(made)
    ids = [job["JobId"] for job in backend.jobs(at)]
    first = backend.call(LIST, {**at, "MaxResults": 1})
    next(made)
    second = backend.call(LIST, {**at, "MaxResults": 2, "NextToken": first["NextToken"]})
    assert _ids(second) == ids[1:], LIST


@assumed("no evidence of what becomes of a token that was issued for another request")
@pytest.mark.parametrize(
    "other", [{"Status": "FAILED"}, {"Operation": "CreateBackend"}, {"NextToken": "made-up"}]
)
def test_a_token_is_for_its_own_list(backend: Backend, shared: Any, other: dict[str, str]) -> None:
    at = place(shared("app with many jobs"))
    token = backend.call(LIST, {**at, "MaxResults": 1})["NextToken"]
    backend.rejected(LIST, {**at, "NextToken": token, **other}, errors.BadRequest)


@assumed("no evidence of what becomes of a token that was issued for another request")
def test_a_token_of_another_environment(backend: Backend, shared: Any) -> None:
    there, other = shared("app with many jobs"), shared("app with environments dev and test")
    token = backend.call(LIST, place(there, MaxResults=1))["NextToken"]
    backend.rejected(LIST, place(other, NextToken=token), errors.BadRequest)
