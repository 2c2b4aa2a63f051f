"""Strategies for calls that are valid, and that the state of the backend refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.strategies._internal.names import app_ids, environment_names
from pytest_amplifybackend.strategies._internal.operations import drawn_requests
from pytest_amplifybackend.strategies._internal.oracle_state import TOKEN_SECONDS
from pytest_amplifybackend.strategies._internal.plan import check_choice, named, one_of, plan
from pytest_amplifybackend.strategies._internal.values import Request

Params = dict[str, Any]


@dataclass(frozen=True, repr=False)
class RefusedRequest(Request):
    """A call that is refused because of the calls before it.

    ``before`` are those calls, all accepted, in their order; ``seconds`` have to pass after them.
    ``learned`` are members of the params that come from the answer to one of them, by its place.
    ``state`` is the kind of state, ``expected`` the error.
    """

    before: tuple[Request, ...]
    state: str
    expected: type[errors.ServiceError]
    seconds: int = 0
    learned: tuple[tuple[str, int], ...] = ()

    def prepare(self, client: Any, shift: Callable[[float], object] | None = None) -> Request:
        """Make the calls before, and let the time pass by ``shift``; gives the call to refuse.

        Jobs have to end by themselves at once. Raises TypeError where time has to pass and
        ``shift`` is missing.
        """
        answers = [one.send(client) for one in self.before]
        if self.seconds:
            if shift is None:
                raise TypeError(
                    f"{self!r} needs shift=..., which lets {self.seconds} seconds pass."
                )
            shift(self.seconds)
        ids = {member: answers[place][member] for member, place in self.learned}
        return Request(self.operation, {**self.params, **ids})

    def _parts(self) -> tuple[str, Any, str]:
        head, params, _ = super()._parts()
        calls = ", ".join(one.operation for one in self.before) or "nothing"
        wait = f" and {self.seconds} seconds" if self.seconds else ""
        return head, params, f") ends in {self.expected.__name__} after {calls}{wait}"


@named
def refused_requests(state: str | None = None) -> SearchStrategy[RefusedRequest]:
    """Calls that are valid, and refused at once because of what is there.

    ``state`` is ``absent`` (no such app or environment), ``expired`` (a token after its time),
    ``another-app`` (a job or a token of another app) or ``out-of-order`` (what an earlier call has
    to make is missing, or is there already). None draws all. Raises InvalidArgument for another.
    """
    check_choice("refused_requests", "state", state, _STATES)
    return _refused(tuple(_STATES) if state is None else (state,))


def _refused(states: tuple[str, ...]) -> SearchStrategy[RefusedRequest]:
    which = one_of(states)

    @st.composite
    def refused_requests(draw: Callable[..., Any]) -> RefusedRequest:
        state = draw(which)
        app, other = draw(st.lists(app_ids(), min_size=2, max_size=2, unique=True))
        name, further = draw(st.lists(environment_names(), min_size=2, max_size=2, unique=True))
        at = {"AppId": app, "BackendEnvironmentName": name}
        return _STATES[state](draw, at, {"AppId": other, "BackendEnvironmentName": further})

    return refused_requests()


def _created(at: Params) -> Request:
    return Request("CreateBackend", {"AppName": "shop", **at})


def _absent(draw: Callable[..., Any], at: Params, other: Params) -> RefusedRequest:
    operations = tuple(
        name
        for name, operation in catalogue.operations().items()
        if "AppId" in operation.required and name != "CreateBackend"
    )
    call = draw(drawn_requests((draw(one_of(operations)),), plan(), {}))
    there = draw(st.booleans()) and "BackendEnvironmentName" in call.params
    if not there or call.operation in _OF_AN_APP:
        return RefusedRequest(call.operation, call.params, (), "absent", errors.NotFound)
    asked = {**call.params, "AppId": at["AppId"]}
    missing = {**at, "BackendEnvironmentName": _other(call.params["BackendEnvironmentName"])}
    return RefusedRequest(call.operation, asked, (_created(missing),), "absent", errors.NotFound)


_OF_AN_APP = ("CreateBackendConfig", "RemoveAllBackends")
"""Operations that do not look for the environment that they may name."""


def _other(environment: str) -> str:
    return ("b" if environment[0] == "a" else "a") + environment[1:]


def _expired(draw: Callable[..., Any], at: Params, other: Params) -> RefusedRequest:
    app = {"AppId": at["AppId"]}
    return RefusedRequest(
        draw(one_of(("GetToken", "DeleteToken"))),
        {**app, "SessionId": ""},
        (_created(at), Request("CreateToken", app)),
        "expired",
        errors.NotFound,
        seconds=TOKEN_SECONDS + draw(st.integers(0, 3600)),
        learned=(("SessionId", 1),),
    )


def _another_app(draw: Callable[..., Any], at: Params, other: Params) -> RefusedRequest:
    operation = draw(one_of(("GetToken", "DeleteToken", "GetBackendJob", "UpdateBackendJob")))
    before = [_created(at), _created(other)]
    app = {"AppId": other["AppId"]}
    if operation.endswith("Job"):
        asked, learned = {**other, "JobId": ""}, ("JobId", 0)
    else:
        before.append(Request("CreateToken", {"AppId": at["AppId"]}))
        asked, learned = {**app, "SessionId": ""}, ("SessionId", 2)
    return RefusedRequest(
        operation, asked, tuple(before), "another-app", errors.NotFound, learned=(learned,)
    )


def _out_of_order(draw: Callable[..., Any], at: Params, other: Params) -> RefusedRequest:
    operation, more, error = draw(st.sampled_from(_TOO_EARLY_OR_LATE))
    members = catalogue.operations()[operation].input_shape.members
    given = {**at, "ResourceName": "main", "TargetEnvironmentName": at["BackendEnvironmentName"]}
    needed = catalogue.operations()[operation].required
    params = {name: value for name, value in given.items() if name in needed}
    learned = (("JobId", 0),) if "JobId" in members else ()
    return RefusedRequest(
        operation, {**params, **more}, (_created(at),), "out-of-order", error, learned=learned
    )


_TOO_EARLY_OR_LATE: tuple[tuple[str, Params, type[errors.ServiceError]], ...] = (
    ("CreateBackend", {"AppName": "again"}, errors.BadRequest),
    ("CloneBackend", {}, errors.BadRequest),
    ("GenerateBackendAPIModels", {}, errors.BadRequest),
    ("GetBackendAPIModels", {}, errors.NotFound),
    ("GetBackendAuth", {}, errors.NotFound),
    ("RemoveBackendConfig", {}, errors.NotFound),
    ("UpdateBackendConfig", {}, errors.NotFound),
    ("UpdateBackendJob", {"Status": "RUNNING"}, errors.BadRequest),
    ("UpdateBackendJob", {"Status": "FAILED"}, errors.BadRequest),
)
"""What a new environment refuses, with more params than names: it is there, and empty."""

_STATES: dict[str, Callable[[Callable[..., Any], Params, Params], RefusedRequest]] = {
    "absent": _absent,
    "expired": _expired,
    "another-app": _another_app,
    "out-of-order": _out_of_order,
}


st.register_type_strategy(RefusedRequest, lambda _: refused_requests())
