"""One deployment as a transaction: the provisioned resources, the state, and the files of both.

The folder and file names are those that the Amplify CLI uploads for the service to read, and the
models are where the CLI and Studio look for them (documented by its source).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from pytest_amplifybackend._service import meta
from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.flags import FEATURE_FLAGS
from pytest_amplifybackend._service.state import App, Environment

FOLDER = "studio-backend"


@contextlib.contextmanager
def deployment(context: Context, app_id: str) -> Iterator[None]:
    """A transaction: at its end the files of the environments that changed are published.

    An exception undoes the provisioner's work and restores the app.
    """
    provisioner = context.provisioner
    if not provisioner.keeps_files:
        with provisioner.work():
            yield
        return
    apps = dict(context.state.apps)
    app = context.find_app(app_id)
    before = None if app is None else app_copy(app)
    try:
        with provisioner.work():
            yield
            _publish(context, before, context.find_app(app_id))
    except BaseException:
        if before is not None:
            apps[context.region, app_id] = before
        context.state.apps = apps
        raise


def app_copy(app: App) -> App:
    """A copy of the app down to its records; handlers replace the values in them, and edit none."""
    environments = {
        name: replace(
            environment,
            resources={family: replace(item) for family, item in environment.resources.items()},
        )
        for name, environment in app.environments.items()
    }
    return replace(app, environments=environments)


def _publish(context: Context, before: App | None, after: App | None) -> None:
    if after is None:
        return
    for name, environment in after.environments.items():
        old = None if before is None else before.environments.get(name)
        if old != environment:
            context.provisioner.publish(
                context.place(after, environment),
                {} if old is None else deployed(old),
                deployed(environment),
            )


def deployed(environment: Environment) -> dict[str, str]:
    """The content of every file of an environment, by its key in the bucket."""
    files = {
        f"{FOLDER}/amplify-meta.json": meta.amplify_meta(environment),
        f"{FOLDER}/cli.json": FEATURE_FLAGS,
    }
    api = environment.resources.get("api")
    if api is None:
        return files
    files[f"{FOLDER}/api/{api.key}/schema.graphql"] = api.config["TransformSchema"]
    if api.models is not None:
        folder = f"models/{api.key}"
        files[f"{folder}/schema.graphql"] = api.models["schema"]
        files[f"{folder}/schema.js"] = api.models["models"]
        files[f"{folder}/modelIntrospection.json"] = api.models["introspection"]
    return files
