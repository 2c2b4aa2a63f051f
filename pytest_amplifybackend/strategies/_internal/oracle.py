"""An independent reference model of the service, in plain dicts (docs/evidence.md#lifecycle).

It shares no code with ``service``. It believes every request that it is shown to be valid by its
params, and predicts from its own state whether the service takes it, what job comes of it and
how that ends. What only the service can know (ids, generated names) it learns from answers.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

Params = dict[str, Any]
Record = dict[str, Any]

NOT_FOUND, BAD_REQUEST = "NotFoundException", "BadRequestException"
FAMILIES = ("auth", "api", "storage")
DEFAULT_DAYS, DEFAULT_MINIMUM, TOKEN_SECONDS = 7, 8, 300
UNFINISHED = ("PENDING", "RUNNING")
_ONWARD = {"PENDING": ("RUNNING", "COMPLETED", "FAILED"), "RUNNING": ("COMPLETED", "FAILED")}
_CLASHES = ("CreateBackend", "CloneBackend")


class Refused(Exception):
    """The service refuses the request with this error code."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code


class Oracle:
    """The state that the service should be in; ``now`` is in milliseconds since the start.

    ``progress`` is a policy as the ini key spells it: ``immediate``, ``manual``,
    ``after_reads:N`` or ``after_seconds:S``; ``poll`` counts as immediate, its jobs being
    waited for. ``exact`` says that the clock, and what else is there, is the machine's own.
    """

    def __init__(self, progress: str, region: str, *, exact: bool) -> None:
        self.kind, _, amount = progress.partition(":")
        self.amount = float(amount or 0)
        self.region, self.exact = region, exact
        self.now = 0
        self._epoch: int | None = None
        self.apps: dict[str, Record] = {}
        self.jobs: list[Record] = []
        self.studio_environment: str | None = None

    # Looking things up

    def app(self, app_id: str) -> Record:
        """An app; NotFound without."""
        if app_id not in self.apps:
            raise Refused(NOT_FOUND, f"there is no app {app_id}")
        return self.apps[app_id]

    def environment(self, app_id: str, name: str) -> Record:
        """An environment; NotFound without it or its app."""
        environments = self.app(app_id)["environments"]
        if name not in environments:
            raise Refused(NOT_FOUND, f"{app_id} has no environment {name}")
        found: Record = environments[name]
        return found

    def resource(self, params: Params, family: str) -> Record:
        """A resource by its name; NotFound without."""
        found: Record | None = self.environment(
            params["AppId"], params["BackendEnvironmentName"]
        ).get(family)
        if found is None or found["name"] != params["ResourceName"]:
            raise Refused(NOT_FOUND, f"there is no {family} {params['ResourceName']}")
        return found

    def job(self, params: Params) -> Record:
        """A job under the environment that it is filed under; NotFound without."""
        for job in self.jobs:
            same = (job["id"], job["app"]) == (params["JobId"], params["AppId"])
            if same and self.is_filed(job, params["BackendEnvironmentName"]):
                return job
        raise Refused(NOT_FOUND, f"there is no job {params['JobId']}")

    def is_filed(self, job: Record, environment: str) -> bool:
        """Whether a job is found under a name; one of an app without environments is under any."""
        names = job["environments"]
        return environment in names or (job["wide"] and not names)

    def pending(self, app_id: str, environment: str | None) -> Record | None:
        """The unfinished job that bars an environment, or any of an app's (None)."""
        for job in self.jobs:
            bars = environment is None or job["wide"] or environment in job["environments"]
            if bars and job["app"] == app_id and job["status"] in UNFINISHED:
                return job
        return None

    def unfinished(self) -> list[Record]:
        """The jobs that have not ended, as far as the oracle has looked."""
        return [job for job in self.jobs if job["status"] in UNFINISHED]

    def pairs(self) -> Iterator[tuple[str, str, Record]]:
        """Every (app, environment name, environment) there is."""
        for app_id, app in self.apps.items():
            for name, environment in app["environments"].items():
                yield app_id, name, environment

    def time_differs(self, moment: int, text: Any, unit: int = 1) -> str | None:
        """What is wrong with a time in an answer; the first one tells when the start was."""
        if not isinstance(text, str) or not text.isdigit():
            return f"expected digits, got {text!r}"
        if not self.exact:
            return None
        if self._epoch is None and unit == 1:
            self._epoch = int(text) - moment
        if self._epoch is None:
            return None
        expected = (self._epoch + moment) // unit
        return None if int(text) == expected else f"expected {expected}, got {text}"

    # Jobs

    def check_submission(self, operation: str, params: Params) -> None:
        """Refuse what the service refuses at once: a job pending, or nothing to work on."""
        app_id = params["AppId"]
        where = self.filed_under(operation, params)
        if self.pending(app_id, where) is not None:
            raise Refused(BAD_REQUEST, "a job is pending")
        if operation == "CreateBackend":
            self._check_new(app_id, params["BackendEnvironmentName"])
            return
        self.app(app_id)
        if operation in ("RemoveAllBackends", "CreateBackendConfig"):
            return
        environment = self.environment(app_id, params["BackendEnvironmentName"])
        if operation == "CloneBackend":
            self._check_new(app_id, params["TargetEnvironmentName"])
        elif operation == "GenerateBackendAPIModels":
            api = environment.get("api")
            if api is None or api["name"] != params["ResourceName"]:
                raise Refused(BAD_REQUEST, f"{params['ResourceName']} is no AppSync API")

    def _check_new(self, app_id: str, name: str) -> None:
        if name in self.apps.get(app_id, {"environments": {}})["environments"]:
            raise Refused(BAD_REQUEST, f"{app_id} has an environment {name}")

    def filed_under(self, operation: str, params: Params) -> str | None:
        """The environment of a job, None for one of the whole app.

        Where CreateBackendConfig files its job is only known from its first answer.
        """
        if operation == "RemoveAllBackends":
            return None
        if operation == "CreateBackendConfig":
            return self.studio_environment or "?"
        if operation == "CloneBackend":
            return str(params["TargetEnvironmentName"])
        return str(params["BackendEnvironmentName"])

    def submit(
        self, operation: str, params: Params, answer: Params, *, broken: bool = False
    ) -> Record:
        """Note the job of an accepted request, whose id comes from the answer.

        ``broken`` says that the request breaks a rule of the worker, so that the job will fail.
        """
        app_id = params["AppId"]
        if operation == "CreateBackendConfig":
            self.studio_environment = answer["BackendEnvironmentName"]
        where = self.filed_under(operation, params)
        if where is None:
            names = [*self.apps[app_id]["environments"]]
            names += [
                name for job in self.jobs if job["app"] == app_id for name in job["environments"]
            ]
            environments = [name for name in names if name != self.studio_environment]
        else:
            environments = [where]
        job = {
            "id": answer["JobId"],
            "app": app_id,
            "environments": environments,
            "wide": where is None,
            "operation": operation,
            "work": (operation, copy.deepcopy(params)),
            "status": "PENDING",
            "broken": broken,
            "by_worker": False,
            "created": self.now,
            "updated": self.now,
            "reads": 0,
        }
        self.jobs.append(job)
        return job

    def settle(self) -> None:
        """End the jobs that have ended by the time of the next call."""
        for job in self.jobs:
            if job["status"] not in UNFINISHED:
                continue
            if self.kind in ("immediate", "poll"):
                self.complete(job, job["created"])
            elif self.kind == "after_seconds":
                due = job["created"] + round(self.amount * 1000)
                if due <= self.now:
                    self.complete(job, due)

    def read(self, job: Record) -> None:
        """Count a read of a job, which lets it run on under some policies."""
        if job["status"] not in UNFINISHED or self.kind == "manual":
            return
        job["reads"] += 1
        if self.kind == "after_reads" and job["reads"] > self.amount:
            self.complete(job, self.now)
        elif job["status"] == "PENDING":
            job["status"], job["updated"] = "RUNNING", self.now

    def move(self, job: Record, status: str) -> None:
        """Set a job's status by hand; BadRequest for a way that there is not."""
        if status == job["status"]:
            return
        if status not in _ONWARD.get(job["status"], ()):
            raise Refused(BAD_REQUEST, f"a job that is {job['status']} cannot become {status}")
        if status == "RUNNING":
            job["status"], job["updated"] = "RUNNING", self.now
        elif status == "COMPLETED":
            self.complete(job, self.now)
        else:
            self._end(job, failed=True, when=self.now, by_worker=False)

    def complete(self, job: Record, when: int) -> None:
        """Let a job do its work, which may fail."""
        from pytest_amplifybackend.strategies._internal.oracle_work import WORK

        operation, params = job["work"]
        worked = not job["broken"] and WORK[operation](self, params)
        self._end(job, failed=not worked, when=when, by_worker=True)

    def _end(self, job: Record, *, failed: bool, when: int, by_worker: bool) -> None:
        operation, params = job["work"]
        if failed and operation == "CloneBackend":  # a failed clone leaves an empty environment
            self.apps[params["AppId"]]["environments"][params["TargetEnvironmentName"]] = {}
        job["status"], job["updated"] = "FAILED" if failed else "COMPLETED", when
        job["by_worker"] = by_worker
