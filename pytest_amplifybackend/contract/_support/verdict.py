"""Before the first test: whether a target is one at all, how fast it is, and what it implements.

A wrong address costs two calls, and not the time of every test.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore import exceptions

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support import samples, tidying
from pytest_amplifybackend.contract._support.backend import READS
from pytest_amplifybackend.contract._support.divergences import Divergences
from pytest_amplifybackend.contract._support.noted import Noted
from pytest_amplifybackend.contract._support.probing import Answer, ask
from pytest_amplifybackend.contract._support.target import Target

PATIENCE = 5.0
"""For how many seconds a target may say nothing to a first call."""

CALLS = 9
"""The calls of an average test on a server: six of its own, the rest random tests and cleaning."""

SLOW = 60.0
"""From how many seconds on a run is announced with an estimate."""

_GO_ON = "(--amplifybackend-no-probe runs the tests all the same.)"
_BAD_KEYS = frozenset(
    {
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


def check(target: Target) -> float:
    """How many seconds a call takes; raises UsageError, one sentence, if there is no such target.

    Two operations have to go wrong in the same way: a fake may lack either.
    """
    answers = []
    for operation in ("ListS3Buckets", "GetBackend"):
        answers.append(_ask(target, operation))
        if answers[-1].is_empty:
            continue
        if answers[-1].is_of_the_api and answers[-1].code not in _BAD_KEYS:
            return _ask(target, operation).seconds  # the first has connected as well
    wrong = _sentence(target, answers) or _nowhere(target, answers[-1])
    if wrong is not None:
        raise pytest.UsageError(f"{wrong} {_GO_ON}")
    return answers[-1].seconds


def _ask(target: Target, operation: str, **existing: Any) -> Answer:
    start = {"AppId": _unused(), "BackendEnvironmentName": "dev", **existing}
    params = samples.sample(operation, start)
    return ask(target.client(target.region), operation, params)


def _unused() -> str:
    return f"d{uuid.uuid4().hex[:13]}"


def _sentence(target: Target, answers: list[Answer]) -> str | None:
    """What is wrong with a target whose every answer is no answer, or a page."""
    last, name = answers[-1], target.name
    if last.code in _BAD_KEYS:
        return f"{name} rejects the credentials: {last.code}."
    if last.is_empty:
        return f"{name} answers {last.operation} with an object that has no member."
    if not all(one.problem is not None or one.is_page for one in answers):
        return None
    if name.startswith("http://") and _speaks_tls(name):
        return f"{name} speaks TLS: write https:// instead."
    if last.problem is None:
        return None if last.status == 404 else _page(name, last)
    return _unanswered(name, last.problem)


def _page(name: str, answer: Answer) -> str:
    return (
        f"{name} answers {answer.operation} with {answer.kind.partition(';')[0] or 'text'} (status "
        f"{answer.status}), not with JSON: is it the address of a fake of Amplify Backend?"
    )


def _unanswered(name: str, problem: Exception) -> str:
    text = str(problem)
    if isinstance(problem, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return f"{name} needs credentials: {text}"
    if isinstance(problem, exceptions.SSLError):
        if "WRONG_VERSION_NUMBER" in text or "wrong version number" in text:
            return f"{name} does not speak TLS: write http:// instead."
        return f"{name} has no certificate that is trusted here: set AWS_CA_BUNDLE. {text}"
    if isinstance(problem, exceptions.ConnectTimeoutError | exceptions.ReadTimeoutError):
        return f"{name} has not answered within {PATIENCE:g} seconds."
    if isinstance(problem, exceptions.EndpointConnectionError):
        return f"Nothing answers at {name}: {text}"
    if isinstance(problem, exceptions.ConnectionClosedError):
        if "BadStatusLine" in repr(problem.kwargs.get("error")):
            return f"{name} answers with something else than HTTP."
        return f"{name} closes connections without an answer."
    told = f"{type(problem).__name__}: {text}"
    if isinstance(problem, exceptions.BotoCoreError | OSError | ValueError):
        return f"{name} does not answer: {told}"
    return f"{name} answers what the client cannot read, or the client is broken: {told}."


def _speaks_tls(url: str) -> bool:
    parts = urlsplit(url)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.suppress(OSError, ValueError):
        address = (parts.hostname, parts.port or 80)
        with (
            socket.create_connection(address, timeout=PATIENCE) as plain,
            context.wrap_socket(plain, server_hostname=parts.hostname),
        ):
            return True
    return False


def _nowhere(target: Target, last: Answer) -> str | None:
    """What is wrong with a target that knows no operation at all."""
    if last.is_of_the_api or last.problem is not None or last.code in _BAD_KEYS:
        return None
    found, answers = _probed(target, dict.fromkeys(catalogue.operations()))
    if found:
        return None
    statuses = sorted({str(one.status) for one in answers})
    return f"{target.name} answers {' or '.join(statuses)} to every operation."


def implemented(target: Target) -> frozenset[str]:
    """The operations that a target seems to have, by a call of each; raises UsageError if none.

    CreateBackend makes an app for the others; a target that may not be written to is asked for
    what it reads.
    """
    names = [name for name in catalogue.operations() if target.writes or name in READS]
    found, _ = _probed(target, dict.fromkeys(names))
    if not found:
        raise pytest.UsageError(f"{target.name} implements no operation.")
    return frozenset(found)


def _probed(target: Target, names: Mapping[str, None]) -> tuple[set[str], list[Answer]]:
    """Which of these operations a target has, and its answers."""
    existing: dict[str, Any] = {"AppId": _unused()}
    noted = Noted(Divergences(), apps=[(target.region, existing["AppId"])])
    found, answers = set(), []
    elsewhere = _garbage(target)
    for operation in sorted(names, key=_last_what_removes):
        answer = _ask(target, operation, **existing)
        answers.append(answer)
        if answer.is_of_the_api or _is_own(answer, elsewhere):
            found.add(operation)
        job = _job_of(existing["AppId"], answer)
        if job is not None:
            noted.touched.add((target.region, existing["AppId"]))
            noted.jobs.append((target.region, job))
        if operation == "CreateBackend" and job is not None:
            existing["JobId"] = job["JobId"]
            tidying.ended(target, target.region, job)
        if operation == "CreateBackendConfig":
            noted.studios.add((target.region, existing["AppId"]))
    with contextlib.suppress(*tidying.ERRORS):
        tidying.tidy(target, noted)
    return found, answers


def _last_what_removes(operation: str) -> tuple[int, str]:
    first = operation != "CreateBackend"
    removes = operation.startswith(("Delete", "Remove"))
    return (2 if removes else int(first)), operation


def _job_of(app_id: str, answer: Answer) -> dict[str, str] | None:
    """Where the job of an answer is read, if it has made one."""
    found = answer.parsed
    if answer.operation.endswith("BackendJob") or not isinstance(found, Mapping):
        return None
    if not isinstance(found.get("JobId"), str):
        return None
    name = found.get("BackendEnvironmentName", "dev")
    return {"AppId": app_id, "BackendEnvironmentName": str(name), "JobId": found["JobId"]}


def _garbage(target: Target) -> tuple[int, str] | None:
    """How a URL answers for a path that nobody serves: its status and content type."""
    if not target.name.startswith(("http://", "https://")):
        return None
    try:
        with urllib.request.urlopen(f"{target.name}/no/such/path", timeout=PATIENCE) as answer:
            return answer.status, str(answer.headers.get_content_type())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, str(error.headers.get_content_type())
    except (OSError, ValueError):
        return None


def _is_own(answer: Answer, elsewhere: tuple[int, str] | None) -> bool:
    """Whether a "not found" without an error code differs from that of any other path."""
    if elsewhere is None or not answer.unimplemented or answer.status != 404:
        return False
    return (answer.status, answer.kind.partition(";")[0]) != elsewhere


def estimate(seconds: float, tests: int, processes: int = 1) -> str | None:
    """How long a run will take, as a sentence, where that is long."""
    total = seconds * CALLS * tests / max(processes, 1)
    if total < SLOW:
        return None
    return (
        f"amplifybackend contract: the target takes {seconds:.2f} s for a call, so that {tests} "
        f"tests will take about {total / 60:.0f} minutes; -n 4, -k or "
        "--amplifybackend-operations shorten that"
    )
