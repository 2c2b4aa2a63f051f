"""What the oracle knows of the backend: apps, environments and jobs as plain dicts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Params = dict[str, Any]
Record = dict[str, Any]

NOT_FOUND, BAD_REQUEST = "NotFoundException", "BadRequestException"
TOKEN_SECONDS = 300
UNFINISHED = ("PENDING", "RUNNING")


class Rejected(Exception):
    """The service rejects the request with this error code."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code


class OracleState:
    """The state that the backend should be in; ``now`` is in milliseconds since the start.

    ``exact`` says that the clock, and what else is there, is the machine's own.
    """

    def __init__(self, region: str, *, exact: bool) -> None:
        self.region, self.exact = region, exact
        self.now = 0
        self._epoch: int | None = None
        self.apps: dict[str, Record] = {}
        self.jobs: list[Record] = []
        self.studio_environment: str | None = None

    def app(self, app_id: str) -> Record:
        """An app; NotFound without."""
        if app_id not in self.apps:
            raise Rejected(NOT_FOUND, f"there is no app {app_id}")
        return self.apps[app_id]

    def environment(self, app_id: str, name: str) -> Record:
        """An environment; NotFound without it or its app."""
        environments = self.app(app_id)["environments"]
        if name not in environments:
            raise Rejected(NOT_FOUND, f"{app_id} has no environment {name}")
        found: Record = environments[name]
        return found

    def resource(self, params: Params, family: str) -> Record:
        """A resource by its name; NotFound without."""
        found: Record | None = self.environment(
            params["AppId"], params["BackendEnvironmentName"]
        ).get(family)
        if found is None or found["name"] != params["ResourceName"]:
            raise Rejected(NOT_FOUND, f"there is no {family} {params['ResourceName']}")
        return found

    def job(self, params: Params) -> Record:
        """A job under the environment that it is filed under; NotFound without."""
        for job in self.jobs:
            same = (job["id"], job["app"]) == (params["JobId"], params["AppId"])
            if same and self.is_filed(job, params["BackendEnvironmentName"]):
                return job
        raise Rejected(NOT_FOUND, f"there is no job {params['JobId']}")

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

    def state_of(self, entity: str, params: Params, environment: str | None) -> str:
        """The state of what a request is about, as the oracle's table names it.

        ``environment`` is the one that the operation is about, None for all of the app.
        """
        app = self.apps.get(params["AppId"], _NO_APP)
        if entity == "environment":
            names = app["environments"]
            return "ready" if (names if environment is None else environment in names) else "absent"
        if entity == "studio":
            return "disabled" if app["studio"] is None else "enabled"
        if entity == "token":
            return self.token_state(app["tokens"].get(params.get("SessionId")))
        at = self.environment(params["AppId"], params["BackendEnvironmentName"])
        if entity == "models":
            return _models_state(at.get("api", {}))
        if entity not in at:
            return "absent"
        return "imported" if at[entity]["imported"] else "present"

    def token_state(self, token: Record | None) -> str:
        """``absent``, ``active`` or ``expired``."""
        if token is None:
            return "absent"
        return "active" if self.now < token["created"] + TOKEN_SECONDS * 1000 else "expired"


def _models_state(api: Record) -> str:
    if "models_of" not in api:
        return "none"
    return "LATEST" if api["models_of"] == api["config"]["TransformSchema"] else "STALE"


_NO_APP: Record = {"environments": {}, "tokens": {}, "studio": None}
