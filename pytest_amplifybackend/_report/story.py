"""The story of a failed test: what its fakes were called with, and what became of their jobs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pytest_amplifybackend import errors
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
_SHORTEST_REQUEST = 60
_ROOM_OF_ANSWER = 80
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
        yield f"#{number} {_in_full(call, scrub) if in_full else _in_short(call, scrub)}"
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


def _in_full(call: Call, scrub: Scrubber) -> str:
    request = _members(redact_request(call.operation, call.params), repr)
    if call.error is not None:
        outcome = _error(call.error, str(call.error))
    else:
        answer = redact_response(call.operation, call.response) or {}
        outcome = ", ".join(_members(answer, repr)) or "done"
    return scrub(f"{call.operation}({', '.join(request)}) -> {outcome}")


def _in_short(call: Call, scrub: Scrubber) -> str:
    """A call in a line: an error takes its room from the params, which end earlier then.

    Secrets are replaced before anything is left out, as half of one would not be found.
    """
    room = _LONGEST_LINE - len(f"#00 {call.operation}() -> ")
    request = [*map(scrub, _members(redact_request(call.operation, call.params), _brief))]
    if call.error is not None:
        outcome = _cut(scrub(_error(call.error, _reason(call))), _LONGEST_ERROR)
        asked = _fitting(request, max(room - len(outcome), _SHORTEST_REQUEST))
    else:
        answer = [*map(scrub, _answered(call))] or ["done"]
        asked = _fitting(request, room - min(len(", ".join(answer)), _ROOM_OF_ANSWER))
        outcome = _fitting(answer, room - len(asked))
    return f"{call.operation}({asked}) -> {outcome}"


def _error(error: Exception, reason: str) -> str:
    """The code, the rule, which stands before anything that may be cut off, and the reason."""
    code = getattr(error, "code", None) or type(error).__name__
    rule = getattr(error, "rule", None)
    notes = getattr(error, "__notes__", ())
    return " ".join([f"{code}{f' (rule {rule})' if rule else ''}: {reason}", *notes])


def _reason(call: Call) -> str:
    """The message without what every message has, and what the line says anyway."""
    text = str(call.error).removeprefix(errors.OBSERVED_PREFIX)
    rule = getattr(call.error, "rule", None)
    return text.removeprefix(f"{call.operation}: ").removesuffix(f" (rule {rule}).")


def _answered(call: Call) -> list[str]:
    """The members of an answer that the request has not, those first that tell most."""
    answer = redact_response(call.operation, call.response) or {}
    named = {name: value for name, value in answer.items() if name not in call.params}
    return _members(dict(sorted(named.items(), key=lambda item: item[0] not in _FIRST)), _brief)


def _members(named: Mapping[str, Any], show: Callable[[Any], str]) -> list[str]:
    return [f"{name}={show(value)}" for name, value in named.items()]


def _brief(value: Any) -> str:
    """A value of a request or an answer; structures by the names of their members alone."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(map(str, value))}}}"
    text = repr(value)
    if isinstance(value, list):
        short = len(text) <= _LONGEST_VALUE and not (value and isinstance(value[0], Mapping))
        return text if short else f"[{len(value)}]"
    return text if len(text) <= _LONGEST_VALUE else "..."


def _fitting(members: Sequence[str], room: int) -> str:
    """As many whole members as there is room for."""
    text = ", ".join(members)
    if len(text) <= room:
        return text
    ends = itertools.accumulate(len(member) + len(", ") for member in members)
    kept = sum(end + len("...") <= room for end in ends)
    return ", ".join([*members[:kept], "..."])


def _cut(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 4]} ..."
