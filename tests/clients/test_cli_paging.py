"""`list-backend-jobs` page by page, with the options that the AWS CLI has for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

COMMAND = ("list-backend-jobs", "--app-id", "d1shop", "--backend-environment-name", "dev")


@pytest.fixture
def jobs(server: Any) -> list[str]:
    """The ids of five jobs, in the order in which they are listed."""
    server.fake.add_app("d1shop")
    place = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}
    for _ in range(5):
        server.fake.call("DeleteBackendAuth", {**place, "ResourceName": "users"})
    listed = server.fake.call("ListBackendJobs", place)["Jobs"]
    assert len(listed) == 5
    return [job["JobId"] for job in listed]


def ids(answer: dict[str, Any]) -> list[str]:
    return [job["JobId"] for job in answer["Jobs"]]


def test_max_items_and_starting_token(cli: Any, server: Any, jobs: list[str]) -> None:
    seen, token = [], []
    for _ in range(3):
        done = cli.run(server, *COMMAND, "--max-items", "2", *token)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        seen.append(ids(answer))
        token = ["--starting-token", answer.get("NextToken", "")]
    assert seen == [jobs[:2], jobs[2:4], jobs[4:]]
    assert "NextToken" not in answer


def test_max_items_over_pages(cli: Any, server: Any, jobs: list[str]) -> None:
    before = len(server.fake.calls)
    done = cli.run(server, *COMMAND, "--max-items", "3", "--page-size", "2")
    answer = json.loads(done.stdout)
    assert ids(answer) == jobs[:3]
    assert [call.params["MaxResults"] for call in server.fake.calls[before:]] == [2, 2]
    rest = cli.run(server, *COMMAND, "--starting-token", answer["NextToken"])
    assert ids(json.loads(rest.stdout)) == jobs[3:]


def test_all_pages_at_once(cli: Any, server: Any, jobs: list[str]) -> None:
    done = cli.run(server, *COMMAND, "--page-size", "1", "--query", "Jobs[].JobId")
    assert json.loads(done.stdout) == jobs


def test_one_page_by_hand(cli: Any, server: Any, jobs: list[str]) -> None:
    first = json.loads(cli.run(server, *COMMAND, "--max-results", "4").stdout)
    last = json.loads(cli.run(server, *COMMAND, "--next-token", first["NextToken"]).stdout)
    assert [ids(first), ids(last)] == [jobs[:4], jobs[4:]]


def test_a_page_that_is_too_long_is_refused_by_the_service(
    cli: Any, server: Any, jobs: list[str]
) -> None:
    done = cli.run(server, *COMMAND, "--page-size", "26")
    assert "(BadRequestException)" in done.stderr
    assert "must be a whole number from 1 to 25" in done.stderr
