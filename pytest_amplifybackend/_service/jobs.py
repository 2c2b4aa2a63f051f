"""The jobs of every app: filed by environment, read newest first, one unfinished at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from heapq import heapify, heappop, heappush
from operator import attrgetter
from typing import Any

from pytest_amplifybackend._service import records
from pytest_amplifybackend._service.changes import Changes

PENDING, RUNNING, COMPLETED, FAILED = "PENDING", "RUNNING", "COMPLETED", "FAILED"
UNFINISHED = (PENDING, RUNNING)

STATUSES: Mapping[str, tuple[str, ...]] = {
    PENDING: (RUNNING, COMPLETED, FAILED),
    RUNNING: (COMPLETED, FAILED),
    COMPLETED: (),
    FAILED: (),
}
"""To which statuses a job can go on, by itself or through UpdateBackendJob."""

STUDIO_ENVIRONMENT = "amplify-studio"
"""Under which name CreateBackendConfig files its job. That it is not the caller's environment
was observed; the name was not, and is one that no environment can have (assumed)."""


@dataclass(slots=True)
class JobRecord:
    """One job. Times are milliseconds since 1970; ``work`` is kept only until the job ends.

    ``environments`` are the names under which the job can be read: one, or every name of the
    app for RemoveAllBackends, whose job belongs to the whole app (``app_wide``). A test has
    set the error that it ends with, possibly none, where its ``failure_planned``. ``rule`` is the
    name of the rule that a failed job broke.
    """

    number: int
    id: str
    region: str
    app_id: str
    environments: tuple[str, ...]
    operation: str
    create_time: int
    update_time: int
    status: str = PENDING
    error: str | None = None
    rule: str | None = None
    work: tuple[str, dict[str, Any]] | None = None
    reads: int = 0
    app_wide: bool = False
    failure_planned: bool = False
    planned_error: str | None = None

    @property
    def unfinished(self) -> bool:
        return self.status in UNFINISHED

    @property
    def environment(self) -> str:
        """The name under which a reader finds the job, the first where there are several."""
        return self.environments[0] if self.environments else ""

    def is_filed_under(self, region: str, app_id: str, environment: str) -> bool:
        if (self.region, self.app_id) != (region, app_id):
            return False
        return environment in self.environments or (self.app_wide and not self.environments)


class JobTable:
    """Every job of the fake, in order of creation.

    A job is changed through its table, which notes it for a store that follows, if one does.
    """

    __slots__ = ("_by_creation", "_by_id", "_filed", "_unfinished", "changes")

    def __init__(self) -> None:
        self.changes: Changes | None = None
        self._by_id: dict[str, JobRecord] = {}
        self._filed: dict[tuple[str, str], dict[str, list[JobRecord]]] = {}
        self._unfinished: dict[tuple[str, str], dict[str, JobRecord]] = {}
        # A heap with all unfinished jobs, and some that have ended; made when it is asked for.
        self._by_creation: list[tuple[int, int, JobRecord]] | None = None

    def __iter__(self) -> Iterator[JobRecord]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, job: JobRecord) -> None:
        self._by_id[job.id] = job
        filed = self._filed.setdefault((job.region, job.app_id), {})
        for environment in job.environments or (_ANYWHERE,):
            filed.setdefault(environment, []).append(job)
        if job.unfinished:
            self._unfinished.setdefault((job.region, job.app_id), {})[job.id] = job
            if self._by_creation is not None:
                heappush(self._by_creation, (job.create_time, job.number, job))
        self.note(job)

    def note(self, job: JobRecord) -> None:
        """A job was added or changed."""
        if self.changes is not None:
            self.changes.touch(("job", job.id))

    def get(self, job_id: str) -> JobRecord | None:
        return self._by_id.get(job_id)

    def unfinished(self) -> list[JobRecord]:
        """The jobs that have not ended, oldest first."""
        running = [job for app in self._unfinished.values() for job in app.values()]
        return sorted(running, key=_number)

    def unfinished_since(self, time: int) -> Iterator[JobRecord]:
        """The unfinished jobs that were created at a time or before, oldest first, to be ended.

        Costs a step for each of them, however many younger ones there are.
        """
        if self._by_creation is None:
            self._by_creation = [(job.create_time, job.number, job) for job in self.unfinished()]
            heapify(self._by_creation)
        heap = self._by_creation
        while heap and heap[0][0] <= time:
            job = heap[0][2]
            if job.unfinished:
                yield job
            if job.unfinished:  # it was not ended after all: it stays for the next time
                return
            if heap and heap[0][2] is job:
                heappop(heap)

    @property
    def any_unfinished(self) -> bool:
        return bool(self._unfinished)

    def end(
        self, job: JobRecord, status: str, error: str | None, now: int, rule: str | None = None
    ) -> None:
        job.status, job.error, job.rule = status, error, rule
        job.update_time, job.work = now, None
        app = self._unfinished.get((job.region, job.app_id), {})
        app.pop(job.id, None)
        if not app:
            self._unfinished.pop((job.region, job.app_id), None)
        self.note(job)

    def blocking(self, region: str, app_id: str, environment: str | None) -> JobRecord | None:
        """The unfinished job that keeps a new one out; None asks for the whole app."""
        for job in self._unfinished.get((region, app_id), {}).values():
            if job.app_wide or environment is None or environment in job.environments:
                return job
        return None

    def has(self, key: tuple[str, str, str]) -> bool:
        """Whether any job was ever filed under region, app and environment."""
        filed = self._filed.get((key[0], key[1]), {})
        return key[2] in filed or _ANYWHERE in filed

    def environments(self, region: str, app_id: str) -> tuple[str, ...]:
        """The environment names of an app that have ever had a job."""
        return tuple(name for name in self._filed.get((region, app_id), ()) if name != _ANYWHERE)

    def page(
        self,
        key: tuple[str, str, str],
        *,
        limit: int,
        before: int | None,
        wanted: Callable[[JobRecord], bool] | None,
    ) -> tuple[list[JobRecord], int | None]:
        """The newest jobs older than number ``before``, and the number to go on from, if any."""
        region, app_id, environment = key
        by_name = self._filed.get((region, app_id), {})
        filed = by_name.get(environment, [])
        if _ANYWHERE in by_name:
            filed = sorted([*filed, *by_name[_ANYWHERE]], key=_number)
        index = len(filed) if before is None else bisect_left(filed, before, key=_number)
        found: list[JobRecord] = []
        while index > 0:
            index -= 1
            job = filed[index]
            if wanted is not None and not wanted(job):
                continue
            if len(found) == limit:
                return found, found[-1].number
            found.append(job)
        return found, None

    def record(self, job_id: str) -> dict[str, Any]:
        """A job as JSON-ready data; raises KeyError for an unknown id."""
        return _record(self._by_id[job_id])

    def dump(self) -> list[dict[str, Any]]:
        """Every job as JSON-ready data."""
        return [_record(job) for job in self]

    @classmethod
    def loaded(cls, dumped: list[dict[str, Any]]) -> JobTable:
        jobs = cls()
        for record in dumped:
            work = record.get("work")
            job = JobRecord(
                **{
                    **{_FIELDS.get(name, name): value for name, value in record.items()},
                    "environments": tuple(record["environments"]),
                    "work": None if work is None else tuple(work),
                }
            )
            records.check(job, JobRecord, "a job")
            jobs.add(job)
            ended = job.status in (COMPLETED, FAILED)
            if job.number != len(jobs) or ended == job.unfinished or ended == bool(job.work):
                raise ValueError(f"job {job.id} cannot be")
        return jobs


def _record(job: JobRecord) -> dict[str, Any]:
    """A job without the members that have their default."""
    return {
        _DUMPED_AS.get(name, name): list(value) if isinstance(value, tuple) else value
        for name, value in asdict(job).items()
        if value != _DEFAULTS.get(name, ...)
    }


_number = attrgetter("number")
_ANYWHERE = ""
"""The name under which a job of an app without environments is filed, and read by any name."""

_DUMPED_AS = {"failure_planned": "doomed", "planned_error": "doom"}
_FIELDS = {dumped: name for name, dumped in _DUMPED_AS.items()}
"""The fields that dumps of version 1 have under other names."""

_DEFAULTS = {
    field.name: field.default
    for field in fields(JobRecord)
    if field.name not in ("status", "number")
}
