"""Given state: resources that are simply there, made without jobs but by the same rules."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from pytest_amplifybackend import errors
from pytest_amplifybackend.model import validity
from pytest_amplifybackend.model.values import copied
from pytest_amplifybackend.service import lifecycle, validation
from pytest_amplifybackend.service.context import Context
from pytest_amplifybackend.service.deployment import deployment
from pytest_amplifybackend.service.handlers import EFFECTS
from pytest_amplifybackend.service.handlers.environments import add_environment
from pytest_amplifybackend.service.rules import ProvisioningError
from pytest_amplifybackend.service.state import App

AUTH_CONFIG: Mapping[str, Any] = {
    "AuthResources": "USER_POOL_ONLY",
    "Service": "COGNITO",
    "UserPoolConfigs": {
        "RequiredSignUpAttributes": ["EMAIL"],
        "SignInMethod": "EMAIL",
        "UserPoolName": "users",
    },
}
API_CONFIG: Mapping[str, Any] = {
    "ApiName": "api",
    "DefaultAuthType": {"Mode": "API_KEY", "Settings": {"ExpirationTime": 7}},
    "Service": "AppSync",
    "TransformSchema": "type Note @model { id: ID! text: String }",
}
STORAGE_CONFIG: Mapping[str, Any] = {
    "Permissions": {"Authenticated": ["READ", "CREATE_AND_UPDATE", "DELETE"]},
    "ServiceName": "S3",
}


def add_app(context: Context, app_id: str, name: str, environments: Iterable[str]) -> None:
    """An app with empty environments; environments that it has already stay as they are.

    Raises UsageError for an id or a name that the service would refuse, or an environment that
    the provisioner cannot make.
    """
    names = tuple(environments)
    for environment in names or ("dev",):
        _hold("CreateBackend", _named(app_id, environment, AppName=name))
        _not_at_work(context, app_id, environment)
    app = context.find_app(app_id) or App(app_id, name)
    environment = ""
    try:
        with deployment(context, app_id):
            for environment in names:
                if environment not in app.environments:
                    add_environment(context, app, environment)
            context.state.apps[context.region, app_id] = app
    except ProvisioningError as error:
        raise errors.UsageError(
            f"environment {environment!r} of app {app_id!r} cannot be: {error}"
        ) from error


def add_resource(
    context: Context, operation: str, app_id: str, environment: str, **members: Any
) -> None:
    """Do at once what the job of an operation would do; app and environment are added if missing.

    Raises UsageError with the text that the service, or the failed job, would have answered.
    """
    params = copied(_named(app_id, environment, **members))
    _hold(operation, params)
    _not_at_work(context, app_id, environment)
    app = context.find_app(app_id)
    new = lifecycle.environment_state(app, environment) == lifecycle.ABSENT
    if new:
        add_app(context, app_id, app_id if app is None else app.name, (environment,))
    try:
        with deployment(context, app_id):
            EFFECTS[operation](context, params)
    except (ProvisioningError, errors.ServiceError) as error:
        if new:
            # The first failure is the one to tell.
            with contextlib.suppress(ProvisioningError), deployment(context, app_id):
                EFFECTS["DeleteBackend"](context, params)
            context.app(app_id).environments.pop(environment, None)
        if app is None:
            del context.state.apps[context.region, app_id]
        raise errors.UsageError(
            f"{operation} in app {app_id!r}, environment {environment!r} cannot be: {error}"
        ) from error


def add_bucket(context: Context, name: str) -> None:
    """An S3 bucket that belongs to no environment; raises UsageError where it cannot be made."""
    try:
        with context.provisioner.work():
            context.provisioner.add_bucket(context.region, name, context.now)
    except ProvisioningError as error:
        raise errors.UsageError(f"bucket {name!r} cannot be: {error}") from error


def _named(app_id: str, environment: str, **members: Any) -> dict[str, Any]:
    return {"AppId": app_id, "BackendEnvironmentName": environment, **members}


def _not_at_work(context: Context, app_id: str, environment: str) -> None:
    """Refuse what a job that is under way would overwrite, or would not expect."""
    job = context.state.jobs.blocking(context.region, app_id, environment)
    if job is not None:
        raise errors.UsageError(
            f"nothing can be given in environment {environment!r} of app {app_id!r} while the job "
            f"{job.id} ({job.operation}) is {job.status}."
        )


def _hold(operation: str, params: Mapping[str, Any]) -> None:
    """Hold given state to what the client and the service hold requests to."""
    try:
        validity.check_params(operation, params)
        validation.validate(operation, params)
    except (validity.InvalidParams, errors.BadRequest) as error:
        raise errors.UsageError(f"this cannot be given: {error}") from error
