"""Calls at once: one of those that compete wins, and none of the others is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support import makers
from pytest_amplifybackend.contract._support.backend import ENDED, Backend
from pytest_amplifybackend.contract._support.marks import about, modeled, observed
from pytest_amplifybackend.contract._support.samples import sample
from pytest_amplifybackend.contract._support.states import place

Params = Mapping[str, Any]


def at_once(backend: Backend, calls: Sequence[tuple[str, Params]]) -> list[dict[str, Any] | str]:
    """The answers to calls that start together, in their order; of an error, its code.

    What they may have made is noted as of any other call.
    """
    start = threading.Barrier(len(calls))

    def call(one: tuple[str, Params]) -> dict[str, Any] | str:
        operation, params = one
        method = getattr(client, catalogue.method_name(operation))
        start.wait(30)
        try:
            answer: dict[str, Any] = method(**params)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        answer.pop("ResponseMetadata", None)
        return answer

    client = backend.target.client(backend.region)
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = list(pool.map(call, calls))
    for (operation, params), answer in zip(calls, answers, strict=True):
        backend.noted.note(operation)
        if isinstance(answer, dict):
            backend.note_made(operation, params, answer)
    return answers


def _needs_writes(backend: Backend) -> None:
    if not backend.target.writes:
        pytest.skip("calls at once write: --amplifybackend-allow-writes lets them")


COMPETING: Mapping[str, tuple[str, Callable[[Params], list[Params]]]] = {
    "CreateBackend": ("no app", lambda there: [sample("CreateBackend", there)] * 4),
    "CloneBackend": (
        "app with environment dev",
        lambda there: [sample("CloneBackend", there)] * 4,
    ),
    "CreateBackendAuth": (
        "app with environment dev",
        lambda there: [
            {**sample("CreateBackendAuth", there), "ResourceName": name}
            for name in ("one", "two", "three", "four")
        ],
    ),
    "DeleteBackend": ("app with environment dev", lambda there: [place(there)] * 4),
}
"""Calls of which one has to win: the state that they start from, and their params."""


@observed("recorded answer: there is already a pending job for the requested appId")
@pytest.mark.parametrize(
    "operation", [pytest.param(name, marks=about(name, "ListBackendJobs")) for name in COMPETING]
)
def test_one_of_four_wins(backend: Backend, arrange: Any, operation: str) -> None:
    _needs_writes(backend)
    state, requests = COMPETING[operation]
    there = arrange(state)
    calls = [(operation, params) for params in requests(there)]
    answers = at_once(backend, calls)
    won = [answer for answer in answers if isinstance(answer, dict)]
    lost = [answer for answer in answers if isinstance(answer, str)]
    if len(won) == len(calls):
        backend.skip_if_ended({**_where(won[0]), "JobId": won[0]["JobId"]})
    assert len(won) == 1, f"{operation}: {len(won)} of {len(calls)} calls at once were accepted"
    allowed = (*backend.target.codes(errors.BadRequest), *backend.target.codes(errors.NotFound))
    assert set(lost) <= set(allowed), f"{operation}: the other call got {lost}"
    ended = backend.wait({**_where(won[0]), "JobId": won[0]["JobId"]})
    assert ended["Status"] == "COMPLETED", f"{operation}: {ended}"
    listed = backend.call("ListBackendJobs", _where(won[0]))["Jobs"]
    made = [job for job in listed if job["Operation"] == operation]
    assert len(made) == 1, f"{operation}: {len(made)} jobs were made"


def _where(answer: Params) -> dict[str, Any]:
    return {name: answer[name] for name in ("AppId", "BackendEnvironmentName")}


@about("CreateBackend", "GetBackend")
@modeled("each environment has a job of its own")
def test_no_environment_of_four_is_lost(backend: Backend, arrange: Any) -> None:
    _needs_writes(backend)
    there = arrange("app with environment dev")
    names = ["one", "two", "three", "four"]
    calls = [
        ("CreateBackend", sample("CreateBackend", {**there, "BackendEnvironmentName": name}))
        for name in names
    ]
    answers = at_once(backend, calls)
    for name, answer in zip(names, answers, strict=True):
        assert isinstance(answer, dict), f"CreateBackend: {name}: {answer}"
        assert answer["BackendEnvironmentName"] == name, f"CreateBackend: {name} is {answer}"
        ended = backend.wait({**_where(answer), "JobId": answer["JobId"]})
        assert ended["Status"] == "COMPLETED", f"CreateBackend: {ended}"
    ids = {answer["JobId"] for answer in answers if isinstance(answer, dict)}
    assert len(ids) == len(names), "CreateBackend: two jobs have one id"
    listed = backend.call("GetBackend", {"AppId": there["AppId"]})["BackendEnvironmentList"]
    assert sorted(listed) == sorted(["dev", *names]), f"GetBackend: {listed}"


@about("CreateToken", "GetToken")
@modeled("unique id of the session")
def test_tokens_made_at_once_differ(backend: Backend, arrange: Any) -> None:
    _needs_writes(backend)
    app = {"AppId": arrange("app with environment dev")["AppId"]}
    answers = at_once(backend, [("CreateToken", app)] * 6)
    assert all(isinstance(answer, dict) for answer in answers), f"CreateToken: {answers}"
    made = [answer for answer in answers if isinstance(answer, dict)]
    for member in ("SessionId", "ChallengeCode"):
        assert len({token[member] for token in made}) == 6, f"CreateToken: the same {member}"
    for token in made[::3]:
        own = {**app, "SessionId": token["SessionId"]}
        assert backend.call("GetToken", own) == token, "GetToken: not what CreateToken answered"


@about("GetBackendJob", "GetBackend", "ListBackendJobs")
@modeled("a job is in one of its states, and an answer is whole")
def test_reads_while_a_job_ends_are_whole(backend: Backend, arrange: Any) -> None:
    """Each of the readers sees the job go one way, and an end that stays."""
    _needs_writes(backend)
    existing = arrange("job pending")
    at = {**place(existing), "JobId": existing["JobId"]}
    calls: list[tuple[str, Params]] = [("GetBackendJob", at)] * 4
    calls += [("GetBackend", place(existing)), ("ListBackendJobs", place(existing))]
    answers = at_once(backend, calls)
    # a job that removes the environment may end before it is read
    stays = makers.harmless(backend.target.implemented) is not None
    whole = answers if stays else answers[:4]
    assert all(isinstance(answer, dict) for answer in whole), f"GetBackendJob: {answers}"
    ended = backend.wait(at)
    for answer in answers[:4]:
        assert isinstance(answer, dict)
        assert answer["JobId"] == at["JobId"], "GetBackendJob"
        if answer["Status"] in ENDED:
            assert answer == ended, f"GetBackendJob: {answer}, then {ended}"
        else:
            assert "Error" not in answer, f"GetBackendJob: {answer}"
