"""The secrets that a backend has been given, for whoever must not show them."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.secrets.shapes import secrets_in
from pytest_amplifybackend._service.calls import Call
from pytest_amplifybackend._service.state import State


def known(state: State, history: Iterable[Call]) -> frozenset[str]:
    """What stands below sensitive members in requests, answers and the auth resources' configs."""
    found: set[str] = set()
    for call in history:
        operation = catalogue.operations()[call.operation]
        found.update(secrets_in(call.params, operation.input_shape))
        found.update(secrets_in(call.response, operation.output_shape))
    config = catalogue.operations()["CreateBackendAuth"].input_shape.members["ResourceConfig"]
    for app in state.apps.values():
        for environment in app.environments.values():
            if "auth" in environment.resources:
                found.update(secrets_in(environment.resources["auth"].config, config))
    return frozenset(found)
