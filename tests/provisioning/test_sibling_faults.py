"""Each call to a sibling, in each provisioning sequence, made to fail once.

It fails either before it has done anything, or when it is done and the answer is lost.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto_shop import DEV, done, failed, inventory, newest, sibling
from sequences import SEQUENCES, Sequence, everything, studio_too
from volume import FULL, only_full

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._provision.aws_clients import AwsClients

TEXT = "We are out of order."
GONE = ("appsync.delete_api_key", "cognito-identity.delete_identity_pool")
"""What an update does last, because nothing can bring it back."""

STEP = 1 if FULL else 5
"""Of so many calls of a sequence, one is made to fail."""

FAILED_OR_LOST = (
    pytest.param(False, id="failed"),
    pytest.param(True, id="lost", marks=only_full()),
)
LOST = 'Read timeout on endpoint URL: "https://sibling.example/"'


class Faults:
    """Counts the calls to siblings, and lets one fail as botocore would let it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.fail_at = 0
        self.lost = False
        client = AwsClients.client

        def faulty(siblings: AwsClients, region: str, service: str) -> Any:
            return _Faulty(client(siblings, region, service), service, self)

        monkeypatch.setattr(AwsClients, "client", faulty)

    def arm(self, number: int, *, lost: bool = False) -> None:
        """Let the call of a number fail, counted from now, or its answer be lost."""
        self.calls, self.fail_at, self.lost = [], number, lost

    @property
    def struck(self) -> bool:
        return bool(self.fail_at) and len(self.calls) >= self.fail_at


class _Faulty:
    def __init__(self, client: Any, service: str, faults: Faults) -> None:
        self._client, self._service, self._faults = client, service, faults
        self.meta = client.meta

    def __getattr__(self, operation: str) -> Any:
        def call(**params: Any) -> Any:
            self._faults.calls.append(f"{self._service}.{operation}")
            made = getattr(self._client, operation)
            if len(self._faults.calls) != self._faults.fail_at:
                return made(**params)
            if not self._faults.lost:
                told = {"Error": {"Code": "InternalErrorException", "Message": TEXT}}
                raise ClientError(told, operation)
            with contextlib.suppress(ClientError):
                made(**params)
            raise ReadTimeoutError(endpoint_url="https://sibling.example/")

        return call


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    return Faults(monkeypatch)


def state(fake: FakeAmplifyBackend) -> Any:
    """What the fake remembers, but for jobs and counters."""
    return fake.dump()["apps"]


@pytest.mark.volume
@pytest.mark.parametrize("lost", FAILED_OR_LOST)
@pytest.mark.parametrize("name", SEQUENCES)
def test_each_call_failing_once(
    shop: FakeAmplifyBackend, faults: Faults, name: str, lost: bool
) -> None:
    sequence = SEQUENCES[name]
    params = {**sequence.params, **(sequence.given(shop) or {})}
    remembered, there = state(shop), inventory()
    number = 1
    while True:
        faults.arm(number, lost=lost)
        job = _run(shop, sequence, params)
        if not faults.struck:
            break
        broken = faults.calls[number - 1]
        number += STEP
        assert job.status == "FAILED", (name, broken)
        assert (LOST if lost else TEXT) in (job.error or ""), (name, broken)
        assert state(shop) == remembered, (name, broken)
        if not sequence.deletes and not (lost and broken in GONE):
            assert inventory() == there, (name, broken)

    assert job.status == "COMPLETED", job.error
    assert number - len(faults.calls) in range(1, STEP + 1) or sequence.deletes or lost
    assert number > 1
    known = json.dumps(state(shop))
    assert [key for key in inventory() if key.split("/")[0] not in known] == []


def _run(fake: FakeAmplifyBackend, sequence: Sequence, params: dict[str, Any]) -> Any:
    fake.call(sequence.operation, params)
    return newest(fake)


@pytest.mark.parametrize("name", [name for name, sequence in SEQUENCES.items() if sequence.deletes])
def test_nothing_goes_before_the_files_are_written(
    shop: FakeAmplifyBackend, faults: Faults, name: str
) -> None:
    """What cannot be brought back goes last: until the first of it goes, all is as it was."""
    sequence = SEQUENCES[name]
    sequence.given(shop)
    there = inventory()
    number = 0
    while True:
        number += 1
        faults.arm(number)
        _run(shop, sequence, sequence.params)
        if faults.calls[number - 1].split(".")[1].startswith("delete_") or not faults.struck:
            break
        assert inventory() == there, faults.calls[number - 1]
    assert inventory() == there


def test_a_deletion_that_failed_half_way_is_done_by_the_next(
    shop: FakeAmplifyBackend, faults: Faults
) -> None:
    everything(shop)
    faults.arm(10**6)
    params = {"AppId": DEV["AppId"]}
    shop.call("RemoveAllBackends", params)
    assert newest(shop).status == "COMPLETED"
    number = len(faults.calls)
    done(shop, "CreateBackend", **DEV, AppName="shop")
    everything(shop)
    remembered = state(shop)
    faults.arm(number)
    shop.call("RemoveAllBackends", params)
    assert newest(shop).status == "FAILED"
    assert state(shop) == remembered
    assert len(inventory()) == 1, "all but the last is gone"
    faults.arm(0)
    shop.call("RemoveAllBackends", params)
    assert newest(shop).status == "COMPLETED"
    assert inventory() == {}


@pytest.mark.parametrize("lost", FAILED_OR_LOST)
def test_a_clone_that_fails_leaves_an_empty_environment(
    shop: FakeAmplifyBackend, faults: Faults, lost: bool
) -> None:
    """Observed on the real service; its bucket is all there is of it.

    The calls are those of the sequences above: some of them stand for all.
    """
    everything(shop)
    there = inventory()
    params = {**DEV, "TargetEnvironmentName": "test"}
    number = -3
    while True:
        number += 5
        faults.arm(number, lost=lost)
        shop.call("CloneBackend", params)
        job = newest(shop)
        if not faults.struck:
            break
        faults.arm(0)
        assert job.status == "FAILED"
        assert (LOST if lost else TEXT) in (job.error or "")
        meta = shop.call("GetBackend", {**DEV, "BackendEnvironmentName": "test"})
        bucket = _bucket(meta)
        assert {key for key in inventory() if key not in there} == {bucket}
        done(shop, "DeleteBackend", **{**DEV, "BackendEnvironmentName": "test"})
    assert job.status == "COMPLETED"
    assert number > 20


def _bucket(answer: dict[str, Any]) -> str:
    stack = json.loads(answer["AmplifyMetaConfig"])["providers"]["awscloudformation"]
    return str(stack["DeploymentBucketName"])


def test_a_lost_answer_takes_nothing_of_others_away(
    shop: FakeAmplifyBackend, faults: Faults
) -> None:
    sibling("cognito-idp").create_user_pool(PoolName="users-dev")
    there = inventory()
    auth = SEQUENCES["CreateBackendAuth"]
    faults.arm(2, lost=True)
    assert _run(shop, auth, auth.params).status == "FAILED"
    assert faults.calls[1] == "cognito-idp.create_user_pool"
    assert inventory() == there


def test_a_bucket_that_another_was_faster_to_make_stays(
    shop: FakeAmplifyBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = AwsClients.call

    def racing(
        siblings: AwsClients, region: str, service: str, operation: str, **params: Any
    ) -> Any:
        if operation == "create_bucket":
            sibling("s3", region).create_bucket(**params)
        return call(siblings, region, service, operation, **params)

    monkeypatch.setattr(AwsClients, "call", racing)
    with pytest.raises(errors.UsageError, match="you already own it"):
        shop.add_app("d1far", region="eu-west-1")
    assert [name for name in inventory() if name.startswith("amplify-d1far-dev-")]


def test_studio_that_cannot_be_removed_is_still_there(
    shop: FakeAmplifyBackend, faults: Faults
) -> None:
    studio_too(shop)
    faults.arm(1)
    with pytest.raises(errors.BadRequest, match=TEXT):
        shop.call("RemoveBackendConfig", {"AppId": DEV["AppId"]})
    assert state(shop)[0]["studio"] is not None
    faults.arm(2)
    with pytest.raises(errors.BadRequest, match=TEXT):
        shop.call("RemoveBackendConfig", {"AppId": DEV["AppId"]})
    faults.arm(0)
    shop.call("RemoveBackendConfig", {"AppId": DEV["AppId"]})
    assert state(shop)[0]["studio"] is None
    assert len(sibling("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]) == 1


@pytest.mark.parametrize("lost", FAILED_OR_LOST)
def test_given_state_is_all_or_nothing_too(
    shop: FakeAmplifyBackend, faults: Faults, lost: bool
) -> None:
    there, remembered = inventory(), state(shop)
    for number in range(1, 9):
        faults.arm(number, lost=lost)
        with pytest.raises(errors.UsageError, match=LOST if lost else TEXT):
            shop.add_auth("d2new", "test")
        assert (inventory(), state(shop)) == (there, remembered)


def test_what_cannot_be_taken_back_is_named(
    shop: FakeAmplifyBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = AwsClients.call

    def broken(
        siblings: AwsClients, region: str, service: str, operation: str, **params: Any
    ) -> Any:
        if operation in ("create_user_pool_client", "delete_user_pool"):
            told = {"Error": {"Code": "InternalErrorException", "Message": f"no {operation}"}}
            monkeypatch.setattr(
                siblings.client(region, service), operation, _raising(told, operation)
            )
        return call(siblings, region, service, operation, **params)

    monkeypatch.setattr(AwsClients, "call", broken)
    config = SEQUENCES["CreateBackendAuth"].params
    error = failed(shop, "CreateBackendAuth", **config)
    assert "no create_user_pool_client" in error
    assert "Not everything could be rolled back: no delete_user_pool" in error


def _raising(told: dict[str, Any], operation: str) -> Any:
    def call(**_: Any) -> Any:
        raise ClientError(told, operation)

    return call
