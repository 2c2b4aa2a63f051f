"""The states, events and legal transitions of every entity, as one table.

Guards, the diagram in the docs and the exhaustive tests are all made from these rows. The
states in between (creating, updating, deleting, ...) are never stored: an entity is in one as
long as the job that leads out of it is unfinished.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_amplifybackend._api.provenance import ASSUMED, DOCUMENTED, OBSERVED, Provenance
from pytest_amplifybackend._service.state import App, Environment

ABSENT, READY, PRESENT, IMPORTED = "absent", "ready", "present", "imported"
FAMILIES = ("auth", "api", "storage")


@dataclass(frozen=True, slots=True)
class Transition:
    """One operation's way from one of ``sources`` to ``target``.

    ``during`` is the state while the job runs, None for an operation that answers at once.
    ``refusals`` says which rule of ``service.rules`` refuses the operation in which state.
    ``on_failure`` is the state after a failed job where it is not the one before.
    """

    operation: str
    entity: str
    sources: tuple[str, ...]
    during: str | None
    target: str
    tag: Provenance
    refusals: Mapping[str, str] = field(default_factory=dict)
    on_failure: str | None = None


def _resource_rows(
    family: str, entity: str, held: tuple[str, ...] = (PRESENT, IMPORTED)
) -> tuple[Transition, ...]:
    """The rows that auth, API and storage share; ``held`` are the states in which it is there."""
    imported = {IMPORTED: f"{entity}.imported"} if IMPORTED in held else {}
    return (
        Transition(
            f"CreateBackend{family}",
            entity,
            (ABSENT,),
            "creating",
            PRESENT,
            DOCUMENTED,
            dict.fromkeys(held, f"{entity}.exists"),
        ),
        Transition(
            f"UpdateBackend{family}",
            entity,
            (PRESENT,),
            "updating",
            PRESENT,
            DOCUMENTED,
            {ABSENT: f"{entity}.missing", **imported},
        ),
        Transition(
            f"DeleteBackend{family}",
            entity,
            held,
            "deleting",
            ABSENT,
            DOCUMENTED,
            {ABSENT: "resource.none"},
        ),
    )


def _import_row(family: str, entity: str) -> Transition:
    return Transition(
        f"ImportBackend{family}",
        entity,
        (ABSENT,),
        "importing",
        IMPORTED,
        DOCUMENTED,
        {PRESENT: f"{entity}.exists", IMPORTED: f"{entity}.exists"},
    )


TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        "CreateBackend",
        "environment",
        (ABSENT,),
        "creating",
        READY,
        DOCUMENTED,
        {READY: "environment.exists"},
    ),
    Transition(
        "CloneBackend",
        "environment",
        (ABSENT,),
        "creating",
        READY,
        OBSERVED,
        {READY: "environment.exists"},
        on_failure=READY,
    ),
    Transition(
        "DeleteBackend",
        "environment",
        (READY,),
        "deleting",
        ABSENT,
        OBSERVED,
        {ABSENT: "environment.missing"},
    ),
    Transition("RemoveAllBackends", "environment", (READY, ABSENT), "deleting", ABSENT, DOCUMENTED),
    *_resource_rows("Auth", "auth"),
    _import_row("Auth", "auth"),
    *_resource_rows("API", "api", held=(PRESENT,)),
    *_resource_rows("Storage", "storage"),
    _import_row("Storage", "storage"),
    Transition(
        "GenerateBackendAPIModels",
        "models",
        ("none", "LATEST", "STALE"),
        "generating",
        "LATEST",
        DOCUMENTED,
    ),
    Transition("UpdateBackendAPI", "models", ("LATEST",), "updating", "STALE", ASSUMED),
    Transition(
        "CreateBackendConfig",
        "studio",
        ("disabled",),
        "enabling",
        "enabled",
        DOCUMENTED,
        {"enabled": "studio.enabled"},
    ),
    Transition(
        "UpdateBackendConfig",
        "studio",
        ("enabled",),
        None,
        "enabled",
        ASSUMED,
        {"disabled": "studio.disabled"},
    ),
    Transition(
        "RemoveBackendConfig",
        "studio",
        ("enabled",),
        None,
        "disabled",
        DOCUMENTED,
        {"disabled": "studio.disabled"},
    ),
    Transition("CreateToken", "token", (ABSENT,), None, "active", DOCUMENTED),
    Transition(
        "DeleteToken",
        "token",
        ("active",),
        None,
        ABSENT,
        DOCUMENTED,
        {ABSENT: "token.missing", "expired": "token.missing"},
    ),
)

JOB_STATUSES: Mapping[str, tuple[str, ...]] = {
    "PENDING": ("RUNNING", "COMPLETED", "FAILED"),
    "RUNNING": ("COMPLETED", "FAILED"),
    "COMPLETED": (),
    "FAILED": (),
}
"""To which statuses a job can go on, by itself or through UpdateBackendJob."""


@functools.cache
def transition_of(operation: str, entity: str | None = None) -> Transition | None:
    """The first row of an operation, or its row for one entity; None when there is none."""
    for row in TRANSITIONS:
        if row.operation == operation and entity in (None, row.entity):
            return row
    return None


def refusal(operation: str, state: str) -> str | None:
    """The name of the rule that refuses an operation on an entity in a state, if one does."""
    row = transition_of(operation)
    return None if row is None else row.refusals.get(state)


def resource_state(environment: Environment, entity: str) -> str:
    """``absent``, ``present`` or ``imported``."""
    resource = environment.resources.get(entity)
    if resource is None:
        return ABSENT
    return IMPORTED if resource.imported else PRESENT


def models_state(environment: Environment) -> str:
    """``none``, or by comparison with the schema they were made from ``LATEST`` or ``STALE``."""
    api = environment.resources.get("api")
    if api is None or api.models is None:
        return "none"
    return "LATEST" if api.models["schema"] == api.config.get("TransformSchema") else "STALE"


def environment_state(app: App | None, name: str) -> str:
    """``absent`` or ``ready``."""
    return READY if app is not None and name in app.environments else ABSENT


def studio_state(app: App) -> str:
    """``disabled`` or ``enabled``."""
    return "disabled" if app.studio is None else "enabled"
