"""Preset state: resources that exist from the start, made without jobs but by the same rules."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import validity
from pytest_amplifybackend._api.paths import copied
from pytest_amplifybackend._arguments import shown, wrong
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.checking import BrokenRule, value_shown
from pytest_amplifybackend._rules.rule import Layer, ProvisioningError
from pytest_amplifybackend._rules.table import Violation
from pytest_amplifybackend._service import categories
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.deployment import app_copy, deployment
from pytest_amplifybackend._service.handlers.environments import add_environment
from pytest_amplifybackend._service.operations import perform
from pytest_amplifybackend._service.state import App, Environment

AUTH_CONFIG: Mapping[str, Any] = {
    "AuthResources": "IDENTITY_POOL_AND_USER_POOL",
    "Service": "COGNITO",
    "UserPoolConfigs": {
        "RequiredSignUpAttributes": ["EMAIL"],
        "SignInMethod": "EMAIL",
        "UserPoolName": "users",
    },
}
API_CONFIG: Mapping[str, Any] = {
    "DefaultAuthType": {"Mode": "API_KEY", "Settings": {"ExpirationTime": 7}},
    "Service": "AppSync",
    "TransformSchema": "type Note @model { id: ID! text: String }",
}
STORAGE_CONFIG: Mapping[str, Any] = {
    "Permissions": {"Authenticated": ["READ", "CREATE_AND_UPDATE", "DELETE"]},
    "ServiceName": "S3",
}


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the fake that presets state, as the messages of its errors name it.

    ``arguments`` maps members of the corresponding request to arguments of the method; every
    other member is part of the argument ``rest``.
    """

    name: str
    arguments: Mapping[str, str]
    rest: str = "the request"

    def argument(self, path: str) -> str:
        """The argument that a path in the request belongs to."""
        member, dot, below = path.partition(".")
        if not path:
            return self.rest
        return f"{self.arguments.get(member, f'{self.rest}.{member}')}{dot}{below}"

    def wrong(self, problems: Iterable[tuple[str, str]]) -> errors.UsageError:
        """The error for problems by their paths in the request."""
        return wrong(self.name, [(self.argument(path), text) for path, text in problems])

    def broken(self, operation: str, violation: Violation) -> errors.UsageError:
        """The error for a broken rule."""
        value, sentence = value_shown(operation, violation), violation.problem
        text = f"{value} {sentence}" if sentence.startswith("must ") else f"{value}: {sentence}"
        return self.wrong([(violation.path, f"{text} (rule {violation.rule.name})")])

    def impossible(self, app_id: str, environment: str, reason: object) -> errors.UsageError:
        """The error for a resource that an environment cannot have in its present state."""
        text = str(reason).removeprefix(errors.OBSERVED_PREFIX)
        return wrong(self.name, [(f"environment {environment!r} of app {app_id!r}:", text)])


_PLACE = {"AppId": "app_id", "AppName": "app_id", "BackendEnvironmentName": "environment"}
_RESOURCE = {**_PLACE, "ResourceName": "name", "ResourceConfig": "config"}
_ADD_APP = Method(
    "add_app", {"AppId": "app_id", "AppName": "name", "BackendEnvironmentName": "environments"}
)
ADD_AUTH = Method("add_auth", _RESOURCE)
ADD_API = Method("add_api", _RESOURCE)
ADD_STORAGE = Method("add_storage", _RESOURCE)
_ADD_CATEGORY = Method("add_category", _PLACE)
IMPORT_AUTH = Method("add_auth", _PLACE, rest="imported")
IMPORT_STORAGE = Method("add_storage", {**_PLACE, "BucketName": "bucket"}, rest="bucket")


def add_app(context: Context, app_id: str, name: str, environments: Sequence[str]) -> None:
    """Add an app with empty environments; existing environments stay as they are.

    Raises UsageError for an id or a name that the service would reject, or an environment that
    the provisioner cannot make.
    """
    for environment in environments or ("dev",):
        _validate(_ADD_APP, "CreateBackend", _named(app_id, environment, AppName=name))
        _reject_if_busy(_ADD_APP, context, app_id, environment)
    with _all_or_nothing(context, app_id, environments):
        _add_app(_ADD_APP, context, app_id, name, environments)


def _add_app(
    method: Method, context: Context, app_id: str, name: str, environments: Sequence[str]
) -> None:
    app = context.find_app(app_id) or App(app_id, name, created=context.now)
    environment = ""
    try:
        with deployment(context, app_id):
            for environment in environments:
                if environment not in app.environments:
                    add_environment(context, app, environment)
            context.state.apps[context.region, app_id] = app
    except ProvisioningError as error:
        raise method.impossible(app_id, environment, error) from None


def add_resource(
    context: Context,
    method: Method,
    operation: str,
    app_id: str,
    environment: str,
    **members: Any,
) -> None:
    """Apply the effect of an operation's job at once; a missing app or environment is added.

    Raises UsageError with the message of the service or of the failed job.
    """
    context = replace(context, moved=None)  # an observer is about what programs do
    params = copied(_named(app_id, environment, **members))
    _validate(method, operation, params)
    app = context.find_app(app_id)
    name = app_id if app is None else app.name
    new = app is None or environment not in app.environments
    if new:
        _validate(method, "CreateBackend", _named(app_id, environment, AppName=name))
    _reject_if_busy(method, context, app_id, environment)
    with _all_or_nothing(context, app_id, (environment,)):
        if new:
            _add_app(method, context, app_id, name, (environment,))
        try:
            with deployment(context, app_id):
                perform(context, context.operations[operation], params)
        except Exception as error:
            if new:
                # The user needs the first error, not one of this clean-up.
                with contextlib.suppress(ProvisioningError), deployment(context, app_id):
                    perform(context, context.operations["DeleteBackend"], params)
            if isinstance(error, BrokenRule):
                raise method.broken(operation, error.violation) from None
            if isinstance(error, (ProvisioningError, errors.ServiceError)):
                raise method.impossible(app_id, environment, error) from None
            raise


def add_category(
    context: Context,
    category: str,
    entries: dict[str, Any],
    place: tuple[str, str],
    *,
    before: str | None,
    after: str | None,
) -> None:
    """Add entries to a category of amplify-meta.json; a missing app or environment is added.

    ``place`` is the app and the environment. Raises UsageError for entries that are there already,
    or that operations make, and for neighbors that are not there.
    """
    app_id, name = place
    _reject_if_busy(_ADD_CATEGORY, context, app_id, name)
    found = list(categories.problems(category, entries))
    if found:
        at = [f"entries[{shown(entry)}]" if entry else "category" for entry, _ in found]
        named = [f"{shown(category)} {text}" if not entry else text for entry, text in found]
        raise wrong("add_category", list(zip(at, named, strict=True)))
    app = context.find_app(app_id)
    environment = None if app is None else app.environments.get(name)
    added = _with_category(environment, category, entries, before, after)
    own_name = app_id if app is None else app.name
    if environment is None:
        _validate(_ADD_CATEGORY, "CreateBackend", _named(app_id, name, AppName=own_name))
    with _all_or_nothing(context, app_id, (name,)):
        try:
            with deployment(context, app_id):
                if environment is None:
                    _add_app(_ADD_CATEGORY, context, app_id, own_name, (name,))
                context.environment(app_id, name).categories = added
        except ProvisioningError as error:
            raise _ADD_CATEGORY.impossible(app_id, name, error) from None


def _with_category(
    environment: Environment | None,
    category: str,
    entries: dict[str, Any],
    before: str | None,
    after: str | None,
) -> dict[str, categories.Category]:
    """The added categories of an environment, once there are more."""
    keys, there = ({}, {}) if environment is None else (environment.keys(), environment.categories)
    own: dict[str, categories.Entries] = {
        family: {key: {} for key in names} for family, names in keys.items()
    }
    known = categories.merged(own, there)
    for entry in entries:
        if entry in known.get(category, ()):
            problem = f"{shown(entry)} is there already: each entry of {category} has its own name"
            raise wrong("add_category", [("entries", problem)])
    neighbors = list(known.get(category, known))
    kind = f"an entry of {category}" if category in known else "a category"
    for argument, neighbor in (("before", before), ("after", after)):
        if neighbor is not None and neighbor not in neighbors:
            existing = ", ".join(map(shown, neighbors)) or "none yet"
            problem = f"must name {kind} ({existing}), not {shown(neighbor)}"
            raise wrong("add_category", [(argument, problem)])
    return categories.with_entries(own, there, category, entries, before=before, after=after)


def only_app(context: Context) -> str:
    """The id of the region's only app; raises UsageError if there is none, or more than one."""
    found = [app_id for region, app_id in context.state.apps if region == context.region]
    if len(found) == 1:
        return found[0]
    there = f"the apps {', '.join(found)}" if found else "no app"
    problem = f"must be an app's id, since the fake has {there} in {context.region}"
    raise wrong("add_category", [("app_id", problem)])


def add_bucket(context: Context, name: str) -> None:
    """An S3 bucket that belongs to no environment; raises UsageError if it cannot be made."""
    if not _BUCKET.fullmatch(name):
        problem = f"{shown(name)} must be 1 to 255 letters, digits and any of '.', '-' and '_'"
        raise wrong("add_bucket", [("name", problem)])
    try:
        with context.provisioner.work():
            context.provisioner.add_bucket(context.region, name, context.now)
    except ProvisioningError as error:
        raise wrong("add_bucket", [("name", f"{name!r}: {error}")]) from None


_BUCKET = re.compile(r"[a-zA-Z0-9._-]{1,255}")
"""The names that botocore accepts for a bucket (``botocore.handlers.VALID_BUCKET``)."""


def _named(app_id: str, environment: str, **members: Any) -> dict[str, Any]:
    return {"AppId": app_id, "BackendEnvironmentName": environment, **members}


def _reject_if_busy(method: Method, context: Context, app_id: str, environment: str) -> None:
    """Reject a change that an unfinished job would overwrite or would not expect."""
    job = context.state.jobs.blocking(context.region, app_id, environment)
    if job is not None:
        unfinished = f"its job {job.id} ({job.operation}) is {job.status}"
        raise method.impossible(app_id, environment, f"{unfinished}; let it end first.")


def _validate(method: Method, operation: str, params: Mapping[str, Any]) -> None:
    """Apply the rules of the client and the service, as for a request."""
    try:
        validity.check_params(operation, params)
    except validity.InvalidParams as error:
        raise method.wrong(error.problems) from None
    for violation in table.current().violations(operation, Layer.SERVICE, params):
        raise method.broken(operation, violation)


@contextlib.contextmanager
def _all_or_nothing(context: Context, app_id: str, environments: Iterable[str]) -> Iterator[None]:
    """Restore the app and the counters of ids if the body fails."""
    app, counters = context.find_app(app_id), dict(context.ids.counters)
    before = None if app is None else app_copy(app)
    try:
        yield
    except BaseException:
        if before is None:
            context.state.apps.pop((context.region, app_id), None)
        else:
            context.state.apps[context.region, app_id] = before
        context.ids.counters = counters
        raise
    finally:
        context.state.note_app(context.region, app_id, environments)
