"""The target ``aws``: the real service, read-only unless writes are allowed.

This project's own CI has never run it against AWS. What it runs is this code against the server,
with signatures verified, through ``--amplifybackend-endpoint``.
"""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend.contract._support.target import Polling, Target, client

READ_ONLY = (
    "target aws, read-only: tests that would change anything are skipped "
    "(--amplifybackend-allow-writes)."
)
WRITES = (
    "target aws, WRITES ALLOWED: the suite makes and removes Amplify apps, Cognito pools, AppSync "
    "APIs, buckets and roles in your account. That takes hours and COSTS MONEY; use an account "
    "that holds nothing else, and look for apps named pytest-amplifybackend-* afterwards."
)
NEVER_RUN = "This project's CI does not run the suite against AWS."


def header(config: pytest.Config) -> list[str]:
    """What is said before the tests run."""
    return [WRITES if allowed(config) else READ_ONLY, NEVER_RUN]


def allowed(config: pytest.Config) -> bool:
    """Whether the command line allows writes."""
    return bool(config.getoption("amplifybackend_allow_writes", default=False))


def start(
    config: pytest.Config,
    region: str,
    style: str,
    polling: Polling,
    patience: float | None = None,
) -> Target:
    """The service in a region, by the credentials that botocore finds."""
    endpoint = config.getoption("amplifybackend_endpoint", default=None)
    writes = allowed(config)
    apps = Apps(None if endpoint or not writes else _amplify)

    def connect(region: str) -> Any:
        return client(region, patience, endpoint_url=endpoint)

    return Target(
        name="aws",
        connect=connect,
        region=region,
        polling=polling,
        style=style,
        writes=writes,
        make_app=apps.make,
        remove_app=apps.remove,
        real_clock=True,
    )


def _amplify(region: str) -> Any:
    from botocore.session import Session

    return Session().create_client("amplify", region_name=region)


class Apps:
    """Makes the Amplify apps that backends belong to, and removes them.

    CreateBackend does not make the app (inferred), so the service ``amplify`` does, existing
    ``connect``; without, an app is only an id that nobody has used.
    """

    def __init__(self, connect: Any = None) -> None:
        self._connect = connect
        self._made: set[str] = set()

    def make(self, region: str, wanted: str) -> str:
        """The id of a new app."""
        if self._connect is None:
            return wanted
        client = self._connect(region)
        try:
            app = client.create_app(name=f"pytest-amplifybackend-{wanted}")["app"]["appId"]
        finally:
            client.close()
        self._made.add(app)
        return str(app)

    def remove(self, region: str, app_id: str) -> None:
        """Remove an app that was made here; one that is gone already is fine."""
        if app_id not in self._made:
            return
        client = self._connect(region)
        try:
            client.delete_app(appId=app_id)
        except client.exceptions.NotFoundException:
            pass
        finally:
            client.close()
        self._made.discard(app_id)
