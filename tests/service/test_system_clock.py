"""``clock="system"``: whatever moves ``time.time()`` moves the fake, which can be moved besides."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._transports import control
from pytest_amplifybackend._transports.gateway import HTTPRequest

APP = {"AppId": "d1"}
DEV = {**APP, "BackendEnvironmentName": "dev"}
START = datetime(2025, 6, 1, 12, tzinfo=UTC)
Tick = Callable[[float], object]


@contextlib.contextmanager
def frozen_by_freezegun() -> Iterator[Tick]:
    freezegun = pytest.importorskip("freezegun")
    with freezegun.freeze_time(START) as frozen:
        yield lambda seconds: frozen.tick(seconds)


@contextlib.contextmanager
def frozen_by_time_machine() -> Iterator[Tick]:
    time_machine = pytest.importorskip("time_machine")
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller.shift


@contextlib.contextmanager
def frozen_by_monkeypatch() -> Iterator[Tick]:
    now = [START.timestamp()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: now[0])
        yield lambda seconds: now.__setitem__(0, now[0] + seconds)


FREEZERS = [frozen_by_freezegun, frozen_by_time_machine, frozen_by_monkeypatch]


@pytest.fixture(params=FREEZERS, ids=lambda one: one.__name__.removeprefix("frozen_by_"))
def tick(request: pytest.FixtureRequest) -> Iterator[Tick]:
    with request.param() as made:
        yield made


def system(**options: Any) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend(clock="system", **options)
    fake.add_app("d1")
    return fake


def test_a_job_ends_as_the_frozen_time_moves_on(tick: Tick) -> None:
    fake = system(jobs=timedelta(minutes=1))
    job = fake.call("DeleteBackend", DEV)["JobId"]
    read = {**DEV, "JobId": job}
    assert fake.call("GetBackendJob", read)["Status"] == "RUNNING"
    tick(59)
    assert fake.call("GetBackendJob", read)["Status"] == "RUNNING"
    tick(2)
    ended = fake.call("GetBackendJob", read)
    assert ended["Status"] == "COMPLETED"
    assert ended["CreateTime"] == str(round(START.timestamp() * 1000))
    assert fake.jobs[job].updated == START + timedelta(minutes=1)


def test_a_token_expires_as_the_frozen_time_moves_on(tick: Tick) -> None:
    fake = system()
    token = {**APP, "SessionId": fake.call("CreateToken", APP)["SessionId"]}
    tick(299)
    fake.call("GetToken", token)
    tick(2)
    with pytest.raises(errors.NotFound):
        fake.call("GetToken", token)


def test_a_client_reads_the_date_of_the_frozen_time(tick: Tick) -> None:
    metadata = system().client().list_s3_buckets()["ResponseMetadata"]
    assert metadata["HTTPHeaders"]["date"] == "Sun, 01 Jun 2025 12:00:00 GMT"


@pytest.fixture
def still() -> Iterator[Tick]:
    with frozen_by_monkeypatch() as made:
        yield made


def test_it_can_be_moved_besides(still: Tick) -> None:
    fake = system()
    fake.clock.shift(timedelta(hours=1))
    still(60)
    assert fake.clock.now() == START + timedelta(hours=1, minutes=1)
    fake.clock.move_to(datetime(2030, 1, 1, tzinfo=UTC))
    still(60)
    assert fake.clock.now() == datetime(2030, 1, 1, 0, 1, tzinfo=UTC)
    fake.delay("ListS3Buckets", seconds=5)
    fake.call("ListS3Buckets")
    assert fake.clock.now() == datetime(2030, 1, 1, 0, 1, 5, tzinfo=UTC)
    fake.reset()
    assert fake.clock.now() == START + timedelta(minutes=2)


def test_it_ends_with_the_calendar(still: Tick) -> None:
    fake = system()
    for _ in range(2):
        fake.clock.shift(10**11)
    with pytest.raises(errors.InvalidValue, match="between the years 1 and 9999"):
        fake.clock.shift(10**11)
    fake.clock.move_to(datetime.max.replace(tzinfo=UTC))
    fake.delay("ListS3Buckets", seconds=10**9)
    fake.call("ListS3Buckets")
    still(60)
    fake.call("CreateToken", APP)
    assert fake.clock.now().year == 9999


def test_a_loaded_state_stands_in_the_time_of_the_machine(still: Tick) -> None:
    fake = system(jobs="after_seconds:60")
    fake.call("DeleteBackend", DEV)
    dumped = fake.dump()
    still(61)
    clocks: list[tuple[Any, str]] = [("system", "COMPLETED"), ("virtual", "PENDING")]
    for clock, ended in clocks:
        other = FakeAmplifyBackend(clock=clock, jobs="after_seconds:60")
        other.load(dumped)
        assert other.jobs[0].status == ended


def test_a_control_action_that_is_rejected_leaves_it_as_it_was(still: Tick) -> None:
    fake = system()
    fake.clock.shift(5)
    body = json.dumps({"move_to": "2030-01-01T00:00:00", "shift": 10**12}).encode()
    answer = control.Control(fake).answer(HTTPRequest("POST", "/_amplifybackend/clock", {}, body))
    assert answer.status == 400
    assert fake.clock.now() == START + timedelta(seconds=5)


def test_a_virtual_clock_does_not_look(still: Tick) -> None:
    fake = FakeAmplifyBackend()
    before = fake.clock.now()
    still(60)
    assert fake.clock.now() == before


@pytest.mark.amplifybackend(clock="system")
def test_the_marker_has_it(amplifybackend: FakeAmplifyBackend, still: Tick) -> None:
    assert amplifybackend.clock.now() == START
