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
from pytest_amplifybackend._api.sensitive import REDACTED, Secret
from pytest_amplifybackend._arguments import choice, shown, text
from pytest_amplifybackend._service import ahead
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.gateway import HTTPRequest, unless_done
from pytest_amplifybackend.errors import InvalidArgument

PREFIX = "/_amplifybackend/"
"""Where the control API lives; no operation of the service begins so."""

_FAULTS: Mapping[str, type[errors.TransportFault]] = {
    fault.__name__: fault
    for fault in (errors.ConnectionReset, errors.ReadTimeout, errors.GarbledResponse)
}
_ERRORS: Mapping[str, type[errors.ServiceError | errors.TransportFault]] = {
    **errors.MODELED,
    **{kind.__name__: kind for kind in errors.MODELED.values()},
    **_FAULTS,
}
"""What calls can fail with: modeled errors by either of their names, and faults."""


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
    """Let calls fail: with a modeled error by name, or a transport fault."""
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
    there = None if move_to is None else _time(move_to)
    before = fake.clock.milliseconds()
    try:
        if there is not None:
            fake.clock.move_to(there)
        if shift is not None:
            fake.clock.shift(shift)
    except InvalidArgument:
        fake.clock.restore(before)
        raise
    return {"clock": fake.clock.now().isoformat()}


def _add_app(
    fake: Controlled,
    app: str,
    name: str | None = None,
    environments: Iterable[str] = ("dev",),
    region: str | None = None,
) -> None:
    """Let an app be there, with empty environments."""
    fake.add_app(app, name=name, environments=environments, region=region)


def _time(move_to: Any) -> datetime:
    try:
        return datetime.fromisoformat(text("clock", "move_to", move_to))
    except ValueError:
        problem = f"must be a time such as '2030-06-01T12:00:00Z', not {shown(move_to)}."
        raise InvalidArgument("clock", "move_to", problem) from None


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
_NOT_KEPT = ("fail", "delay", "override", "fail-next")
"""What changes the fake, but not the state."""


def only_reads(request: HTTPRequest) -> bool:
    """Whether a request changes nothing of the state."""
    name = request.path.partition("?")[0].removeprefix(PREFIX)
    if name == "clock":
        return request.body.strip() in (b"", b"{}")
    return name in _READS or name in _NOT_KEPT or name not in ACTIONS


def refusal(status: int, message: str) -> HTTPResponse:
    """A request that is refused, in the form of the control API."""
    return _json(status, {"message": message})


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
            return _json(
                404, {"message": f"No action {shown(name)}: {errors.nearest(name, ACTIONS)}"}
            )
        reads = name in _READS and (name != "clock" or only_reads(request))
        if request.method != "POST" and (request.method, reads) != ("GET", True):
            return _json(405, {"message": f"The action {name} is a POST."})
        try:
            arguments = _arguments(request.body)
            _check(name, arguments)
            if not request.ready and name == "load":
                unless_done(ahead.of_dump(arguments))
            return _json(200, ACTIONS[name](self._fake, **arguments))
        except InvalidArgument as error:
            argument = _NAMES.get((error.method, error.argument), error.argument)
            return _json(400, {"message": f"{name}: {argument} {error.problem}"})
        except errors.UsageError as error:
            return _json(400, {"message": str(error)})


_NAMES = {
    ("add_app", "app_id"): "app",
    ("clock.move_to", "when"): "move_to",
    ("clock.shift", "by"): "shift",
    ("jobs.fail", "job_id"): "job",
    ("jobs.finish", "job_id"): "job",
    ("load", "dumped"): "state",
}
"""What an action calls the argument of a method, where it is another name."""


def _arguments(body: bytes) -> Any:
    """The arguments in a request's body; raises UsageError where it is not JSON."""
    try:
        return json.loads(body) if body.strip() else {}
    except RecursionError:
        raise errors.UsageError("The body is nested too deeply.") from None
    except ValueError as error:
        raise errors.UsageError(f"The body is not JSON in UTF-8: {error}.") from None


def _check(name: str, arguments: Any) -> None:
    """Hold arguments to an action's own; raises UsageError."""
    if not isinstance(arguments, dict):
        raise errors.UsageError("The body must be a JSON object of arguments.")
    known = dict(list(inspect.signature(ACTIONS[name]).parameters.items())[1:])
    for argument in arguments:
        if argument not in known:
            near = errors.nearest(argument, known) if known else "it takes none."
            raise errors.UsageError(f"{name} has no argument {shown(argument)}: {near}")
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
    details = {"message": message, "resource_type": resource_type, "limit_type": limit_type}
    given = {detail: value for detail, value in details.items() if value is not None}
    kind = _ERRORS[choice("fail", "error", name, _ERRORS)]
    known = inspect.signature(kind).parameters if issubclass(kind, errors.ServiceError) else {}
    for detail in given:
        if detail not in known:
            raise InvalidArgument("fail", detail, f"does not go with the error {name}.")
    return kind(**given)


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
