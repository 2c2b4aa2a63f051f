"""Makes the machine's calls and compares each answer with the oracle's."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from pytest_amplifybackend._api import catalogue, paths
from pytest_amplifybackend._api.catalogue import FAMILIES
from pytest_amplifybackend._api.secrets.texts import reveals
from pytest_amplifybackend.strategies._internal.oracle import Oracle
from pytest_amplifybackend.strategies._internal.oracle_reads import (
    ANSWERS,
    differences,
    learn,
    listed,
)
from pytest_amplifybackend.strategies._internal.oracle_state import BAD_REQUEST, Rejected
from pytest_amplifybackend.strategies._internal.oracle_work import LEARNT, WORK
from pytest_amplifybackend.strategies._internal.replay import Run
from pytest_amplifybackend.strategies._internal.script import Script
from pytest_amplifybackend.strategies._internal.values import InvalidRequest

Params = dict[str, Any]
_READERS = {"auth": "GetBackendAuth", "api": "GetBackendAPI", "storage": "GetBackendStorage"}
_MOST = 25


class Checker:
    """A client, the oracle, and the script of what was called; ``failed`` once they disagree.

    ``apps`` are those of the run, ``fresh`` if no run uses them again; ``move`` moves the clock.
    """

    def __init__(
        self,
        client: Any,
        oracle: Oracle,
        apps: tuple[str, ...] = (),
        *,
        fresh: bool = False,
        move: Callable[[float], None] | None = None,
    ) -> None:
        self._client, self.oracle, self.apps, self._move = client, oracle, apps, move
        self.script = Script(oracle.region, apps if fresh else ())
        self.run = Run(ids={app: (place, "") for place, app in enumerate(apps)})

    @property
    def failed(self) -> bool:
        """Whether client and oracle have disagreed."""
        return bool(self.run.failure)

    def call(self, operation: str, params: Params, *, broken: bool = False) -> Params | None:
        """Call and compare; gives the answer, None when the call was rejected as expected.

        ``broken`` says that the job will fail because of the params.
        """
        self.run.note("call", operation, params, broken=broken)
        self.oracle.settle()
        expected: Any = {}
        rejection: Rejected | None = None
        sent = copy.deepcopy(params)
        try:
            if operation in WORK:
                self.oracle.check_submission(operation, params)
            else:
                expected = _answer(operation)(self.oracle, params)
        except Rejected as expected_error:
            rejection = expected_error
        answer = self._send(operation, sent, None if rejection is None else rejection.code)
        if answer is None:
            return None
        if operation in WORK:
            self._submitted(operation, params, answer, broken=broken)
        else:
            self._compare(operation, expected, answer)
            learn(self.oracle, operation, params, copy.deepcopy(answer))
        self.run.learn(answer)
        result = copy.deepcopy(answer)
        scribble(answer)
        scribble(sent)
        return result

    def _send(self, operation: str, params: Params, code: str | None) -> Params | None:
        """The answer of a call that is expected to end in ``code``, or in none."""
        self.script.call(operation, params)
        try:
            answer: Params = getattr(self._client, catalogue.method_name(operation))(**params)
        except ClientError as error:
            actual = error.response["Error"]["Code"]
            if actual != code:
                self._fail(operation, f"expected {code or 'success'}, got {actual}: {error}")
            return None
        except Exception as error:
            self._failed(f"{operation}: the client raised {error!r}")
            raise
        answer.pop("ResponseMetadata", None)
        if code is not None:
            self._fail(operation, f"expected {code}, got {answer!r}")
        self.script.answer(answer)
        return answer

    def _submitted(self, operation: str, params: Params, answer: Params, *, broken: bool) -> None:
        expected = {"AppId": params["AppId"], "JobId": LEARNT, "Status": "PENDING"}
        where = self.oracle.filed_under(operation, params)
        if where not in (None, "?"):
            expected["BackendEnvironmentName"] = where
        if "Operation" in answer:
            expected["Operation"] = operation
        self._compare(operation, expected, answer)
        if any(job["id"] == answer["JobId"] for job in self.oracle.jobs):
            self._fail(operation, f"the job id {answer['JobId']} was used before")
        self.oracle.submit(operation, params, answer, broken=broken)

    def list_jobs(self, params: Params) -> None:
        """Read every page of a list, and compare pages and order."""
        operation = "ListBackendJobs"
        self.run.note("list_jobs", params)
        self.oracle.settle()
        try:
            expected, code = listed(self.oracle, params), None
        except Rejected as rejected:
            expected, code = [], rejected.code
        size = params.get("MaxResults", _MOST)
        token: str | None = None
        for start in range(0, max(len(expected), 1), size):
            sent = params if token is None else {**params, "NextToken": token}
            answer = self._send(operation, dict(sent), code)
            if answer is None:
                return
            page = expected[start : start + size]
            found = answer["Jobs"]
            if len(found) != len(page):
                self._fail(operation, f"expected a page of {len(page)} jobs, got {len(found)}")
            for number, (one, other) in enumerate(zip(page, found, strict=True)):
                self._compare(f"{operation} Jobs[{number}]", one, other)
            token = answer.get("NextToken")
            scribble(answer)
            more = len(expected) > start + size
            if more != (token is not None):
                self._fail(operation, f"expected {'a' if more else 'no'} NextToken, got {token!r}")
            if token is not None:
                other = {**params, "Status": "FAILED", "NextToken": token}
                if other["Status"] != params.get("Status"):
                    self._send(operation, other, BAD_REQUEST)

    def reject(self, request: InvalidRequest) -> None:
        """Send a request that is rejected for its params; the error must not reveal its secrets."""
        self.run.note("reject", request)
        self.script.call(request.operation, request.params)
        try:
            answer = request.send(self._client)
        except ParamValidationError:
            if str(request.layer) != "client":
                self._fail(request.operation, f"the client rejected {request!r}")
            return
        except ClientError as error:
            message = error.response["Error"]["Message"]
            if str(request.layer) != "service" or error.response["Error"]["Code"] != BAD_REQUEST:
                self._fail(request.operation, f"{request!r} met {error}")
            if self.oracle.exact and f"(rule {request.rule})" not in message:  # the fake's words
                self._fail(request.operation, f"{request!r} was rejected for {message}")
            self._keeps_secrets(request.operation, request.params, message)
            return
        self._fail(request.operation, f"{request!r} was answered {answer!r}")

    def _keeps_secrets(self, operation: str, params: Params, text: str) -> None:
        if reveals(text, params, catalogue.operations()[operation].input_shape):
            self._fail(operation, f"a secret is revealed in {text!r}")

    def wait_for(self, params: Params, seconds: float) -> None:
        """Poll a job until it has ended; raises AssertionError after ten minutes."""
        self.run.note("wait_for", params, seconds)
        for _ in range(round(600 / seconds)):
            if self._client.get_backend_job(**params)["Status"] in ("COMPLETED", "FAILED"):
                return
            time.sleep(seconds)
        self._fail("GetBackendJob", f"the job {params['JobId']} has not ended in ten minutes")

    def wait(self, seconds: float) -> None:
        """Let the time pass, for the backend and the oracle."""
        self.run.note("wait", seconds)
        assert self._move is not None
        self._move(seconds)
        self.oracle.now += round(seconds * 1000)
        self.script.waited(seconds)

    def observe(self, app_id: str, name: str) -> None:
        """Read an environment: what is in it, and its last job."""
        at = {"AppId": app_id, "BackendEnvironmentName": name}
        self.call("GetBackend", at)
        app = self.oracle.apps.get(app_id, {"environments": {}})
        environment = app["environments"].get(name)
        if environment is None:
            self.call("GetBackend", {"AppId": app_id})
        for family in FAMILIES:
            resource = None if environment is None else environment.get(family)
            if resource is None or resource["name"] == LEARNT:
                continue
            self.call(_READERS[family], {**at, "ResourceName": resource["name"]})
            if family == "api":
                self.call("GetBackendAPIModels", {**at, "ResourceName": resource["name"]})
        for job in reversed(self.oracle.jobs):
            if job["app"] == app_id and self.oracle.is_filed(job, name):
                error = self.call("GetBackendJob", {**at, "JobId": job["id"]}) or {}
                operation, params = job["work"]
                self._keeps_secrets(operation, params, error.get("Error", ""))
                break

    def sweep(
        self, app_ids: tuple[str, ...], names: tuple[str, ...], *, studio: bool = False
    ) -> None:
        """Read everything; Studio configs too, which takes an update that changes nothing."""
        for app_id in app_ids:
            self.call("GetBackend", {"AppId": app_id})
            for name in names:
                self.observe(app_id, name)
                at = {"AppId": app_id, "BackendEnvironmentName": name}
                for narrowed in ({}, {"MaxResults": 2}, {"MaxResults": 1, "Status": "COMPLETED"}):
                    self.list_jobs({**at, **narrowed})
            for session in list(self.oracle.apps.get(app_id, {"tokens": {}})["tokens"]):
                for _ in range(2):  # a read does not consume
                    self.call("GetToken", {"AppId": app_id, "SessionId": session})
            for _ in range(2 if studio else 0):
                self.call("UpdateBackendConfig", {"AppId": app_id})
        self.call("ListS3Buckets", {})

    def _compare(self, operation: str, expected: Params, actual: Params) -> None:
        try:
            lines = differences(expected, actual)
        except Exception as error:
            self._failed(f"{operation}: the answer {actual!r} cannot be read: {error!r}")
            raise
        if lines:
            self._fail(operation, "\n  ".join(["the answer is not as expected:", *lines]))

    def _fail(self, operation: str, text: str) -> None:
        self._failed(f"{operation}: {text}")
        raise AssertionError(f"{operation}: {text}")

    def _failed(self, text: str) -> None:
        self.run.failure = text
        self.script.fails(text)


def _answer(operation: str) -> Callable[[Oracle, Params], Params]:
    if operation not in ANSWERS:
        raise LookupError(
            f"the oracle does not know {operation}: add what it should return to ANSWERS of "
            "strategies/_internal/oracle_reads.py, or to WORK of oracle_work.py if it makes a job."
        )
    return ANSWERS[operation]


def scribble(value: Any) -> None:
    """Write all over a value: an answer, or params that were sent, are the caller's own."""
    for _, item, _ in list(paths.walk(value)):
        if isinstance(item, dict):
            item["Scribbled"] = True
        elif isinstance(item, list):
            item.append("scribbled")
