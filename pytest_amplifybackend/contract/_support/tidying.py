"""Unique names, and the removal of what was made under them, also after a failure."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pytest_amplifybackend.contract._support.backend import ENDED, Backend, Noted
from pytest_amplifybackend.contract._support.target import Target

_PENDING = ("BadRequestException", "ValidationException")


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
    ``target.left_behind``; the failure of the test itself is what counts.
    """
    if not target.tidies or not target.writes:
        return
    for region, job in noted.jobs:
        if job["JobId"] not in noted.ended:
            _ended(target, region, job)
    for region, app_id in dict.fromkeys(noted.apps):
        reason = None
        if (region, app_id) in noted.touched:
            reason = _remove(target, noted, region, app_id)
        if reason is not None:
            target.left_behind.append(f"app {app_id} in {region}: {reason}")
        elif target.remove_app is not None:
            target.remove_app(region, app_id)


def _ended(target: Target, region: str, job: Mapping[str, Any]) -> bool:
    """Whether a job has ended, after waiting for it."""
    try:
        for _ in target.polling.pauses():
            if target.client(region).get_backend_job(**job)["Status"] in ENDED:
                return True
    except (BotoCoreError, ClientError, KeyError, ValueError):
        pass
    return False


def _remove(target: Target, noted: Noted, region: str, app_id: str) -> str | None:
    """Remove an app with all it has; gives why it could not be, None when it is gone."""
    client = target.client(region)
    if (region, app_id) in noted.studios:
        with contextlib.suppress(BotoCoreError, ClientError, ValueError):  # it was not enabled
            client.remove_backend_config(AppId=app_id)
    for _ in target.polling.pauses():
        try:
            name = _name_of_jobs(noted, region, app_id) or _an_environment(client, app_id)
            removal = client.remove_all_backends(AppId=app_id, CleanAmplifyApp=True)
            job = {"AppId": app_id, "BackendEnvironmentName": name, "JobId": removal["JobId"]}
            return None if _ended(target, region, job) else "its removal has not ended"
        except ClientError as error:
            told = error.response["Error"]
            if told["Code"] in _PENDING:
                reason = str(told["Message"])
                continue
            gone = error.response["ResponseMetadata"].get("HTTPStatusCode") == 404
            return None if gone else str(told["Message"])
        except (BotoCoreError, KeyError, ValueError) as error:
            return f"{type(error).__name__}: {error}"
    return reason


def _name_of_jobs(noted: Noted, region: str, app_id: str) -> str | None:
    """A name under which an app has jobs: the job of the whole app is read under any."""
    names = (
        str(job["BackendEnvironmentName"])
        for where, job in noted.jobs
        if (where, job["AppId"]) == (region, app_id)
    )
    return next(names, None)


def _an_environment(client: Any, app_id: str) -> str:
    names: list[str] = client.get_backend(AppId=app_id)["BackendEnvironmentList"]
    return names[0] if names else "dev"
