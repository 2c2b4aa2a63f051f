"""What a call costs with much else there: long histories, many apps, jobs that wait, and so on.

Run ``python benchmarks/many.py``; it prints Markdown, and exits with 1 where a row grows that is to
be flat. Each figure is microseconds of processor time, the least of some rounds.
"""

from __future__ import annotations

import gc
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from core import with_jobs

from pytest_amplifybackend import FakeAmplifyBackend, progress
from pytest_amplifybackend._schema import modelgen, schema
from pytest_amplifybackend._service.calls import Call

Work = Callable[[], object]
APP, ENVIRONMENT = "d1abc", "dev"
AT: dict[str, Any] = {"AppId": APP, "BackendEnvironmentName": ENVIRONMENT}
FEW, SOME, MANY = (10, 100, 1_000), (100, 1_000, 10_000), (100, 10_000, 1_000_000)
MOST = 3.0
"""How many times as much a flat row may take with all that there is: noise, and colder memory."""


@dataclass(frozen=True)
class Row:
    """``prepare`` makes the work for a number; it may grow as the number does if ``linear``."""

    name: str
    prepare: Callable[[int], Work]
    sizes: tuple[int, ...]
    linear: bool = False
    batch: int = 50


def rows() -> Iterator[Row]:
    yield Row("a read, after so many calls", _after_calls, MANY)
    yield Row("`assert_called` of an operation, after so many calls", _asserting, MANY)
    yield Row("a read of a job, of so many that ended", _reading_jobs, MANY)
    yield Row("a read, with so many apps", _with_apps, SOME)
    yield Row("`add_app`, with so many apps", _adding_apps, SOME)
    yield Row("a read that names so many environments", _with_environments, FEW, linear=True)
    yield Row("a read, while so many jobs wait for a time", _waiting, SOME)
    yield Row("a job more, while so many wait for a time", _submitting, SOME)
    yield Row("a read, of so many fakes at once", _of_fakes, FEW)
    yield Row("a fake, within so many that are active", _within_active, (1, 4, 16), batch=5)
    types = "`create_backend_api` and its job, a schema of so many types"
    yield Row(types, _schema, (1, 20, 400), linear=True, batch=1)


def _fake(count: int = 1, **options: Any) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend(**options)
    for number in range(count):
        fake.add_app(APP if number == 0 else f"d{number}more", environments=(ENVIRONMENT,))
    return fake


def _read(fake: FakeAmplifyBackend) -> Work:
    return lambda: fake.call("GetBackend", AT)


def _with_calls(count: int) -> FakeAmplifyBackend:
    """A fake with so many calls, one in a thousand of them another one."""
    fake = _fake()
    history = fake._backend.history
    for number in range(count):
        if number % 1_000 == 0:
            history.append(Call("ListS3Buckets", {}, {}, None, "us-east-1", "stubber"))
        else:
            history.append(Call("GetBackend", dict(AT), {}, None, "us-east-1", "stubber"))
    return fake


def _after_calls(count: int) -> Work:
    return _read(_with_calls(count))


def _asserting(count: int) -> Work:
    fake = _with_calls(count)
    # One that occurs once however many there are: each occurrence is looked at.
    fake.call("GetBackendJob", {**AT, "JobId": _last_job(fake)})
    return lambda: fake.assert_called("GetBackendJob")


def _last_job(fake: FakeAmplifyBackend) -> str:
    made = fake.call("DeleteBackend", AT)
    return str(made["JobId"])


def _reading_jobs(count: int) -> Work:
    fake = with_jobs(count)
    job = _last_job(fake)
    return lambda: fake.call("GetBackendJob", {**AT, "JobId": job})


def _with_apps(count: int) -> Work:
    return _read(_fake(count))


def _adding_apps(count: int) -> Work:
    fake, numbers = _fake(count), itertools.count()
    return lambda: fake.add_app(f"d{next(numbers)}new")


def _letters(number: int) -> str:
    return f"e{number:06}".translate({48 + digit: 97 + digit for digit in range(10)})


def _with_environments(count: int) -> Work:
    fake = FakeAmplifyBackend()
    fake.add_app(APP, environments=[ENVIRONMENT, *map(_letters, range(count))])
    return _read(fake)


def _with_waiting(count: int) -> tuple[FakeAmplifyBackend, Iterator[str]]:
    fake = _fake(jobs=progress.after_seconds(10**6))
    names = (f"d{number}wait" for number in itertools.count())
    for name in itertools.islice(names, count):
        fake.call("CreateBackend", {"AppId": name, "AppName": "a", **_AT_DEV})
    return fake, names


_AT_DEV = {"BackendEnvironmentName": ENVIRONMENT}


def _waiting(count: int) -> Work:
    fake, _ = _with_waiting(count)
    return _read(fake)


def _submitting(count: int) -> Work:
    fake, names = _with_waiting(count)
    return lambda: fake.call("CreateBackend", {"AppId": next(names), "AppName": "a", **_AT_DEV})


def _of_fakes(count: int) -> Work:
    fakes = [_fake() for _ in range(count)]
    turn = itertools.cycle(fakes)
    return lambda: next(turn).call("GetBackend", AT)


def _within_active(count: int) -> Work:
    def work() -> None:
        with FakeAmplifyBackend():
            pass

    stack = ExitStack()
    for _ in range(count - 1):
        stack.enter_context(FakeAmplifyBackend())
    work.end = stack.close  # type: ignore[attr-defined]  # called when it is measured
    return work


def _schema(count: int) -> Work:
    types = "\n".join(f"type T{n} @model {{ id: ID! name: String }}" for n in range(count))
    config = {"DefaultAuthType": {"Mode": "API_KEY"}, "TransformSchema": types}

    def work() -> None:
        schema._kept.cache_clear()  # what was read before is not read again
        schema._verdict.cache_clear()
        modelgen._outcome.cache_clear()
        fake = _fake()
        fake.call("CreateBackendAPI", {**AT, "ResourceName": "blog", "ResourceConfig": config})
        assert fake.call("ListBackendJobs", AT)["Jobs"][0]["Status"] == "COMPLETED"

    return work


def microseconds(row: Row, size: int) -> float:
    """The least of some rounds, each of a batch."""
    work, taken = row.prepare(size), []
    work()
    gc.collect()
    gc.disable()
    for _ in range(7):
        start = time.process_time()
        for _ in range(row.batch):
            work()
        taken.append((time.process_time() - start) / row.batch)
    gc.enable()
    getattr(work, "end", lambda: None)()
    return min(taken) * 1e6


def main() -> int:
    """Print the table; give the exit status."""
    print("| what | how many | µs | the last to the first |\n| --- | --- | --- | --- |")
    growing = []
    for row in rows():
        found = [microseconds(row, size) for size in row.sizes]
        factor, most = found[-1] / found[0], MOST
        if row.linear:
            most *= row.sizes[-1] / row.sizes[0]
        if factor > most:
            growing.append(row.name)
        sizes = ", ".join(f"{size:,}" for size in row.sizes)
        times = ", ".join(f"{one:,.0f}" if one >= 100 else f"{one:.1f}" for one in found)
        note = " (may be linear)" if row.linear else ""
        print(f"| {row.name} | {sizes} | {times} | {factor:.1f}{note} |", flush=True)
    if growing:
        print(f"\nThese grow and are to be flat: {growing}")
    return bool(growing)


if __name__ == "__main__":
    sys.exit(main())
