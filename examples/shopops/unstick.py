"""Fail jobs that hang, so that their environments accept new ones.

    python -m shopops.unstick d1shop --minutes 90 --dry-run

Runs by hand, and every hour as a Lambda function whose event is `{"app_id": …, "minutes": …}`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

import boto3
from botocore.exceptions import ClientError

from shopops.backend import (
    Answer,
    CommandError,
    default_region,
    environments,
    patiently,
    run,
)

# Made once for all invocations of the Lambda function, which finds its region in AWS_REGION.
amplify = boto3.client("amplifybackend", region_name=default_region() or "us-east-1")

ENDED = ("COMPLETED", "FAILED")


def stuck_jobs(jobs: Iterable[Answer], minutes: float) -> list[Answer]:
    """Those of `jobs` that were created over `minutes` ago and have not ended."""
    limit = (time.time() - minutes * 60) * 1000
    return [job for job in jobs if job["Status"] not in ENDED and int(job["CreateTime"]) < limit]


def all_jobs(app_id: str, environment: str) -> list[Answer]:
    """Every job of the environment, newest first."""
    pages = amplify.get_paginator("list_backend_jobs").paginate(
        AppId=app_id, BackendEnvironmentName=environment
    )
    return [job for page in pages for job in page.get("Jobs", [])]


def describe(job: Answer) -> str:
    """The job in a few words."""
    minutes = time.time() / 60 - int(job["CreateTime"]) / 60_000
    return (
        f"{job['BackendEnvironmentName']}: {job['Operation']} {job['JobId']} "
        f"has been {job['Status']} for {minutes:.0f} minutes"
    )


def fail(job: Answer) -> None:
    """Mark the job as failed, unless it has ended meanwhile."""
    key = {name: job[name] for name in ("AppId", "BackendEnvironmentName", "JobId")}
    try:
        patiently(lambda: amplify.update_backend_job(**key, Status="FAILED"))
    except ClientError:
        if amplify.get_backend_job(**key)["Status"] not in ENDED:
            raise


def unstick(
    app_id: str, minutes: float, *, only: Sequence[str] = (), dry_run: bool = False
) -> list[Answer]:
    """Fail the stuck jobs of the app's environments, or of `only` these, and give them."""
    names = only or environments(amplify, app_id)
    if not names:
        raise CommandError(f"{app_id} has no environments.")
    jobs = [job for name in names for job in all_jobs(app_id, name)]
    stuck = stuck_jobs(jobs, minutes)
    print(f"{len(stuck)} of {len(jobs)} jobs in {', '.join(names)} are stuck.")
    for job in stuck:
        print(describe(job) + ("" if dry_run else ", failing it"))
        if not dry_run:
            fail(job)
    return stuck


def handler(event: dict[str, Any], _context: object) -> dict[str, list[str]]:
    """The entry point of the Lambda function."""
    stuck = unstick(event["app_id"], event.get("minutes", 60))
    return {"failed": [job["JobId"] for job in stuck]}


def main(argv: Sequence[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(prog="shopops-unstick", description="Fail jobs that hang.")
    parser.add_argument("app_id")
    parser.add_argument("--environment", action="append", default=[], help="only this one")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--dry-run", action="store_true")
    args = parser.parse_args(argv)

    def command() -> None:
        unstick(args.app_id, args.minutes, only=args.environment, dry_run=args.dry_run)

    return run(command)


if __name__ == "__main__":
    sys.exit(main())
