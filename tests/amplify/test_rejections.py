"""What the neighbor rejects: each of its rules, by an error of its own model."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from calling import client_of

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._amplify.rules import MOST_APPS, MOST_BRANCHES, RULES

DEV = {"appId": "d1shop", "environmentName": "dev"}


Broken = Callable[[FakeAmplifyBackend, Any], Any]


def _many(amplify: Any, number: int, call: Callable[[int], Any]) -> None:
    for one in range(number):
        call(one)


def _too_many_apps(fake: FakeAmplifyBackend, amplify: Any) -> Any:
    _many(amplify, MOST_APPS, lambda number: amplify.create_app(name=f"a{number}"))


def _too_many_branches(fake: FakeAmplifyBackend, amplify: Any) -> Any:
    fake.add_app("d1shop", branches={f"b{number}": None for number in range(MOST_BRANCHES)})
    amplify.create_branch(appId="d1shop", branchName="more")


def _with_a_job(fake: FakeAmplifyBackend, amplify: Any) -> Any:
    fake.call("DeleteBackend", {"AppId": "d1shop", "BackendEnvironmentName": "dev"})
    amplify.delete_app(appId="d1shop")


CASES: dict[str, list[Broken]] = {
    "amplify.app-missing": [
        lambda fake, amplify: amplify.get_app(appId="d404"),
        lambda fake, amplify: amplify.list_branches(appId="d404"),
        lambda fake, amplify: amplify.create_backend_environment(
            appId="d404", environmentName="dev"
        ),
    ],
    "amplify.branch-missing": [
        lambda fake, amplify: amplify.get_branch(appId="d1shop", branchName="main"),
        lambda fake, amplify: amplify.delete_branch(appId="d1shop", branchName="main"),
    ],
    "amplify.environment-missing": [
        lambda fake, amplify: amplify.get_backend_environment(**{**DEV, "environmentName": "x"}),
        lambda fake, amplify: [amplify.delete_backend_environment(**DEV) for _ in range(2)],
    ],
    "amplify.environment-exists": [
        lambda fake, amplify: amplify.create_backend_environment(**DEV),
        lambda fake, amplify: [
            amplify.create_backend_environment(appId="d1shop", environmentName="new")
            for _ in range(2)
        ],
    ],
    "amplify.branch-exists": [
        lambda fake, amplify: [
            amplify.create_branch(appId="d1shop", branchName="main") for _ in range(2)
        ],
    ],
    "amplify.apps": [_too_many_apps],
    "amplify.branches": [_too_many_branches],
    "amplify.value": [
        lambda fake, amplify: amplify.create_app(name="x" * 256),
        lambda fake, amplify: amplify.create_app(name="x", platform="DESKTOP"),
        lambda fake, amplify: amplify.create_app(name="x", tags={str(n): "" for n in range(51)}),
        lambda fake, amplify: amplify.create_app(
            name="x", customRules=[{"source": "/", "target": "/", "status": "12345678"}]
        ),
        lambda fake, amplify: amplify.get_app(appId="D1"),
        lambda fake, amplify: amplify.list_branches(appId="d1shop", maxResults=101),
        lambda fake, amplify: amplify.create_branch(appId="d1shop", branchName="b", ttl="long"),
    ],
    "amplify.next-token": [
        lambda fake, amplify: amplify.list_apps(nextToken="mine"),
        lambda fake, amplify: amplify.list_branches(
            appId="d1shop",
            nextToken=amplify.list_apps(maxResults=1, nextToken="").get("nextToken", ""),
        ),
    ],
    "amplify.job-pending": [_with_a_job],
}


def test_each_rule_has_a_case() -> None:
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize(
    ("rule", "broken"), [(rule, case) for rule in CASES for case in CASES[rule]]
)
def test_what_is_rejected(rule: str, broken: Broken) -> None:
    declared = RULES[rule]
    assert declared.error is not None
    with FakeAmplifyBackend(amplify=True, jobs=progress.manual(), errors="observed") as fake:
        fake.add_app("d1shop")
        amplify = client_of()
        with pytest.raises(amplify.exceptions.ClientError) as caught:
            broken(fake, amplify)
        error = caught.value
        assert type(error).__name__ == error.response["Error"]["Code"] == declared.error.code
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == declared.error.status
        text = re.sub(r"\\{\w+\\}", ".+", re.escape(declared.text))
        assert re.fullmatch(text, error.response["Error"]["Message"])
        recorded = fake.calls[-1].error
        assert isinstance(recorded, errors.ServiceError)
        assert recorded.rule == rule


def test_a_rejected_call_changes_nothing(fake: FakeAmplifyBackend, amplify: Any) -> None:
    before = fake.dump()
    for number in range(2):
        with pytest.raises(amplify.exceptions.BadRequestException):
            amplify.create_app(name="x", platform=str(number))
    assert fake.dump() == before
