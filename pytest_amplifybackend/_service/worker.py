"""The worker behind the service: takes jobs in, moves them on by the policy, and ends them."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Mapping
from typing import Any

from pytest_amplifybackend import errors, progress
from pytest_amplifybackend._service import lifecycle
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.deployment import deployment
from pytest_amplifybackend._service.handlers import EFFECTS, FAILURES
from pytest_amplifybackend._service.jobs import COMPLETED, FAILED, PENDING, RUNNING, Job
from pytest_amplifybackend._service.rules import ProvisioningError, refuse
from pytest_amplifybackend._service.state import State

_COMMANDS: Mapping[str, str] = {
    "CloneBackend": "env add",
    "CreateBackend": "init",
    "CreateBackendAPI": "add api --headless",
    "CreateBackendAuth": "add auth --headless",
    "CreateBackendConfig": "enable admin",
    "CreateBackendStorage": "add storage --headless",
    "DeleteBackend": "env remove",
    "DeleteBackendAPI": "remove api --yes",
    "DeleteBackendAuth": "remove auth --yes",
    "DeleteBackendStorage": "remove storage --yes",
    "GenerateBackendAPIModels": "codegen models",
    "ImportBackendAuth": "import auth --headless",
    "ImportBackendStorage": "import storage --headless",
    "RemoveAllBackends": "delete --force",
    "UpdateBackendAPI": "update api --headless",
    "UpdateBackendAuth": "update auth --headless",
    "UpdateBackendStorage": "update storage --headless",
}
"""The CLI command that a failed job's error names: observed for UpdateBackendAPI, else assumed."""


def makes_job(operation: str) -> bool:
    """Whether an operation is one that a job does."""
    return operation in EFFECTS


def failure_text(operation: str, message: str = "") -> str:
    """A failed job's ``Error``, which begins as the recorded ones do (observed)."""
    command = f"/root/.amplify/bin/amplify {_COMMANDS[operation]}"
    return f"Command failed with exit code 1: {command}\n{message}".rstrip()


class Worker:
    """Ends jobs: ``planned`` are the failures that tests have asked for, by operation."""

    def __init__(self, policy: progress.Progress) -> None:
        self.policy = policy
        self.planned: dict[str, deque[str | None]] = {}

    def take(
        self,
        context: Context,
        operation: str,
        params: dict[str, Any],
        environments: tuple[str, ...],
        *,
        app_wide: bool = False,
    ) -> Job:
        """File a new PENDING job; the params are kept until it ends, and never changed."""
        jobs, now = context.state.jobs, context.clock.milliseconds()
        job = Job(
            number=len(jobs) + 1,
            id=context.ids.uuid("job"),
            region=context.region,
            app_id=params["AppId"],
            environments=environments,
            operation=operation,
            create_time=now,
            update_time=now,
            work=(operation, params),
            app_wide=app_wide,
        )
        planned = self.planned.get(operation)
        if planned:
            job.doomed, job.doom = True, planned.popleft()
        jobs.add(job)
        context.state.note_job(job)
        return job

    def settle(self, context: Context) -> None:
        """End every job whose time has come, oldest first; what it does bears the time it ended."""
        if not context.state.jobs.any_unfinished:
            return
        if isinstance(self.policy, progress.Immediate):
            for job in context.state.jobs.unfinished():
                self.complete(context, job, job.create_time)
        elif isinstance(self.policy, progress.AfterSeconds):
            now = context.clock.milliseconds()
            for job in context.state.jobs.unfinished():
                due = job.create_time + round(self.policy.seconds * 1000)
                if due <= now:
                    self.complete(context, job, due)

    def read(self, context: Context, job: Job) -> None:
        """Count a read of a job: the policies that let jobs run on being read move it on."""
        if not job.unfinished or isinstance(self.policy, progress.Manual):
            return
        job.reads += 1
        context.state.note_job(job)
        now = context.clock.milliseconds()
        if isinstance(self.policy, progress.AfterReads) and job.reads > self.policy.reads:
            self.complete(context, job, now)
        elif job.status == PENDING:
            job.status, job.update_time = RUNNING, now

    def advance(self, context: Context) -> None:
        """Move every unfinished job one status on."""
        for job in context.state.jobs.unfinished():
            self.move(context, job, RUNNING if job.status == PENDING else COMPLETED)

    def move(self, context: Context, job: Job, status: str, error: str | None = None) -> None:
        """Take a job to another status; raises the rule ``job.ended`` for an illegal move."""
        if status == job.status:
            return
        if status not in lifecycle.JOB_STATUSES[job.status]:
            raise refuse("job.ended", job=job.id, status=job.status, wanted=status)
        now = context.clock.milliseconds()
        if status == RUNNING:
            job.status, job.update_time = RUNNING, now
            context.state.note_job(job)
        elif status == COMPLETED:
            self.complete(context, job, now)
        else:
            self.fail(context, job, error, now)

    def complete(self, context: Context, job: Job, now: int) -> None:
        """Apply what the job is about; it ends FAILED when a test or the provisioner says so."""
        if job.doomed:
            self.fail(context, job, job.doom, now)
            return
        assert job.work is not None
        operation, params = job.work
        try:
            there = _at(context, job, now)
            with deployment(there, job.app_id):
                EFFECTS[operation](there, params)
        except ProvisioningError as error:
            self.fail(context, job, failure_text(operation, str(error)), now, error.rule)
        except errors.ServiceError as error:
            text = error.message.removeprefix(errors.OBSERVED_PREFIX)
            self.fail(context, job, failure_text(operation, text), now, error.rule)
        except Exception as error:  # noqa: BLE001  # a user's provisioner may raise anything
            text = f"{type(error).__name__}: {error}"
            self.fail(context, job, failure_text(operation, text), now)
        else:
            _note(context.state, job)
            context.state.jobs.end(job, COMPLETED, None, now)

    def fail(
        self, context: Context, job: Job, error: str | None, now: int, rule: str | None = None
    ) -> None:
        """End a job without its effect; a failed clone still leaves its environment behind."""
        assert job.work is not None
        operation, params = job.work
        leave = FAILURES.get(operation)
        try:
            if leave is not None:
                there = _at(context, job, now)
                # The job has failed anyway, and what cannot be left behind is not.
                with contextlib.suppress(ProvisioningError), deployment(there, job.app_id):
                    leave(there, params)
        finally:
            _note(context.state, job)
        context.state.jobs.end(job, FAILED, error, now, rule)


def _note(state: State, job: Job) -> None:
    """Note what the effect of a job, or what a failed one leaves behind, may have changed."""
    assert job.work is not None
    operation, params = job.work
    named = (params.get("BackendEnvironmentName"), params.get("TargetEnvironmentName"))
    environments = None if operation == "RemoveAllBackends" else filter(None, named)
    state.note_app(job.region, params["AppId"], environments)
    state.note_job(job)


def _at(context: Context, job: Job, now: int) -> Context:
    """The context where and when the job ends, not that of the call which makes it end."""
    return Context(  # not replace(): it takes five times as long
        context.state, context.clock, context.ids, context.provisioner, job.region, now
    )
