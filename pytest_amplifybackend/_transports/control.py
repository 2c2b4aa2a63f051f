"""The control API: what a test has ``fake.*`` for, over HTTP, for tests in other languages.

One table of actions, one path prefix. Most actions are a method of the fake, whose arguments are
theirs. Who may use it is for ``access.py`` to say.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import paths
from pytest_amplifybackend._api.secrets.shapes import REDACTED, Secret
from pytest_amplifybackend._arguments import choice, flag, shown, text, whole
from pytest_amplifybackend._service import ahead, reference
from pytest_amplifybackend._transports import overview
from pytest_amplifybackend._transports.codec import HTTPResponse
from pytest_amplifybackend._transports.gateway import HTTPRequest, unless_done
from pytest_amplifybackend.errors import InvalidArgument

if TYPE_CHECKING:
    from pytest_amplifybackend._fake import FakeAmplifyBackend
    from pytest_amplifybackend._service.backend import Service

_T = TypeVar("_T")
_MOST = 10**9

PREFIX = "/_amplifybackend/"
"""Where the control API lives; no operation of the service begins so."""

_FAULTS: Mapping[str, type[errors.TransportFault]] = {
    fault.__name__: fault
    for fault in (errors.ConnectionReset, errors.ReadTimeout, errors.GarbledResponse)
}
_ERRORS: Mapping[str, type[errors.ServiceError | errors.TransportFault]] = {
    **errors.MODELED,
    **{kind.__name__: kind for kind in (*errors.MODELED.values(), errors.AccessDenied)},
    errors.AccessDenied.code: errors.AccessDenied,
    **_FAULTS,
}
"""What calls can fail with: service errors by either of their names, and faults."""


def _status(fake: Any) -> Any:
    """The clock, and how many jobs and calls there are."""
    return {
        "clock": fake.clock.now().isoformat(),
        "jobs": len(fake.jobs),
        "calls": len(fake.calls),
    }


def _service(fake: Any) -> Service:
    service: Service = fake._backend  # noqa: SLF001  # for what a test in Python has no need of
    return service


def _calls(
    fake: Any,
    operation: str | None = None,
    failed: bool | None = None,
    limit: int | None = None,
    skip: int = 0,
) -> Any:
    """The calls so far, oldest first, without secrets: all, or the newest after those skipped."""
    service = _service(fake)
    wanted = None if failed is None else flag("calls", "failed", failed)
    operation = None if operation is None else service.named(operation)
    with service.lock:
        calls = service.history
        places = range(len(calls)) if operation is None else calls.places(operation)
        found = (
            place
            for place in reversed(places)
            if wanted is None or (calls[place].error is not None) is wanted
        )
        newest = [(place + 1, calls[place].copy()) for place in _part("calls", found, limit, skip)]
    return [
        {
            "number": number,
            "operation": call.operation,
            "params": _without_secrets(call.params),
            "response": _without_secrets(call.response),
            "error": None if call.error is None else overview.error_name(call.error),
            "message": getattr(call.error, "message", None),
            "region": call.region,
            "transport": call.transport,
        }
        for number, call in reversed(newest)
    ]


def _part(action: str, newest_first: Iterable[_T], limit: int | None, skip: int) -> list[_T]:
    """What comes after the first few, as far as asked for."""
    start = whole(action, "skip", skip, most=_MOST)
    end = None if limit is None else start + whole(action, "limit", limit, least=1, most=_MOST)
    return list(itertools.islice(newest_first, start, end))


def _jobs(
    fake: Any, unfinished: bool | None = None, limit: int | None = None, skip: int = 0
) -> Any:
    """The jobs, oldest first: all, or the newest after those skipped."""
    service = _service(fake)
    wanted = None if unfinished is None else flag("jobs", "unfinished", unfinished)
    with service.lock:
        service.settle()
        found = [job.id for job in service.state.jobs if wanted in (None, job.unfinished)]
        newest = _part("jobs", reversed(found), limit, skip)
        return [_job(fake.jobs[job_id]) for job_id in reversed(newest)]


def _overview(fake: Any) -> Any:
    """The apps with their environments, resources and states."""
    return overview.entities(_service(fake))


def _faults(fake: Any) -> Any:
    """The faults, delays, overrides and planned failures."""
    return _without_secrets(overview.faults(_service(fake)))


def _remove_fault(fake: Any, fault: int) -> Any:
    """Remove one by its number; gives the others."""
    overview.remove_fault(_service(fake), fault)
    return _faults(fake)


def _reference(fake: Any) -> Any:
    """The names that other actions take, and the transitions of each entity."""
    operations = _service(fake).operations
    return {
        "operations": sorted(operations),
        "jobs": sorted(name for name in operations if operations[name].makes_job),
        "errors": [*errors.MODELED, errors.AccessDenied.__name__, *_FAULTS],
        "states": {
            entity: [{"from": source, "to": target, "by": cause} for source, target, cause in moves]
            for entity, moves in reference.transitions().items()
        },
    }


def _advance(fake: Any) -> Any:
    """Move every unfinished job one status on; gives the jobs."""
    fake.jobs.advance()
    return _jobs(fake)


def _fail(
    fake: Any,
    operation: str,
    error: str,
    message: str | None = None,
    resource_type: str | None = None,
    limit_type: str | None = None,
    times: int | None = 1,
    after: int = 0,
    when: Mapping[str, Any] | None = None,
    optional: bool = False,
) -> None:
    """Let calls fail: with a service error by name, or a transport fault."""
    fake.fail(
        operation,
        _error(error, message, resource_type, limit_type),
        times=times,
        after=after,
        when=when,
        optional=optional,
    )


def _clock(fake: Any, shift: float | None = None, move_to: str | None = None) -> Any:
    """The fake's time, after a shift by seconds or a move to an ISO 8601 time."""
    there = None if move_to is None else _time(move_to)
    put_back = fake.clock.saved()
    try:
        if there is not None:
            fake.clock.move_to(there)
        if shift is not None:
            fake.clock.shift(shift)
    except InvalidArgument:
        put_back()
        raise
    return {"clock": fake.clock.now().isoformat()}


def _time(move_to: Any) -> datetime:
    try:
        return datetime.fromisoformat(text("clock", "move_to", move_to))
    except ValueError:
        problem = f"must be a time such as '2030-06-01T12:00:00Z', not {shown(move_to)}."
        raise InvalidArgument("clock", "move_to", problem) from None


def _error(
    name: str, message: str | None, resource_type: str | None, limit_type: str | None
) -> errors.ServiceError | errors.TransportFault:
    """An error by the name that it has on the wire or in ``errors``."""
    details = {"message": message, "resource_type": resource_type, "limit_type": limit_type}
    chosen = {detail: value for detail, value in details.items() if value is not None}
    kind = _ERRORS[choice("fail", "error", name, _ERRORS)]
    known = inspect.signature(kind).parameters if issubclass(kind, errors.ServiceError) else {}
    for detail in chosen:
        if detail not in known:
            raise InvalidArgument("fail", detail, f"does not go with the error {name}.")
    return kind(**chosen)


def _job(job: Any) -> dict[str, Any]:
    return {
        "job": job.id,
        "operation": job.operation,
        "status": job.status,
        "error": job.error,
        "rule": job.rule,
        "app": job.app_id,
        "environment": job.environment,
        "region": job.region,
        "created": job.created.isoformat(),
        "updated": job.updated.isoformat(),
    }


def _without_secrets(value: Any) -> Any:
    return paths.map_leaves(value, lambda leaf, *_: REDACTED if isinstance(leaf, Secret) else leaf)


@dataclass(frozen=True, slots=True)
class Action:
    """What an action calls: a method of the fake by its path, or a function of the fake.

    ``names`` are those of arguments that the action calls by another name, by the method's own.
    ``show`` turns what comes back into JSON. ``reads`` says that nothing changes, so that a GET
    will do; ``kept`` whether what changes is part of the state, which a state file keeps.
    """

    call: str | Callable[..., Any]
    names: Mapping[str, str] = field(default_factory=dict)
    show: Callable[[Any], Any] = lambda value: value
    reads: bool = False
    kept: bool = True

    def function(self, fake: Any) -> Callable[..., Any]:
        """What to call for a fake, with the method's own names of arguments."""
        if isinstance(self.call, str):
            found: Callable[..., Any] = attrgetter(self.call)(fake)
            return found
        return functools.partial(self.call, fake)

    def parameters(self, fake: Any) -> dict[str, inspect.Parameter]:
        """The arguments of the action, by its own names."""
        known = inspect.signature(self.function(fake)).parameters
        return {self.names.get(name, name): known[name] for name in known}

    def perform(self, fake: Any, arguments: Mapping[str, Any]) -> Any:
        """Do it; gives what goes into the answer."""
        own = {self.names.get(name, name): name for name in self.names}
        called = {own.get(name, name): value for name, value in arguments.items()}
        return self.show(self.function(fake)(**called))


ACTIONS: Mapping[str, Action] = {
    "status": Action(_status, reads=True),
    "reset": Action("reset"),
    "dump": Action("dump", reads=True),
    "load": Action("load", {"dumped": "state"}),
    "calls": Action(_calls, reads=True),
    "jobs": Action(_jobs, reads=True),
    "overview": Action(_overview, reads=True),
    "reference": Action(_reference, reads=True),
    "finish": Action("jobs.finish", {"job_id": "job"}, show=_job),
    "fail-job": Action("jobs.fail", {"job_id": "job"}, show=_job),
    "fail-next": Action("jobs.fail_next", kept=False),
    "advance": Action(_advance),
    "fail": Action(_fail, kept=False),
    "delay": Action("delay", kept=False),
    "override": Action("override", kept=False),
    "faults": Action(_faults, reads=True),
    "remove-fault": Action(_remove_fault, kept=False),
    "clock": Action(_clock),
    "add-app": Action("add_app", {"app_id": "app"}),
    "add-category": Action("add_category", {"app_id": "app"}),
}
"""Each action by its name."""

_MOVES = {"clock.move_to": "move_to", "clock.shift": "shift"}
"""The one argument of a method of the clock, by the name that the action ``clock`` has for it."""


def _reads(name: str, request: HTTPRequest) -> bool:
    """Whether an action of a request changes nothing; ``clock`` without arguments does not."""
    return ACTIONS[name].reads or (name == "clock" and request.body.strip() in (b"", b"{}"))


def only_reads(request: HTTPRequest) -> bool:
    """Whether a request changes nothing of the state."""
    name = request.path.partition("?")[0].removeprefix(PREFIX)
    return name not in ACTIONS or not ACTIONS[name].kept or _reads(name, request)


def rejection(status: int, message: str) -> HTTPResponse:
    """The answer to a request that is rejected, in the form of the control API."""
    return _json(status, {"message": message})


class Control:
    """Answers control requests for one fake."""

    def __init__(self, fake: FakeAmplifyBackend) -> None:
        self._fake = fake

    def is_for(self, request: HTTPRequest) -> bool:
        """Whether a request is one for the control API, allowed or not."""
        return f"{request.path.partition('?')[0]}/".startswith(PREFIX)

    def answer(self, request: HTTPRequest) -> HTTPResponse:
        """200 and what the action gives; 4xx and ``{"message": ...}`` for what is rejected."""
        name = request.path.partition("?")[0].removeprefix(PREFIX)
        if name not in ACTIONS:
            return rejection(404, f"No action {shown(name)}: {errors.nearest(name, ACTIONS)}")
        if request.method != "POST" and (request.method, _reads(name, request)) != ("GET", True):
            return rejection(405, f"The action {name} is a POST.")
        action = ACTIONS[name]
        try:
            arguments = _arguments(request.body)
            _check(name, arguments, action.parameters(self._fake))
            if not request.ready and name == "load":
                unless_done(ahead.of_dump(arguments))
            return _json(200, action.perform(self._fake, arguments))
        except InvalidArgument as error:
            argument = _MOVES.get(error.method) or action.names.get(error.argument, error.argument)
            return rejection(400, f"{name}: {argument} {error.problem}")
        except errors.UsageError as error:
            return rejection(400, str(error))


def _arguments(body: bytes) -> Any:
    """The arguments in a request's body; raises UsageError where it is not JSON."""
    try:
        return json.loads(body) if body.strip() else {}
    except RecursionError:
        raise errors.UsageError("The body is nested too deeply.") from None
    except ValueError as error:
        raise errors.UsageError(f"The body is not JSON in UTF-8: {error}.") from None


def _check(name: str, arguments: Any, known: Mapping[str, inspect.Parameter]) -> None:
    """Compare arguments with those that an action has; raises UsageError."""
    if not isinstance(arguments, dict):
        raise errors.UsageError("The body must be a JSON object of arguments.")
    for argument in arguments:
        if argument not in known:
            near = errors.nearest(argument, known) if known else "it takes none."
            raise errors.UsageError(f"{name} has no argument {shown(argument)}: {near}")
    for argument, parameter in known.items():
        if parameter.default is parameter.empty and argument not in arguments:
            raise errors.UsageError(f"{name} needs the argument {argument!r}.")


def _json(status: int, value: Any) -> HTTPResponse:
    body = json.dumps({} if value is None else value, default=datetime.isoformat).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body))}
    return HTTPResponse(status, headers, body)
