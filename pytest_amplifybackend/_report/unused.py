"""Faults, delays, overrides and planned failures that never acted."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_amplifybackend._api.secrets.shapes import redact_request
from pytest_amplifybackend._assertions import similar
from pytest_amplifybackend._options import ALLOW_UNUSED
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._service.calls import Interceptor


def unused(service: Service, *, optional: bool = False) -> list[str]:
    """What a test has set and no call has met, as it would be written; optional ones if asked.

    It takes no lock: a call in flight, which has it, may wait for what comes after this.
    """
    return [
        *(_written(link) for link in _idle(service, optional)),
        *(
            f"jobs.fail_next({operation!r}, {failure.error!r})"
            for operation, planned in list(service.worker.planned.items())
            for failure in list(planned)
            if optional or not failure.optional
        ),
    ]


def message(service: Service) -> str:
    """Why a test fails that ends with unused expectations; empty if it has none."""
    found = unused(service)
    if not found:
        return ""
    near = [line for link in _idle(service, False) for line in _nearest(service, link)]
    subject = "1 expectation" if len(found) == 1 else f"{len(found)} expectations"
    return "\n".join(
        [
            f"{subject} of the fake never acted:",
            *(f"  {line}" for line in found),
            *near,
            f"Remove what is not needed, pass optional=True, or set {ALLOW_UNUSED} = true in the "
            "ini file.",
        ]
    )


def _idle(service: Service, optional: bool) -> Iterator[Interceptor]:
    for link in list(service.chain):
        if not link.acted and link.times != 0 and (optional or not link.optional):
            yield link


def _written(link: Interceptor) -> str:
    """An interceptor as the call that made it."""
    when = redact_request(link.operation, link.when)
    more = f", when={when!r}" if when else ""
    more += f", after={link.after}" if link.after else ""
    if link.error is not None:
        return f"fail({link.operation!r}, {link.error!r}{more})"
    if link.seconds is not None:
        return f"delay({link.operation!r}, seconds={link.seconds:g}{more})"
    return f"override({link.operation!r}, ...{more})"


def _nearest(service: Service, link: Interceptor) -> list[str]:
    """The calls of its operation that come closest to an interceptor."""
    if link.after:
        calls = "1 more matching call" if link.after == 1 else f"{link.after} more matching calls"
        return [f"{link.operation}: {calls} would have passed before it acted."]
    lines = similar(service.history, link.operation, link.when)
    if lines:
        return [f"{link.operation} was called with other params:", *lines]
    return [f"{link.operation} was never called."]
