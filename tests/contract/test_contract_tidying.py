"""What a test leaves is removed, also while jobs are at work that it never asked for again."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend.contract._support import tidying
from pytest_amplifybackend.contract._support.divergences import Divergences
from pytest_amplifybackend.contract._support.noted import Noted
from pytest_amplifybackend.contract._support.target import Polling, Target

HERE = ("us-east-1", "d1abc")


@pytest.fixture
def fake() -> FakeAmplifyBackend:
    """Its jobs go on by being read, and by nothing else."""
    fake = FakeAmplifyBackend(jobs=progress.after_reads(3))
    fake.add_app("d1abc", environments=("dev", "test"))
    return fake


def left_behind(fake: FakeAmplifyBackend, polling: Polling | None = None) -> list[str]:
    target = Target("hook", fake.client, "us-east-1", polling or Polling(0.0, 5.0))
    tidying.tidy(target, Noted(Divergences(), apps=[HERE], touched={HERE}))
    return target.left_behind


def test_a_job_that_no_test_has_noted_is_waited_for(fake: FakeAmplifyBackend) -> None:
    fake.call("DeleteBackend", {"AppId": "d1abc", "BackendEnvironmentName": "test"})
    assert left_behind(fake) == []
    assert not fake.dump()["apps"]


def test_a_job_that_does_not_end_is_named() -> None:
    fake = FakeAmplifyBackend(jobs=progress.manual())
    fake.add_app("d1abc", environments=("dev",))
    job = fake.call("DeleteBackend", {"AppId": "d1abc", "BackendEnvironmentName": "dev"})
    assert left_behind(fake) == [
        f"App d1abc in us-east-1 could not be removed: its job {job['JobId']} (DeleteBackend) in "
        "'dev' has not ended after 5 seconds."
    ]


def test_environments_are_removed_one_by_one_where_that_is_all(fake: FakeAmplifyBackend) -> None:
    fake.override("RemoveAllBackends", _unimplemented)
    assert left_behind(fake) == []
    (app,) = fake.dump()["apps"]
    assert app["environments"] == {}


def _unimplemented(params: object) -> Any:
    from botocore.exceptions import ClientError

    metadata = {"HTTPStatusCode": 501}
    raise ClientError(
        {"Error": {"Code": "501", "Message": "no"}, "ResponseMetadata": metadata}, "any"
    )


def test_what_the_target_says_is_repeated(fake: FakeAmplifyBackend) -> None:
    fake.fail("RemoveAllBackends", errors.TooManyRequests("Rate exceeded."), times=None)
    assert left_behind(fake) == ["App d1abc in us-east-1 could not be removed: Rate exceeded."]
