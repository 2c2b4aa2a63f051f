"""Whatever is asked, in whatever order, from however many threads: an answer or a known error."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from any_requests import KNOWN_JOB, KNOWN_SESSION, KNOWN_TOKEN, calls, requests
from full_requests import FULL
from hypothesis import given, settings
from hypothesis import strategies as st
from shop_calls import APP

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend.model import validity
from pytest_amplifybackend.model.responses import required_members

POLICIES = ["immediate", "manual", "after_reads:1", "after_seconds:60"]
STEPS = st.one_of(
    calls(), calls(), calls(), calls(), st.sampled_from([("advance", {}), ("a minute", {})])
)


def with_known_ids(fake: FakeAmplifyBackend, params: dict[str, Any]) -> dict[str, Any]:
    """The newest id of each kind that the fake has given, where the params ask for one."""
    known: dict[Any, str] = {KNOWN_JOB: "none", KNOWN_SESSION: "none", KNOWN_TOKEN: "none"}
    for call in fake.calls:
        answer = call.response or {}
        known[KNOWN_JOB] = answer.get("JobId", known[KNOWN_JOB])
        known[KNOWN_SESSION] = answer.get("SessionId", known[KNOWN_SESSION])
        known[KNOWN_TOKEN] = answer.get("NextToken", known[KNOWN_TOKEN])
    return {
        name: known.get(value, value) if isinstance(value, str) else value
        for name, value in params.items()
    }


@settings(max_examples=150, deadline=None)
@given(
    policy=st.sampled_from(POLICIES), steps=st.lists(STEPS, max_size=25), given_state=st.booleans()
)
def test_any_sequence_of_calls_ends_in_answers_and_modelled_errors(
    policy: str, steps: list[tuple[str, dict[str, Any]]], given_state: bool
) -> None:
    fake = FakeAmplifyBackend(jobs=progress.parse(policy))
    fake.add_bucket("our-pictures")
    if given_state:
        fake.add_auth(APP, name="users")
        fake.add_api(APP, name="orders")
        fake.add_storage(APP, name="media")

    for operation, params in steps:
        if operation == "advance":
            fake.jobs.advance()
        elif operation == "a minute":
            fake.clock.shift(60)
        else:
            call_once(fake, operation, with_known_ids(fake, params))

    fake.jobs.advance()
    fake.jobs.advance()
    json.dumps(fake.dump())


def call_once(fake: FakeAmplifyBackend, operation: str, params: dict[str, Any]) -> None:
    """Call, and hold the answer to its shape or the state to what it was."""
    before = fake.dump()
    try:
        answer = fake.call(operation, params)
    except tuple(errors.MODELLED.values()):
        assert fake.dump() == before
    else:
        assert set(required_members(operation)) <= answer.keys()
        validity.check_response(operation, answer)
        json.dumps(answer)


@pytest.mark.parametrize("operation", FULL)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_operation_takes_any_params_in_a_full_environment(
    operation: str, data: st.DataObject
) -> None:
    fake = FakeAmplifyBackend()
    fake.add_auth(APP, name="users")
    fake.add_api(APP, name="orders")
    fake.add_storage(APP, name="media")
    params = data.draw(requests(operation))

    call_once(fake, operation, with_known_ids(fake, params))
    assert [job.status for job in fake.jobs if job.status not in ("COMPLETED", "FAILED")] == []


def test_sixteen_threads_lose_nothing() -> None:
    fake = FakeAmplifyBackend()
    fake.add_app(APP, environments=())
    client = fake.client()
    rounds = 100

    def work(letter: str) -> list[str]:
        place = {"AppId": APP, "BackendEnvironmentName": f"{letter}x"}
        given = []
        for _ in range(rounds):
            created = fake.call("CreateBackend", {**place, "AppName": "shop"})["JobId"]
            assert client.get_backend_job(**place, JobId=created)["Status"] == "COMPLETED"
            assert f"{letter}x" in client.get_backend(**place)["BackendEnvironmentList"]
            given.append(fake.call("CreateToken", {"AppId": APP})["SessionId"])
            given += [created, client.delete_backend(**place)["JobId"]]
        return given

    with ThreadPoolExecutor(16) as pool:
        ids = [one for given in pool.map(work, "abcdefghijklmnop") for one in given]

    assert len(fake.calls) == 16 * rounds * 5
    assert len(set(ids)) == len(ids) == 16 * rounds * 3
    assert [job.status for job in fake.jobs] == ["COMPLETED"] * 16 * rounds * 2
    (app,) = fake.dump()["apps"]
    assert app["environments"] == {}
    assert app["tokens"].keys() <= set(ids)
    assert len(app["tokens"]) == 16 * rounds
    assert fake.dump()["buckets"] == {}


def test_one_environment_is_won_by_one_thread_at_a_time() -> None:
    """All create the same environment: each job but one is refused, as pending or as there."""
    fake = FakeAmplifyBackend(jobs=progress.manual())

    def create(_: int) -> bool:
        try:
            fake.call("CreateBackend", FULL["CreateBackend"])
        except errors.BadRequest:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(create, range(200)))

    assert won.count(True) == 1
    assert len(list(fake.jobs)) == 1
