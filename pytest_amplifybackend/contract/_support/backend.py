"""The target as the tests see it: each answer and error is compared with its documented shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from pytest_amplifybackend import _shapes as shapes
from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.secrets.shapes import redact
from pytest_amplifybackend._api.secrets.texts import reveals
from pytest_amplifybackend.contract._support.noted import Blocked, Noted
from pytest_amplifybackend.contract._support.target import Target

Params = Mapping[str, Any]
READS = frozenset(name for name in catalogue.operations() if name.startswith(("Get", "List")))
"""The operations that change nothing."""

ENDED = ("COMPLETED", "FAILED")
_TOO_FAST = "the target's jobs end before they can be seen at work"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_MILLISECONDS = re.compile(r"[0-9]{13}")


_ABSENT = (403, 404, 405, 501)
_CODES = frozenset(
    code for error in errors.MODELED.values() for code in (error.code, error.observed_code)
)


class Backend:
    """A region of the target; every method raises AssertionError naming the operation."""

    def __init__(self, target: Target, noted: Noted, region: str | None = None) -> None:
        self.target, self.noted = target, noted
        self.region = region or target.region
        self._client = target.client(self.region)
        self.metadata: Params = {}
        """What the client tells of the last answer: its status, headers and id."""

    def elsewhere(self) -> Backend:
        """The same target in another region."""
        return Backend(self.target, self.noted, self.target.other_region)

    def of_another_client(self) -> Backend:
        """The same region of the same target, by a client of its own."""
        other = Backend(self.target, self.noted, self.region)
        other._client = self.target.second_client(self.region)
        return other

    # Calls

    def call(self, operation: str, params: Params) -> dict[str, Any]:
        """The response without ``ResponseMetadata``, after a look at its status and its shape."""
        __tracebackhide__ = True
        try:
            response = self._send(operation, params)
        except ClientError as error:
            raise AssertionError(
                f"{operation}: expected success, got {_error_text(error)}"
            ) from None
        self.metadata = response.pop("ResponseMetadata", {})
        status = self.metadata.get("HTTPStatusCode")
        assert status == 200, f"{operation}: expected status 200, got {status}"
        self._check_shape(operation, response)
        self._keeps_headers_clean(operation, params, self.metadata)
        return response

    def rejected(
        self, operation: str, params: Params, error: type[errors.ServiceError]
    ) -> dict[str, Any]:
        """The body of the modeled error that answers a call; it must not show a secret."""
        __tracebackhide__ = True
        codes = self.target.codes(error)
        try:
            response = self._send(operation, params)
        except ClientError as answered:
            error_answer = answered
        else:
            raise AssertionError(
                f"{operation}: expected {' or '.join(codes)}, got {_shown(operation, response)}"
            )
        told = error_answer.response["Error"]
        status = error_answer.response["ResponseMetadata"].get("HTTPStatusCode")
        assert told["Code"] in codes, (
            f"{operation}: expected {' or '.join(codes)}, got {_error_text(error_answer)}"
        )
        assert status == error.status, (
            f"{operation}: {told['Code']} has status {status}, not {error.status}"
        )
        assert told.get("Message"), f"{operation}: {told['Code']} without a message"
        modeled = getattr(self._client.exceptions, told["Code"], ClientError)
        assert isinstance(error_answer, modeled), f"{operation}: {type(error_answer)}"
        self.keeps_secrets(operation, params, told["Message"])
        metadata = error_answer.response["ResponseMetadata"]
        self._keeps_headers_clean(operation, params, metadata)
        body: dict[str, Any] = error_answer.response
        return body

    def _send(self, operation: str, params: Params) -> dict[str, Any]:
        __tracebackhide__ = True
        if operation not in READS and not self.target.writes:
            pytest.skip(f"{operation} writes: --amplifybackend-allow-writes lets it")
        known = self.target.implemented
        if known is not None and operation not in known:
            pytest.skip(f"needs {operation}, which --amplifybackend-implemented does not name")
        self.noted.note(operation)
        try:
            answer: dict[str, Any] = getattr(self._client, catalogue.method_name(operation))(
                **params
            )
        except ParamValidationError as error:
            raise AssertionError(
                f"{operation}: the client rejected the test's own {error}"
            ) from None
        except ClientError as error:
            if error.response["ResponseMetadata"].get("HTTPStatusCode", 500) >= 500:
                self.note_made(operation, params, {})
            self._note_answer(operation, error)
            raise
        except Exception as error:
            self.note_made(operation, params, {})
            kind = type(error).__name__
            raise AssertionError(f"{operation}: no answer but {kind}: {error}") from error
        self.note_made(operation, params, answer)
        return answer

    def note_made(self, operation: str, params: Params, answer: Params) -> None:
        """Note what has to be removed after a call that was not rejected, or may not have been."""
        if operation in READS or "AppId" not in params:
            return
        app = str(params["AppId"])
        self.noted.touched.add((self.region, app))
        if operation == "CreateBackendConfig":
            self.noted.studios.add((self.region, app))
        if "JobId" in answer and "JobId" not in params:
            self.noted.jobs.append((self.region, self._place_of_job(params, answer)))

    def _place_of_job(self, params: Params, answer: Params) -> dict[str, Any]:
        """Where a new job is read."""
        named = answer.get("BackendEnvironmentName") or params.get("BackendEnvironmentName")
        if named is None:  # RemoveAllBackends: the job is that of the whole app
            named = self._some_environment(params["AppId"])
        return {
            "AppId": params["AppId"],
            "BackendEnvironmentName": named,
            "JobId": answer["JobId"],
        }

    def _note_answer(self, operation: str, error: ClientError) -> None:
        """Note an error; raises Blocked where an operation that a test needs is not there."""
        __tracebackhide__ = True
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        code = error.response.get("Error", {}).get("Code")
        named = f" ({code})" if code and code != str(status) else ""
        self.noted.last = (operation, f"{operation} answered {status}{named}")
        if is_unimplemented(error) and not self.noted.is_about(operation):
            raise Blocked(self.noted.last[1]) from error

    def _check_shape(self, operation: Any, response: Params) -> None:
        __tracebackhide__ = True
        found = shapes.differences(operation, response)
        if not found:
            return
        listed = [self.noted.divergences.at(operation, one.path) for one in found]
        self.noted.met += [one for one in listed if one is not None]
        left = [one for one, path in zip(found, listed, strict=True) if path is None]
        if len(left) == len(found):
            shapes.assert_shape(operation, response)
        elif left:
            lines = "\n".join(f"  {one}" for one in left)
            raise AssertionError(f"{operation}: besides what is listed as known:\n{lines}")

    def keeps_secrets(self, operation: str, params: Params, text: str) -> None:
        """Fail if a text tells one of the secrets of a request."""
        __tracebackhide__ = True
        shape = catalogue.operations()[operation].input_shape
        assert not reveals(text, params, shape), f"{operation}: a secret of the request is shown"

    def _keeps_headers_clean(self, operation: str, params: Params, metadata: Params) -> None:
        __tracebackhide__ = True
        headers = metadata.get("HTTPHeaders") or {}
        self.keeps_secrets(operation, params, "\n".join(map(str, headers.values())))

    # Jobs

    def submit(self, operation: str, params: Params) -> dict[str, Any]:
        """The answer to an operation that makes a job: PENDING, with an id to ask for it."""
        __tracebackhide__ = True
        answer = self.call(operation, params)
        status = answer.get("Status")
        assert status == "PENDING", f"{operation}: expected Status PENDING, got {status!r}"
        job_id = answer.get("JobId", "")
        assert _UUID.fullmatch(job_id), f"{operation}: the JobId {job_id!r} is not a version 4 UUID"
        assert answer.get("AppId") == params["AppId"], f"{operation}: AppId {answer.get('AppId')!r}"
        said = answer.get("Operation", operation)
        assert said == operation, f"{operation}: Operation {said!r}"
        asked = params.get("TargetEnvironmentName", params.get("BackendEnvironmentName"))
        named = answer.get("BackendEnvironmentName", asked)
        assert asked in (named, None), f"{operation}: BackendEnvironmentName {named!r}"
        return dict(self.noted.jobs[-1][1])

    def _some_environment(self, app: str) -> str:
        """A name under which the job of a whole app can be read: that of the last job before."""
        for _, at in reversed(self.noted.jobs):
            if at["AppId"] == app:
                return str(at["BackendEnvironmentName"])
        return "dev"

    def job(self, at: Params) -> dict[str, Any]:
        """A job as GetBackendJob shows it, in the form of recorded ones."""
        __tracebackhide__ = True
        record = self.call("GetBackendJob", at)
        for member in ("CreateTime", "UpdateTime"):
            time = record.get(member, "")
            assert _MILLISECONDS.fullmatch(time), (
                f"{record.get('Operation')}: {member} {time!r} is not a time in milliseconds"
            )
        assert ("Error" not in record) or record["Status"] == "FAILED", (
            f"{record.get('Operation')}: a job that is {record['Status']} has an Error"
        )
        return record

    def wait(self, at: Params) -> dict[str, Any]:
        """A job's last record, once it has ended; AssertionError after the target's timeout."""
        __tracebackhide__ = True
        record: dict[str, Any] = {}
        for _ in self.target.polling.pauses():
            record = self.job(at)
            if record["Status"] in ENDED:
                self.noted.ended.add(at["JobId"])
                return record
        raise AssertionError(
            f"{record.get('Operation')}: the job is still {record.get('Status')} after "
            f"{self.target.polling.timeout:g} seconds"
        )

    def done(self, operation: str, params: Params) -> dict[str, Any]:
        """The record of a job that ends COMPLETED."""
        __tracebackhide__ = True
        record = self.wait(self.submit(operation, params))
        assert record["Status"] == "COMPLETED", (
            f"{operation}: expected the job to end COMPLETED, it is {record['Status']}: "
            f"{record.get('Error')}"
        )
        return record

    def fails(self, operation: str, params: Params) -> dict[str, Any]:
        """The record of a job that is accepted and ends FAILED, with an Error without secrets."""
        __tracebackhide__ = True
        record = self.wait(self.submit(operation, params))
        assert record["Status"] == "FAILED", (
            f"{operation}: expected the job to end FAILED, it is {record['Status']}"
        )
        assert record.get("Error"), f"{operation}: the job failed without an Error"
        self.keeps_secrets(operation, params, record["Error"])
        return record

    def jobs(self, at: Params, **filters: Any) -> list[dict[str, Any]]:
        """Every job of an environment, from all pages."""
        __tracebackhide__ = True
        found: list[dict[str, Any]] = []
        params = {**at, **filters}
        for _ in range(1000):
            page = self.call("ListBackendJobs", params)
            found += page.get("Jobs", [])
            if "NextToken" not in page:
                return found
            params["NextToken"] = page["NextToken"]
        raise AssertionError("ListBackendJobs: a thousand pages have no end")

    def newest_jobs(self, at: Params) -> list[dict[str, Any]]:
        """The first page of an environment's jobs, where a new one would be."""
        __tracebackhide__ = True
        jobs: list[dict[str, Any]] = self.call("ListBackendJobs", at).get("Jobs", [])
        return jobs

    def skip_if_ended(self, at: Params) -> None:
        """Skip the test where a job has ended before anybody could have seen it at work.

        The targets that the suite starts itself never do that.
        """
        if self.target.progress == "poll" and self.job(at)["Status"] in ENDED:
            self.target.ended_early += 1
            pytest.skip(_TOO_FAST)

    def skip_if_too_fast(self) -> None:
        """Skip a test of jobs at work where several could not be seen at work already."""
        if self.target.ended_early >= 3:
            pytest.skip(_TOO_FAST)

    # What can be read

    def seen(self, at: Params) -> dict[str, Any]:
        """What can be read of an environment without moving its jobs."""
        __tracebackhide__ = True
        return self.call("GetBackend", at)

    @contextmanager
    def unchanged(self, at: Params) -> Iterator[None]:
        """Nothing that can be read of an environment, its last jobs included, changes meanwhile."""
        __tracebackhide__ = True
        before = self.seen(at), self.newest_jobs(at)
        yield
        after = self.seen(at), self.newest_jobs(at)
        assert after == before, "a rejected call has changed what can be read"


def _shown(operation: str, response: Any) -> Any:
    """A response as a failure may show it."""
    response = {name: item for name, item in response.items() if name != "ResponseMetadata"}
    return redact(response, catalogue.operations()[operation].output_shape)


def _error_text(error: ClientError) -> str:
    """What an error says, and whether the target knows the operation at all."""
    told = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    text = f"status {status}, {told.get('Code')}: {told.get('Message') or 'no message'}"
    if is_unimplemented(error):
        text += " (not an error of the service: the target may not implement the operation)"
    return text


def is_unimplemented(error: ClientError) -> bool:
    """Whether an error is not one of the service, and has a status that says "no such thing"."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return error.response.get("Error", {}).get("Code") not in _CODES and status in _ABSENT
