"""An independent reference model of the service, in plain dicts (docs/evidence.md#lifecycle).

It shares no code with the service. It takes the params of every request for valid, and predicts
from its own state whether the service accepts it, which job it starts and how that ends. What only
the service can know (ids, generated names) it learns from answers.
"""

from __future__ import annotations

import copy

from pytest_amplifybackend.strategies._internal.oracle_moves import (
    ENTITIES,
    LEAVES_EMPTY,
    Move,
    move_of,
)
from pytest_amplifybackend.strategies._internal.oracle_state import (
    BAD_REQUEST,
    UNFINISHED,
    OracleState,
    Params,
    Record,
    Rejected,
)
from pytest_amplifybackend.strategies._internal.oracle_work import WORK

_ONWARD = {"PENDING": ("RUNNING", "COMPLETED", "FAILED"), "RUNNING": ("COMPLETED", "FAILED")}
_WITHOUT_ENVIRONMENT = (
    "CreateBackend",
    "DeleteBackend",
    "RemoveAllBackends",
    "CreateBackendConfig",
)
"""The operations that do not ask at once for the environment that they name, if any."""


class Oracle(OracleState):
    """The state that the service should be in, and what becomes of it.

    ``progress`` is a policy as the ini key spells it: ``immediate``, ``manual``,
    ``after_reads:N`` or ``after_seconds:S``; ``poll`` counts as immediate, its jobs being
    waited for. ``exact`` says that the clock, and what else is there, is the machine's own.
    """

    def __init__(self, progress: str, region: str, *, exact: bool) -> None:
        super().__init__(region, exact=exact)
        self.kind, _, amount = progress.partition(":")
        self.amount = float(amount or 0)

    def check_submission(self, operation: str, params: Params) -> None:
        """Raise Rejected where the service rejects the call: a job pending, or nothing to do."""
        app_id = params["AppId"]
        if self.pending(app_id, self.filed_under(operation, params)) is not None:
            raise Rejected(BAD_REQUEST, "a job is pending")
        if operation != "CreateBackend":
            self.app(app_id)
        if operation not in _WITHOUT_ENVIRONMENT:
            at = self.environment(app_id, params["BackendEnvironmentName"])
            if operation == "GenerateBackendAPIModels":
                api = at.get("api")
                if api is None or api["name"] != params["ResourceName"]:
                    raise Rejected(BAD_REQUEST, f"{params['ResourceName']} is not an AppSync API")
        self.check_state(operation, params)

    def check_state(self, operation: str, params: Params) -> None:
        """Raise Rejected where the table rejects a call in the state of what it is about."""
        move = self._move(operation, params)
        if move.error is not None:
            raise Rejected(move.error.code, f"the {move.entity} is {move.source}")

    def _move(self, operation: str, params: Params) -> Move:
        entity, where = ENTITIES[operation], self.filed_under(operation, params)
        return move_of(operation, entity, self.state_of(entity, params, where))

    def filed_under(self, operation: str, params: Params) -> str | None:
        """The environment that an operation and its job are about, None for the whole app.

        Where CreateBackendConfig files its job is only known from its first answer.
        """
        if operation == "RemoveAllBackends":
            return None
        if operation == "CreateBackendConfig":
            return self.studio_environment or "?"
        if operation == "CloneBackend":
            return str(params["TargetEnvironmentName"])
        return params.get("BackendEnvironmentName")

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
        """Set a job's status by hand; BadRequest for a move that is not possible."""
        if status == job["status"]:
            return
        if status not in _ONWARD.get(job["status"], ()):
            raise Rejected(BAD_REQUEST, f"a job that is {job['status']} cannot become {status}")
        if status == "RUNNING":
            job["status"], job["updated"] = "RUNNING", self.now
        elif status == "COMPLETED":
            self.complete(job, self.now)
        else:
            self._end(job, failed=True, when=self.now, by_worker=False)

    def complete(self, job: Record, when: int) -> None:
        """Let a job do its work, which may fail."""
        operation, params = job["work"]
        worked = not job["broken"] and self._work(operation, params)
        self._end(job, failed=not worked, when=when, by_worker=True)

    def _work(self, operation: str, params: Params) -> bool:
        move = self._move(operation, params)
        if move.target is None or not WORK[operation](self, params):
            return False
        entity, where = move.entity, self.filed_under(operation, params)
        assert self.state_of(entity, params, where) == move.target, f"the oracle errs: {move}"
        return True

    def _end(self, job: Record, *, failed: bool, when: int, by_worker: bool) -> None:
        operation, params = job["work"]
        if failed and operation in LEAVES_EMPTY:
            self.apps[params["AppId"]]["environments"][params["TargetEnvironmentName"]] = {}
        job["status"], job["updated"] = "FAILED" if failed else "COMPLETED", when
        job["by_worker"] = by_worker
