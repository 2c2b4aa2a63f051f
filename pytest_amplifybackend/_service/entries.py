"""The state as entries, each with a key and a JSON-ready value: what a store keeps.

One for each app, environment, token, job and bucket, so that a call changes a few of them
however many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from pytest_amplifybackend._service.changes import Key
from pytest_amplifybackend._service.state import VERSION, State

CLOCK: Key = ("clock",)
COUNTERS: Key = ("counters",)


def keys(state: State) -> Iterator[Key]:
    """The keys of everything that is kept, in its order."""
    yield from (CLOCK, COUNTERS)
    for (region, app_id), app in state.apps.items():
        at = ("app", region, app_id)
        yield at
        for name in app.environments:
            yield (*at, "environment", name)
        for name in app.tokens:
            yield (*at, "token", name)
    for job in state.jobs:
        yield ("job", job.id)
    for bucket in state.buckets:
        yield ("bucket", bucket)


def value(state: State, key: Key) -> Any:
    """The value of an entry, but for clock and counters, which the state has not.

    It shares nothing with the state. Raises KeyError if it is not there.
    """
    kind, *rest = key
    if kind == "bucket":
        return state.buckets[rest[0]]
    if kind == "job":
        return state.jobs.record(rest[0])
    app = state.apps[rest[0], rest[1]]
    if len(rest) == 2:
        made = asdict(replace(app, environments={}, tokens={}))
        return {name: made[name] for name in ("name", *_OF_AN_APP)}
    if rest[2] == "environment":
        return asdict(app.environments[rest[3]])
    return asdict(app.tokens[rest[3]])


def dump_of(entries: Iterable[tuple[Key, Any]]) -> dict[str, Any]:
    """What ``Service.dump`` gave when the entries were written; they come in the store's order.

    Raises KeyError, TypeError or ValueError for entries that no state has.
    """
    dumped: dict[str, Any] = {
        "version": VERSION,
        "clock": None,
        "counters": None,
        "apps": [],
        "jobs": [],
        "buckets": {},
    }
    apps: dict[Key, dict[str, Any]] = {}
    below: list[tuple[Key, Any]] = []
    for key, item in entries:
        if key in (CLOCK, COUNTERS):
            dumped[key[0]] = item
        elif key[0] == "job":
            dumped["jobs"].append(item)
        elif key[0] == "bucket":
            dumped["buckets"][key[1]] = item
        elif key[0] == "app" and len(key) == 3:
            apps[key] = _app(key, item)
        else:
            below.append((key, item))
    for key, item in below:
        kind, name = key[3:]
        apps[key[:3]][f"{kind}s"][name] = item
    dumped["apps"] = list(apps.values())
    return dumped


def _app(key: Key, item: dict[str, Any]) -> dict[str, Any]:
    _, region, app_id = key
    return {
        "region": region,
        "app_id": app_id,
        "name": item["name"],
        "environments": {},
        "tokens": {},
        **{name: item[name] for name in _OF_AN_APP if name in item},
    }


_OF_AN_APP = ("studio", "created", "hosting")
"""What an app's own entry has besides its name; the last two are missing where an older version
wrote it."""
