"""The object itself: its options, ``call``, its repr, and the names that the package exports."""

from __future__ import annotations

from typing import Any

import pytest

import pytest_amplifybackend
from pytest_amplifybackend import FakeAmplifyBackend, errors, progress


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'pytest_amplifybackend' has no attribute 'Fake'"):
        pytest_amplifybackend.Fake  # noqa: B018


def test_the_repr(fake) -> None:
    fake.call("ListS3Buckets")
    fake.call("RemoveAllBackends", {"AppId": "d1abc"})
    assert repr(fake) == "<FakeAmplifyBackend not active, 2 calls, 1 jobs>"
    with fake:
        assert repr(fake) == "<FakeAmplifyBackend active, 2 calls, 1 jobs>"


@pytest.mark.parametrize("spelling", ["modeled", "modelled"])
def test_modeled_errors_in_either_spelling(spelling: Any) -> None:
    client = FakeAmplifyBackend(errors=spelling).client()
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_backend(AppId="d1abc")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"seed": None}, "seed must be a whole number of 64 bits or a string, not None."),
        ({"seed": True}, "seed must be a whole number of 64 bits or a string, not True."),
        ({"seed": 1.5}, "seed must be a whole number of 64 bits or a string, not 1.5."),
        (
            {"errors": "modelde"},
            "errors must be one of 'modeled', 'observed', not 'modelde': did you mean 'modeled'?",
        ),
        ({"transport": ["wire"]}, "transport must be one of 'stubber', 'wire', 'aio', not a list."),
        ({"region": ""}, "region must be the name of an AWS region, such as 'us-east-1', not ''."),
        (
            {"region": None},
            "region must be the name of an AWS region, such as 'us-east-1', not None.",
        ),
        (
            {"transport": "Stubber"},
            "transport must be one of 'stubber', 'wire', 'aio', not 'Stubber': did you mean "
            "'stubber'?",
        ),
        (
            {"jobs": "after_read:2"},
            "jobs must be 'immediate', 'manual', 'after_reads:N', 'after_seconds:S', a timedelta "
            "or a policy such as progress.after_reads(2), not 'after_read:2'.",
        ),
        (
            {"jobs": progress.Manual},
            "jobs must be 'immediate', 'manual', 'after_reads:N', 'after_seconds:S', a timedelta "
            "or a policy such as progress.after_reads(2), not <class "
            "'pytest_amplifybackend.progress.Manual'>.",
        ),
    ],
    ids=str,
)
def test_a_wrong_option_is_a_sentence(options, sentence: str) -> None:
    with pytest.raises(errors.UsageError) as caught:
        FakeAmplifyBackend(**options)
    assert str(caught.value) == f"FakeAmplifyBackend(): {sentence}"


def test_an_unknown_option_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="sede"):
        FakeAmplifyBackend(sede=1)  # type: ignore[call-arg]


def test_two_fakes_never_see_each_other(fake) -> None:
    other = FakeAmplifyBackend()
    with pytest.raises(errors.NotFound):
        other.call("GetBackend", {"AppId": "d1abc"})
    assert len(fake.calls) == 0


def test_call_gives_the_response_without_metadata(fake, dev) -> None:
    assert fake.call("ListBackendJobs", dev) == {"Jobs": []}
    assert set(fake.client().list_backend_jobs(**dev)) == {"Jobs", "ResponseMetadata"}


@pytest.mark.parametrize(
    ("operation", "params", "kind", "sentence"),
    [
        (
            "GetBackends",
            {},
            errors.UnknownOperation,
            "pytest-amplifybackend does not know the operation 'GetBackends' of amplifybackend: "
            "did you mean 'GetBackend'?",
        ),
        (
            "GetBackend",
            {},
            errors.UsageError,
            "call('GetBackend'): params is missing AppId.",
        ),
        (
            "GetBackend",
            {"AppId": 5},
            errors.UsageError,
            "call('GetBackend'): params.AppId must be a string, not 5.",
        ),
    ],
    ids=str,
)
def test_call_refuses_what_a_client_refuses(fake, operation, params, kind, sentence) -> None:
    with pytest.raises(kind) as caught:
        fake.call(operation, params)
    assert str(caught.value) == sentence
    assert len(fake.calls) == 0


def test_dump_and_load(fake) -> None:
    fake.add_auth("d1abc")
    fake.clock.shift(60)
    other = FakeAmplifyBackend()
    other.load(fake.dump())
    assert other.dump() == fake.dump()
    assert other.clock.now() == fake.clock.now()
    with pytest.raises(errors.UsageError, match=r"load\(\) takes what dump\(\) gave"):
        other.load({"version": 99})


def test_reset_leaves_clients_served(fake, dev) -> None:
    client = fake.client()
    fake.reset()
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_backend(**dev)
    fake.add_app("d1abc")
    assert client.get_backend(**dev)["BackendEnvironmentList"] == ["dev"]
