"""Whatever the fake accepts can be dumped and loaded; whatever it rejects changes nothing.

A machine calls every public method and every control action, in sequences, with arguments that
fit and others that hardly could.
"""

from __future__ import annotations

import contextlib
import inspect
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import surface_arguments as surface
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from volume import budget

pytest.importorskip("moto", reason="the surface has options that need moto")
pytest.importorskip("responses", reason="the surface has methods that need responses")
pytest.importorskip("httptools", reason="the surface has methods that need httptools")

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._service import clock
from pytest_amplifybackend._transports import control, isolated_client
from pytest_amplifybackend._transports.gateway import Exchange, Gateway, HTTPRequest
from pytest_amplifybackend._views import Calls, Jobs
from pytest_amplifybackend.contract._support import samples
from pytest_amplifybackend.strategies import Request, requests

JOB_METHODS: dict[str, surface.Arguments] = {
    "jobs.finish": {},
    "jobs.fail": {"error": surface.texts},
    "jobs.__getitem__": {},
}


def loaded_again(fake: FakeAmplifyBackend, policy: progress.Progress) -> None:
    """Hold a fake to it that its dump is JSON, and is loaded as it was."""
    dumped = fake.dump()
    text = json.dumps(dumped, allow_nan=False)
    assert json.loads(text) == dumped
    text.encode()
    other = FakeAmplifyBackend(jobs=policy, seed="another")
    other.load(json.loads(text))
    assert other.dump() == dumped


class SurfaceMachine(RuleBasedStateMachine):
    """One fake, and a user who tries everything on it."""

    fake: FakeAmplifyBackend
    policy: progress.Progress

    @initialize(policy=surface.policies)
    def make(self, policy: progress.Progress) -> None:
        self.policy = policy
        self.fake = FakeAmplifyBackend(jobs=policy)
        self.fake.add_app("d1", environments=["dev", "test"])
        self.fake.add_bucket("mine")
        self.dumps = [self.fake.dump()]

    @contextlib.contextmanager
    def rejecting(self) -> Iterator[None]:
        """Within it something may be rejected, with a sentence, and then nothing is changed."""
        before = self.fake.dump()
        try:
            yield
        except errors.UsageError as error:
            rejected = str(error)
        else:
            return
        assert 10 < len(rejected) < 2000
        assert self.fake.dump() == before

    @rule(data=st.data(), name=st.sampled_from(sorted([*surface.METHODS, *JOB_METHODS])))
    def call_a_method(self, data: st.DataObject, name: str) -> None:
        method = self.method(name)
        ids = st.sampled_from([*(job.id for job in self.fake.jobs), "nonsense"])
        job = "key" if name == "jobs.__getitem__" else "job_id"
        needed, optional = surface.METHODS.get(name) or ({job: ids}, JOB_METHODS[name])
        made = data.draw(surface.arguments(needed, optional, surface.hostile()))
        with self.rejecting(), contextlib.suppress(AssertionError):
            method(**{argument: surface.plain(value) for argument, value in made.items()})

    @rule(
        operation=surface.operations,
        environment=surface.environments,
        full=st.booleans(),
        elsewhere=st.integers(0, 5),
        which=st.integers(0, 3),
    )
    def call(
        self, operation: Any, environment: str, full: bool, elsewhere: int, which: int
    ) -> None:
        """Call an operation; about a job or a token that is there, where it is about one."""
        region = "us-east-1" if elsewhere else "eu-west-1"
        with contextlib.suppress(errors.ServiceError, errors.TransportFault, errors.UsageError):
            self.fake.call(
                operation, self.params(operation, environment, full, which), region=region
            )

    @rule(request=requests())
    def call_anything(self, request: Request) -> None:
        request.params.update(AppId="d1") if "AppId" in request.params else None
        with contextlib.suppress(errors.ServiceError, errors.TransportFault, errors.UsageError):
            self.fake.call(request.operation, request.params)

    def params(self, operation: str, environment: str, full: bool, which: int) -> dict[str, Any]:
        apps = self.fake.dump()["apps"]
        there = {
            "JobId": [job.id for job in self.fake.jobs],
            "SessionId": [name for app in apps for name in app["tokens"]],
        }
        found = {name: values[-which % len(values)] for name, values in there.items() if values}
        place = {"AppId": "d1", "BackendEnvironmentName": environment, "BucketName": "mine"}
        return samples.sample(operation, {**place, **found}, full=full)

    @rule(data=st.data(), operation=surface.operations | surface.hostile())
    def call_wrongly(self, data: st.DataObject, operation: Any) -> None:
        params = surface.plain(data.draw(surface.hostile()))
        if operation in surface.OPERATIONS and data.draw(st.booleans()):
            params = self.params(operation, "dev", True, 0)
            member = data.draw(st.sampled_from(sorted(params or ["AppId"])))
            params[member] = surface.plain(data.draw(surface.hostile()))
        region = surface.plain(data.draw(st.none() | surface.hostile()))
        with contextlib.suppress(errors.ServiceError, errors.TransportFault), self.rejecting():
            self.fake.call(surface.plain(operation), params, region=region)

    @rule(
        region=st.sampled_from(["local", "eu-test-1", "x", "us-east-1"]),
        operation=surface.operations,
    )
    def call_by_a_client(self, region: str, operation: Any) -> None:
        client = self.fake.attach(isolated_client(region, endpoint_url="http://localhost:1")).client
        params = self.params(operation, "dev", False, 0)
        with contextlib.suppress(ClientError, BotoCoreError, errors.UsageError):
            Request(operation, params).send(client)

    @rule(scope=st.text(max_size=5) | st.sampled_from(["us-east-1", "local", "x" * 64, "\xff"]))
    def call_over_http(self, scope: str) -> None:
        backend = self.fake._backend
        exchange = Exchange(backend, error_style="modeled", transport="server")
        credential = f"Credential=KEY/20240101/{scope}/amplifybackend/aws4_request"
        headers = {"authorization": f"AWS4-HMAC-SHA256 {credential}", "host": "localhost"}
        body = b'{"appId": "d1", "appName": "a", "backendEnvironmentName": "dev"}'
        with contextlib.suppress(errors.TransportFault, errors.UsageError):
            request = HTTPRequest("POST", "/backend", headers, body)
            Gateway(exchange, default_region="us-east-1", secrets=None).answer(request)

    @rule(data=st.data(), action=st.sampled_from([*sorted(surface.CONTROL), "finish", "fail-job"]))
    def control(self, data: st.DataObject, action: str) -> None:
        needed, optional = surface.CONTROL.get(action) or (
            {"job": st.sampled_from([*(job.id for job in self.fake.jobs), "nonsense"])},
            {"error": surface.texts} if action == "fail-job" else {},
        )
        made = data.draw(surface.arguments(needed, optional, surface.JSON_HOSTILE))
        self.send(action, made)

    @rule(data=st.data(), over_http=st.booleans())
    def load(self, data: st.DataObject, over_http: bool) -> None:
        dumped = json.loads(json.dumps(data.draw(st.sampled_from(self.dumps))))
        bad = surface.JSON_HOSTILE if over_http else surface.hostile()
        spoil(data.draw, dumped, bad)
        if over_http:
            self.send("load", {"state": dumped})
        else:
            with self.rejecting():
                self.fake.load(dumped)

    @rule(over_http=st.booleans(), really=st.integers(0, 3))
    def remember_or_reset(self, over_http: bool, really: int) -> None:
        if really:
            self.dumps.append(self.fake.dump())
        elif over_http:
            self.send("reset", {})
        else:
            self.fake.reset()

    @invariant()
    def can_be_dumped_and_loaded(self) -> None:
        if hasattr(self, "fake"):
            loaded_again(self.fake, self.policy)

    def method(self, name: str) -> Callable[..., Any]:
        found: Any = self.fake
        for part in name.split("."):
            found = getattr(found, part)
        assert callable(found)
        return found

    def send(self, action: str, made: dict[str, Any]) -> None:
        before = self.fake.dump()
        body = json.dumps(made).encode()
        headers = {"x-amplifybackend-control": "1"}
        request = HTTPRequest("POST", f"/_amplifybackend/{action}", headers, body)
        answer = control.Control(self.fake).answer(request)
        assert answer.status in (200, 400), answer
        if answer.status == 400:
            assert 10 < len(json.loads(answer.body)["message"]) < 2000
            assert self.fake.dump() == before


def spoil(draw: Callable[..., Any], value: Any, bad: st.SearchStrategy[Any]) -> None:
    """Put something hostile in a place of a dump, or take something out; or leave it."""
    if draw(st.booleans()):
        return
    while isinstance(value, (dict, list)) and value:
        keys = sorted(value) if isinstance(value, dict) else range(len(value))
        key = draw(st.sampled_from(keys))
        if not isinstance(value[key], (dict, list)) or not value[key] or draw(st.booleans()):
            if draw(st.booleans()):
                value[key] = surface.plain(draw(bad))
            else:
                del value[key]
            return
        value = value[key]


TestSurface = pytest.mark.volume(SurfaceMachine.TestCase)
TestSurface.settings = settings(  # type: ignore[attr-defined]  # as hypothesis documents
    max_examples=budget(80, 8),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.volume
@settings(max_examples=budget(150, 25), deadline=None)
@given(surface.arguments({}, surface.OPTIONS, surface.hostile()))
def test_a_fake_of_any_options_can_be_dumped_and_loaded(options: dict[str, Any]) -> None:
    plain = {name: surface.plain(value) for name, value in options.items()}
    try:
        made = FakeAmplifyBackend(**plain)
    except errors.UsageError as error:
        sentence = str(error)
        assert sentence.startswith("FakeAmplifyBackend(): ")
        assert len(sentence) < 2000
        return
    if not plain.get("moto"):  # which would have to be active
        made.add_app("d1")
        made.call("CreateToken", {"AppId": "d1"})
    loaded_again(made, plain.get("jobs") or progress.immediate())


MAKERS: tuple[Callable[[Any], Any], ...] = (
    *(errors.NotFound, errors.BadRequest, errors.TooManyRequests, errors.GatewayTimeout),
    *(lambda value: errors.NotFound(resource_type=value),),
    *(lambda value: errors.TooManyRequests(limit_type=value),),
    *(progress.after_reads, progress.after_seconds, progress.parse),
    *(progress.AfterReads, progress.AfterSeconds),
)


@pytest.mark.volume
@settings(max_examples=budget(300, 50), deadline=None)
@given(st.sampled_from(MAKERS), surface.hostile())
def test_errors_and_policies_are_rejected_or_fit_to_work_with(
    make: Callable[[Any], Any], value: surface.Hostile
) -> None:
    try:
        made = make(surface.plain(value))
    except (errors.UsageError, ValueError) as error:
        sentence = str(error)
        assert 10 < len(sentence) < 2000
        return
    assert repr(made)
    if not isinstance(made, errors.ServiceError):
        fake = FakeAmplifyBackend(jobs=made)
        fake.add_app("d1")
        fake.call("DeleteBackend", {"AppId": "d1", "BackendEnvironmentName": "dev"})
        loaded_again(fake, made)
        return
    fake = FakeAmplifyBackend()
    fake.fail("ListS3Buckets", made)
    with pytest.raises(type(made)):
        fake.call("ListS3Buckets")


def public(owner: type, prefix: str = "") -> set[str]:
    """The names of the public methods of a class."""
    return {
        f"{prefix}{name}"
        for name, _ in inspect.getmembers(owner, inspect.isfunction)
        if not name.startswith("_")
    }


def test_every_method_is_called() -> None:
    elsewhere = {"call", "load", "reset", *JOB_METHODS, "activate", "deactivate", "behind_requests"}
    inherited = {"calls.count", "calls.index"}
    internal = {"clock.pass_by", "clock.saved"}  # what transports have for seconds of their own
    known = public(FakeAmplifyBackend) | public(Jobs, "jobs.") | public(Calls, "calls.")
    known |= public(clock.ServiceClock, "clock.")
    assert known - inherited - internal == (set(surface.METHODS) | elsewhere) - {"jobs.__getitem__"}


def test_every_option_and_every_action_is_drawn() -> None:
    assert set(surface.OPTIONS) == set(inspect.signature(FakeAmplifyBackend).parameters)
    elsewhere = {"load", "finish", "fail-job", "reset"}
    assert set(surface.CONTROL) | elsewhere == set(control.ACTIONS)
    for name, (needed, optional) in surface.METHODS.items():
        owner: Any = FakeAmplifyBackend
        homes = {"jobs": Jobs, "calls": Calls, "clock": clock.ServiceClock}
        home, dot, method = name.rpartition(".")
        parameters = inspect.signature(getattr(homes[home] if dot else owner, method)).parameters
        named = {key for key, one in parameters.items() if one.kind is not one.VAR_KEYWORD}
        assert named - {"self"} <= {*needed, *optional}, name
    for name, (needed, optional) in surface.CONTROL.items():
        known = control.ACTIONS[name].parameters(FakeAmplifyBackend())
        assert set(known) == {*needed, *optional}, name
