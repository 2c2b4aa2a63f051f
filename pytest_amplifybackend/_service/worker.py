"""The worker behind the service: accepts jobs, moves them on by the policy, and ends them."""

from __future__ import annotations

import contextlib
import functools
import time
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from pytest_amplifybackend import errors, progress
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._rules.rule import ProvisioningError
from pytest_amplifybackend._rules.states import broken
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.deployment import deployment
from pytest_amplifybackend._service.jobs import (
    COMPLETED,
    FAILED,
    PENDING,
    RUNNING,
    STATUSES,
    STUDIO_ENVIRONMENT,
    JobRecord,
)
from pytest_amplifybackend._service.operations import (
    Declaration,
    Params,
    check_at_once,
    failed_moves,
    perform,
    perform_failure,
)
from pytest_amplifybackend._service.state import State


class PlannedFailure(NamedTuple):
    """The error of the next job of an operation, and whether a test may end without such a job.

    ``number`` tells it from the service's other faults.
    """

    error: str
    optional: bool = False
    number: int = 0


@dataclass(slots=True)
class Wait:
    """Reads of an unfinished job while the clock stood: how many, in how many real seconds.

    ``reported`` is True once a hint has been made of it.
    """

    clock: int
    since: float
    reads: int = 0
    seconds: float = 0.0
    reported: bool = False


class Worker:
    """Accepts and ends jobs.

    ``planned`` are the failures that ``fail_next`` set, by operation; ``waits`` what is known of
    programs that wait, by the id of an unfinished job; ``moved`` the (entity, from, to, operation)
    that there were, for an observer, if there is one.
    """

    def __init__(self, policy: progress.Progress) -> None:
        self.policy = policy
        self.planned: dict[str, deque[PlannedFailure]] = {}
        self.waits: dict[str, Wait] = {}
        self.moved: set[tuple[str, str, str, str]] | None = None

    def submit(self, context: Context, declared: Declaration, params: Params) -> Params:
        """File a PENDING job and answer as the service does; the params are kept unchanged.

        Raises the rule ``job.pending`` where another job is under way, and what the declaration
        checks at once.
        """
        app_id, where = params["AppId"], declared.filed_under(params)
        other = context.state.jobs.blocking(context.region, app_id, where)
        if other is not None:
            raise broken("job.pending", app=app_id, environment=where or other.environment)
        check_at_once(context, declared, params)
        now = context.clock.milliseconds()
        job = JobRecord(
            number=len(context.state.jobs) + 1,
            id=context.ids.uuid("job"),
            region=context.region,
            app_id=app_id,
            environments=_every_name(context, app_id) if where is None else (where,),
            operation=declared.name,
            create_time=now,
            update_time=now,
            work=(declared.name, params),
            app_wide=where is None,
        )
        planned = self.planned.get(declared.name)
        if planned:
            job.failure_planned, job.planned_error = True, planned.popleft().error
        context.state.jobs.add(job)
        return _accepted(declared, job)

    def settle(self, context: Context) -> None:
        """End every job whose time has come, oldest first; what it does bears the time it ended."""
        if not context.state.jobs.any_unfinished:
            return
        if isinstance(self.policy, progress.Immediate):
            for job in context.state.jobs.unfinished():
                self.complete(context, job, job.create_time)
        elif isinstance(self.policy, progress.AfterSeconds):
            lasts = round(self.policy.seconds * 1000)
            since = context.clock.milliseconds() - lasts
            for job in context.state.jobs.unfinished_since(since):
                self.complete(context, job, job.create_time + lasts)

    def read(self, context: Context, job: JobRecord) -> None:
        """Count a read of a job: the policies that let jobs run on being read move it on."""
        if not job.unfinished:
            return
        self._note_wait(job, context.clock.milliseconds())
        if isinstance(self.policy, progress.Manual):
            return
        job.reads += 1
        context.state.jobs.note(job)
        now = context.clock.milliseconds()
        if isinstance(self.policy, progress.AfterReads) and job.reads > self.policy.reads:
            self.complete(context, job, now)
        elif job.status == PENDING:
            job.status, job.update_time = RUNNING, now

    def advance(self, context: Context) -> None:
        """Move every unfinished job one status on."""
        for job in context.state.jobs.unfinished():
            self.move(context, job, RUNNING if job.status == PENDING else COMPLETED)

    def _note_wait(self, job: JobRecord, clock: int) -> None:
        now = time.monotonic()
        wait = self.waits.get(job.id)
        if wait is None or wait.clock != clock:
            wait = self.waits[job.id] = Wait(clock, now)
        wait.reads += 1
        wait.seconds = now - wait.since

    def move(self, context: Context, job: JobRecord, status: str, error: str | None = None) -> None:
        """Take a job to another status; raises the rule ``job.ended`` for an illegal move."""
        if status == job.status:
            return
        if status not in STATUSES[job.status]:
            raise broken("job.ended", job=job.id, status=job.status, wanted=status)
        now = context.clock.milliseconds()
        if status == RUNNING:
            job.status, job.update_time = RUNNING, now
            context.state.jobs.note(job)
        elif status == COMPLETED:
            self.complete(context, job, now)
        else:
            self.fail(context, job, error, now)

    def complete(self, context: Context, job: JobRecord, now: int) -> None:
        """Do what the job is for; it ends FAILED by a planned error, a rule or the provisioner."""
        if job.failure_planned:
            self.fail(context, job, job.planned_error, now)
            return
        declared, params = _work(context, job)
        try:
            ended = _at(context, job, now)
            with deployment(ended, job.app_id):
                perform(ended, declared, params)
        except ProvisioningError as error:
            self.fail(context, job, declared.failure_text(str(error)), now, error.rule)
        except errors.ServiceError as error:
            text = error.message.removeprefix(errors.OBSERVED_PREFIX)
            self.fail(context, job, declared.failure_text(text), now, error.rule)
        except Exception as error:  # noqa: BLE001  # a user's provisioner may raise anything
            text = f"{type(error).__name__}: {error}"
            self.fail(context, job, declared.failure_text(text), now)
        else:
            _note(context.state, job)
            context.state.jobs.end(job, COMPLETED, None, now)
            self.waits.pop(job.id, None)

    def fail(
        self, context: Context, job: JobRecord, error: str | None, now: int, rule: str | None = None
    ) -> None:
        """End a job without its effect; a failed clone still leaves its environment behind."""
        declared, params = _work(context, job)
        if self.moved is not None:
            self.moved.update(failed_moves(_at(context, job, now), declared, params))
        try:
            if declared.leave is not None:
                ended = _at(context, job, now)
                # The job has failed already: nothing more is made of a provisioner's error.
                with contextlib.suppress(ProvisioningError), deployment(ended, job.app_id):
                    perform_failure(ended, declared, params)
        finally:
            _note(context.state, job)
        context.state.jobs.end(job, FAILED, error, now, rule)
        self.waits.pop(job.id, None)


def _work(context: Context, job: JobRecord) -> tuple[Declaration, Params]:
    assert job.work is not None
    operation, params = job.work
    return context.operations[operation], params


def _every_name(context: Context, app_id: str) -> tuple[str, ...]:
    """The names under which a job of the whole app is read: all that the app has or had."""
    names = dict.fromkeys(context.state.apps[context.region, app_id].environments)
    names.update(dict.fromkeys(context.state.jobs.environments(context.region, app_id)))
    names.pop(STUDIO_ENVIRONMENT, None)
    return tuple(names)


@functools.cache
def _members(declared: Declaration) -> frozenset[str]:
    shape = catalogue.operations()[declared.name].output_shape
    return frozenset(shape.members) - declared.omits


def _accepted(declared: Declaration, job: JobRecord) -> Params:
    """The answer to the request of a job: the members that the operation's response has."""
    values = {
        "AppId": job.app_id,
        "BackendEnvironmentName": job.environment,
        "JobId": job.id,
        "Operation": declared.name,
        "Status": job.status,
    }
    members = _members(declared)
    return {name: value for name, value in values.items() if name in members}


def _note(state: State, job: JobRecord) -> None:
    """Note what the effect of a job, or what a failed one leaves behind, may have changed."""
    assert job.work is not None
    _, params = job.work
    named = (params.get("BackendEnvironmentName"), params.get("TargetEnvironmentName"))
    environments = None if job.app_wide else filter(None, named)
    state.note_app(job.region, params["AppId"], environments)


def _at(context: Context, job: JobRecord, now: int) -> Context:
    """The context where and when the job ends, not that of the call which makes it end."""
    return Context(  # not replace(): it takes five times as long
        context.operations,
        context.worker,
        context.state,
        context.clock,
        context.ids,
        context.provisioner,
        job.region,
        now,
        context.moved,
    )
