"""Requests, control calls and levers at random, to a fake whose state is kept in a file."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from typing import Any

from disks import Injected
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from kept_fake import Kept

from pytest_amplifybackend import FakeAmplifyBackend, errors, progress
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._service.names import Ids
from pytest_amplifybackend._service.provisioning import InMemoryProvisioner, ProvisioningError
from pytest_amplifybackend._service.state import State
from pytest_amplifybackend.strategies import Request, requests

APPS = st.sampled_from(["d1", "d2"])
ENVIRONMENTS = st.sampled_from(["dev", "test"])
API = {"DefaultAuthType": {"Mode": "API_KEY"}, "TransformSchema": "type A @model { id: ID! }"}
NARROWED: dict[str, Any] = {
    "AppId": ("app_ids", APPS),
    "BackendEnvironmentName": ("environment_names", ENVIRONMENTS),
    "TargetEnvironmentName": ("target_environment_names", st.sampled_from(["copy", "test"])),
    "ResourceName": ("resource_names", st.just("shop")),
    "BucketName": ("bucket_names", st.sampled_from(["d1-pictures", "d2-pictures"])),
}


def requests_of(operation: Any) -> st.SearchStrategy[Request]:
    """Requests about few apps and names, so that they meet."""
    members = catalogue.operations()[operation].input_shape.members
    narrowed = dict(option for name, option in NARROWED.items() if name in members)
    if operation == "CreateBackendAPI":
        narrowed["resource_configs"] = st.just(API)
    return requests(operation, **narrowed)


OPERATIONS = sorted(catalogue.operations())
OFTEN = ["CreateBackend", "CreateToken", "CreateBackendConfig", "CloneBackend", "CreateBackendAPI"]
REQUESTS = st.sampled_from([*OPERATIONS, *OFTEN, "GenerateBackendAPIModels"]).flatmap(requests_of)


class Fussy(InMemoryProvisioner):
    """A provisioner that publishes files, and fails at every third of them: work is taken back."""

    keeps_files = True

    def __init__(self) -> None:
        super().__init__(State(), Ids("fussy"))
        self._published = 0

    def publish(self, *_: Any) -> None:
        self._published += 1
        if self._published % 3 == 0:
            raise ProvisioningError("the bucket is full")


class Machine(RuleBasedStateMachine):
    """The file holds what ``dump()`` gives, in the same order, unless something is still unread.

    What is done in the process is kept with the next request. With ``fills``, the disk is full
    at times: then a request changes nothing, or is a read.
    """

    policy = "immediate"
    fussy = False
    fills = False

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name, "state.db")
        self.unread = False
        self.dumps: list[dict[str, Any]] = []
        self.disk = Injected()
        self.start()

    def start(self) -> None:
        fake = FakeAmplifyBackend(
            jobs=progress.parse(self.policy), provisioner=Fussy() if self.fussy else None
        )
        self.kept = Kept(fake, self.path)
        self.kept.__enter__()
        # A disk that is slow is nothing that this is about.
        self.kept.file._store._database._connection.execute("PRAGMA synchronous = OFF")
        self.disk.under(self.kept)

    def teardown(self) -> None:
        if hasattr(self, "kept"):
            self.disk.free()
            self.kept.__exit__(None, None, None)
            self.folder.cleanup()

    @property
    def fake(self) -> FakeAmplifyBackend:
        return self.kept.fake

    @invariant()
    def the_file_holds_the_state(self) -> None:
        if hasattr(self, "kept") and not self.unread:
            assert json.dumps(self.kept.file.dump()) == json.dumps(self.fake.dump())

    # Requests

    def asked(self, ask: Any, *arguments: Any, **named: Any) -> Any:
        """Make a request, and give its answer; the next step compares."""
        state, file = self.fake.dump(), self.kept.file.dump()
        status, answer = ask(*arguments, **named)
        assert status < 500 or (status == 507 and self.disk.full), answer
        if status == 507:
            assert json.dumps(self.fake.dump()) == json.dumps(state)
        if self.disk.full:
            assert self.kept.file.dump() == file
        self.unread = self.disk.full
        return answer

    @precondition(lambda self: self.fills)
    @rule()
    def fill_or_free(self) -> None:
        if self.disk.full:
            self.disk.free()
        else:
            self.disk.fill()

    @rule(request=REQUESTS)
    def call(self, request: Any) -> None:
        self.asked(self.kept.call, request.operation, **request.params)

    @precondition(lambda self: len(self.fake.jobs) > 0)
    @rule(at=st.integers(0, 1000), what=st.sampled_from(["read", "list", "FAILED", "rename"]))
    def job(self, at: int, what: str) -> None:
        job = list(self.fake.jobs)[-1 - at % min(len(self.fake.jobs), 5)]
        place = {"AppId": job.app_id, "BackendEnvironmentName": job.environment}
        operation, params = {
            "read": ("GetBackendJob", {"JobId": job.id}),
            "list": ("ListBackendJobs", {}),
            "rename": ("UpdateBackendJob", {"JobId": job.id, "Operation": "DeleteBackend"}),
            "FAILED": ("UpdateBackendJob", {"JobId": job.id, "Status": "FAILED"}),
        }[what]
        self.asked(self.kept.call, operation, **place, **params)

    def done(self, operation: str, **params: Any) -> dict[str, Any]:
        """Ask for an operation, end what is unfinished, and compare."""
        answer = self.asked(self.kept.call, operation, **params)
        for job in self.fake.jobs:
            if job.status in ("PENDING", "RUNNING"):
                self.asked(self.kept.control, "finish", job=job.id)
        self.the_file_holds_the_state()
        return dict(answer)

    @rule(app=APPS, expire=st.booleans())
    def tokens(self, app: str, expire: bool) -> None:
        session = self.done("CreateToken", AppId=app).get("sessionId", "none")
        self.done("CreateToken", AppId=app)
        if expire:
            self.asked(self.kept.control, "clock", shift=86400)
            self.done("CreateToken", AppId=app)
        self.done("DeleteToken", AppId=app, SessionId=session)

    @rule(app=APPS, remove=st.booleans())
    def studio(self, app: str, remove: bool) -> None:
        self.done("CreateBackendConfig", AppId=app)
        self.done("UpdateBackendConfig", AppId=app, LoginAuthConfig={"AwsCognitoRegion": "x"})
        if remove:
            self.done("RemoveBackendConfig", AppId=app)

    @rule(app=APPS, clean=st.booleans())
    def remove_all(self, app: str, clean: bool) -> None:
        self.asked(self.kept.control, "add-app", app=app, environments=["dev", "live", "test"])
        self.done("RemoveAllBackends", AppId=app, CleanAmplifyApp=clean)

    @rule(
        action=st.sampled_from(["advance", "dump", "reset", "status", "jobs"]),
        shift=st.sampled_from([0, 61, 5000]),
    )
    def control(self, action: str, shift: int) -> None:
        if shift:
            self.asked(self.kept.control, "clock", shift=shift)
        else:
            self.asked(self.kept.control, action)

    @rule(app=APPS, names=st.permutations(["dev", "live", "test"]), at=st.integers(0, 3))
    def control_add_app(self, app: str, names: list[str], at: int) -> None:
        self.asked(self.kept.control, "add-app", app=app, environments=names[:at])

    @rule(at=st.none() | st.integers(0, 1000))
    def control_load(self, at: int | None) -> None:
        if at is None or not self.dumps:
            self.dumps.append(self.fake.dump())
            return
        self.asked(self.kept.control, "load", state=self.dumps[at % len(self.dumps)])

    @rule(refused=st.sampled_from(["/nowhere", "/backend//details", "/_amplifybackend/nothing"]))
    def a_request_that_reaches_nothing(self, refused: str) -> None:
        self.asked(self.kept.ask, "POST", refused)

    # Levers, which are kept with the next request

    @rule(
        app=APPS,
        environment=ENVIRONMENTS,
        lever=st.sampled_from(["add_auth", "add_api", "add_storage", "add_app", "add_bucket"]),
    )
    def give(self, app: str, environment: str, lever: str) -> None:
        self.unread = True
        try:
            if lever == "add_bucket":
                self.fake.add_bucket(f"{app}-pictures")
            elif lever == "add_app":
                self.fake.add_app(app, environments=[environment], region="eu-west-1")
            else:
                getattr(self.fake, lever)(app, environment)
        except errors.UsageError:
            pass  # there already, or at work

    @rule(lever=st.sampled_from(["finish", "fail", "advance", "shift", "reset", "plan"]))
    def pull(self, lever: str) -> None:
        self.unread = True
        job = next(iter([job for job in self.fake.jobs if job.status == "PENDING"]), None)
        if lever == "shift":
            self.fake.clock.shift(45)
        elif lever == "reset":
            self.fake.reset()
        elif lever == "plan":
            self.fake.jobs.fail_next("CloneBackend")
        elif lever == "advance":
            self.fake.jobs.advance()
        elif job is not None:
            getattr(self.fake.jobs, lever)(job.id)

    @rule(app=APPS)
    def call_from_the_process(self, app: str) -> None:
        """Several changes before a request: an environment goes, and is made again."""
        place = {"AppId": app, "BackendEnvironmentName": "dev"}
        for operation in ("DeleteBackend", "CreateBackend"):
            params = {**place, "AppName": app} if operation == "CreateBackend" else place
            with contextlib.suppress(errors.ServiceError):  # there is none, or there is one
                self.fake.call(operation, params)

    @precondition(lambda self: not self.disk.full)
    @rule()
    def restart(self) -> None:
        before = self.fake.dump()
        self.kept.__exit__(None, None, None)
        self.start()
        assert json.dumps(self.fake.dump()) == json.dumps(before)
