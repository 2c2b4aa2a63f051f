"""Random calls of both services: what is rejected changes nothing, and every state can be kept."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from volume import budget

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._amplify.operations import OPERATIONS
from pytest_amplifybackend._api import services

TEXTS = ("a", "main", "x" * 300, "é\n", "\ud800", "")
NAMES = {"branchName": ("main", "a/b"), "environmentName": ("dev", "prod", "test")}
POLICIES = (progress.immediate(), progress.manual())


def drawn(rng: random.Random, shape: Any, apps: list[str], name: str = "") -> Any:
    """A value of a shape, now and then one that its traits do not allow."""
    kind = shape.type_name
    if kind == "structure":
        members = [
            member
            for member in shape.members
            if member in shape.required_members or rng.random() < 0.3
        ]
        return {member: drawn(rng, shape.members[member], apps, member) for member in members}
    if kind == "list":
        return [drawn(rng, shape.member, apps) for _ in range(rng.randrange(3))]
    if kind == "map":
        return {rng.choice("abc"): drawn(rng, shape.value, apps) for _ in range(rng.randrange(3))}
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "integer":
        return rng.choice((0, 1, 2, 101))
    likely = shape.metadata.get("enum") or (apps if name == "appId" else NAMES.get(name, TEXTS))
    return rng.choice(tuple(likely) if rng.random() < 0.9 else TEXTS)


def request(rng: random.Random, apps: list[str]) -> tuple[str, dict[str, Any]]:
    operation = rng.choice((*OPERATIONS, "CreateBackend", "DeleteBackend", "RemoveAllBackends"))
    if operation in OPERATIONS:
        return operation, drawn(rng, services.operation(operation).input_shape, apps)
    place = {"AppId": rng.choice(apps), "BackendEnvironmentName": rng.choice(("dev", "prod"))}
    if operation == "RemoveAllBackends":
        return operation, {"AppId": place["AppId"], "CleanAmplifyApp": rng.random() < 0.5}
    return operation, {**place, "AppName": "shop"} if operation == "CreateBackend" else place


def called(fake: FakeAmplifyBackend, operation: Any, params: dict[str, Any]) -> Any:
    """The answer of a call, or the error it raises."""
    try:
        return fake.call(operation, params)
    except (errors.ServiceError, errors.InvalidArgument) as error:
        return error


@pytest.mark.volume
@pytest.mark.parametrize("seed", range(budget(400, 8)))
def test_random_calls(seed: int) -> None:
    rng, apps = random.Random(seed), ["d1shop"]
    policy = rng.choice(POLICIES)
    fake = FakeAmplifyBackend(amplify=True, jobs=policy, seed=seed)
    fake.add_app("d1shop", branches={"main": "dev"})
    for _ in range(60):
        operation, params = request(rng, apps)
        before = fake.dump()
        outcome = called(fake, operation, params)
        if isinstance(outcome, errors.ServiceError):
            assert fake.dump() == before
            assert str(outcome.rule).startswith("amplify.") is (operation in OPERATIONS)
        elif isinstance(outcome, errors.InvalidArgument):  # as a client says of too short a text
            assert "must have a length of at least" in str(outcome)
        elif operation == "CreateApp":
            apps.append(outcome["app"]["appId"])
    other = FakeAmplifyBackend(amplify=True, jobs=policy)
    other.load(json.loads(json.dumps(fake.dump())))
    assert other.dump() == fake.dump()
