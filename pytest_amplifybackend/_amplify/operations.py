"""The operations of the neighbor, each declared beside its handler.

CreateBackendEnvironment deploys nothing (observed: aws-sdk#501), so Amplify Backend does not have
the environment. Deletions forget: the Amplify CLI deletes a stack itself, and the console calls
RemoveAllBackends before it deletes an app (documented).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pytest_amplifybackend._amplify.requests import always, operation, page
from pytest_amplifybackend._amplify.rules import MOST_APPS, MOST_BRANCHES, broken
from pytest_amplifybackend._api.paths import copied
from pytest_amplifybackend._service.clock import LAST
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.names import ACCOUNT, Outputs, stack_outputs
from pytest_amplifybackend._service.operations import Declaration, Params
from pytest_amplifybackend._service.state import App, Environment, Hosting

_APP: Params = {"platform": "WEB", "cacheConfig": {"type": "AMPLIFY_MANAGED"}}
_BRANCH: Params = {"stage": "NONE", "enableAutoBuild": True, "totalNumberOfJobs": "0", "ttl": "5"}
"""What a request need not name: Terraform's tests find it on AWS (observed; builds assumed)."""

_NOT_KEPT = ("appId", "name", "branchName", "environmentName", "oauthToken", "accessToken")
"""Members of requests that are kept elsewhere, or nowhere, as credentials of the repository."""


def _arn(context: Context, app_id: str, *below: str) -> str:
    return "/".join((f"arn:aws:amplify:{context.region}:{ACCOUNT}:apps", app_id, *below))


def _times(milliseconds: int) -> Params:
    """When something was made; nothing here changes it afterwards."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=min(milliseconds, LAST))
    return {"createTime": at, "updateTime": at}


def _kept(params: Params) -> Params:
    return {name: value for name, value in params.items() if name not in _NOT_KEPT}


def _app(context: Context, params: Params) -> App:
    app = context.find_app(params["appId"])
    if app is None:
        raise broken("app-missing", name=params["appId"])
    return app


def _hosting(app: App) -> Hosting:
    return Hosting() if app.hosting is None else app.hosting


def _check_no_job(context: Context, app: App, environment: str | None) -> None:
    job = context.state.jobs.blocking(context.region, app.app_id, environment)
    if job is not None:
        raise broken("job-pending", app=app.app_id, job=job.id, operation=job.operation)


def _shown_app(context: Context, app: App) -> Params:
    return {
        **copied({**always("app", _APP), **_hosting(app).members}),
        "appId": app.app_id,
        "appArn": _arn(context, app.app_id),
        "name": app.name,
        "defaultDomain": f"{app.app_id}.amplifyapp.com",
        **_times(app.created),
    }


def _new_id(context: Context) -> str:
    """Of 14 characters, or of 13 about as often as the ids in public files (observed)."""
    while True:
        random = context.ids.alnum("app", 13)
        app_id = f"d{random[:-1] if random[-1].isdigit() else random}"
        if context.find_app(app_id) is None:
            return app_id


@operation("CreateApp")
def create_app(context: Context, params: Params) -> Params:
    if len(context.apps()) >= MOST_APPS:
        raise broken("apps")
    hosting = Hosting(_kept(params))
    app = App(_new_id(context), params["name"], created=context.now, hosting=hosting)
    context.state.apps[context.region, app.app_id] = app
    context.state.note_app(context.region, app.app_id)
    return {"app": _shown_app(context, app)}


@operation("GetApp")
def get_app(context: Context, params: Params) -> Params:
    return {"app": _shown_app(context, _app(context, params))}


@operation("ListApps")
def list_apps(context: Context, params: Params) -> Params:
    apps = {app.app_id: app for app in context.apps()}
    return page("ListApps", params, list(apps), lambda app_id: _shown_app(context, apps[app_id]))


@operation("DeleteApp")
def delete_app(context: Context, params: Params) -> Params:
    app = _app(context, params)
    _check_no_job(context, app, None)
    del context.state.apps[context.region, app.app_id]
    context.state.note_app(context.region, app.app_id)
    return {"app": _shown_app(context, app)}


def _stack(outputs: Outputs) -> Params:
    bucket = outputs["DeploymentBucketName"]
    return {"stackName": outputs["StackName"], "deploymentArtifacts": bucket}


def _environments(app: App) -> Params:
    """The environments that are deployed and those that are only recorded, oldest first."""
    deployed = {
        name: {**_stack(environment.outputs), "createTime": environment.created}
        for name, environment in app.environments.items()
    }
    recorded = {k: v for k, v in _hosting(app).environments.items() if k not in deployed}
    return dict(sorted((deployed | recorded).items(), key=lambda item: item[1]["createTime"]))


@dataclass(frozen=True, slots=True)
class _Kind:
    """Branches or environments: how requests, answers, rules and the state name them."""

    noun: str
    plural: str
    word: str
    kept: str
    found: Callable[[App], Params]
    defaults: Callable[[str], Params] = lambda name: {}

    def one(self, context: Context, params: Params) -> tuple[App, str]:
        """The app of a request, and the name of the one in it that there has to be."""
        app, name = _app(context, params), params[f"{self.word}Name"]
        if name not in self.found(app):
            raise broken(f"{self.word}-missing", name=name)
        return app, name

    def put(self, context: Context, app: App, name: str, members: Params | None) -> None:
        """Keep one, or forget it where there are no members."""
        hosting = _hosting(app)
        kept = {other: item for other, item in getattr(hosting, self.kept).items() if other != name}
        if members is not None:
            kept[name] = members
        app.hosting = replace(hosting, **{self.kept: kept})
        context.state.note_app(context.region, app.app_id)

    def shown(self, context: Context, app: App, name: str) -> Params:
        members = self.found(app)[name]
        return {
            **copied({**always(self.noun, self.defaults(name)), **members}),
            f"{self.noun}Arn": _arn(context, app.app_id, self.plural.lower(), name),
            f"{self.word}Name": name,
            **_times(members["createTime"]),
        }

    def declarations(self) -> list[Declaration]:
        """The four operations on them."""
        noun, plural = (name[0].upper() + name[1:] for name in (self.noun, self.plural))

        def create(context: Context, params: Params) -> Params:
            app, name = _app(context, params), params[f"{self.word}Name"]
            if name in self.found(app):
                raise broken(f"{self.word}-exists", name=name, app=app.app_id)
            if self is BRANCHES and len(self.found(app)) >= MOST_BRANCHES:
                raise broken("branches")
            members = {**_kept(params), "createTime": context.now}
            if self is not BRANCHES:  # the form of the names is assumed
                place = context.place(app, Environment(name, {}))
                members = {**_stack(stack_outputs(place)), **members}
            self.put(context, app, name, members)
            return {self.noun: self.shown(context, app, name)}

        def get(context: Context, params: Params) -> Params:
            return {self.noun: self.shown(context, *self.one(context, params))}

        def list_all(context: Context, params: Params) -> Params:
            app, wanted = _app(context, params), params.get("environmentName")
            names = [name for name in self.found(app) if wanted in (None, name)]
            return page(f"List{plural}", params, names, lambda name: self.shown(context, app, name))

        def delete(context: Context, params: Params) -> Params:
            app, name = self.one(context, params)
            shown = self.shown(context, app, name)
            if self is not BRANCHES:
                _check_no_job(context, app, name)
                app.environments.pop(name, None)
                context.state.note_app(context.region, app.app_id, [name])
            self.put(context, app, name, None)
            return {self.noun: shown}

        return [
            operation(f"Create{noun}")(create),
            operation(f"Get{noun}")(get),
            operation(f"List{plural}")(list_all),
            operation(f"Delete{noun}")(delete),
        ]


BRANCHES = _Kind(
    *("branch", "branches", "branch", "branches", lambda app: _hosting(app).branches),
    defaults=lambda name: {**_BRANCH, "displayName": re.sub(r"[^a-zA-Z0-9]+", "-", name)},
)
_ENVIRONMENTS = _Kind(
    "backendEnvironment", "backendEnvironments", "environment", "environments", _environments
)


def add_branches(context: Context, app_id: str, branches: Mapping[str, str | None]) -> None:
    """Preset branches by name, each linked to the environment of the app that it maps to."""
    for name, environment in branches.items():
        members: Params = {"createTime": context.now}
        if environment is not None:
            arn = _arn(context, app_id, "backendenvironments", environment)
            members["backendEnvironmentArn"] = arn
        BRANCHES.put(context, context.app(app_id), name, members)


_OF_APPS = (create_app, get_app, list_apps, delete_app)
OPERATIONS: Mapping[str, Declaration] = {
    declared.name: declared
    for declared in (*_OF_APPS, *BRANCHES.declarations(), *_ENVIRONMENTS.declarations())
}
"""Every operation of the neighbor that the fake serves, by name."""
