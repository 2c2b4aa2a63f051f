"""How the cost of what parses, validates and searches grows when its input doubles.

Run ``python benchmarks/growth.py``; it prints Markdown, and exits with 1 where a doubling costs
more than 2.5 times as much. ``python benchmarks/growth.py WORD ...`` measures the rows whose names
hold a word. Times are seconds of CPU, the least of three.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from doubling import MOST, Subject, growth, on
from growing_inputs import APP, requests, texts

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._api.catalogue import operations
from pytest_amplifybackend._schema import modelgen, schema

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "service"))
from large_schemas import MODELS, SDL  # the schemas that the tests hold to the same


def schemas() -> Iterator[Subject]:
    for name, kind in SDL.items():
        yield Subject(f"schema: {name}", on(_read, kind))
    for name, kind in MODELS.items():
        yield Subject(f"models: {name}", on(_generated, kind))


def _read(text: str) -> None:
    schema._kept.cache_clear()  # what was read before is not read again
    schema._verdict.__wrapped__(text)


def _generated(text: str) -> None:
    schema._kept.cache_clear()
    schema._verdict.cache_clear()
    modelgen._outcome.__wrapped__(text)


def states() -> Iterator[Subject]:
    for name, made in {
        "apps": _apps,
        "environments": _environments,
        "jobs": _jobs,
        "unfinished jobs of an app": _unfinished,
        "a long schema": _long_schema,
    }.items():
        yield Subject(f"load: {name}", on(_loaded, lambda n, m=made: m(n).dump()), size=100)
        yield Subject(f"dump: {name}", on(FakeAmplifyBackend.dump, made), size=100)
        yield Subject(f"a page of jobs: {name}", on(_page, made), size=100, most=10_000)
    yield Subject("a long token", on(_token, lambda n: "ab" * (n // 2)))
    yield Subject("a token of brackets", on(_token, lambda n: "W1tb" * (n // 4)))
    yield Subject("a long id", on(_token_of, lambda n: "a" * n))


def _apps(size: int) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend()
    for number in range(size):
        fake.add_app(f"d{number}abc")
    return fake


def _letters(number: int) -> str:
    return f"e{number:06}".translate({48 + digit: 97 + digit for digit in range(10)})


def _environments(size: int) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc", environments=[_letters(number) for number in range(size)])
    return fake


def _jobs(size: int) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend()
    fake.add_auth("d1abc")
    for _ in range(size):
        fake.call("UpdateBackendAuth", {**APP, "ResourceName": "auth", "ResourceConfig": UPDATED})
    return fake


UPDATED = {"AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", "UserPoolConfigs": {}}


def _unfinished(size: int) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend(jobs=progress.manual())
    fake.add_app("d1abc")
    for number in range(size):
        name = _letters(number)
        fake.call("CreateBackend", {**APP, "AppName": "a", "BackendEnvironmentName": name})
    return fake


def _long_schema(size: int) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend()
    schema = MODELS["models"](100 * size)
    default = {"Mode": "API_KEY"}
    fake.add_api("d1abc", config={"DefaultAuthType": default, "TransformSchema": schema})
    return fake


def _loaded(dumped: Any) -> None:
    FakeAmplifyBackend().load(dumped)


def _page(fake: FakeAmplifyBackend) -> object:
    return [fake.call("ListBackendJobs", {**APP, "Status": "FAILED"}) for _ in range(20)]


def _token(token: str) -> None:
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc")
    with contextlib.suppress(errors.ServiceError):
        fake.call("ListBackendJobs", {**APP, "NextToken": token})


def _token_of(job: str) -> None:
    with contextlib.suppress(errors.ServiceError):
        FakeAmplifyBackend().call("GetBackendJob", {**APP, "JobId": job})


def subjects(words: Iterable[str]) -> Iterator[Subject]:
    """Those whose names hold one of the words, all without a word."""
    wanted = [*words] or [""]
    for family in (schemas, requests, states, texts):
        for subject in family():
            if any(word in subject.name for word in wanted):
                yield subject


def main(words: Iterable[str]) -> int:
    """Print a table; give the exit status."""
    operations()
    print("| what | size | ms of CPU for it, twice, four and eight times as much | a doubling |")
    print("| --- | --- | --- | --- |")
    found = []
    for subject in subjects(words):
        found.append(growth(subject))
        print(found[-1].row(), flush=True)
    growing = [one.name for one in found if one.factor > MOST]
    print(f"\n{len(growing)} of {len(found)} grow faster than their input: {growing}")
    return bool(growing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
