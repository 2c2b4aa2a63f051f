"""The story of a failed test: what its fakes were called with, and what became of their jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pytest_amplifybackend._api.secrets.shapes import redact_request, redact_response
from pytest_amplifybackend._api.secrets.texts import Scrubber
from pytest_amplifybackend._report.unused import unused
from pytest_amplifybackend._service.backend import Service, living
from pytest_amplifybackend._service.calls import Call
from pytest_amplifybackend._service.clock import iso
from pytest_amplifybackend._service.jobs import COMPLETED, FAILED, JobRecord

_LINES = 10
_LONGEST_LINE = 200
_LONGEST_VALUE = 44
_LONGEST_ERROR = 400
_MOST_JOBS = 3
_MOST_UNUSED = 2
_MOST_FAKES = 2
_PATIENCE = 1.0
"""How long to wait for a call that is being answered, in seconds: it may never be."""

_FIRST = frozenset({"JobId", "Status", "Error"})
"""The members of an answer that tell most."""


def lengths() -> dict[int, int]:
    """How many calls each fake of the process has had, by its number."""
    return {number: len(service.history) for number, service in living()}


def story(before: Mapping[int, int], *, in_full: bool = False) -> str:
    """What the fakes did since they had had so many calls; empty if none was called or has jobs.

    It has some ten lines for a fake, and tells of the two newest, unless it is wanted in full.
    Secrets do not show.
    """
    parts = []
    for number, service in living():
        with service.locked(_PATIENCE) as free:
            if not free:
                parts.append("a call of this fake is still being answered")
                continue
            service.settle()
            start = min(before.get(number, 0), len(service.history))
            if len(service.history) > start or (number not in before and len(service.state.jobs)):
                parts.append("\n".join(_of_fake(service, start, in_full)))
    left_out = 0 if in_full else max(len(parts) - _MOST_FAKES, 0)
    if len(parts) > 1:
        parts = [f"fake {number} of {len(parts)}\n{text}" for number, text in enumerate(parts, 1)]
    return "\n".join(parts[left_out:])


def _of_fake(service: Service, start: int, in_full: bool) -> Iterator[str]:
    scrub = Scrubber(service.known_secrets())
    calls = service.history[start:]
    jobs = _worth_a_line(service.state.jobs, in_full)
    faults = [f"unused: {line}" for line in unused(service, optional=True)]
    shown_faults = faults if in_full else _first(faults, _MOST_UNUSED, "unused")
    shown_jobs = [line for job in jobs for line in _job(job, in_full)]
    room = len(calls) if in_full else max(_LINES - len(shown_jobs) - len(shown_faults) - 1, 3)
    skipped = max(len(calls) - room, 0)
    if skipped:
        skipped += 1  # its place is taken by the line that says so
        yield f"{skipped} earlier calls (-vv shows them)"
    for number, call in enumerate(calls[skipped:], start + skipped):
        line = scrub(f"#{number} {_call(call, in_full)}")
        yield line if in_full else _cut(line, _LONGEST_LINE)
    yield from (scrub(line) for line in (*shown_jobs, *shown_faults))
    waiting = sum(job.unfinished for job in service.state.jobs)
    rest = f", {waiting} {'job' if waiting == 1 else 'jobs'} unfinished" if waiting else ""
    yield f"clock: {iso(service.clock.milliseconds())}{rest}"


def _first(lines: Sequence[str], most: int, what: str) -> list[str]:
    if len(lines) <= most:
        return [*lines]
    return [*lines[: most - 1], f"{len(lines) - most + 1} more {what} (-vv shows them)"]


def _worth_a_line(jobs: Iterable[JobRecord], in_full: bool) -> list[JobRecord]:
    """All jobs, or the last few that have not completed, the failed ones after the others."""
    if in_full:
        return [*jobs]
    others = (job for job in jobs if job.status != COMPLETED)
    return sorted(others, key=lambda job: job.status == FAILED)[-_MOST_JOBS:]


def _job(job: JobRecord, in_full: bool) -> Iterator[str]:
    where = f"{job.app_id}/{job.environment}" if job.environment else job.app_id
    head = f"job {job.id} {job.operation} {where} {job.status}"
    error = (job.error or "").strip()
    if not error:
        yield head
        return
    rule = f" (rule {job.rule})" if job.rule else ""
    if in_full:
        first, *more = error.splitlines()
        yield f"{head}{rule}: {first}"
        yield from (f"  {line}" for line in more)
    else:
        yield f"{head}{rule}: {_cut(error, _LONGEST_ERROR)}"


def _call(call: Call, in_full: bool) -> str:
    params = redact_request(call.operation, call.params)
    request = ", ".join(f"{name}={_value(value, in_full)}" for name, value in params.items())
    return f"{call.operation}({request}) -> {_outcome(call, in_full)}"


def _outcome(call: Call, in_full: bool) -> str:
    error = call.error
    if error is not None:
        rule = getattr(error, "rule", None)
        code = getattr(error, "code", None) or type(error).__name__
        return f"{code}: {error}{f' (rule {rule})' if rule else ''}"
    answer = redact_response(call.operation, call.response) or {}
    named = {name: value for name, value in answer.items() if in_full or name not in call.params}
    if not in_full:
        named = dict(sorted(named.items(), key=lambda item: item[0] not in _FIRST))
    return ", ".join(f"{name}={_value(value, in_full)}" for name, value in named.items()) or "done"


def _value(value: Any, in_full: bool) -> str:
    """A value of a request or an answer; structures by the names of their members alone."""
    if in_full:
        return repr(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(map(str, value))}}}"
    if isinstance(value, list):
        return f"[{len(value)}]" if value and isinstance(value[0], Mapping) else repr(value)
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else "..."


def _cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 4]} ..."
