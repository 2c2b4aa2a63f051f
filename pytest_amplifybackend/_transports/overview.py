"""What a person wants to see of a fake at a glance: its entities and their states, its faults.

No secret is in any of it. Nothing here costs a call anything: it is read off when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.secrets.shapes import redact_request
from pytest_amplifybackend._arguments import shown, whole
from pytest_amplifybackend._service.backend import Service
from pytest_amplifybackend._service.calls import Interceptor
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.entities import (
    ABSENT,
    ACTIVE,
    DISABLED,
    ENABLED,
    EXPIRED,
    IMPORTED,
    NONE,
    PRESENT,
    READY,
    models_state,
)
from pytest_amplifybackend._service.jobs import STUDIO_ENVIRONMENT
from pytest_amplifybackend._service.state import App, Environment
from pytest_amplifybackend._service.worker import PlannedFailure

Record = dict[str, Any]
_UnderWay = dict[tuple[str, str, str], dict[str, str]]
"""What is under way, by region, app and environment: the states of entities while jobs run."""


def entities(service: Service) -> list[Record]:
    """The apps, oldest first, with the states of what they have; an app that is made is there."""
    with service.lock:
        service.settle()
        return states(service)


def states(service: Service) -> list[Record]:
    """The same as they were when somebody last asked, so that asking changes nothing."""
    context = service.context("")
    under_way = _under_way(context)
    apps = dict(service.state.apps)
    for region, app_id, _ in under_way:
        apps.setdefault((region, app_id), App(app_id, app_id))
    now = context.clock.milliseconds()
    return [_app(region, app, under_way, now) for (region, _), app in apps.items()]


def _under_way(context: Context) -> _UnderWay:
    found: _UnderWay = {}
    for job in context.state.jobs.unfinished():
        assert job.work is not None  # as long as it is unfinished
        declared = context.operations[job.work[0]]
        for environment in job.environments:
            place = found.setdefault((job.region, job.app_id, environment), {})
            for entity, *_ in declared.moved():
                place[entity] = declared.during or ""
    return found


def _app(region: str, app: App, under_way: _UnderWay, now: int) -> Record:
    names = dict.fromkeys(app.environments)
    names |= {
        name: None
        for where, app_id, name in under_way
        if (where, app_id) == (region, app.app_id) and name != STUDIO_ENVIRONMENT
    }
    studio = under_way.get((region, app.app_id, STUDIO_ENVIRONMENT), {}).get("studio")
    active = sum(token.is_active(now) for token in app.tokens.values())
    return {
        "app": app.app_id,
        "name": app.name,
        "region": region,
        "studio": studio or (DISABLED if app.studio is None else ENABLED),
        "tokens": {ACTIVE: active, EXPIRED: len(app.tokens) - active},
        "environments": [
            _environment(
                name, app.environments.get(name), under_way.get((region, app.app_id, name), {})
            )
            for name in names
        ],
    }


def _environment(name: str, found: Environment | None, during: dict[str, str]) -> Record:
    state = during.get("environment") or (ABSENT if found is None else READY)
    resources = {} if found is None else found.resources
    rows = [
        {
            "entity": family,
            "name": resource.name,
            "state": during.get(family) or (IMPORTED if resource.imported else PRESENT),
        }
        for family, resource in resources.items()
    ]
    made = [family for family in during if family not in ("environment", "models", *resources)]
    rows += [{"entity": family, "name": "", "state": during[family]} for family in made]
    if found is not None:
        models = during.get("models") or models_state(found)
        if models != NONE:
            name = resources["api"].name if "api" in resources else ""  # deleted meanwhile
            rows.append({"entity": "models", "name": name, "state": models})
    return {"environment": name, "state": state, "resources": rows}


def faults(service: Service) -> list[Record]:
    """The faults, delays and overrides in the order in which they act, then planned failures."""
    with service.lock:
        return [
            *map(_interceptor, service.chain),
            *(
                _planned(operation, failure)
                for operation, planned in service.worker.planned.items()
                for failure in planned
            ),
        ]


def _interceptor(link: Interceptor) -> Record:
    kind = "override"
    if link.error is not None:
        kind = "fail"
    elif link.seconds is not None:
        kind = "delay"
    return {
        "fault": link.number,
        "kind": kind,
        "operation": link.operation,
        "error": None if link.error is None else error_name(link.error),
        "seconds": link.seconds,
        "when": redact_request(link.operation, link.when),
        "after": link.after,
        "times": link.times,
        "acted": link.acted,
    }


def _planned(operation: str, failure: PlannedFailure) -> Record:
    return {
        "fault": failure.number,
        "kind": "fail-next",
        "operation": operation,
        "error": failure.error,
        "seconds": None,
        "when": {},
        "after": 0,
        "times": 1,
        "acted": False,
    }


def error_name(error: errors.ServiceError | errors.TransportFault) -> str:
    """What an error is called on the wire, a fault in ``errors``."""
    return error.code if isinstance(error, errors.ServiceError) else type(error).__name__


def remove_fault(service: Service, fault: int) -> None:
    """Remove what :func:`faults` lists under a number; raises InvalidArgument for another."""
    number = whole("remove-fault", "fault", fault)
    with service.lock:
        if number not in set(_numbers(service)):
            known = ", ".join(map(str, _numbers(service)))
            problem = f"{shown(number)} is not the number of a fault; "
            problem += f"the numbers are {known}." if known else "there are no faults."
            raise errors.InvalidArgument("remove-fault", "fault", problem)
        service.chain[:] = [link for link in service.chain if link.number != number]
        planned = service.worker.planned
        for operation, failures in list(planned.items()):
            for failure in [failure for failure in failures if failure.number == number]:
                failures.remove(failure)
            if not failures:
                del planned[operation]


def _numbers(service: Service) -> Iterator[int]:
    yield from (link.number for link in service.chain)
    yield from (
        failure.number for planned in service.worker.planned.values() for failure in planned
    )
