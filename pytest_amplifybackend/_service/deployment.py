"""One deployment as a whole: what is provisioned, what is remembered, and the files about it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.files import deployed
from pytest_amplifybackend._service.state import App


@contextlib.contextmanager
def deployment(context: Context, app_id: str) -> Iterator[None]:
    """All of what is done within, or nothing.

    At the end the files of the environments that changed are published. An exception takes back
    what the provisioner did, and the app is again as it was.
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
    """The app with records of its own; effects replace what the records hold, and change none."""
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
