"""Configs of resources, whole and broken, beside the validator of the CLI's headless commands."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from comparison import Difference, Packages
from headless import NAME, payloads
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from volume import budget

from pytest_amplifybackend import FakeAmplifyBackend, errors, strategies
from pytest_amplifybackend._rules import table
from pytest_amplifybackend.contract._support import samples

Config = dict[str, Any]

CONFIGS = {
    "CreateBackendAPI": strategies.api_configs(),
    "CreateBackendAuth": strategies.auth_configs(),
    "CreateBackendStorage": strategies.storage_configs(),
    "UpdateBackendAPI": strategies.api_update_configs(),
    "UpdateBackendAuth": strategies.auth_update_configs(),
    "UpdateBackendStorage": strategies.storage_update_configs(),
}
FULL: dict[str, Config] = {
    "CreateBackendAPI": samples.FULL_API,
    "CreateBackendAuth": samples.FULL_AUTH,
    "CreateBackendStorage": {"BucketName": "pictures", **samples.FULL_STORAGE},
    "UpdateBackendAPI": samples.FULL_API,
    "UpdateBackendAuth": samples.FULL_AUTH_UPDATE,
    "UpdateBackendStorage": samples.FULL_STORAGE,
}
"""With every member there is."""

COPIED = frozenset(rule.name for rule in table.current().rows if "headless schema" in rule.source)
"""The rules that say what the CLI's schemas say; others come from whom the worker calls then."""

EACH = settings(
    max_examples=budget(1_500, 120),
    phases=(Phase.generate, Phase.shrink),
    database=None,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],  # two programs are asked about each config
)


class Verdict(NamedTuple):
    """Why a config is refused, None if it is not; and the fake's rule, None for the API model."""

    error: str | None = None
    rule: str | None = None


class Resources:
    """The fake, with what each request needs, and nothing else."""

    def __init__(self) -> None:
        self._fake = FakeAmplifyBackend()

    def verdict(self, operation: Any, config: Config) -> Verdict:
        """What becomes of a request with a config."""
        fake, family = self._fake, operation.partition("Backend")[2]
        fake.reset()
        fake.add_app("d1")
        if operation != "CreateBackendAuth":
            fake.add_auth("d1", name=NAME, config=samples.FULL_AUTH)
        if operation.startswith("Update") and family != "Auth":
            getattr(fake, f"add_{family.lower()}")("d1", name=NAME)
        place = {"AppId": "d1", "BackendEnvironmentName": "dev"}
        try:
            answer = fake.call(operation, {**place, "ResourceName": NAME, "ResourceConfig": config})
        except errors.ServiceError as error:
            return Verdict(error.message, error.rule)
        except errors.UsageError as error:
            return Verdict(str(error))
        job = fake.jobs[answer["JobId"]]
        return Verdict(job.error, job.rule)


@pytest.fixture(scope="module")
def compare(packages: Packages) -> Callable[[str, Config], None]:
    """Fails for a config about which the two differ, with the smallest that differs so."""
    resources = Resources()

    def difference(operation: str, config: Config) -> Difference | None:
        mine = resources.verdict(operation, copy.deepcopy(config))
        if mine.error is not None and mine.rule not in COPIED:
            return None  # refused by the API model, or by the limits of a service behind the CLI
        theirs = _refusal(packages, operation, config)
        if theirs is None:
            return None if mine.error is None else Difference("by the fake alone", mine.error)
        if mine.error is None:
            return Difference("by the CLI alone", theirs)
        if mine.rule == "api.complete" and theirs not in mine.error:
            return Difference("for another cause", f"the fake: {mine.error}\nthe CLI: {theirs}")
        return None

    def compare(operation: str, config: Config) -> None:
        found = difference(operation, config)
        if found is None:
            return

        def differs(other: Config) -> bool:
            now = difference(operation, other)
            return now is not None and now.kind == found.kind

        least = json.dumps(_smallest(config, differs), indent=2)
        pytest.fail(f"{operation} is refused {found.kind}\n{least}\n{found.details}", pytrace=False)

    return compare


def _smallest(config: Config, differs: Callable[[Config], bool]) -> Config:
    """The config without the members and elements that it does not need to differ."""
    for way in ((steps, _leave_out) for steps, _ in _members(config)):
        smaller = broken(config, way)
        if differs(smaller):
            return _smallest(smaller, differs)
    return config


def _refusal(packages: Packages, operation: str, config: Config) -> str | None:
    for validator, payload in payloads(operation, config):
        refused = packages.refusal(validator, json.dumps(payload))
        if refused is not None:
            return refused
    return None


Steps = tuple[str | int, ...]
Break = tuple[Steps, Callable[[Any, str | int], None]]


def breaks(config: Config) -> list[Break]:
    """The ways to break a config: each member and element left out, empty, or misspelled."""
    found: list[Break] = []
    for steps, value in _members(config):
        found.append((steps, _leave_out))
        if isinstance(value, (str, list, dict)):
            found.append((steps, _empty))
        if isinstance(value, str):
            found.append((steps, _misspell))
    return found


def broken(config: Config, way: Break) -> Config:
    """A copy of a config that is broken in one way."""
    steps, change = way
    made: Any = json.loads(json.dumps(config))  # unlike a deep copy, with no part there twice
    at = made
    for step in steps[:-1]:
        at = at[step]
    change(at, steps[-1])
    return made


def _members(value: Any) -> Iterator[tuple[Steps, Any]]:
    """Every member and element with the way to it, the outer ones first."""
    below: Any = ()
    if isinstance(value, dict):
        below = value.items()
    elif isinstance(value, list):
        below = enumerate(value)
    for step, item in below:
        yield (step,), item
        for steps, inner in _members(item):
            yield (step, *steps), inner


def _leave_out(at: Any, step: str | int) -> None:
    del at[step]


def _empty(at: Any, step: str | int) -> None:
    at[step] = type(at[step])()


def _misspell(at: Any, step: str | int) -> None:
    at[step] = f"{at[step]}_"


@pytest.mark.parametrize("operation", CONFIGS)
@pytest.mark.volume
def test_drawn_configs(
    packages: Packages, compare: Callable[[str, Config], None], operation: str
) -> None:
    @EACH
    @given(CONFIGS[operation], st.integers(0, 2**20))
    def agree(config: Config, number: int) -> None:
        assert _refusal(packages, operation, config) is None
        compare(operation, config)
        ways = breaks(config)
        if ways:
            compare(operation, broken(config, ways[number % len(ways)]))

    agree()


@pytest.mark.parametrize("operation", FULL)
def test_each_member_broken(compare: Callable[[str, Config], None], operation: str) -> None:
    for config in (FULL[operation], {}):
        compare(operation, config)
    for way in breaks(FULL[operation]):
        compare(operation, broken(FULL[operation], way))
