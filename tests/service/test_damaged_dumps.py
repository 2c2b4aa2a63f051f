"""A damaged dump is refused with nothing changed."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lively import everything_read, lively

from pytest_amplifybackend import FakeAmplifyBackend, errors

CONTENTS = ("outputs", "models")
"""What a dump is believed in: its inside is a provisioner's or a generator's."""


@pytest.mark.parametrize(
    "data", [None, 5, "text", [], [1], {}, {"version": 2}, {"version": 1}, {"version": None}]
)
def test_what_is_no_dump_is_refused(data: Any) -> None:
    fake = lively()
    before = fake.dump()

    with pytest.raises(errors.UsageError, match=r"load\(\) takes what dump\(\) gave"):
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


DUMP = lively().dump()


@settings(max_examples=200, deadline=None)
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

    with pytest.raises(errors.UsageError, match="nothing was loaded"):
        fake.load(dumped)

    assert not list(fake.jobs)
