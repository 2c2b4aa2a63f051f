"""Faults, delays and overrides: one list in front of the service, first match first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors


def _outcomes(fake: FakeAmplifyBackend, count: int, **params: Any) -> str:
    """One letter for each of some GetBackend calls: f for one that failed, a dot for an answer."""
    return "".join("f" if _fails(fake, params) else "." for _ in range(count))


def _fails(fake: FakeAmplifyBackend, params: dict[str, Any]) -> bool:
    try:
        fake.call("GetBackend", {"AppId": "d1abc", **params})
    except (errors.ServiceError, errors.TransportFault):
        return True
    return False


@pytest.mark.parametrize(
    ("options", "outcomes"),
    [
        ({}, "f....."),
        ({"times": 2}, "ff...."),
        ({"times": None}, "ffffff"),
        ({"times": 0}, "......"),
        ({"after": 2}, "..f..."),
        ({"times": 2, "after": 3}, "...ff."),
        ({"times": None, "after": 5}, ".....f"),
    ],
)
def test_how_often_a_fault_strikes(fake, options: dict[str, Any], outcomes: str) -> None:
    fake.fail("GetBackend", errors.BadRequest(), **options)
    assert _outcomes(fake, 6) == outcomes


def test_a_fault_strikes_and_counts_the_calls_that_match(fake) -> None:
    fake.fail("GetBackend", errors.BadRequest(), after=1, when={"BackendEnvironmentName": "dev"})
    assert _outcomes(fake, 3) == "..."
    assert _outcomes(fake, 3, BackendEnvironmentName="dev") == ".f."


def test_when_holds_for_members_of_structures(fake, dev) -> None:
    when = {"ResourceConfig": {"DefaultAuthType": {"Mode": "API_KEY"}}}
    fake.fail("CreateBackendAPI", errors.BadRequest("no keys"), when=when)
    iam = {"Service": "AppSync", "DefaultAuthType": {"Mode": "AWS_IAM"}}
    fake.call("CreateBackendAPI", {"ResourceName": "api", "ResourceConfig": iam, **dev})
    key = {"Service": "AppSync", "DefaultAuthType": {"Mode": "API_KEY"}}
    with pytest.raises(errors.BadRequest, match="no keys"):
        fake.call("CreateBackendAPI", {"ResourceName": "api", "ResourceConfig": key, **dev})


@pytest.mark.parametrize(
    "error",
    [
        errors.NotFound(resource_type="App"),
        errors.BadRequest("no"),
        errors.TooManyRequests(limit_type="Rate"),
        errors.GatewayTimeout(),
        errors.ConnectionReset(),
        errors.ReadTimeout(),
    ],
    ids=repr,
)
def test_the_error_is_a_fresh_one_each_time(fake, error: Exception) -> None:
    fake.fail("GetBackend", error, times=2)
    raised = []
    for _ in range(2):
        with pytest.raises(type(error)) as caught:
            fake.call("GetBackend", {"AppId": "d1abc"})
        raised.append(caught.value)
    assert raised[0] is not raised[1]
    assert {repr(one) for one in raised} == {repr(error)}
    assert error.__traceback__ is None


def test_a_failed_call_changes_nothing_and_is_in_the_history(fake, dev) -> None:
    before = fake.dump()
    fake.fail("DeleteBackend", errors.GatewayTimeout())
    with pytest.raises(errors.GatewayTimeout):
        fake.call("DeleteBackend", dev)
    assert fake.dump() == before
    assert isinstance(fake.calls[0].error, errors.GatewayTimeout)
    assert fake.calls[0].response is None


def test_the_first_match_wins(fake) -> None:
    fake.fail("GetBackend", errors.BadRequest("first"))
    fake.fail("GetBackend", errors.BadRequest("second"))
    fake.override("GetBackend", {"AppName": "third"}, times=1)
    texts = []
    for _ in range(2):
        with pytest.raises(errors.BadRequest) as caught:
            fake.call("GetBackend", {"AppId": "d1abc"})
        texts.append(caught.value.message)
    assert texts == ["first", "second"]
    names = [fake.call("GetBackend", {"AppId": "d1abc"})["AppName"] for _ in range(2)]
    assert names == ["third", "shop"]


def test_a_delay_moves_the_clock_and_nothing_else(fake) -> None:
    start = fake.clock.now()
    fake.delay("GetBackend", seconds=1.5, times=2, after=1)
    assert _outcomes(fake, 4) == "...."
    assert fake.clock.now() - start == timedelta(seconds=3)


def test_a_delay_goes_on_down_the_list(fake) -> None:
    start = fake.clock.now()
    fake.delay("GetBackend", seconds=2)
    fake.delay("GetBackend", seconds=3)
    fake.fail("GetBackend", errors.ReadTimeout())
    fake.delay("GetBackend", seconds=100, times=None, after=1)
    assert _outcomes(fake, 1) == "f"
    assert fake.clock.now() - start == timedelta(seconds=5)


def test_a_delay_ends_with_the_calendar(fake) -> None:
    last = datetime.max.replace(microsecond=999_000, tzinfo=UTC)
    fake.delay("GetBackend", seconds=3600, times=2)
    fake.clock.move_to(last - timedelta(seconds=5000))
    for _ in range(2):
        assert fake.call("GetBackend", {"AppId": "d1abc"})["AppName"] == "shop"
    assert fake.clock.now() == last


def test_reset_takes_them_all_away(fake) -> None:
    fake.fail("GetBackend", errors.BadRequest(), times=None)
    fake.reset()
    fake.add_app("d1abc")
    assert _outcomes(fake, 1) == "."


UNKNOWN = "pytest-amplifybackend does not know the operation 'GetBackends' of amplifybackend: "
WRONG: list[tuple[Callable[[FakeAmplifyBackend], Any], type[Exception], str]] = [
    (
        lambda fake: fake.fail("GetBackends", errors.BadRequest()),  # type: ignore[arg-type]  # on purpose
        errors.UnknownOperation,
        f"{UNKNOWN}did you mean 'GetBackend'?",
    ),
    (
        lambda fake: fake.fail("GetBackend", errors.BadRequest(), when={"app_id": "d1abc"}),
        errors.UsageError,
        "fail('GetBackend'): when has no member 'app_id': did you mean 'AppId'?",
    ),
    (
        lambda fake: fake.fail(
            "CreateBackendAuth",
            errors.BadRequest(),
            when={"ResourceConfig": {"UserPoolConfigs": {"SignInMehtod": "EMAIL"}}},
        ),
        errors.UsageError,
        "fail('CreateBackendAuth'): when.ResourceConfig.UserPoolConfigs has no member "
        "'SignInMehtod': did you mean 'SignInMethod'?",
    ),
    (
        lambda fake: fake.assert_called(
            "CreateBackendAPI",
            ResourceConfig={"AdditionalAuthTypes": [{"Mode": "API_KEY", "Setings": {}}]},
        ),
        errors.UsageError,
        "assert_called('CreateBackendAPI'): params.ResourceConfig.AdditionalAuthTypes[0] has no "
        "member 'Setings': did you mean 'Settings'?",
    ),
    (
        lambda fake: fake.fail("GetBackend", "BadRequest"),  # type: ignore[arg-type]
        errors.UsageError,
        "fail(): error must be an error such as errors.NotFound() or errors.ConnectionReset(), not "
        "'BadRequest'.",
    ),
    (
        lambda fake: fake.fail("GetBackend", errors.BadRequest),  # type: ignore[arg-type]
        errors.UsageError,
        "fail(): error must be an error such as errors.NotFound() or errors.ConnectionReset(), not "
        "<class 'pytest_amplifybackend.errors.BadRequest'>.",
    ),
    (
        lambda fake: fake.fail("GetBackend", errors.BadRequest(), times=-1),
        errors.UsageError,
        "fail(): times must be a whole number from 0, not -1.",
    ),
]


@pytest.mark.parametrize(
    ("act", "kind", "sentence"),
    WRONG,
    ids=lambda part: part[-40:] if isinstance(part, str) else None,
)
def test_a_mistake_is_a_sentence(fake, act, kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind) as caught:
        act(fake)
    assert str(caught.value) == sentence
    assert _outcomes(fake, 1) == "."
