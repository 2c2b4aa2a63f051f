"""Unique names, and the removal of what was made under them, also after a failure."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pytest_amplifybackend.contract._support.backend import ENDED, Backend, is_unimplemented
from pytest_amplifybackend.contract._support.noted import Noted
from pytest_amplifybackend.contract._support.target import Target

_PENDING = ("BadRequestException", "ValidationException")
# besides botocore's own: what its parsers, or this module, raise of a body of another shape
_OTHER_ERRORS = (AttributeError, BotoCoreError, LookupError, TypeError, ValueError)
ERRORS = (ClientError, *_OTHER_ERRORS)


def new_app(backend: Backend) -> str:
    """An app id that nobody has used; what is made under it is removed after the test."""
    if not backend.target.writes:
        return f"d{'0' * 12}"
    app_id = backend.target.new_app(backend.region)
    backend.noted.apps.append((backend.region, app_id))
    return app_id


def tidy(target: Target, noted: Noted) -> None:
    """Remove the backends of every app that a test has made, after its jobs have ended.

    A target that ends with the run is left as it is. What cannot be removed is noted in
    ``target.left_behind``, a sentence each; the failure of the test itself is what counts.
    """
    if not target.tidies or not target.writes or not _can_remove(target):
        return
    for region, job in noted.jobs:
        if job["JobId"] not in noted.ended:
            ended(target, region, job)
    for region, app_id in dict.fromkeys(noted.apps):
        reason = None
        if (region, app_id) in noted.touched:
            reason = _App(target, noted, region, app_id).remove()
        if reason is not None:
            target.left_behind.append(f"App {app_id} in {region} could not be removed: {reason}")
        elif target.remove_app is not None:
            target.remove_app(region, app_id)


def _can_remove(target: Target) -> bool:
    """Whether a target is known to have what removes backends."""
    known = target.implemented
    return known is None or bool(known & {"RemoveAllBackends", "DeleteBackend"})


def ended(target: Target, region: str, job: Mapping[str, Any]) -> bool:
    """Whether a job has ended, after waiting for it."""
    with contextlib.suppress(*ERRORS):
        for _ in target.polling.pauses():
            if target.client(region).get_backend_job(**job)["Status"] in ENDED:
                return True
    return False


class _App:
    """An app that a test has made, on its way out."""

    def __init__(self, target: Target, noted: Noted, region: str, app_id: str) -> None:
        self._target, self._region, self._id = target, region, app_id
        self._client = target.client(region)
        self._studio = (region, app_id) in noted.studios
        self._names = [
            str(job["BackendEnvironmentName"])
            for where, job in noted.jobs
            if (where, job["AppId"]) == (region, app_id)
        ]

    def remove(self) -> str | None:
        """Remove it with all it has; a sentence why that was impossible, None when it is gone."""
        if self._studio:
            with contextlib.suppress(*ERRORS):  # it was not enabled
                self._client.remove_backend_config(AppId=self._id)
        reason: str | None = None
        for _ in self._target.polling.pauses():
            try:
                return self._remove_once()
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") not in _PENDING:
                    return None if _is_gone(error) else _told(error)
                reason = _told(error)
            except _OTHER_ERRORS as error:
                return f"{type(error).__name__}: {error}"
            unfinished = self._wait_for_jobs()
            if unfinished is not None:
                return unfinished
        return reason

    def _remove_once(self) -> str | None:
        # the job of the whole app is read under the name of any job that the app has had
        name = self._names[0] if self._names else self._environments()[0]
        try:
            removal = self._client.remove_all_backends(AppId=self._id, CleanAmplifyApp=True)
        except ClientError as error:
            if not is_unimplemented(error):
                raise
            return self._remove_each()
        return self._unfinished("RemoveAllBackends", name, removal)

    def _remove_each(self) -> str | None:
        """Remove the environments one by one, where all at once is not implemented."""
        for name in self._client.get_backend(AppId=self._id)["BackendEnvironmentList"]:
            removal = self._client.delete_backend(AppId=self._id, BackendEnvironmentName=name)
            reason = self._unfinished("DeleteBackend", name, removal)
            if reason is not None:
                return reason
        return None

    def _environments(self) -> list[str]:
        names: list[str] = self._client.get_backend(AppId=self._id)["BackendEnvironmentList"]
        return names or ["dev"]

    def _wait_for_jobs(self) -> str | None:
        """Wait for the jobs that keep others out, also those that the test has not noted."""
        names = dict.fromkeys(self._names)
        with contextlib.suppress(*ERRORS):
            names |= dict.fromkeys(self._environments())
        for name in names:
            for status in ("PENDING", "RUNNING"):
                at = {"AppId": self._id, "BackendEnvironmentName": name}
                with contextlib.suppress(*ERRORS):
                    for job in self._client.list_backend_jobs(**at, Status=status)["Jobs"]:
                        reason = self._unfinished(job["Operation"], name, job)
                        if reason is not None:
                            return reason
        return None

    def _unfinished(self, operation: str, name: str, job: Mapping[str, Any]) -> str | None:
        """Wait for a job; a sentence if it does not end."""
        at = {"AppId": self._id, "BackendEnvironmentName": name, "JobId": job["JobId"]}
        if ended(self._target, self._region, at):
            return None
        waited = f"{self._target.polling.timeout:g} seconds"
        return f"its job {job['JobId']} ({operation}) in {name!r} has not ended after {waited}."


def _told(error: ClientError) -> str:
    told = error.response.get("Error", {})
    return str(told.get("Message") or told.get("Code") or error)


def _is_gone(error: ClientError) -> bool:
    """Whether an app is not there any more, or never was."""
    return bool(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404)
