"""Whatever is asked, in whatever order, from however many threads: an answer or a known error."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from any_requests import KNOWN_JOB, KNOWN_SESSION, KNOWN_TOKEN, calls, requests
from full_requests import FULL
from hypothesis import given, settings
from hypothesis import strategies as st
from shop_calls import APP
from volume import budget

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._api import validity
from pytest_amplifybackend._api.responses import required_members
from pytest_amplifybackend._service.provisioning import InMemoryProvisioner, ProvisioningError

POLICIES = ["immediate", "manual", "after_reads:1", "after_seconds:60"]


class Faulty:
    """The in-memory provisioner, but for methods that fail."""

    def __init__(self, inner: InMemoryProvisioner, broken: tuple[str, ...]) -> None:
        self._inner, self._broken = inner, broken

    def __getattr__(self, name: str) -> Any:
        if name in self._broken:
            raise ProvisioningError(f"{name} is out of order")
        return getattr(self._inner, name)


def _preset(add: Callable[[FakeAmplifyBackend], None]) -> Callable[[FakeAmplifyBackend], None]:
    """Given state is refused where it cannot be, or while a job is under way."""

    def step(fake: FakeAmplifyBackend) -> None:
        with contextlib.suppress(errors.UsageError):
            add(fake)

    return step


def _end(fake: FakeAmplifyBackend, end: Callable[[str], Any]) -> None:
    waiting = [job.id for job in fake.jobs if job.status in ("PENDING", "RUNNING")]
    for job in waiting[:1]:
        end(job)


LEVERS: dict[str, Callable[[FakeAmplifyBackend], Any]] = {
    "advance": lambda fake: fake.jobs.advance(),
    "a minute": lambda fake: fake.clock.shift(60),
    "finish a job": lambda fake: _end(fake, fake.jobs.finish),
    "fail a job": lambda fake: _end(fake, fake.jobs.fail),
    "plan a failure": lambda fake: fake.jobs.fail_next("UpdateBackendAuth", "planned"),
    "add an app": _preset(lambda fake: fake.add_app(APP, environments=["dev", "test"])),
    "add auth": _preset(lambda fake: fake.add_auth(APP, "test", name="users")),
    "add an API": _preset(lambda fake: fake.add_api(APP, "test", name="orders")),
    "add storage": _preset(lambda fake: fake.add_storage(APP, "test", name="media")),
    "go on in another": lambda fake: fake.load(json.loads(json.dumps(fake.dump()))),
}
PROVISIONED = [name for name in vars(InMemoryProvisioner) if not name.startswith("_")]
STEPS = st.one_of(calls(), calls(), calls(), st.tuples(st.sampled_from(list(LEVERS)), st.just({})))


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


@pytest.mark.volume
@settings(max_examples=budget(150, 40), deadline=None)
@given(
    policy=st.sampled_from(POLICIES),
    steps=st.lists(STEPS, max_size=25),
    given_state=st.booleans(),
    broken=st.one_of(st.just(()), st.lists(st.sampled_from(PROVISIONED), max_size=3).map(tuple)),
)
def test_any_sequence_of_calls_ends_in_answers_and_modeled_errors(
    policy: str,
    steps: list[tuple[str, dict[str, Any]]],
    given_state: bool,
    broken: tuple[str, ...],
) -> None:
    fake = FakeAmplifyBackend(jobs=progress.parse(policy))
    fake.add_bucket("our-pictures")
    if given_state:
        fake.add_auth(APP, name="users")
        fake.add_api(APP, name="orders")
        fake.add_storage(APP, name="media")
    if broken:
        inner = InMemoryProvisioner(fake._backend.state, fake._backend.ids)
        fake._backend.provisioner = Faulty(inner, broken)

    for operation, params in steps:
        if operation in LEVERS:
            LEVERS[operation](fake)
        else:
            call_once(fake, operation, with_known_ids(fake, params))

    fake.jobs.advance()
    fake.jobs.advance()
    twin = FakeAmplifyBackend()
    twin.load(json.loads(json.dumps(fake.dump())))
    assert twin.dump() == fake.dump()


def call_once(fake: FakeAmplifyBackend, operation: Any, params: dict[str, Any]) -> None:
    """Call, and hold the answer to its shape or the state to what it was."""
    before = fake.dump()
    try:
        answer = fake.call(operation, params)
    except tuple(errors.MODELED.values()):
        assert fake.dump() == before
    else:
        assert set(required_members(operation)) <= answer.keys()
        validity.check_response(operation, answer)
        json.dumps(answer)


@pytest.mark.volume
@pytest.mark.parametrize("operation", FULL)
@settings(max_examples=budget(25, 8), deadline=None)
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


@pytest.mark.volume
def test_sixteen_threads_lose_nothing() -> None:
    fake = FakeAmplifyBackend()
    fake.add_app(APP, environments=())
    client = fake.client()
    rounds = budget(100, 25)

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
