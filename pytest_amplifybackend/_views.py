"""Jobs and calls as a test sees them: copies, never the state itself."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, overload

from pytest_amplifybackend import errors
from pytest_amplifybackend._arguments import flag, optional_text, shown
from pytest_amplifybackend._service import jobs as records
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._service.calls import Call
from pytest_amplifybackend._service.worker import PlannedFailure
from pytest_amplifybackend._tracebacks import hides_arguments

if TYPE_CHECKING:
    from pytest_amplifybackend._api.literals import Operation, ServedOperation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Job:
    """A job at the time it was looked up; its times are aware datetimes in UTC.

    ``rule`` is the name of the rule that a failed job broke, as ``amplifybackend-fake rules NAME``
    explains it; None for a failure that a test or a provisioner of its own has set.
    """

    id: str
    operation: Operation
    status: str
    error: str | None
    app_id: str
    environment: str
    region: str
    created: datetime
    updated: datetime
    rule: str | None = None


def _view(job: records.JobRecord) -> Job:
    return Job(
        id=job.id,
        operation=job.operation,  # type: ignore[arg-type]  # jobs are filed under such names
        status=job.status,
        error=job.error,
        app_id=job.app_id,
        environment=job.environment,
        region=job.region,
        created=_EPOCH + timedelta(milliseconds=job.create_time),
        updated=_EPOCH + timedelta(milliseconds=job.update_time),
        rule=job.rule,
    )


@hides_arguments
class Jobs:
    """The fake's jobs, oldest first, and the methods that end them."""

    def __init__(self, backend: Service) -> None:
        self._backend = backend

    def __iter__(self) -> Iterator[Job]:
        with self._backend.lock:
            self._backend.settle()
            return iter([_view(job) for job in self._backend.state.jobs])

    def __len__(self) -> int:
        return len(self._backend.state.jobs)

    @overload
    def __getitem__(self, key: str | int) -> Job: ...
    @overload
    def __getitem__(self, key: slice) -> list[Job]: ...
    def __getitem__(self, key: str | int | slice) -> Job | list[Job]:
        """A job by its id or its place, the oldest being 0; a slice gives a list.

        The error for an unknown id, a KeyError, names the newest ones; that for a place that no
        job has is an IndexError.
        """
        if isinstance(key, slice):
            return list(self)[key]
        with self._backend.lock:
            self._backend.settle()
            return _view(self._record("jobs[...]", self._id(key)))

    def _id(self, key: Any) -> str:
        """A job's id, which may be spelled as its place among all."""
        if isinstance(key, str):
            return key
        if isinstance(key, bool) or not hasattr(key, "__index__"):
            problem = f"must be the id or the index of a job, or a slice, not {shown(key)}."
            raise errors.InvalidArgument("jobs[...]", "the key", problem)
        place, ids = operator.index(key), [job.id for job in self._backend.state.jobs]
        if not -len(ids) <= place < len(ids):
            number = {0: "has no jobs", 1: "has one job"}.get(len(ids), f"has {len(ids)} jobs")
            problem = f"{shown(place)} is out of range: the fake {number}."
            raise errors.UnknownJob("jobs[...]", "index", problem)
        return ids[place]

    def __repr__(self) -> str:
        return f"<Jobs {[(job.operation, job.status) for job in self]}>"

    def finish(self, job_id: str) -> Job:
        """Complete a job now, with its effect, unless ``fail_next`` or the provisioner fails it.

        Raises KeyError for an unknown id and UsageError for a job that has ended.
        """
        return self._end("jobs.finish", job_id, records.COMPLETED, None)

    def fail(self, job_id: str, error: str | None = None) -> Job:
        """Fail a job now, without its effect; ``error`` becomes its ``Error``.

        By default that is the text that recorded failures begin with. Raises KeyError
        for an unknown id and UsageError for a job that has ended.
        """
        error = optional_text("jobs.fail", "error", error)
        return self._end("jobs.fail", job_id, records.FAILED, error)

    def fail_next(
        self, operation: ServedOperation, error: str | None = None, *, optional: bool = False
    ) -> None:
        """Make the next job of an operation fail; two calls are about the next two jobs.

        It does not affect existing jobs: use :meth:`fail` for them. A test that ends without such
        a job fails, unless it is ``optional``. Raises UnknownOperation for an unknown operation,
        and UsageError for one that starts no job.
        """
        operation = self._backend.named(operation)
        if not self._backend.operations[operation].makes_job:
            raise errors.UsageError(
                f"jobs.fail_next(): {operation} starts no job. To make the call itself fail, use "
                f"fake.fail({operation!r}, ...)."
            )
        error = optional_text("jobs.fail_next", "error", error)
        text = self._backend.operations[operation].failure_text() if error is None else error
        failure = PlannedFailure(
            text,
            flag("jobs.fail_next", "optional", optional),
            next(self._backend.fault_numbers),
        )
        with self._backend.lock:
            self._backend.worker.planned.setdefault(operation, deque()).append(failure)

    def advance(self) -> None:
        """Move every unfinished job one step: from PENDING to RUNNING, from RUNNING to its end."""
        with self._backend.lock:
            self._backend.worker.advance(self._backend.context(""))

    def _end(self, method: str, job_id: str, status: str, error: str | None) -> Job:
        with self._backend.lock:
            self._backend.settle()
            job = self._record(method, job_id)
            if not job.unfinished:
                raise errors.UsageError(
                    f"{method}(): job {job.id} ({job.operation}) is already {job.status}. With "
                    "jobs=progress.manual() jobs wait for the test; jobs.fail_next() schedules a "
                    "failure before the call."
                )
            if status == records.FAILED and error is None:
                operation = job.work[0] if job.work else job.operation
                error = self._backend.operations[operation].failure_text()
            job.failure_planned |= status == records.FAILED
            self._backend.worker.move(self._backend.context(job.region), job, status, error)
            return _view(job)

    def _record(self, method: str, job_id: Any) -> records.JobRecord:
        if not isinstance(job_id, str):
            raise errors.InvalidArgument(
                method, "job_id", f"must be a string, not {shown(job_id)}."
            )
        job = self._backend.state.jobs.get(job_id)
        if job is None:
            known = [job.id for job in self._backend.state.jobs][-5:]
            existing = f"the newest are {', '.join(known)}" if known else "there are no jobs"
            problem = f"{shown(job_id)} is not the id of a job; {existing}."
            raise errors.UnknownJob(method, "job_id", problem)
        return job


@hides_arguments
class Calls(Sequence[Call]):
    """The calls that reached the fake, in order, including those it answered with an error."""

    def __init__(self, backend: Service, calls: tuple[Call, ...] | None = None) -> None:
        self._backend = backend
        self._fixed = calls

    @property
    def _calls(self) -> Sequence[Call]:
        return self._backend.history if self._fixed is None else self._fixed

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> Calls: ...
    def __getitem__(self, index: int | slice) -> Call | Calls:
        if isinstance(index, slice):
            return Calls(self._backend, tuple(self._calls[index]))
        return self._calls[index].copy()

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter([call.copy() for call in self._calls])

    def __repr__(self) -> str:
        return f"<Calls {[call.operation for call in self._calls]}>"

    def of(self, operation: ServedOperation) -> Calls:
        """The calls of one operation; raises UnknownOperation for an unknown one."""
        operation = self._backend.named(operation)
        found = tuple(call for call in self._calls if call.operation == operation)
        return Calls(self._backend, found)
