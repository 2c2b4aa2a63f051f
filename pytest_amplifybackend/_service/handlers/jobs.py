"""GetBackendJob, ListBackendJobs and UpdateBackendJob."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping

from pytest_amplifybackend._rules import limits
from pytest_amplifybackend._rules.states import broken
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.jobs import JobRecord
from pytest_amplifybackend._service.operations import Declaration, Params

_FILTERS = {"JobId": "id", "Operation": "operation", "Status": "status"}


def record(job: JobRecord, environment: str) -> Params:
    """A job as the service shows it: times as epoch milliseconds in digits (observed)."""
    shown = {
        "AppId": job.app_id,
        "BackendEnvironmentName": environment,
        "CreateTime": str(job.create_time),
        "JobId": job.id,
        "Operation": job.operation,
        "Status": job.status,
        "UpdateTime": str(job.update_time),
    }
    if job.error is not None:
        shown["Error"] = job.error
    return shown


def _find(context: Context, params: Params) -> JobRecord:
    """A job by id and the environment it is filed under; the environment itself may be gone."""
    app_id, environment = params["AppId"], params["BackendEnvironmentName"]
    job = context.state.jobs.get(params["JobId"])
    if job is None or not job.is_filed_under(context.region, app_id, environment):
        raise broken("job.missing", job=params["JobId"], app=app_id, environment=environment)
    return job


@Declaration("GetBackendJob")
def get(context: Context, params: Params) -> Params:
    job = _find(context, params)
    context.worker.read(context, job)
    return record(job, params["BackendEnvironmentName"])


@Declaration("ListBackendJobs")
def list_jobs(context: Context, params: Params) -> Params:
    key = (context.region, params["AppId"], params["BackendEnvironmentName"])
    jobs = context.state.jobs
    if not jobs.has(key):
        context.environment(key[1], key[2])
    filters = {member: params[member] for member in _FILTERS if member in params}
    token = params.get("NextToken")
    before = None if token is None else _number_in(token, key, filters)
    limit = params.get("MaxResults", limits.MAX_RESULTS.most)
    if before is None:
        _count_read(context, key, filters)
    wanted = _wanted(filters) if filters else None
    page, last = jobs.page(key, limit=limit, before=before, wanted=wanted)
    answer: Params = {"Jobs": [record(job, key[2]) for job in page]}
    if last is not None:
        answer["NextToken"] = _token(last, key, filters)
    return answer


def _count_read(context: Context, key: tuple[str, str, str], filters: Mapping[str, str]) -> None:
    """Count a read of the unfinished job that the list is about, if there is one.

    It comes before the filter by status, so that the list holds nothing that was not asked for,
    and who waits for a status by listing does not wait for ever.
    """
    job = context.state.jobs.blocking(*key)
    about = {member: value for member, value in filters.items() if member != "Status"}
    if job is not None and key[2] in job.environments and _wanted(about)(job):
        context.worker.read(context, job)


def _wanted(filters: Mapping[str, str]) -> Callable[[JobRecord], bool]:
    attributes = [(_FILTERS[member], value) for member, value in filters.items()]
    return lambda job: all(getattr(job, name) == value for name, value in attributes)


def _token(number: int, key: tuple[str, str, str], filters: Mapping[str, str]) -> str:
    """An opaque token; it carries a check, so that one of another list or filter is rejected."""
    text = json.dumps([number, _check(number, key, filters)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def _check(number: int, key: tuple[str, str, str], filters: Mapping[str, str]) -> str:
    text = json.dumps([number, key, sorted(filters.items())])
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _number_in(token: str, key: tuple[str, str, str], filters: Mapping[str, str]) -> int:
    try:
        number, check = json.loads(base64.urlsafe_b64decode(token.encode()))
        if type(number) is int and check == _check(number, key, filters):
            return number
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    raise broken("jobs.next-token")


@Declaration("UpdateBackendJob")
def update(context: Context, params: Params) -> Params:
    """Set a job's status or operation, as a way out for a job that is stuck.

    FAILED ends it without its effect, COMPLETED with it. The documentation of both members
    is a copy of the list filter's, so what they do here is assumed.
    """
    job = _find(context, params)
    if "Status" in params:
        context.worker.move(context, job, params["Status"])
    if "Operation" in params and params["Operation"] != job.operation:
        job.operation, job.update_time = params["Operation"], context.clock.milliseconds()
        context.state.jobs.note(job)
    return record(job, params["BackendEnvironmentName"])
