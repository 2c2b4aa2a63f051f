"""Bring the backend of the shop to what the config file says.

    python -m shopops.deploy --config shop.json [--environment dev] [--remove]

Creates the environment and its auth, API and storage, or updates what exists already, one job
after the other. Run it as often as you like: the last run wins.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shopops.backend import (
    CATEGORIES,
    Answer,
    connect,
    default_region,
    environments,
    patiently,
    resources,
    run,
    wait_for_job,
)
from shopops.config import Resource, Shop, load


@dataclass(frozen=True)
class Deployment:
    """One run: which environment of which app, and how long a job may take."""

    client: Any
    shop: Shop
    environment: str
    job_timeout: float

    def ensure_environment(self) -> None:
        """Create the environment unless it exists."""

        def start() -> Answer:
            # Looked up anew on every attempt: the job that was in the way may have created it.
            if self.environment in environments(self.client, self.shop.app_id):
                return {}
            answer: Answer = self.client.create_backend(
                **self._target(), AppName=self.shop.app_name, ResourceConfig={}
            )
            return answer

        if started := patiently(start):
            self._finish(started, f"{self.environment}: created")

    def apply(self, resource: Resource) -> None:
        """Create the resource, or update it if the environment has it."""
        done = ""

        def start() -> Answer:
            # Likewise: the job that was in the way may have created the resource.
            nonlocal done
            exists = resource.name in self._held()[resource.category]
            verb, config = ("update", resource.update) if exists else ("create", resource.create)
            done = f"{verb}d"
            return self._start(verb, resource.category, resource.name, ResourceConfig=config)

        self._finish(patiently(start), f"{resource.category} {resource.name}: {done}")

    def remove_others(self) -> None:
        """Delete what the environment holds and the config file does not name."""
        wanted = {(resource.category, resource.name) for resource in self.shop.resources}
        held = self._held()
        for category in reversed(CATEGORIES):
            for name in held[category]:
                if (category, name) not in wanted:
                    self._delete(category, name)

    def _delete(self, category: str, name: str) -> None:
        extra = {"ServiceName": "S3"} if category == "storage" else {}
        started = patiently(lambda: self._start("delete", category, name, **extra))
        self._finish(started, f"{category} {name}: deleted")

    def _start(self, verb: str, category: str, name: str, **params: Any) -> Answer:
        operation = getattr(self.client, f"{verb}_backend_{category}")
        answer: Answer = operation(**self._target(), ResourceName=name, **params)
        return answer

    def _finish(self, started: Answer, done: str) -> None:
        wait_for_job(self.client, started, timeout=self.job_timeout)
        print(done)

    def _held(self) -> dict[str, dict[str, Any]]:
        return resources(self.client, self.shop.app_id, self.environment)

    def _target(self) -> dict[str, str]:
        return {"AppId": self.shop.app_id, "BackendEnvironmentName": self.environment}


def deploy(args: argparse.Namespace) -> None:
    """Do what the command line says."""
    shop = load(args.config)
    deployment = Deployment(
        client=connect(args.region),
        shop=shop,
        environment=args.environment or shop.environment,
        job_timeout=args.job_timeout * 60,
    )
    deployment.ensure_environment()
    for resource in shop.resources:
        deployment.apply(resource)
    if args.remove:
        deployment.remove_others()


def main(argv: Sequence[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(prog="shopops-deploy", description="Deploy the backend.")
    parser.add_argument("--config", type=Path, default=Path("shop.json"))
    parser.add_argument("--environment", help="instead of the one that the config file names")
    parser.add_argument("--region", default=default_region())
    parser.add_argument(
        "--job-timeout", type=float, default=20, metavar="MINUTES", help="for each job (20)"
    )
    parser.add_argument(
        "--remove", action="store_true", help="delete resources that the config does not name"
    )
    args = parser.parse_args(argv)
    return run(lambda: deploy(args))


if __name__ == "__main__":
    sys.exit(main())
