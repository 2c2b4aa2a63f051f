"""Talking to Amplify Backend: retries, waiting for jobs, reading environments.

Every change of a backend is a job that runs for minutes. The service takes one job at a time for
an environment, refuses the next with an error, and throttles callers who ask too often.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import boto3
from botocore.exceptions import BotoCoreError, ClientError

Answer: TypeAlias = dict[str, Any]
Resources: TypeAlias = dict[str, dict[str, Any]]

CATEGORIES = ("auth", "api", "storage")
"""What an environment can hold, each after what it may depend on."""

# The service answers with codes that its SDKs do not model, beside those that they do.
NOT_FOUND = frozenset({"NotFoundException", "ResourceNotFoundException"})
THROTTLED = frozenset({"TooManyRequestsException"})
# A change that timed out may well have begun, so only reads are repeated after a timeout.
UNREADABLE = THROTTLED | {"GatewayTimeoutException"}


class CommandError(Exception):
    """What stopped a command, in words for its operator."""


class JobFailed(CommandError):
    """A job ended FAILED."""


class JobTimedOut(CommandError):
    """A job had not ended by the deadline."""


def run(command: Callable[[], None]) -> int:
    """Run `command` and give the exit code of the program, with any error on stderr."""
    try:
        command()
    except (CommandError, ClientError, BotoCoreError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def default_region() -> str | None:
    """The region that the surroundings name; boto3 by itself ignores AWS_REGION."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")


def connect(region: str | None) -> Any:
    """A client of Amplify Backend in `region`."""
    return boto3.client("amplifybackend", region_name=region or default_region())


def error_code(error: ClientError) -> str:
    """The code of a service error, such as `NotFoundException`."""
    return str(error.response["Error"]["Code"])


def is_pending_job(error: ClientError) -> bool:
    """Whether the service refused because another job of the environment has not ended."""
    return "pending job" in error.response["Error"].get("Message", "")


def patiently(
    call: Callable[[], Answer],
    *,
    codes: frozenset[str] = THROTTLED,
    patience: float = 900.0,
) -> Answer:
    """Repeat `call`, ever more slowly, while it is throttled or another job is in its way.

    The error itself is raised after `patience` seconds of waiting.
    """
    give_up_at = time.monotonic() + patience
    delay = 1.0
    while True:
        try:
            return call()
        except ClientError as error:
            if error_code(error) not in codes and not is_pending_job(error):
                raise
            if time.monotonic() + delay > give_up_at:
                raise
        time.sleep(delay)
        delay = min(delay * 2, 30.0)


def wait_for_job(
    client: Any, started: Mapping[str, Any], *, timeout: float, interval: float = 5.0
) -> Answer:
    """Poll the job that the answer `started` names until it ends, and give it.

    Raises JobFailed if it failed, and JobTimedOut if it still runs after `timeout` seconds.
    """
    # The answer names the environment that the job is filed under, which need not be the one
    # that was asked for: the job of a clone belongs to the clone.
    key = {name: started[name] for name in ("AppId", "BackendEnvironmentName", "JobId")}
    give_up_at = time.monotonic() + timeout
    while True:
        job = patiently(lambda: _answer(client.get_backend_job(**key)), codes=UNREADABLE)
        what = f"{job.get('Operation', 'job')} {key['JobId']} in {key['BackendEnvironmentName']}"
        if job["Status"] == "COMPLETED":
            return job
        if job["Status"] == "FAILED":
            raise JobFailed(f"{what} failed: {job.get('Error') or 'no reason was given.'}")
        if time.monotonic() >= give_up_at:
            raise JobTimedOut(f"{what} is still {job['Status']} after {timeout:g} seconds.")
        time.sleep(interval)


def environments(client: Any, app_id: str) -> list[str]:
    """The names of the app's environments; none if the service does not know the app."""
    try:
        answer = patiently(lambda: _answer(client.get_backend(AppId=app_id)), codes=UNREADABLE)
    except ClientError as error:
        if error_code(error) in NOT_FOUND:
            return []
        raise
    return list(answer.get("BackendEnvironmentList", []))


def resources(client: Any, app_id: str, environment: str) -> Resources:
    """What the environment holds: its metadata by category and resource name."""
    answer = patiently(
        lambda: _answer(client.get_backend(AppId=app_id, BackendEnvironmentName=environment)),
        codes=UNREADABLE,
    )
    try:
        meta = json.loads(answer.get("AmplifyMetaConfig") or "{}")
    except ValueError as error:
        raise CommandError(
            f"The metadata of {app_id} {environment} is not JSON: {error}."
        ) from error
    return {category: meta.get(category, {}) for category in CATEGORIES}


def is_empty(held: Resources) -> bool:
    """Whether an environment holds nothing at all."""
    return not any(held.values())


def _answer(response: Mapping[str, Any]) -> Answer:
    return dict(response)
