"""A preview of the backend for each pull request.

    python -m shopops.preview up d1shop 417 --source dev
    python -m shopops.preview down d1shop 417
    python -m shopops.preview prune d1shop --days 14

The name of an environment is 2 to 10 lowercase letters, so the preview of pull request 417 is
called `prebh`: `pr` and a letter for each digit.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from shopops.backend import (
    NOT_FOUND,
    Answer,
    CommandError,
    connect,
    default_region,
    environments,
    error_code,
    is_empty,
    patiently,
    resources,
    run,
    wait_for_job,
)
from shopops.outputs import render, select

JOB_TIMEOUT = 30 * 60.0
DAY = 24 * 60 * 60.0
PREVIEW_NAME = re.compile(r"pr[a-j]{1,8}")


def preview_name(pull_request: int) -> str:
    """The name of the environment for a pull request."""
    letters = "".join("abcdefghij"[int(digit)] for digit in str(pull_request))
    name = f"pr{letters}"
    if not PREVIEW_NAME.fullmatch(name):
        raise CommandError(f"Pull request {pull_request} cannot be named in 10 letters.")
    return name


def up(client: Any, args: argparse.Namespace) -> None:
    """Clone the source environment, unless the preview is there, and print its outputs."""
    app_id, name = args.app_id, preview_name(args.pull_request)
    _clear_failed_clone(client, app_id, name)

    def start() -> Answer:
        # Looked up anew on every attempt: the job that was in the way may have made the preview.
        return {} if name in environments(client, app_id) else _clone(client, args, name)

    if started := patiently(start):
        wait_for_job(client, started, timeout=JOB_TIMEOUT, interval=10)
    print(render(select(resources(client, app_id, name)), "env"))


def down(client: Any, args: argparse.Namespace) -> None:
    """Delete the preview and wait until it is gone."""
    name = preview_name(args.pull_request)
    deleted = _delete(client, args.app_id, [name])
    print(f"{name}: deleted" if deleted else f"{name}: is not there")


def prune(client: Any, args: argparse.Namespace) -> None:
    """Delete the previews to which nothing has happened for some days."""
    now = time.time()
    stale = []
    for name in environments(client, args.app_id):
        if not PREVIEW_NAME.fullmatch(name):
            continue
        last = _last_change(client, args.app_id, name)
        if last is None:
            print(f"{name}: kept, its age is unknown")
        elif now - last < args.days * DAY:
            print(f"{name}: kept, changed {(now - last) / DAY:.1f} days ago")
        else:
            stale.append(name)
    if not args.dry_run:
        _delete(client, args.app_id, stale)
    for name in stale:
        print(f"{name}: {'would be deleted' if args.dry_run else 'deleted'}")


def _clear_failed_clone(client: Any, app_id: str, name: str) -> None:
    """Delete the empty environment that a clone leaves behind when it fails."""
    if name in environments(client, app_id) and is_empty(resources(client, app_id, name)):
        print(f"{name}: is empty, starting over", file=sys.stderr)
        _delete(client, app_id, [name])


def _clone(client: Any, args: argparse.Namespace, name: str) -> Answer:
    if is_empty(resources(client, args.app_id, args.source)):
        raise CommandError(f"{args.app_id} {args.source} holds no resources that could be cloned.")
    answer: Answer = client.clone_backend(
        AppId=args.app_id, BackendEnvironmentName=args.source, TargetEnvironmentName=name
    )
    return answer


def _delete(client: Any, app_id: str, names: Sequence[str]) -> list[str]:
    """Delete environments side by side, since each takes minutes; give those that were there."""
    started = {name: _start_deletion(client, app_id, name) for name in names}
    jobs = {name: job for name, job in started.items() if job}
    for job in jobs.values():
        wait_for_job(client, job, timeout=JOB_TIMEOUT, interval=10)
    give_up_at = time.monotonic() + 60
    while left := sorted(set(jobs).intersection(environments(client, app_id))):
        if time.monotonic() >= give_up_at:
            raise CommandError(f"{', '.join(left)} is still listed though its deletion is done.")
        time.sleep(5)
    return list(jobs)


def _start_deletion(client: Any, app_id: str, name: str) -> Answer:
    """Start deleting an environment; an empty answer if it is not there."""
    # The list of environments does not tell: one that is being cloned is missing from it.
    try:
        return patiently(lambda: client.delete_backend(AppId=app_id, BackendEnvironmentName=name))
    except ClientError as error:
        if error_code(error) in NOT_FOUND:
            return {}
        raise


def _last_change(client: Any, app_id: str, name: str) -> float | None:
    """When a job of the environment last changed, in seconds since 1970."""
    pages = client.get_paginator("list_backend_jobs").paginate(
        AppId=app_id, BackendEnvironmentName=name
    )
    times = [int(job["UpdateTime"]) for page in pages for job in page.get("Jobs", [])]
    return max(times) / 1000 if times else None


def main(argv: Sequence[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(
        prog="shopops-preview", description="A preview of the backend for each pull request."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("app_id")
    common.add_argument("--region", default=default_region())

    command = commands.add_parser("up", parents=[common], help="clone an environment")
    command.add_argument("pull_request", type=int)
    command.add_argument("--source", default="dev", help="the environment to clone (dev)")
    command.set_defaults(command=up)

    command = commands.add_parser("down", parents=[common], help="delete a preview")
    command.add_argument("pull_request", type=int)
    command.set_defaults(command=down)

    command = commands.add_parser("prune", parents=[common], help="delete old previews")
    command.add_argument("--days", type=float, default=14)
    command.add_argument("--dry-run", action="store_true")
    command.set_defaults(command=prune)

    args = parser.parse_args(argv)
    return run(lambda: args.command(connect(args.region), args))


if __name__ == "__main__":
    sys.exit(main())
