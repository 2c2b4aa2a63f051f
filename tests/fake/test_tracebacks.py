"""What an error leaves the package with: no frame that holds an argument."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from pytest_amplifybackend import (
    FakeAmplifyBackend,
    assert_shape,
    errors,
    progress,
    response_shape,
)
from pytest_amplifybackend._service import backend
from pytest_amplifybackend._tracebacks import hide, hides_arguments

SECRET = "pl4nted"
PROVIDER = {"ClientId": "id", "ClientSecret": SECRET}
OAUTH = {"SocialProviderSettings": {"Google": PROVIDER}}
USERS: dict[str, Any] = {
    "OAuth": {
        "OAuthGrantType": "CODE",
        "OAuthScopes": ["EMAIL"],
        "RedirectSignInURIs": ["https://shop.example/"],
        "RedirectSignOutURIs": ["https://shop.example/"],
        **OAUTH,
    },
    "RequiredSignUpAttributes": ["EMAIL"],
    "SignInMethod": "EMAIL",
    "UserPoolName": "users",
}
CONFIG: dict[str, Any] = {
    "AuthResources": "USER_POOL_ONLY",
    "Service": "COGNITO",
    "UserPoolConfigs": USERS,
}
PARAMS: dict[str, Any] = {
    "AppId": "d1abc",
    "BackendEnvironmentName": "dev",
    "ResourceName": "auth",
    "ResourceConfig": CONFIG,
}


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and those that it follows from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def frames(error: BaseException, home: str = "pytest_amplifybackend") -> list[FrameType]:
    """The frames of a package that an error, or one that it follows from, came through."""
    return [
        frame
        for one in chain(error)
        for frame, _ in traceback.walk_tb(one.__traceback__)
        if frame.f_globals["__name__"].partition(".")[0] == home
    ]


@pytest.fixture(params=["stubber", "wire"])
def active(request: pytest.FixtureRequest) -> Iterator[FakeAmplifyBackend]:
    """An active fake, on each of the transports in the process."""
    with FakeAmplifyBackend(transport=request.param) as fake:
        yield fake


@pytest.fixture
def client(active: FakeAmplifyBackend) -> Any:
    return active.client(config=None)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (errors.BadRequest("no"), ClientError),
        (errors.ConnectionReset(), ConnectionClosedError),
        (errors.ReadTimeout(), ReadTimeoutError),
    ],
    ids=["an error", "a reset", "a timeout"],
)
def test_a_call_of_a_client_that_fails(active, client, fault: Exception, kind: type) -> None:
    active.fail("CreateBackendAuth", fault, times=None)
    with pytest.raises(kind) as caught:
        client.create_backend_auth(**PARAMS)
    assert not frames(caught.value)
    assert frames(caught.value, "botocore")  # theirs are there as ever


def test_a_call_of_a_client_whose_override_raises(active, client) -> None:
    def broken(params: dict[str, Any]) -> dict[str, Any]:
        assert params == PARAMS
        raise ZeroDivisionError

    active.override("CreateBackendAuth", broken)
    with pytest.raises(ZeroDivisionError) as caught:
        client.create_backend_auth(**PARAMS)
    assert not frames(caught.value)
    last = list(traceback.walk_tb(caught.value.__traceback__))[-1][0]
    assert last.f_code.co_name == "broken"
    assert SECRET not in repr(last.f_locals)


def test_a_call_of_a_client_when_the_fake_breaks(
    active, client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend.table, "current", None)
    with pytest.raises(TypeError, match="not callable") as caught:
        client.create_backend_auth(**PARAMS)
    found = frames(caught.value)
    assert found[-1].f_code.co_name == "_answer"
    assert SECRET not in repr([frame.f_locals for frame in found])


def test_requests_that_time_out() -> None:
    requests = pytest.importorskip("requests")
    pytest.importorskip("responses")
    fake = FakeAmplifyBackend()
    fake.fail("ListS3Buckets", errors.ReadTimeout())
    url = "https://amplifybackend.us-east-1.amazonaws.com/s3Buckets"
    with fake.behind_requests(), pytest.raises(requests.exceptions.ReadTimeout) as caught:
        requests.post(url, timeout=5)
    assert not frames(caught.value)


def test_an_expected_error_ends_at_the_line_of_the_caller() -> None:
    with pytest.raises(errors.UsageError) as caught:
        FakeAmplifyBackend().add_auth("d1abc", config={**CONFIG, "Nope": 1})
    names = [frame.f_code.co_name for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert names == ["test_an_expected_error_ends_at_the_line_of_the_caller"]
    assert caught.value.__cause__ is None


def test_a_wrong_keyword_ends_at_the_line_of_the_caller() -> None:
    with pytest.raises(TypeError, match="confg") as caught:
        FakeAmplifyBackend().add_auth("d1abc", confg=CONFIG)  # type: ignore[call-arg]
    assert not frames(caught.value)


def test_an_unexpected_error_keeps_its_lines_and_none_of_its_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(backend.Service, "context", None)
    with pytest.raises(TypeError, match="not callable") as caught:
        FakeAmplifyBackend().add_auth("d1abc", config=CONFIG)
    found = frames(caught.value)
    assert [frame.f_code.co_name for frame in found][-1] == "_add"
    assert SECRET not in repr([frame.f_locals for frame in found])


def test_an_error_that_was_being_handled_stays_as_it_was() -> None:
    def theirs(config: dict[str, Any]) -> None:
        assert_shape("GetBackend", config)

    def handling() -> None:
        try:
            theirs({"Wrong": 1})
        except AssertionError as first:
            before[first] = traceback.format_exception(first)
            FakeAmplifyBackend().call("GetBackend", {})

    before: dict[BaseException, list[str]] = {}
    with pytest.raises(errors.UsageError) as caught:
        handling()
    *_, last = chain(caught.value)
    assert before == {last: traceback.format_exception(last)}


def test_a_group_is_cleared_as_well() -> None:
    @hides_arguments
    def fails(secret: str) -> None:
        try:
            raise errors.BadRequest(secret.upper())
        except errors.BadRequest as error:
            raise ExceptionGroup("two", [error, ValueError("other")]) from error

    with pytest.raises(ExceptionGroup) as caught:
        fails(SECRET)
    assert not frames(caught.value)


def test_hide_leaves_the_frames_of_others_alone() -> None:
    def inner(value: str) -> None:
        raise KeyError(value)

    def outer(value: str) -> None:
        try:
            inner(value)
        except KeyError as error:
            hide(error)
            raise

    with pytest.raises(KeyError) as caught:
        outer("kept")
    assert [
        frame.f_locals.get("value") for frame, _ in traceback.walk_tb(caught.value.__traceback__)
    ][1:] == ["kept", "kept"]


MISTAKES: dict[str, Callable[[Any], object]] = {
    "FakeAmplifyBackend": lambda fake: FakeAmplifyBackend(seed=None),  # type: ignore[arg-type]
    "add_app": lambda fake: fake.add_app(1),
    "assert_called": lambda fake: fake.assert_called("GetBackend"),
    "assert_no_other_calls": lambda fake: (
        fake.call("ListS3Buckets"),
        fake.assert_no_other_calls(),
    ),
    "assert_not_called": lambda fake: fake.assert_not_called("GetBackends"),
    "assert_shape": lambda fake: assert_shape("GetBackend", {"AppID": "d1"}),
    "attach": lambda fake: fake.attach(1),
    "call": lambda fake: fake.call("GetBackend", {"AppId": "d1"}),
    "calls.of": lambda fake: fake.calls.of("GetBackends"),
    "client": lambda fake: fake.client(nope=1),
    "clock.move_to": lambda fake: fake.clock.move_to("tomorrow"),
    "clock.shift": lambda fake: fake.clock.shift("1"),
    "delay": lambda fake: fake.delay("GetBackend", seconds="1"),
    "errors.NotFound": lambda fake: errors.NotFound(1),  # type: ignore[arg-type]
    "errors.TooManyRequests": lambda fake: errors.TooManyRequests(2),  # type: ignore[arg-type]
    "fail": lambda fake: fake.fail("GetBackends", errors.NotFound()),
    "jobs": lambda fake: fake.jobs["x"],
    "jobs.finish": lambda fake: fake.jobs.finish("x"),
    "load": lambda fake: fake.load({}),
    "override": lambda fake: fake.override("GetBackend", {"AppID": "d1"}),
    "progress.after_reads": lambda fake: progress.after_reads(-1),
    "progress.after_seconds": lambda fake: progress.after_seconds(-1),
    "response_shape": lambda fake: response_shape({}, "Get"),  # type: ignore[arg-type]
    "serve": lambda fake: fake.serve(port=-1),
}
"""A mistake of each public lever."""


@pytest.mark.parametrize("lever", MISTAKES)
def test_pytest_shows_no_line_of_this_package(lever: str) -> None:
    with pytest.raises((errors.UsageError, errors.ServiceError, AssertionError)) as caught:
        MISTAKES[lever](FakeAmplifyBackend())
    shown = [str(entry.path) for entry in caught.traceback.filter(caught)]
    assert set(shown) == {__file__}
