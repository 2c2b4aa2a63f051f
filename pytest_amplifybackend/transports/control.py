"""The control API: what a test has ``fake.*`` for, over HTTP, for tests in other languages.

One table of actions, one path prefix. Who may use it is for ``access.py`` to say.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from pytest_amplifybackend import errors
from pytest_amplifybackend.model.sensitive import REDACTED, Secret
from pytest_amplifybackend.transports.codec import HTTPResponse
from pytest_amplifybackend.transports.front import HTTPRequest

PREFIX = "/_amplifybackend/"
"""Where the control API lives; no operation of the service begins so."""

_FAULTS: Mapping[str, type[errors.TransportFault]] = {
    fault.__name__: fault
    for fault in (errors.ConnectionReset, errors.ReadTimeout, errors.GarbledResponse)
}


class Controlled(Protocol):
    """What the control API asks of the fake."""

    jobs: Any
    calls: Any

    @property
    def clock(self) -> Any: ...
    def reset(self) -> None: ...
    def dump(self) -> dict[str, Any]: ...
    def load(self, dumped: Mapping[str, Any]) -> None: ...
    @property
    def add_app(self) -> Callable[..., None]: ...
    @property
    def fail(self) -> Callable[..., None]: ...
    @property
    def delay(self) -> Callable[..., None]: ...
    @property
    def override(self) -> Callable[..., None]: ...


def _status(fake: Controlled) -> Any:
    """What is there: the clock, and how many jobs and calls."""
    return {
        "clock": fake.clock.now().isoformat(),
        "jobs": len(fake.jobs),
        "calls": len(fake.calls),
    }


def _reset(fake: Controlled) -> None:
    """Back to the beginning: state, jobs, calls, faults and clock."""
    fake.reset()


def _dump(fake: Controlled) -> Any:
    """The state, secrets included, for ``load``."""
    return fake.dump()


def _load(fake: Controlled, state: Any) -> None:
    """Take over what ``dump`` gave."""
    fake.load(state)


def _calls(fake: Controlled, operation: str | None = None) -> Any:
    """The calls so far, of one operation or of all; secrets are not shown."""
    calls = fake.calls if operation is None else fake.calls.of(operation)
    return [
        {
            "operation": call.operation,
            "params": _without_secrets(call.params),
            "response": _without_secrets(call.response),
            "error": None if call.error is None else _error_name(call.error),
            "region": call.region,
            "transport": call.transport,
        }
        for call in calls
    ]


def _jobs(fake: Controlled) -> Any:
    """The jobs, oldest first."""
    return [_job(job) for job in fake.jobs]


def _finish(fake: Controlled, job: str) -> Any:
    """Let a job end now, with its effect; gives the job."""
    return _job(fake.jobs.finish(job))


def _fail_job(fake: Controlled, job: str, error: str | None = None) -> Any:
    """Let a job end FAILED now, without its effect; gives the job."""
    return _job(fake.jobs.fail(job, error))


def _fail_next(fake: Controlled, operation: str, error: str | None = None) -> None:
    """Let the next job of an operation fail."""
    fake.jobs.fail_next(operation, error)


def _advance(fake: Controlled) -> Any:
    """Move every unfinished job one status on; gives the jobs."""
    fake.jobs.advance()
    return _jobs(fake)


def _fail(
    fake: Controlled,
    operation: str,
    error: str,
    message: str | None = None,
    resource_type: str | None = None,
    limit_type: str | None = None,
    times: int | None = 1,
    after: int = 0,
    when: Mapping[str, Any] | None = None,
) -> None:
    """Let calls fail: with a modelled error by name, or a transport fault."""
    fake.fail(
        operation,
        _error(error, message, resource_type, limit_type),
        times=times,
        after=after,
        when=when,
    )


def _delay(
    fake: Controlled,
    operation: str,
    seconds: float,
    times: int | None = None,
    after: int = 0,
    when: Mapping[str, Any] | None = None,
) -> None:
    """Let calls take seconds of the fake's clock."""
    fake.delay(operation, seconds=seconds, times=times, after=after, when=when)


def _override(
    fake: Controlled,
    operation: str,
    response: Mapping[str, Any],
    times: int | None = None,
    after: int = 0,
    when: Mapping[str, Any] | None = None,
) -> None:
    """Answer calls with a response, by botocore names."""
    fake.override(operation, response, times=times, after=after, when=when)


def _clock(fake: Controlled, shift: float | None = None, move_to: str | None = None) -> Any:
    """The fake's time, after a shift by seconds or a move to an ISO 8601 time."""
    if move_to is not None:
        fake.clock.move_to(datetime.fromisoformat(move_to))
    if shift is not None:
        fake.clock.shift(shift)
    return {"clock": fake.clock.now().isoformat()}


def _add_app(
    fake: Controlled,
    app: str,
    name: str | None = None,
    environments: Iterable[str] = ("dev",),
    region: str | None = None,
) -> None:
    """Let an app be there, with empty environments."""
    fake.add_app(app, name=name, environments=list(environments), region=region)


ACTIONS: Mapping[str, Callable[..., Any]] = {
    "status": _status,
    "reset": _reset,
    "dump": _dump,
    "load": _load,
    "calls": _calls,
    "jobs": _jobs,
    "finish": _finish,
    "fail-job": _fail_job,
    "fail-next": _fail_next,
    "advance": _advance,
    "fail": _fail,
    "delay": _delay,
    "override": _override,
    "clock": _clock,
    "add-app": _add_app,
}
"""Each action's name and what it does; the arguments of the function are those of the action."""

_READS = ("status", "dump", "calls", "jobs", "clock")


class Control:
    """Answers control requests for one fake."""

    def __init__(self, fake: Controlled) -> None:
        self._fake = fake

    def is_for(self, request: HTTPRequest) -> bool:
        """Whether a request is one for the control API, allowed or not."""
        return f"{request.path.partition('?')[0]}/".startswith(PREFIX)

    def answer(self, request: HTTPRequest) -> HTTPResponse:
        """200 and what the action gives; 4xx and ``{"message": ...}`` for what is refused."""
        name = request.path.partition("?")[0].removeprefix(PREFIX)
        if name not in ACTIONS:
            return _json(404, {"message": f"No action {name!r}: {errors.nearest(name, ACTIONS)}"})
        if request.method != "POST" and (request.method, name in _READS) != ("GET", True):
            return _json(405, {"message": f"The action {name} is a POST."})
        try:
            arguments = json.loads(request.body) if request.body.strip() else {}
            _check(name, arguments)
            return _json(200, ACTIONS[name](self._fake, **arguments))
        except RecursionError:
            return _json(400, {"message": "The body is nested too deeply."})
        except KeyError as error:
            return _json(400, {"message": str(error.args[0])})
        except (errors.UsageError, errors.ServiceError) as error:
            return _json(400, {"message": str(error)})
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            return _json(400, {"message": f"{name}: {error}"})


def _check(name: str, arguments: Any) -> None:
    """Hold arguments to an action's own; raises UsageError."""
    if not isinstance(arguments, dict):
        raise errors.UsageError("The body must be a JSON object of arguments.")
    known = dict(list(inspect.signature(ACTIONS[name]).parameters.items())[1:])
    for argument in arguments:
        if argument not in known:
            near = errors.nearest(argument, known) if known else "it takes none."
            raise errors.UsageError(f"{name} has no argument {argument[:40]!r}: {near}")
    for argument, parameter in known.items():
        if parameter.default is parameter.empty and argument not in arguments:
            raise errors.UsageError(f"{name} needs the argument {argument!r}.")


def _json(status: int, value: Any) -> HTTPResponse:
    body = json.dumps({} if value is None else value).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body))}
    return HTTPResponse(status, headers, body)


def _error(
    name: str, message: str | None, resource_type: str | None, limit_type: str | None
) -> errors.ServiceError | errors.TransportFault:
    """An error by the name that it has on the wire or in ``errors``."""
    if name in _FAULTS:
        return _FAULTS[name]()
    for code, kind in errors.MODELLED.items():
        if name in (code, kind.__name__):
            members = {"resource_type": resource_type, "limit_type": limit_type}
            given = {member: value for member, value in members.items() if value is not None}
            return kind(message, **given)
    raise errors.UsageError(
        f"no error {name!r}: {errors.nearest(str(name), [*errors.MODELLED, *_FAULTS])}"
    )


def _error_name(error: errors.ServiceError | errors.TransportFault) -> str:
    return error.code if isinstance(error, errors.ServiceError) else type(error).__name__


def _job(job: Any) -> dict[str, Any]:
    return {
        "job": job.id,
        "operation": job.operation,
        "status": job.status,
        "error": job.error,
        "app": job.app_id,
        "environment": job.environment,
        "region": job.region,
        "created": job.created.isoformat(),
        "updated": job.updated.isoformat(),
    }


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_secrets(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    return REDACTED if isinstance(value, Secret) else value
