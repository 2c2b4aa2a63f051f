"""Everything the backend remembers, as plain records that dump to JSON and load back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pytest_amplifybackend._api.paths import copied
from pytest_amplifybackend._service import records
from pytest_amplifybackend._service.categories import Category, without
from pytest_amplifybackend._service.changes import Changes
from pytest_amplifybackend._service.clock import LAST
from pytest_amplifybackend._service.jobs import JobTable

VERSION = 1


@dataclass(slots=True)
class Resource:
    """An auth, API or storage resource of one environment.

    ``config`` is what GetBackend* answers; ``outputs`` is what the provisioner made;
    ``pushed`` is when it was last deployed, in milliseconds. ``models`` are an API's generated
    models together with the schema they were generated from. ``keyed`` is when an API's key was
    configured, None where that was with the last push, as in dumps of earlier versions.
    """

    name: str
    config: dict[str, Any]
    outputs: dict[str, Any]
    pushed: int
    imported: bool = False
    models: dict[str, str] | None = None
    keyed: int | None = None

    @property
    def key(self) -> str:
        """Its name in amplify-meta.json: an API goes there by its ApiName, as in the CLI."""
        return str(self.config.get("ApiName", self.name))


@dataclass(slots=True)
class Environment:
    """A backend environment; ``resources`` has at most one of each family.

    ``created`` is when it was made, in milliseconds; ``categories`` are what else its
    amplify-meta.json has.
    """

    name: str
    outputs: dict[str, Any]
    resources: dict[str, Resource] = field(default_factory=dict)
    created: int = 0
    categories: dict[str, Category] = field(default_factory=dict)

    def keys(self) -> dict[str, list[str]]:
        """The names in amplify-meta.json of what operations have made, by family."""
        return {family: [resource.key] for family, resource in self.resources.items()}

    def remove(self, family: str) -> None:
        """Forget a resource; other categories keep their places."""
        del self.resources[family]
        self.categories = without(self.categories, {family})


@dataclass(slots=True)
class Token:
    """A challenge token; ``expires`` is in milliseconds since 1970."""

    session_id: str
    challenge_code: str
    expires: int

    def is_active(self, now: int) -> bool:
        """Whether it can be used; at the end of the calendar the clock stands still."""
        return now < self.expires or self.expires == LAST


@dataclass(slots=True)
class Studio:
    """The Amplify Studio configuration of an app."""

    manager_app_id: str
    login: dict[str, Any]
    outputs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Hosting:
    """What the neighbor ``amplify`` keeps of an app: members by the names of its own requests.

    ``branches`` and ``environments`` are by name, each with its ``createTime`` in milliseconds;
    these environments are only recorded, and deployed by nobody.
    """

    members: dict[str, Any] = field(default_factory=dict)
    branches: dict[str, dict[str, Any]] = field(default_factory=dict)
    environments: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class App:
    """An app that has, had or may get a backend; ``created`` is when it was made, in milliseconds.

    ``hosting`` is what the neighbor ``amplify`` keeps of it, if that was ever asked to keep any.
    """

    app_id: str
    name: str
    environments: dict[str, Environment] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    studio: Studio | None = None
    created: int = 0
    hosting: Hosting | None = None


class State:
    """Apps by region and id, every job, and what the in-memory provisioner made.

    ``changes`` are None unless a store follows the state. Whoever changes an app or a token says
    so by a ``note``; jobs and buckets are changed by methods that do.
    """

    __slots__ = ("apps", "buckets", "jobs")

    def __init__(self) -> None:
        self.apps: dict[tuple[str, str], App] = {}
        self.jobs = JobTable()
        self.buckets: dict[str, int] = {}

    @property
    def changes(self) -> Changes | None:
        """What a store must catch up with, or None; the jobs note theirs by themselves."""
        return self.jobs.changes

    @changes.setter
    def changes(self, changes: Changes | None) -> None:
        self.jobs.changes = changes

    def add_bucket(self, name: str, created: int) -> None:
        self.buckets[name] = created
        if self.changes is not None:
            self.changes.touch(("bucket", name))

    def remove_bucket(self, name: str) -> None:
        self.buckets.pop(name, None)
        if self.changes is not None:
            self.changes.drop(("bucket", name))

    def note_token(self, region: str, app_id: str, session_id: str) -> None:
        """A token was added or removed."""
        if self.changes is not None:
            exists = session_id in self.apps[region, app_id].tokens
            note = self.changes.touch if exists else self.changes.drop
            note(("app", region, app_id, "token", session_id))

    def note_app(self, region: str, app_id: str, environments: Iterable[str] | None = ()) -> None:
        """An app, and these environments of it or all (None), were added, changed or removed."""
        if self.changes is None:
            return
        at = ("app", region, app_id)
        app = self.apps.get((region, app_id))
        if app is None:
            self.changes.drop(at)
            return
        self.changes.touch(at)
        if environments is None:
            self.changes.drop((*at, "environment"))
            environments = app.environments
        for name in environments:
            exists = name in app.environments
            note = self.changes.touch if exists else self.changes.drop
            note((*at, "environment", name))

    def note_regions(self, error: BaseException, region: str, app_id: str) -> None:
        """Add to an error that an app is missing where else there is one of its id."""
        others = [place for place, known in self.apps if known == app_id and place != region]
        if others:
            error.add_note(
                f"The fake has an app {app_id} in {', '.join(sorted(others))}; this call was for "
                f"{region}. Make the client with region_name={min(others)!r}, or preset the app "
                f"with region={region!r}; the fake's option region is the default of both."
            )

    def dump(self) -> dict[str, Any]:
        """The state as JSON-ready data that shares nothing with it."""
        return {
            "apps": [{"region": region, **asdict(app)} for (region, _), app in self.apps.items()],
            "jobs": copied(self.jobs.dump()),
            "buckets": dict(self.buckets),
        }

    @classmethod
    def loaded(cls, dumped: Mapping[str, Any]) -> State:
        """The state that :meth:`dump` described; raises what other data leads to.

        The types of all fields are checked; ``loading.validate`` checks the values.
        """
        dumped = copied(dumped)
        state = cls()
        for record in dumped["apps"]:
            region = record.pop("region")
            app = _app(record)
            records.check((region, app), tuple[str, App], "an app")
            state.apps[region, app.app_id] = app
        state.jobs = JobTable.loaded(dumped["jobs"])
        state.buckets = dict(dumped["buckets"])
        records.check(state.buckets, dict[str, int], "buckets")
        return state


def _app(record: dict[str, Any]) -> App:
    environments = {}
    for name, environment in record.pop("environments").items():
        resources = {
            family: Resource(**resource)
            for family, resource in environment.pop("resources").items()
        }
        categories = {
            category: Category(**added)
            for category, added in environment.pop("categories", {}).items()
        }
        environments[name] = Environment(**environment, resources=resources, categories=categories)
    tokens = {name: Token(**token) for name, token in record.pop("tokens").items()}
    names = [environment.name for environment in environments.values()]
    names += [token.session_id for token in tokens.values()]
    if names != [*environments, *tokens]:
        raise ValueError("an environment or token is under a key that is not its name")
    studio, hosting = record.pop("studio"), record.pop("hosting", None)
    return App(
        **record,
        environments=environments,
        tokens=tokens,
        studio=None if studio is None else Studio(**studio),
        hosting=None if hosting is None else Hosting(**hosting),
    )
