"""A state machine that calls a client and holds every answer to the oracle's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from pytest_amplifybackend._api.catalogue import FAMILIES
from pytest_amplifybackend.strategies._internal import choices
from pytest_amplifybackend.strategies._internal.checking import Checker
from pytest_amplifybackend.strategies._internal.invalid import invalid_requests
from pytest_amplifybackend.strategies._internal.oracle import Oracle
from pytest_amplifybackend.strategies._internal.oracle_work import LEARNT
from pytest_amplifybackend.strategies._internal.replay import Program

if TYPE_CHECKING:
    from pytest_amplifybackend._api.literals import OperationName

_NO_JOB = "00000000-0000-4000-8000-000000000000"
_SECONDS = st.sampled_from((0.001, 1.0, 30.0, 299.0, 300.0, 3600.0))
_CHANCE = st.integers(0, 3)
_RARELY = st.integers(0, 9)
_PLACE = st.integers(0, 99)


class AmplifyBackendMachine(RuleBasedStateMachine):
    """Calls a client at random and holds each answer, and what can be read after, to an oracle.

    Subclass it, give it a client by :meth:`connect`, and run it as any hypothesis state machine:
    ``TestFake = MyMachine.TestCase``. On failure it prints a program of the
    fewest calls that fail, which runs as it is printed, against an empty fake or at a URL.

    ``progress`` is how the backend's jobs advance, spelled as the ini key ``amplifybackend_jobs``
    (``immediate``, ``manual``, ``after_reads:2``, ``after_seconds:5``), or ``poll`` for a real
    endpoint: every job is then waited for. ``operations`` restricts the calls; ``weights`` says
    how often an operation is called, 1 being usual and 0 never; ``app_pool`` and
    ``environment_pool`` are where the calls collide: the backend must be empty there at the
    start. ``region`` is the client's. ``exact`` says that nobody else uses the account and that
    the clock moves by :meth:`shift` only, so that times and bucket lists are compared too.
    """

    progress: ClassVar[str] = "immediate"
    operations: ClassVar[Collection[OperationName] | None] = None
    weights: ClassVar[Mapping[str, int]] = {}
    app_pool: ClassVar[tuple[str, ...]] = ("d1shop", "d2blog")
    environment_pool: ClassVar[tuple[str, ...]] = ("dev", "test", "prod")
    resource_pool: ClassVar[tuple[str, ...]] = ("main", "other")
    region: ClassVar[str] = "us-east-1"
    exact: ClassVar[bool] = True
    poll_seconds: ClassVar[float] = 2.0

    _checks: ClassVar[type[Checker]] = Checker

    apps: Bundle[str] = Bundle("apps")
    environments: Bundle[str] = Bundle("environments")
    resources: Bundle[str] = Bundle("resources")
    jobs: Bundle[tuple[str, str, str]] = Bundle("jobs")
    tokens: Bundle[tuple[str, str]] = Bundle("tokens")

    def __init__(self) -> None:
        super().__init__()
        self._allowed = choices.weighted(type(self).__name__, self.operations, self.weights)
        self.checker = self._connected()
        self.oracle = self.checker.oracle
        self._touched: list[tuple[str, str]] = []

    def connect(self) -> Any:
        """A client of an empty backend; a subclass has to define it."""
        raise NotImplementedError(
            "AmplifyBackendMachine needs a client: give a subclass the method connect()."
        )

    def fresh_apps(self) -> Sequence[str]:
        """The app ids of a run, as many as in ``app_pool``, which they are by default.

        Where the backend cannot be emptied, as at a URL, a subclass gives ids that it never gave
        before. The program that a failure prints then makes up new ones each time that it runs.
        """
        return self.app_pool

    def _connected(self) -> Checker:
        moves = type(self).shift is not AmplifyBackendMachine.shift
        return self._checks(
            self.connect(),
            Oracle(self.progress, self.region, exact=self.exact),
            tuple(self.fresh_apps()),
            fresh=type(self).fresh_apps is not AmplifyBackendMachine.fresh_apps,
            move=self.shift if moves else None,
        )

    def _again(self) -> Checker:
        """A checker for another run, after the end of this one."""
        self.disconnect()
        return self._connected()

    def shift(self, seconds: float) -> None:
        """Move the backend's clock; a subclass that can gives this method."""
        raise NotImplementedError

    def disconnect(self) -> None:
        """Called at the end of each run."""

    @initialize(data=st.data())
    def _concentrate(self, data: st.DataObject) -> None:
        """Switch some operations off in this run, so that it gets further with the others."""
        self._allowed = self._allowed.without(data.draw(choices.silenced(self._allowed.names)))

    @initialize(target=apps)
    def _apps(self) -> Any:
        first, *others = self.checker.apps
        return multiple(first, first, first, *others)

    @initialize(target=environments)
    def _environments(self) -> Any:
        first, *others = self.environment_pool
        return multiple(first, first, first, *others)

    @initialize(target=resources)
    def _resources(self) -> Any:
        return multiple(*self.resource_pool)

    @initialize(target=jobs)
    def _no_job(self) -> Any:
        return (self.checker.apps[0], self.environment_pool[0], _NO_JOB)

    @initialize(target=tokens)
    def _no_token(self) -> Any:
        return (self.checker.apps[0], _NO_JOB)

    @precondition(lambda self: self._allowed.changes)
    @rule(target=jobs, app=apps, environment=environments, name=resources, data=st.data())
    def change(self, app: str, environment: str, name: str, data: st.DataObject) -> Any:
        """Call any operation that makes a job, on anything."""
        operation = data.draw(st.sampled_from(self._allowed.changes))
        if not self._is_there(app, environment) and data.draw(_CHANCE):
            operation = self._allowed.first  # without environments there is little to do
        name = self._named(data, operation, app, environment, name)
        return self._change(data, operation, app, environment, name)

    @precondition(lambda self: self._allowed.changes)
    @rule(target=jobs, app=apps, environment=environments, name=resources, data=st.data())
    def work(self, app: str, environment: str, name: str, data: st.DataObject) -> Any:
        """Call an operation that is possible as things are."""
        return self._work(data, app, environment, name)

    @precondition(lambda self: self._allowed.changes)
    @rule(target=jobs, name=resources, data=st.data())
    def deepen(self, name: str, data: st.DataObject) -> Any:
        """Call an operation that is possible in the one environment that most is done in."""
        return self._work(data, self.checker.apps[0], self.environment_pool[0], name)

    @precondition(lambda self: self._allowed.changes)
    @rule(target=jobs, environment=environments, name=resources, data=st.data())
    def build(self, environment: str, name: str, data: st.DataObject) -> Any:
        """Call an operation that is possible in any environment of the first app."""
        return self._work(data, self.checker.apps[0], environment, name)

    def _work(self, data: st.DataObject, app: str, environment: str, name: str) -> Any:
        pending = self.oracle.pending(app, environment)
        if pending is not None and "UpdateBackendJob" in self._allowed.names and data.draw(_CHANCE):
            self._end(data, pending)
            return multiple()
        possible = choices.possible(self.oracle, app, environment)
        left = [one for one in possible if one in self._allowed.changes]
        operation = data.draw(st.sampled_from(left or self._allowed.changes))
        name = self._named(data, operation, app, environment, name)
        return self._change(data, operation, app, environment, name)

    def _change(
        self, data: st.DataObject, operation: str, app: str, environment: str, name: str
    ) -> Any:
        params = choices.change_params(
            data.draw, operation, app, environment, name, self.environment_pool, self.oracle
        )
        broken = choices.can_break(operation) and not data.draw(_RARELY)
        if broken:
            invalid = data.draw(choices.breaking(operation)).params
            kept = ("AppId", "BackendEnvironmentName", "ResourceName")
            params = {**invalid, **{name: params[name] for name in kept if name in params}}
        answer = self.checker.call(operation, params, broken=broken)
        self._touched.append((app, params.get("TargetEnvironmentName", environment)))
        if answer is None:
            return multiple()
        where = answer.get("BackendEnvironmentName", environment)
        if self.progress == "poll":
            # A job of a whole app is read under a name that the app has, or had, jobs under.
            name = (self.oracle.jobs[-1]["environments"] or (where,))[0]
            at = {"AppId": app, "BackendEnvironmentName": name, "JobId": answer["JobId"]}
            self.checker.wait_for(at, self.poll_seconds)
        return (app, where, answer["JobId"])

    @precondition(lambda self: self._allowed.reads)
    @rule(
        app=apps, environment=environments, name=resources, job=jobs, token=tokens, data=st.data()
    )
    def read(
        self,
        app: str,
        environment: str,
        name: str,
        job: tuple[str, str, str],
        token: tuple[str, str],
        data: st.DataObject,
    ) -> None:
        """Call an operation that answers at once; some of them change things."""
        operation = data.draw(st.sampled_from(self._allowed.reads))
        name = self._named(data, operation, app, environment, name)
        if operation.endswith("Job"):
            app, environment, _ = job
        if operation.endswith("Token"):
            app = token[0]
        params = choices.read_params(data.draw, operation, app, environment, name, job[2], token[1])
        if operation == "ListBackendJobs":
            self.checker.list_jobs(params)
        else:
            self.checker.call(operation, params)
        self._touched.append((app, environment))

    @precondition(
        lambda self: "UpdateBackendJob" in self._allowed.names and self.oracle.unfinished()
    )
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        """Set the status of a job that has not ended."""
        self._end(data, data.draw(st.sampled_from(self.oracle.unfinished())))

    def _end(self, data: st.DataObject, job: dict[str, Any]) -> None:
        environment = (job["environments"] or self.environment_pool)[0]
        status = data.draw(st.sampled_from(("COMPLETED", "COMPLETED", "FAILED", "RUNNING")))
        at = {"AppId": job["app"], "BackendEnvironmentName": environment, "JobId": job["id"]}
        self.checker.call("UpdateBackendJob", {**at, "Status": status})
        self._touched.append((job["app"], environment))

    @precondition(lambda self: "UpdateBackendJob" in self._allowed.names and self.oracle.jobs)
    @rule(place=_PLACE, operation=choices.renames())
    def rename(self, place: int, operation: str) -> None:
        """Give another operation to any job, be it ended or not."""
        job = self.oracle.jobs[place % len(self.oracle.jobs)]
        environment = (job["environments"] or self.environment_pool)[0]
        at = {"AppId": job["app"], "BackendEnvironmentName": environment, "JobId": job["id"]}
        self.checker.call("UpdateBackendJob", {**at, "Operation": operation})
        self._touched.append((job["app"], environment))

    @precondition(lambda self: "CreateToken" in self._allowed.names)
    @rule(target=tokens, app=apps)
    def issue(self, app: str) -> Any:
        """Create a token."""
        answer = self.checker.call("CreateToken", {"AppId": app})
        return multiple() if answer is None else (app, answer["SessionId"])

    @precondition(lambda self: self._allowed.invalid)
    @rule(app=apps, data=st.data())
    def reject(self, app: str, data: st.DataObject) -> None:
        """Send a request that is rejected for its params alone; nothing must come of it."""
        operation: Any = data.draw(st.sampled_from(self._allowed.invalid))
        layer: Any = data.draw(st.sampled_from(choices.rejecting_layers(operation)))
        self.checker.reject(data.draw(invalid_requests(operation, layer)))
        self._touched.append((app, self.environment_pool[0]))

    @precondition(lambda self: type(self).shift is not AmplifyBackendMachine.shift)
    @rule(seconds=_SECONDS)
    def wait(self, seconds: float) -> None:
        """Let time pass, and look at the newest token of each app, which may have expired."""
        self.checker.wait(seconds)
        for app, state in list(self.oracle.apps.items()):  # a call may end the job that removes one
            if state["tokens"] and "GetToken" in self._allowed.names:
                self.checker.call("GetToken", {"AppId": app, "SessionId": [*state["tokens"]][-1]})

    @invariant()
    def reads_agree(self) -> None:
        """Read back what the last step was about."""
        for app, environment in self._touched:
            self.checker.observe(app, environment)
        self._touched.clear()

    def teardown(self) -> None:
        """Read back everything, unless the run has failed; print its program if it has."""
        try:
            if not self.checker.failed:
                studio = "UpdateBackendConfig" in self._allowed.names
                self.checker.sweep(self.checker.apps, self.environment_pool, studio=studio)
        finally:
            if self.checker.failed:
                note(Program(self.checker.run, self.checker.script, self._again))
            self.disconnect()

    def _is_there(self, app: str, environment: str) -> bool:
        apps = self.oracle.apps
        return app in apps and environment in apps[app]["environments"]

    def _named(
        self, data: st.DataObject, operation: str, app: str, environment: str, name: str
    ) -> str:
        """A resource's name: that of the resource that is there, more often than not."""
        for family in FAMILIES:
            if operation.lower().removesuffix("models").endswith(family):
                at = self.oracle.apps.get(app, {"environments": {}})["environments"]
                there = at.get(environment, {}).get(family)
                if there is not None and there["name"] != LEARNT and data.draw(_CHANCE) < 3:
                    return str(there["name"])
                if there is None and operation.startswith("Create") and not data.draw(_RARELY):
                    return str(data.draw(choices.new_names(operation)))
        return name
