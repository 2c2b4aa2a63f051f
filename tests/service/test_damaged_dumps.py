"""A damaged dump is refused with nothing changed."""

from __future__ import annotations

import contextlib
import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from populated import everything_read, populated
from volume import budget

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress

CONTENTS = ("outputs", "models")
"""What a dump is believed in: its inside is a provisioner's or a generator's."""


@pytest.mark.parametrize(
    "data", [None, 5, "text", [], [1], {}, {"version": 2}, {"version": 1}, {"version": None}]
)
def test_what_is_no_dump_is_refused(data: Any) -> None:
    fake = populated()
    before = fake.dump()

    with pytest.raises(errors.UsageError, match=r"^load\(\)"):
        fake.load(data)

    assert fake.dump() == before


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a dump at which something can be damaged."""
    if path:
        yield path
    if path and path[-1] in CONTENTS:
        return
    if isinstance(value, (dict, list)):
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(item, (*path, name))


def damaged(dumped: Any, path: tuple[Any, ...], junk: Any) -> Any:
    """A copy of a dump with junk at a place, or with the place gone."""
    copied = copy.deepcopy(dumped)
    at = copied
    for step in path[:-1]:
        at = at[step]
    if junk is Ellipsis:
        del at[path[-1]]
    else:
        at[path[-1]] = junk
    return copied


DUMP = populated().dump()


@pytest.mark.volume
@settings(max_examples=budget(200, 60), deadline=None)
@given(
    path=st.sampled_from(list(places(DUMP))),
    junk=st.sampled_from([..., None, True, -1, 1.5, float("inf"), 10**30, "x", [], [1], {}]),
)
def test_a_damaged_dump_is_refused_or_fit_to_work_with(path: Any, junk: Any) -> None:
    assume(junk != {} or path[-1] not in CONTENTS)
    fake = FakeAmplifyBackend()
    before = fake.dump()

    with contextlib.suppress(errors.UsageError):
        fake.load(damaged(DUMP, path, junk))
        everything_read(fake)  # every answer is one, or an error of the service
        json.dumps(fake.dump())
        return

    assert fake.dump() == before


def _environment(dumped: Any) -> Any:
    return dumped["apps"][0]["environments"]["dev"]


DAMAGES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a family that is none": (
        lambda dumped: _environment(dumped)["resources"].update(
            queue=_environment(dumped)["resources"]["api"]
        ),
        "has a resource 'queue'",
    ),
    "a config of another shape": (
        lambda dumped: _environment(dumped)["resources"]["auth"].update(config={"Colour": "red"}),
        "ResourceConfig is missing AuthResources, ",
    ),
    "a config that the service refuses": (
        lambda dumped: _environment(dumped)["resources"]["auth"]["config"].update(Service="SNS"),
        "must be one of COGNITO",
    ),
    "a config that was never filled": (
        lambda dumped: _environment(dumped)["resources"]["api"]["config"].pop("ApiName"),
        "has no ApiName",
    ),
    "an API that was imported": (
        lambda dumped: _environment(dumped)["resources"]["api"].update(imported=True),
        "cannot be imported",
    ),
    "an imported pool of another shape": (
        lambda dumped: _environment(dumped)["resources"]["auth"].update(
            imported=True, config={"Service": "COGNITO"}
        ),
        "ResourceConfig is missing AuthResources, ",
    ),
    "no bucket": (
        lambda dumped: _environment(dumped)["outputs"].pop("DeploymentBucketName"),
        "has no output DeploymentBucketName",
    ),
    "a counter that would give ids again": (
        lambda dumped: dumped["counters"].update(job=1),
        "jobs, but the counter is 1",
    ),
    "a counter that is none": (
        lambda dumped: dumped["counters"].update(pool="many"),
        "the counter 'pool' is 'many'",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_no_fake_dumps_is_refused_with_the_reason(damage: str) -> None:
    fake = FakeAmplifyBackend()
    before = fake.dump()
    dumped = copy.deepcopy(DUMP)
    harm, reason = DAMAGES[damage]
    harm(dumped)

    with pytest.raises(errors.UsageError, match=re.escape(reason)):
        fake.load(dumped)

    assert fake.dump() == before


def test_two_unfinished_jobs_in_one_environment_are_refused() -> None:
    fake = FakeAmplifyBackend(jobs=progress.manual())
    fake.add_app("d1", environments=["dev", "test"])
    for environment in ("dev", "test"):
        fake.call("DeleteBackend", {"AppId": "d1", "BackendEnvironmentName": environment})
    dumped = fake.dump()
    dumped["jobs"][1]["environments"] = ["dev"]

    with pytest.raises(errors.UsageError, match="are both unfinished"):
        FakeAmplifyBackend().load(dumped)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "BROKEN"},
        {"status": "COMPLETED"},
        {"work": None},
        {"work": ["NoSuchOperation", {}]},
        {"work": ["GetBackend", {}]},
        {"number": 7},
        {"surprise": 1},
    ],
)
def test_a_job_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    fake = FakeAmplifyBackend()
    dumped = copy.deepcopy(DUMP)
    dumped["jobs"][-1].update(change)

    with pytest.raises(errors.UsageError, match="Nothing was loaded"):
        fake.load(dumped)

    assert not list(fake.jobs)
