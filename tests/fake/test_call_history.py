"""``fake.calls``: what reached the fake, in order, as copies."""

from __future__ import annotations

import contextlib
import gc
import weakref

import pytest

from pytest_amplifybackend import errors


@pytest.fixture
def busy(fake, dev):
    """A fake with four calls: two reads, a refusal and a job."""
    fake.call("GetBackend", dev)
    with pytest.raises(errors.NotFound):
        fake.call("GetBackend", {"AppId": "d1other"})
    fake.call("DeleteBackend", dev, region="us-east-1")
    fake.call("ListS3Buckets", region="eu-west-1")
    return fake


def test_it_is_a_sequence(busy) -> None:
    names = ["GetBackend", "GetBackend", "DeleteBackend", "ListS3Buckets"]
    assert [call.operation for call in busy.calls] == names
    assert len(busy.calls) == 4
    assert busy.calls[-1].operation == "ListS3Buckets"
    assert busy.calls[0] in busy.calls
    assert [call.operation for call in reversed(busy.calls)] == names[::-1]
    assert repr(busy.calls) == (
        "<Calls ['GetBackend', 'GetBackend', 'DeleteBackend', 'ListS3Buckets']>"
    )
    with pytest.raises(IndexError):
        busy.calls[4]


def test_a_slice_is_calls_again_and_stays_as_it_was(busy) -> None:
    tail = busy.calls[1:]
    busy.call("ListS3Buckets")
    assert type(tail) is type(busy.calls)
    assert len(tail) == 3
    assert len(tail.of("GetBackend")) == 1
    assert [call.operation for call in busy.calls[::-2]] == [
        "ListS3Buckets",
        "DeleteBackend",
        "GetBackend",
    ]


def test_of_one_operation(busy) -> None:
    assert [call.params["AppId"] for call in busy.calls.of("GetBackend")] == ["d1abc", "d1other"]
    assert len(busy.calls.of("CreateBackend")) == 0
    with pytest.raises(errors.UnknownOperation, match="did you mean 'GetBackend'"):
        busy.calls.of("GetBackends")


def test_what_a_call_knows(busy, dev) -> None:
    read, refused, _, buckets = busy.calls
    assert read.params == dev
    assert read.response["AppName"] == "shop"
    assert read.error is None
    assert refused.response is None
    assert isinstance(refused.error, errors.NotFound)
    assert (read.region, buckets.region, read.transport) == ("us-east-1", "eu-west-1", "call")
    assert busy.client().list_s3_buckets() is not None
    assert busy.calls[-1].transport == "stubber"


def test_nobody_can_change_the_history(busy, dev) -> None:
    for call in (busy.calls[0], next(iter(busy.calls)), busy.calls.of("GetBackend")[0]):
        call.params.clear()
        call.response["BackendEnvironmentList"].append("mine")
        with pytest.raises(AttributeError):
            call.operation = "mine"
    assert busy.calls[0].params == dev
    assert busy.calls[0].response["BackendEnvironmentList"] == ["dev"]


def test_the_caller_can_change_what_it_gave_and_got(fake, dev) -> None:
    params = {**dev, "ResourceName": "api", "ResourceConfig": {"Service": "AppSync"}}
    fake.call("CreateBackendAPI", params)["Status"] = "mine"
    params["ResourceConfig"]["Service"] = "mine"
    assert fake.calls[0].params["ResourceConfig"] == {"Service": "AppSync"}
    assert fake.calls[0].response["Status"] == "PENDING"


def test_given_state_and_levers_are_no_calls(waiting) -> None:
    waiting.add_auth("d1abc")
    waiting.jobs.advance()
    assert len(waiting.calls) == 0


def test_reset_and_load(busy) -> None:
    busy.load(busy.dump())
    assert len(busy.calls) == 4
    busy.reset()
    assert list(busy.calls) == []


def test_it_keeps_nothing_of_the_caller_alive(fake) -> None:
    class Big:
        pass

    def refused() -> weakref.ref[Big]:
        held = Big()
        with contextlib.suppress(errors.NotFound):
            fake.call("GetBackend", {"AppId": "d1other"})
        return weakref.ref(held)

    found = refused()
    gc.collect()
    assert found() is None
    assert isinstance(fake.calls[-1].error, errors.NotFound)
