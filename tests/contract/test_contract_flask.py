"""A small fake, written with Flask by somebody who needs five operations, carried by the suite."""

from __future__ import annotations

from typing import Any

import pytest
from volume import full_only

pytest.importorskip("flask", reason="the fake of this test is made with Flask")

from flask_fake import IMPLEMENTED, make_app, serving

CHOSEN = ("test_at_once", "test_environments", "test_http", "test_jobs", "test_pagination")


def options(url: str, implemented: str) -> tuple[str, ...]:
    return (
        f"--amplifybackend-target={url}",
        f"--amplifybackend-implemented={implemented}",
        "--amplifybackend-poll-interval=0",
        "-W",
        "ignore::ResourceWarning",  # werkzeug's
    )


@full_only
def test_the_first_version_is_red_and_says_where_to_begin(suite: Any) -> None:
    with serving(make_app(naive=True)) as url:
        result = suite(*options(url, IMPLEMENTED), files=("test_pagination", "test_environments"))
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] > 3
    assert outcomes["blocked"] > 20
    result.stdout.fnmatch_lines(
        [
            "E*CreateBackend: the JobId '*' is not a version 4 UUID",
            "CreateBackend: the JobId '*' is not a version 4 UUID (* tests)",
        ]
    )
    result.stdout.no_fnmatch_line("*answered 404*")


def test_the_last_version_is_green(suite: Any) -> None:
    with serving(make_app()) as url:
        result = suite(*options(url, "auto"), files=CHOSEN)
    assert set(result.parseoutcomes()) == {"passed", "skipped"}
    names = ", ".join(sorted(IMPLEMENTED.split(",")))
    result.stdout.fnmatch_lines(
        [
            f"amplifybackend contract: implemented: {names}",
            f"{url} does all that was tested of 5 of 5 operations, *",
        ]
    )
