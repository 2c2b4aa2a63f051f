"""``amplifybackend_time``: the test's thread lives in the fake's time, and nothing else does."""

from __future__ import annotations

import asyncio
import concurrent.futures
import datetime
import importlib
import importlib.util
import socket
import sys
import threading
import time
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from pytest_amplifybackend import Clock, FakeAmplifyBackend, errors, fake_amplifybackend
from pytest_amplifybackend._program_time import following

FUNCTIONS = ("sleep", "time", "time_ns", "monotonic", "monotonic_ns")
REAL = {name: getattr(time, name) for name in FUNCTIONS}
REAL_ASYNCIO_SLEEP = asyncio.sleep
LOOP = asyncio.base_events.BaseEventLoop
REAL_OF_LOOPS = {name: getattr(LOOP, name) for name in ("run_forever", "run_in_executor")}
NAMES = {"AppId": "d1", "BackendEnvironmentName": "dev"}
TEN_MINUTES = 600


@pytest.fixture(autouse=True)
def quickly() -> Iterator[None]:
    """No test here waits in earnest, and none leaves anything behind."""
    before = time.perf_counter()
    yield
    assert time.perf_counter() - before < 20
    assert {name: getattr(time, name) for name in FUNCTIONS} == REAL
    assert {name: getattr(LOOP, name) for name in REAL_OF_LOOPS} == REAL_OF_LOOPS
    assert (sleep, asyncio.sleep) == (REAL["sleep"], REAL_ASYNCIO_SLEEP)
    assert abs(time.time() - datetime.datetime.now(datetime.UTC).timestamp()) < 5


@pytest.fixture
def clock() -> Any:
    """The clock of a fake that is not active."""
    return FakeAmplifyBackend()._backend.clock


def deploy(client: Any, pause: Callable[[float], object]) -> float:
    """Poll a job until it ends, at most ten minutes; the seconds that took."""
    job = client.delete_backend(**NAMES)["JobId"]
    began = time.monotonic()
    while client.get_backend_job(JobId=job, **NAMES)["Status"] != "COMPLETED":
        assert time.monotonic() < began + TEN_MINUTES + 5, "timed out"
        pause(5)
    return time.monotonic() - began


@pytest.mark.amplifybackend(jobs="after_seconds:600")
class TestPolling:
    @pytest.fixture(autouse=True)
    def an_app(self, amplifybackend: FakeAmplifyBackend) -> None:
        amplifybackend.add_app("d1")

    @pytest.mark.parametrize("pause", [time.sleep, lambda s: time.sleep(s), lambda s: sleep(s)])
    def test_ten_minutes(
        self, amplifybackend: FakeAmplifyBackend, amplifybackend_time: Clock, pause: Any
    ) -> None:
        if pause is REAL["sleep"]:  # noted before the test began: out of reach
            pause = time.sleep
        before = time.time()
        assert deploy(amplifybackend.client(), pause) == pytest.approx(TEN_MINUTES)
        assert amplifybackend_time is amplifybackend.clock
        assert time.time() - before == TEN_MINUTES

    def test_ten_minutes_in_an_event_loop(
        self, amplifybackend: FakeAmplifyBackend, amplifybackend_time: Clock
    ) -> None:
        client = amplifybackend.client()

        async def deployed() -> float:
            job = client.delete_backend(**NAMES)["JobId"]
            began = asyncio.get_running_loop().time()
            async with asyncio.timeout(TEN_MINUTES + 5):
                while client.get_backend_job(JobId=job, **NAMES)["Status"] != "COMPLETED":
                    await asyncio.sleep(5)
            return asyncio.get_running_loop().time() - began

        assert asyncio.run(deployed()) == pytest.approx(TEN_MINUTES)

    def test_a_program_gives_up_by_its_own_deadline(
        self, amplifybackend: FakeAmplifyBackend, amplifybackend_time: Clock
    ) -> None:
        with pytest.raises(TimeoutError):
            asyncio.run(asyncio.wait_for(asyncio.sleep(700), TEN_MINUTES))
        assert amplifybackend_time.now().timestamp() == 1704067200 + TEN_MINUTES


@pytest.mark.parametrize("needs", ["amplifybackend_server", "amplifybackend_responses"])
def test_it_is_the_time_of_the_fake_of_the_test(
    amplifybackend_time: Clock, request: pytest.FixtureRequest, needs: str
) -> None:
    assert amplifybackend_time is request.getfixturevalue("amplifybackend").clock


def test_with_a_server_alone(site: pytest.Pytester) -> None:
    pytest.importorskip("httptools")
    site.makepyfile(
        """
        import time
        from datetime import timedelta

        import boto3
        import pytest

        @pytest.mark.amplifybackend(jobs=timedelta(hours=1))
        def test_it(amplifybackend_time, amplifybackend_server, request):
            assert "amplifybackend" not in request.fixturenames
            fake = amplifybackend_server.fake
            fake.add_app("d1")
            client = boto3.client(
                "amplifybackend", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
            )
            names = {"AppId": "d1", "BackendEnvironmentName": "dev"}
            client.delete_backend(**names)
            time.sleep(3600)
            assert fake.jobs[0].status == "COMPLETED"
        """
    )
    site.runpytest().assert_outcomes(passed=1)


def test_each_function_follows(clock: Any) -> None:
    before = time.monotonic()
    with following(clock):
        start = clock.milliseconds()
        assert time.time() * 1000 == start
        assert time.monotonic() == pytest.approx(before, abs=5)
        began = time.monotonic_ns()
        time.sleep(1.5)
        assert time.time_ns() == (start + 1500) * 10**6
        assert time.monotonic_ns() - began == 1_500_000_000
        clock.move_to(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        assert time.time() == 1577836800
        assert time.monotonic_ns() - began == 1_500_000_000  # which never goes back
        time.sleep(1)
        assert time.monotonic_ns() - began == 2_500_000_000


def test_datetime_follows_with_time_machine(clock: Any) -> None:
    pytest.importorskip("time_machine")
    with following(clock):
        time.sleep(90)
        assert datetime.datetime.now(datetime.UTC) == clock.now()
        assert time.strftime("%H:%M:%S", time.gmtime()) == "00:01:30"


def test_without_time_machine_datetime_is_real(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    real = datetime.datetime.now(datetime.UTC)
    with following(clock):
        time.sleep(90)
        assert time.time() == clock.now().timestamp()
        assert datetime.datetime.now(datetime.UTC) - real < datetime.timedelta(seconds=60)


def test_it_follows_the_fake_that_answers(
    amplifybackend: FakeAmplifyBackend, amplifybackend_time: Clock
) -> None:
    began = time.monotonic()
    time.sleep(1)
    with fake_amplifybackend(jobs="after_seconds:600") as inner:
        inner.add_app("d1")
        assert deploy(inner.client(), lambda seconds: time.sleep(seconds)) == TEN_MINUTES
        with FakeAmplifyBackend(clock="system") as innermost:
            assert innermost.clock.now() == inner.clock.now()
            time.sleep(1)
            assert innermost.clock.now() == inner.clock.now()
    time.sleep(1)
    assert amplifybackend.clock.now().timestamp() == time.time() == 1704067202
    assert time.monotonic() - began == pytest.approx(TEN_MINUTES + 3)


@pytest.mark.usefixtures("amplifybackend_time")
@fake_amplifybackend(jobs="after_seconds:600")
class TestDecorated(unittest.TestCase):
    amplifybackend: FakeAmplifyBackend

    def test_ten_minutes(self) -> None:
        self.amplifybackend.add_app("d1")
        pause: Callable[[float], object] = lambda seconds: time.sleep(seconds)  # noqa: E731
        assert deploy(self.amplifybackend.client(), pause) == pytest.approx(TEN_MINUTES)


@fake_amplifybackend(jobs="after_seconds:600", time=True)
def ten_minutes(amplifybackend: FakeAmplifyBackend) -> float:
    amplifybackend.add_app("d1")
    return deploy(amplifybackend.client(), lambda seconds: time.sleep(seconds))


def test_a_decorated_function_follows(amplifybackend_factory: Any) -> None:
    alone: Callable[[], float] = ten_minutes  # type: ignore[assignment]  # the fake is passed
    assert alone() == pytest.approx(TEN_MINUTES)
    with fake_amplifybackend(time=True) as outer:
        time.sleep(5)
        assert alone() == pytest.approx(TEN_MINUTES)  # by the clock of the inner fake
        assert outer.clock.now().timestamp() == time.time() == 1704067205


@fake_amplifybackend(jobs="after_seconds:600", time=True)
async def ten_minutes_of_a_loop(amplifybackend: FakeAmplifyBackend) -> float:
    amplifybackend.add_app("d1")
    client = amplifybackend.client()
    job = client.delete_backend(**NAMES)["JobId"]
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(TEN_MINUTES + 5):
        while client.get_backend_job(JobId=job, **NAMES)["Status"] != "COMPLETED":
            await asyncio.sleep(5)
    return asyncio.get_running_loop().time() - began


def test_a_decorated_coroutine_lets_the_running_loop_follow() -> None:
    alone: Any = ten_minutes_of_a_loop

    async def twice() -> list[float]:
        found = [await alone(), await alone()]
        before = time.perf_counter()
        await asyncio.sleep(0.02)
        assert time.perf_counter() - before > 0.015
        return found

    assert asyncio.run(twice()) == pytest.approx([TEN_MINUTES, TEN_MINUTES])


@fake_amplifybackend(jobs="after_seconds:600", time=True)
class TestFollowing(unittest.TestCase):
    amplifybackend: FakeAmplifyBackend

    def test_ten_minutes(self) -> None:
        self.amplifybackend.add_app("d1")
        pause: Callable[[float], object] = lambda seconds: time.sleep(seconds)  # noqa: E731
        assert deploy(self.amplifybackend.client(), pause) == pytest.approx(TEN_MINUTES)


@fake_amplifybackend(time=True)
class TestFollowingInALoop(unittest.IsolatedAsyncioTestCase):
    async def test_a_day(self) -> None:
        await asyncio.sleep(24 * 60 * 60)
        assert time.time() == 1704067200 + 24 * 60 * 60


@fake_amplifybackend(time=True)
class TestFollowingOfPytest:
    def setup_method(self) -> None:
        time.sleep(24 * 60 * 60)

    def test_a_day(self) -> None:
        assert time.time() == 1704067200 + 24 * 60 * 60


def test_mistakes_with_the_decorator() -> None:
    with pytest.raises(errors.UsageError, match="time must be True or False, not 1"):
        fake_amplifybackend(time=1)  # type: ignore[call-overload]  # that is the test
    with pytest.raises(errors.UsageError, match="use one of them"):
        fake_amplifybackend(time=True, clock="system")


def test_other_threads_live_in_the_real_time(clock: Any) -> None:
    def look() -> tuple[float, float, float, float]:
        began = time.perf_counter()
        time.sleep(0.02)
        took = time.perf_counter() - began
        return took, time.time(), time.monotonic(), datetime.datetime.now(datetime.UTC).timestamp()

    real, before = time.time(), time.monotonic()
    with following(clock), concurrent.futures.ThreadPoolExecutor(1) as pool:
        time.sleep(10_000)
        took, now, monotonic, dated = pool.submit(look).result()
    assert 0.02 <= took < 10
    assert real <= now < real + 60
    assert real - 1 <= dated < real + 60
    assert before <= monotonic < before + 60


@pytest.mark.parametrize(
    ("seconds", "milliseconds"),
    [(0, 0), (0.0001, 1), (1e-9, 1), (0.07, 70), (2, 2000), (10**9, 10**12)],
)
def test_a_sleep_moves_the_clock_by_its_length(
    clock: Any, seconds: float, milliseconds: int
) -> None:
    before = clock.milliseconds()
    with following(clock):
        time.sleep(seconds)
    assert clock.milliseconds() - before == milliseconds


@pytest.mark.parametrize("seconds", [-1, float("nan"), "1", None, float("inf")])
def test_python_rejects_what_is_no_time_to_sleep(clock: Any, seconds: Any) -> None:
    with pytest.raises((TypeError, ValueError, OverflowError)) as real:
        REAL["sleep"](seconds)
    with following(clock), pytest.raises(type(real.value)) as caught:
        time.sleep(seconds)
    assert str(caught.value) == str(real.value)


class TestLoops:
    def test_tasks_sleep_side_by_side(self, clock: Any) -> None:
        async def program() -> list[float]:
            await asyncio.gather(*(asyncio.sleep(seconds) for seconds in (3, 5, 5, 7)))
            return [clock.milliseconds()]

        before = clock.milliseconds()
        with following(clock):
            assert asyncio.run(program()) == [before + 7000]

    def test_work_in_a_thread_is_waited_for_and_no_timeout_strikes(self, clock: Any) -> None:
        async def program() -> str:
            async with asyncio.timeout(5):
                return await asyncio.to_thread(lambda: time.sleep(0.1) or "done")

        before = clock.milliseconds()
        with following(clock):
            assert asyncio.run(program()) == "done"
        assert clock.milliseconds() == before

    def test_work_that_a_loop_has_left_behind_is_not_waited_for(self, clock: Any) -> None:
        release, loop, before = threading.Event(), asyncio.new_event_loop(), clock.milliseconds()
        with following(clock), concurrent.futures.ThreadPoolExecutor(1) as pool:
            try:
                future = loop.run_in_executor(pool, release.wait)
                loop.close()
                asyncio.run(asyncio.sleep(600))
                assert not future.done()
            finally:
                release.set()
        assert clock.milliseconds() == before + 600_000

    def test_a_thread_of_another_kind_is_waited_for_too(self, clock: Any) -> None:
        async def program() -> str:
            loop, done = asyncio.get_running_loop(), asyncio.Event()

            def work() -> None:
                time.sleep(0.1)
                loop.call_soon_threadsafe(done.set)

            thread = threading.Thread(target=work)
            thread.start()
            await asyncio.wait_for(done.wait(), 5)
            thread.join()
            return "done"

        with following(clock):
            assert asyncio.run(program()) == "done"

    def test_an_answer_on_a_socket_is_waited_for(self, clock: Any) -> None:
        async def program(port: int) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                answer = await asyncio.wait_for(reader.read(5), 5)
                for _ in range(5):  # while the connection stays open
                    await asyncio.sleep(60)
                return answer
            finally:
                writer.close()

        def answer(server: socket.socket) -> None:
            connection, _ = server.accept()
            time.sleep(0.1)
            connection.sendall(b"hello")
            connection.recv(1)
            connection.close()

        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=answer, args=(server,))
            thread.start()
            before = clock.milliseconds()
            with following(clock):
                assert asyncio.run(program(server.getsockname()[1])) == b"hello"
            thread.join()
        assert clock.milliseconds() == before + 300_000

    def test_a_sleep_in_a_loop_of_another_kind(
        self, clock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = clock.milliseconds()
        with following(clock):
            monkeypatch.setattr(asyncio, "get_running_loop", lambda: "one of uvloop")
            sleeping = asyncio.sleep(60, "result")
            with pytest.raises(StopIteration, match="result"):
                [sleeping.send(None) for _ in range(2)]
        assert clock.milliseconds() == before + 60_000

    def test_loops_of_other_threads_are_left_alone(self, clock: Any) -> None:
        async def program() -> float:
            began = time.perf_counter()
            await asyncio.sleep(0.05)
            return time.perf_counter() - began

        with following(clock), concurrent.futures.ThreadPoolExecutor(1) as pool:
            assert 0.04 < pool.submit(asyncio.run, program()).result() < 10

    def test_a_loop_that_outlives_it_waits_in_earnest_again(self, clock: Any) -> None:
        loop = asyncio.new_event_loop()
        try:
            with following(clock):
                loop.run_until_complete(asyncio.sleep(60))
            began = time.perf_counter()
            loop.run_until_complete(asyncio.sleep(0.05))
            assert time.perf_counter() - began > 0.04
        finally:
            loop.close()


class TestRestoring:
    def test_after_an_error(self, clock: Any) -> None:
        with pytest.raises(KeyError), following(clock):
            raise KeyError

    @pytest.mark.parametrize("number", range(1, 9))
    def test_after_an_interrupt_of_its_beginning(
        self, clock: Any, monkeypatch: pytest.MonkeyPatch, number: int
    ) -> None:
        from pytest_amplifybackend._patching import Patch

        apply, left = Patch.apply, [number]

        def interrupted(patch: Patch) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise KeyboardInterrupt
            apply(patch)

        monkeypatch.setattr(Patch, "apply", interrupted)
        with pytest.raises(KeyboardInterrupt), following(clock):
            raise KeyboardInterrupt  # where the beginning has fewer steps

    def test_what_was_imported_meanwhile_is_real_again_and_follows_the_next(
        self, clock: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "imported_late.py").write_text("from time import monotonic, sleep\n")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "imported_late", raising=False)
        with following(clock):
            late = importlib.import_module("imported_late")
        monkeypatch.setitem(sys.modules, "imported_late", late)
        assert late.monotonic() == pytest.approx(time.monotonic(), abs=5)
        before = clock.milliseconds()
        with following(clock):
            late.sleep(60)
        assert clock.milliseconds() == before + 60_000
        began = time.perf_counter()
        late.sleep(0.02)
        assert time.perf_counter() - began >= 0.02


class TestConflicts:
    def test_with_a_fake_that_follows_the_program(self) -> None:
        clock: Any = FakeAmplifyBackend(clock="system").clock
        with pytest.raises(errors.UsageError, match="use one of them"), following(clock):
            pass

    def test_with_freezegun(self, clock: Any) -> None:
        freezegun = pytest.importorskip("freezegun")
        match = "which freezegun moves already"
        with (
            freezegun.freeze_time("2025-01-01"),
            pytest.raises(errors.UsageError, match=match),
            following(clock),
        ):
            pass

    def test_with_time_machine(self, clock: Any) -> None:
        time_machine = pytest.importorskip("time_machine")
        match = "which time-machine moves already"
        with (
            time_machine.travel("2025-01-01"),
            pytest.raises(errors.UsageError, match=match),
            following(clock),
        ):
            pass
