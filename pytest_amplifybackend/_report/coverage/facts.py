"""Which parts of the API a call has met, and what became of its job."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.paths import general
from pytest_amplifybackend._report.coverage import parts
from pytest_amplifybackend._service.calls import Call
from pytest_amplifybackend._service.jobs import COMPLETED, UNFINISHED, JobRecord

Fact = tuple[str, str, str]
"""An operation, a kind and a name, as in :mod:`parts`."""


def of_call(call: Call) -> Iterator[Fact]:
    """What a call has met: its request, its error, its page, and what it saw of jobs."""
    operation = call.operation
    yield operation, "operations", "called"
    try:
        yield from _flat_request(operation, tuple(call.params.items()))
    except TypeError:  # a structure or a list has no hash
        yield from _request(operation, call.params, parts.container(operation, ""))
    if call.error is not None:
        yield from _error(operation, call.error)
    elif call.response is not None:
        yield from _answer(operation, call.params, call.response)


@functools.lru_cache(maxsize=1024)
def _flat_request(operation: str, params: tuple[tuple[str, Any], ...]) -> tuple[Fact, ...]:
    """What a request of texts and numbers has met: programs that poll send the same one often."""
    return tuple(_request(operation, dict(params), parts.container(operation, "")))


def _request(operation: str, params: Mapping[str, Any], shape: Any, at: str = "") -> Iterator[Fact]:
    for name, member in shape.members.items():
        path = f"{at}{name}"
        if name not in params:
            yield operation, "members", f"{path} absent"
            continue
        yield operation, "members", f"{path} present"
        yield from _value(operation, params[name], member, path)


def _value(operation: str, value: Any, shape: Any, path: str) -> Iterator[Fact]:
    for number, name in parts.limits(operation).get(path, ()):
        size = len(value) if hasattr(value, "__len__") else value
        if size == number:
            yield operation, "limits", name
    if shape.type_name == "structure":
        yield from _request(operation, value, shape, f"{path}.")
    elif shape.type_name == "list":
        for item in value:
            yield from _value(operation, item, shape.member, f"{path}[]")
    elif value in getattr(shape, "enum", ()):
        yield operation, "enums", f"{general(path)} = {value}"


def _error(operation: str, error: Exception) -> Iterator[Fact]:
    if isinstance(error, errors.ServiceError):
        yield operation, "errors", error.code
        if error.rule is not None:
            yield operation, "rules", parts.rule_of(error.rule)


def _answer(operation: str, params: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[Fact]:
    if parts.parts()[operation]["pages"]:
        page = "more pages" if answer.get("NextToken") else "one page"
        if params.get("NextToken") and not answer.get("NextToken"):
            page = "last page"
        yield operation, "pages", page
    for seen in (answer, *answer.get("Jobs", ())):
        of = seen.get("Operation", operation)
        if of != operation and seen.get("Status") in UNFINISHED:
            yield of, "outcomes", f"seen {seen['Status']}"


def of_job(job: JobRecord) -> Iterator[Fact]:
    """What became of a job that has ended."""
    outcome = "completed" if job.status == COMPLETED else "failed"
    if outcome == "failed" and job.failure_planned:
        outcome = "failed by the test"
    yield job.operation, "outcomes", outcome
    if job.rule is not None:
        yield job.operation, "rules", parts.rule_of(job.rule)


def of_move(entity: str, source: str, target: str, by: str) -> Fact:
    """A move of an entity, by an operation or by its failure."""
    operation, _, failed = by.partition(" ")
    name = parts.transition(entity, source, target)
    return operation, "transitions", f"{name} by failure" if failed else name
