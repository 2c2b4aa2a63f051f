"""The entities that operations move, and how the state of each is read.

The states while a job runs (creating, updating, deleting, ...) are never stored: an entity is in
one as long as the job that leads out of it is unfinished. Which operation leads from which state to
which is declared beside its handler.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pytest_amplifybackend._api.catalogue import FAMILIES

if TYPE_CHECKING:
    from pytest_amplifybackend._service.context import Context
    from pytest_amplifybackend._service.state import Environment

ABSENT, READY, PRESENT, IMPORTED = "absent", "ready", "present", "imported"
NONE, LATEST, STALE = "none", "LATEST", "STALE"
DISABLED, ENABLED = "disabled", "enabled"
ACTIVE, EXPIRED = "active", "expired"

Params = dict[str, Any]
StateOf = Callable[["Context", Params, "str | None"], str]


def _environment(context: Context, params: Params, name: str | None) -> str:
    app = context.find_app(params["AppId"])
    if app is None:
        return ABSENT
    found = app.environments if name is None else name in app.environments
    return READY if found else ABSENT


def _resource(family: str) -> StateOf:
    def state(context: Context, params: Params, name: str | None) -> str:
        resource = context.resources(params).get(family)
        if resource is None:
            return ABSENT
        return IMPORTED if resource.imported else PRESENT

    return state


def _models(context: Context, params: Params, name: str | None) -> str:
    return models_state(context.environment(params["AppId"], params["BackendEnvironmentName"]))


def models_state(environment: Environment) -> str:
    """``none``, or by comparison with the schema they were made from ``LATEST`` or ``STALE``."""
    api = environment.resources.get("api")
    if api is None or api.models is None:
        return NONE
    return LATEST if api.models["schema"] == api.config["TransformSchema"] else STALE


def _studio(context: Context, params: Params, name: str | None) -> str:
    return DISABLED if context.app(params["AppId"]).studio is None else ENABLED


def _token(context: Context, params: Params, name: str | None) -> str:
    session = params.get("SessionId")
    token = None if session is None else context.app(params["AppId"]).tokens.get(session)
    if token is None:
        return ABSENT
    return ACTIVE if token.is_active(context.clock.milliseconds()) else EXPIRED


STATES: Mapping[str, StateOf] = {
    "environment": _environment,
    **{family: _resource(family) for family in FAMILIES},
    "models": _models,
    "studio": _studio,
    "token": _token,
}
"""How the state of an entity is read, from the params and the environment of an operation (None:
all of the app's)."""
