"""What a handler works with: the backend's parts, seen from one region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_amplifybackend._rules.states import broken
from pytest_amplifybackend._service.clock import ServiceClock
from pytest_amplifybackend._service.names import Ids, Place
from pytest_amplifybackend._service.provisioning import Provisioner
from pytest_amplifybackend._service.state import App, Environment, Resource, State

if TYPE_CHECKING:
    from pytest_amplifybackend._service.operations import Declaration
    from pytest_amplifybackend._service.worker import Worker


@dataclass(slots=True)
class Context:
    """The backend as one call, in one region, sees it.

    ``operations`` are those that the backend knows, by name. ``ended`` is set where a job's effect
    is applied: when the job ended, which may be before the call that makes it show. ``moved`` takes
    note of (entity, from, to, operation) for an observer, if there is one.
    """

    operations: Mapping[str, Declaration]
    worker: Worker
    state: State
    clock: ServiceClock
    ids: Ids
    provisioner: Provisioner
    region: str
    ended: int | None = None
    moved: set[tuple[str, str, str, str]] | None = None

    @property
    def now(self) -> int:
        """The time of what is done here, in milliseconds since 1970."""
        return self.clock.milliseconds() if self.ended is None else self.ended

    def apps(self) -> list[App]:
        """The apps of the region, oldest first."""
        return [app for (region, _), app in self.state.apps.items() if region == self.region]

    def find_app(self, app_id: str) -> App | None:
        return self.state.apps.get((self.region, app_id))

    def app(self, app_id: str) -> App:
        """The app; raises the rule ``app.missing``."""
        app = self.find_app(app_id)
        if app is None:
            error = broken("app.missing", app=app_id)
            self.state.note_regions(error, self.region, app_id)
            raise error
        return app

    def environment(self, app_id: str, name: str) -> Environment:
        """The environment; raises ``environment.creating``, ``.missing`` or ``app.missing``."""
        app = self.state.apps.get((self.region, app_id))
        environment = None if app is None else app.environments.get(name)
        if environment is None:
            if self.during(app_id, name) == "creating":
                raise broken("environment.creating")
            self.app(app_id)
            raise broken("environment.missing", environment=name)
        return environment

    def during(self, app_id: str, name: str) -> str | None:
        """What becomes of an environment by the job under way, ``creating`` or ``deleting``."""
        job = self.state.jobs.blocking(self.region, app_id, name)
        if job is None or job.work is None:
            return None
        declared = self.operations[job.work[0]]
        return declared.during if declared.entity == "environment" else None

    def resources(self, params: dict[str, Any]) -> dict[str, Resource]:
        """The resources by family of the environment that a request names."""
        return self.environment(params["AppId"], params["BackendEnvironmentName"]).resources

    def resource(self, params: dict[str, Any], family: str) -> Resource:
        """The environment's resource by name, for a read; raises ``resource.missing``."""
        environment = self.environment(params["AppId"], params["BackendEnvironmentName"])
        resource = environment.resources.get(family)
        if resource is None or resource.name != params["ResourceName"]:
            raise broken(
                "resource.missing",
                family={"api": "API"}.get(family, family.capitalize()),
                name=params["ResourceName"],
                environment=environment.name,
            )
        return resource

    def check_free(self, params: dict[str, Any], family: str, key: str) -> None:
        """Raise the rule ``resource.name-taken`` where an added entry has a new resource's name."""
        environment = self.environment(params["AppId"], params["BackendEnvironmentName"])
        category = environment.categories.get(family)
        if category is not None and key in category.entries:
            raise broken("resource.name-taken", name=key, category=family)

    def at(self, params: dict[str, Any]) -> Place:
        """Where the provisioner is to work: in the environment that a request names."""
        app = self.app(params["AppId"])
        return self.place(app, app.environments[params["BackendEnvironmentName"]])

    def place(self, app: App, environment: Environment) -> Place:
        """Where the provisioner is to work: in an environment of an app."""
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
