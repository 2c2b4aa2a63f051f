"""What a handler works with: the backend's parts, seen from one region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_amplifybackend._service import lifecycle
from pytest_amplifybackend._service.clock import Clock
from pytest_amplifybackend._service.ids import Ids
from pytest_amplifybackend._service.provisioning import Place, Provisioner
from pytest_amplifybackend._service.rules import refuse
from pytest_amplifybackend._service.state import App, Environment, Resource, State

STUDIO_ENVIRONMENT = "amplify-studio"
"""Under which name CreateBackendConfig files its job. That it is not the caller's environment
was observed; the name was not, and is one that no environment can have (assumed)."""


@dataclass(slots=True)
class Context:
    """The backend as one call, in one region, sees it.

    ``ended`` is set where a job's effect is applied: when the job ended, which may be before
    the call that makes it show.
    """

    state: State
    clock: Clock
    ids: Ids
    provisioner: Provisioner
    region: str
    ended: int | None = None

    @property
    def now(self) -> int:
        """The time of what is done here, in milliseconds since 1970."""
        return self.clock.milliseconds() if self.ended is None else self.ended

    def find_app(self, app_id: str) -> App | None:
        return self.state.apps.get((self.region, app_id))

    def app(self, app_id: str) -> App:
        """The app; raises the rule ``app.missing``."""
        app = self.find_app(app_id)
        if app is None:
            raise refuse("app.missing", app=app_id)
        return app

    def environment(self, app_id: str, name: str) -> Environment:
        """The environment; raises ``environment.creating``, ``.missing`` or ``app.missing``."""
        app = self.find_app(app_id)
        environment = None if app is None else app.environments.get(name)
        if environment is None:
            job = self.state.jobs.blocking(self.region, app_id, name)
            row = None if job is None or job.work is None else lifecycle.transition_of(job.work[0])
            if row is not None and (row.entity, row.during) == ("environment", "creating"):
                raise refuse("environment.creating")
            self.app(app_id)
            raise refuse("environment.missing", environment=name)
        return environment

    def resource(self, params: dict[str, Any], family: str) -> Resource:
        """The environment's resource by name, for a read; raises ``resource.missing``."""
        environment = self.environment(params["AppId"], params["BackendEnvironmentName"])
        resource = environment.resources.get(family)
        if resource is None or resource.name != params["ResourceName"]:
            raise refuse(
                "resource.missing",
                family={"api": "API"}.get(family, family.capitalize()),
                name=params["ResourceName"],
                environment=environment.name,
            )
        return resource

    def place(self, app: App, environment: Environment) -> Place:
        """Where the provisioner is to work."""
        auth = environment.resources.get("auth")
        return Place(
            self.region,
            app.app_id,
            app.name,
            environment.name,
            dict(environment.outputs),
            self.now,
            self.ids,
            None if auth is None else auth.outputs.get("UserPoolId"),
        )
