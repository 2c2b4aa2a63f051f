"""What users type: operations as clients' methods have them, policies as text, jobs by index."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import pytest_amplifybackend
from pytest_amplifybackend import (
    FakeAmplifyBackend,
    assert_shape,
    errors,
    progress,
    response_shape,
)
from pytest_amplifybackend._transports import control
from pytest_amplifybackend._transports.gateway import HTTPRequest
from pytest_amplifybackend._views import Calls, Jobs

APP = {"AppId": "d1"}
ENVIRONMENT = {**APP, "BackendEnvironmentName": "dev"}


def made(**options: Any) -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend(**options)
    fake.add_app("d1")
    return fake


def fails(name: Any) -> object:
    fake = made()
    fake.fail(name, errors.GatewayTimeout())
    with pytest.raises(errors.GatewayTimeout):
        fake.call("GetBackend", APP)
    return True


def delayed(name: Any) -> object:
    fake = made()
    fake.delay(name, seconds=timedelta(minutes=2))
    before = fake.clock.now()
    fake.client().get_backend(**APP)
    return fake.clock.now() - before


def overridden(name: Any) -> object:
    fake = made()
    fake.override(name, {"AppName": "other"})
    return fake.client().get_backend(**APP)["AppName"]


def called(name: Any) -> FakeAmplifyBackend:
    fake = made()
    fake.call(name, APP)
    return fake


def asserted(name: Any) -> object:
    fake = called(name)
    with pytest.raises(AssertionError, match=r"Expected GetBackend not to be called"):
        fake.assert_not_called(name)
    fake.assert_called(name, times=1, AppId="d1")
    fake.assert_no_other_calls()
    return True


def planned(name: Any) -> object:
    fake = made()
    fake.jobs.fail_next(name, error="no capacity")
    fake.client().delete_backend(**ENVIRONMENT)
    return fake.jobs[-1].error


def of_shape(name: Any) -> object:
    with pytest.raises(AssertionError) as caught:
        assert_shape(name, {})
    return str(caught.value)


def by_control(name: Any) -> object:
    arguments = json.dumps({"operation": name}).encode()
    request = HTTPRequest("POST", "/_amplifybackend/calls", {}, arguments)
    return json.loads(control.Control(called("GetBackend")).answer(request).body)[0]["operation"]


DOORS: dict[str, tuple[Callable[[Any], object], str]] = {
    "FakeAmplifyBackend.fail": (fails, "GetBackend"),
    "FakeAmplifyBackend.delay": (delayed, "GetBackend"),
    "FakeAmplifyBackend.override": (overridden, "GetBackend"),
    "FakeAmplifyBackend.call": (lambda name: called(name).calls[0].operation, "GetBackend"),
    "FakeAmplifyBackend.assert_called": (asserted, "GetBackend"),
    "FakeAmplifyBackend.assert_not_called": (asserted, "GetBackend"),
    "Jobs.fail_next": (planned, "DeleteBackend"),
    "Calls.of": (lambda name: len(called("GetBackend").calls.of(name)), "GetBackend"),
    "assert_shape": (of_shape, "GetBackendAPI"),
    "response_shape": (lambda name: response_shape({"Status": "?"}, name), "GetBackendJob"),
    "control": (by_control, "GetBackend"),
}


def snake(name: Any) -> str:
    spelled = {"GetBackendAPI": "get_backend_api"}
    return spelled.get(name, "".join(f"_{c.lower()}" if c.isupper() else c for c in name)[1:])


@pytest.mark.parametrize("door", DOORS)
def test_an_operation_is_named_as_the_method_is(door: str) -> None:
    use, name = DOORS[door]
    found = use(snake(name))
    assert found
    assert found == use(name)


@pytest.mark.parametrize("door", DOORS)
def test_no_other_name_will_do(door: str) -> None:
    use, name = DOORS[door]
    wrong = snake(name).replace("_", "__")
    if door == "control":
        arguments = json.dumps({"operation": wrong}).encode()
        request = HTTPRequest("POST", "/_amplifybackend/calls", {}, arguments)
        assert control.Control(FakeAmplifyBackend()).answer(request).status == 400
        return
    with pytest.raises(errors.UnknownOperation, match=f"did you mean '{name}'"):
        use(wrong)


def test_the_table_has_every_function_that_takes_an_operation() -> None:
    owners = {"FakeAmplifyBackend": FakeAmplifyBackend, "Jobs": Jobs, "Calls": Calls}
    public = {
        f"{name}.{member}": function
        for name, owner in owners.items()
        for member, function in inspect.getmembers(owner, inspect.isfunction)
        if not member.startswith("_")
    }
    public |= {
        name: value
        for name in pytest_amplifybackend.__all__
        if inspect.isfunction(value := getattr(pytest_amplifybackend, name))
    }
    arguments = {name: inspect.signature(one).parameters for name, one in public.items()}
    takes = {name for name, known in arguments.items() if "operation" in known}
    assert takes | {"control"} == set(DOORS)


def test_the_neighbors_operations_too() -> None:
    fake = made(amplify=True)
    assert fake.call("list_apps") == fake.call("ListApps")
    fake.assert_called("list_apps", times=2)
    with pytest.raises(errors.UnknownOperation, match="ListApps is an operation of amplify, which"):
        made().call("list_apps")


def test_strategies_too() -> None:
    strategies = pytest.importorskip("pytest_amplifybackend.strategies")
    from hypothesis import given, settings

    drawn = set()

    @settings(max_examples=5, database=None)
    @given(strategies.requests("create_backend_api"))
    def draw(request: Any) -> None:
        drawn.add(request.operation)

    @settings(max_examples=5, database=None)
    @given(strategies.invalid_requests("list_s3_buckets", "client"))
    def draw_invalid(request: Any) -> None:
        drawn.add(request.operation)

    draw()
    draw_invalid()
    assert drawn == {"CreateBackendAPI", "ListS3Buckets"}

    same = [strategies.Request(one, {"AppId": "d1"}) for one in ("get_backend", "GetBackend")]
    assert [one.method for one in same] == ["get_backend"] * 2
    assert repr(same[0]) == "Request('get_backend', {'AppId': 'd1'})"

    class Machine(strategies.AmplifyBackendMachine):  # type: ignore[name-defined]  # it may be missing
        operations = ("create_backend", "get_backend")
        weights = {"get_backend": 3}  # noqa: RUF012  # as users write it

        def connect(self) -> object:
            return FakeAmplifyBackend().client()

    assert Machine()._allowed.names == {"CreateBackend", "GetBackend"}


POLICIES = {
    "immediate": progress.immediate(),
    "manual": progress.manual(),
    "after_reads:2": progress.after_reads(2),
    "after_seconds:1.5": progress.after_seconds(1.5),
    timedelta(minutes=1): progress.after_seconds(60),
}


@pytest.mark.parametrize("written", POLICIES, ids=str)
def test_a_policy_is_a_text_or_a_timedelta(
    written: Any, amplifybackend_factory: Callable[..., FakeAmplifyBackend]
) -> None:
    for make in (FakeAmplifyBackend, amplifybackend_factory):
        assert make(jobs=written)._backend.worker.policy == POLICIES[written]


@pytest.mark.amplifybackend(jobs="manual")
def test_in_the_marker_too(amplifybackend: FakeAmplifyBackend) -> None:
    amplifybackend.add_app("d1")
    amplifybackend.call("delete_backend", ENVIRONMENT)
    assert amplifybackend.jobs[0].status == "PENDING"


def test_seconds_are_a_timedelta() -> None:
    assert progress.after_seconds(timedelta(hours=1)) == progress.after_seconds(3600)
    with pytest.raises(ValueError, match=r"must be a number of seconds from 0 to .*days=-1"):
        progress.after_seconds(timedelta(days=-1))


@pytest.fixture
def three() -> FakeAmplifyBackend:
    """A fake with three jobs."""
    fake = made()
    for name in ("aa", "bb", "cc"):
        target = {"TargetEnvironmentName": name}
        fake.call("CloneBackend", {**ENVIRONMENT, **target})
    return fake


def test_jobs_by_index_id_and_slice(three: FakeAmplifyBackend) -> None:
    jobs = list(three.jobs)
    assert [three.jobs[0], three.jobs[1], three.jobs[-1]] == jobs
    assert three.jobs[jobs[1].id] == jobs[1]
    assert three.jobs[1:] == jobs[1:]
    assert three.jobs[::-1] == jobs[::-1]
    assert three.jobs[7:] == []


@pytest.mark.parametrize("index", [3, -4])
def test_an_index_out_of_range(three: FakeAmplifyBackend, index: int) -> None:
    with pytest.raises(IndexError) as caught:
        three.jobs[index]
    sentence = f"jobs[...]: index {index} is out of range: the fake has 3 jobs."
    assert str(caught.value) == sentence


def test_no_jobs_yet() -> None:
    with pytest.raises(IndexError, match=r"index 0 is out of range: the fake has no jobs\."):
        FakeAmplifyBackend().jobs[0]


@pytest.mark.parametrize("key", [None, True, 1.0, {"a": 1}], ids=str)
def test_no_key_at_all(three: FakeAmplifyBackend, key: Any) -> None:
    match = r"the key must be the id or the index of a job, or a slice, not "
    with pytest.raises(errors.InvalidArgument, match=match):
        three.jobs[key]
