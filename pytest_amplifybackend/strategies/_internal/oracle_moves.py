"""The oracle's table: from which state to which each operation leads, and where it is rejected.

The rows are written from the documentation, without a look at the service's declarations. The
oracle predicts by them, and the contract suite makes a test of each; a test compares them with the
service.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.provenance import ASSUMED, DOCUMENTED, OBSERVED, Provenance

CLI = "Amplify CLI, the commands that the worker runs"
STUDIO = "Amplify documentation, Studio"
RECORDED = "recorded jobs of the real service"
_REST = "REST reference"
_SISTER = "texts of the sister service amplify"
_NOTHING = "no recorded answer"


class Move(NamedTuple):
    """What an operation makes of an entity in a state; without ``target`` it is rejected.

    ``error`` is that of the call; a rejection without one lets the job fail. ``after_failure`` is
    the state that a failed job leaves, if it is not the one before.
    """

    operation: str
    entity: str
    source: str
    target: str | None
    evidence: Provenance
    says: str
    error: type[errors.ServiceError] | None = None
    after_failure: str | None = None


def _resources(name: str, family: str, importing: bool) -> Iterator[Move]:
    """The moves that the resources have in common."""
    states = ("present", "imported") if importing else ("present",)
    yield Move(f"CreateBackend{name}", family, "absent", "present", DOCUMENTED, CLI)
    yield Move(f"UpdateBackend{name}", family, "present", "present", DOCUMENTED, CLI)
    yield Move(f"DeleteBackend{name}", family, "absent", None, DOCUMENTED, CLI)
    if importing:
        yield Move(f"ImportBackend{name}", family, "absent", "imported", DOCUMENTED, CLI)
        yield Move(f"UpdateBackend{name}", family, "imported", None, DOCUMENTED, CLI)
    for state in states:
        yield Move(f"DeleteBackend{name}", family, state, "absent", DOCUMENTED, CLI)
        yield Move(f"CreateBackend{name}", family, state, None, DOCUMENTED, CLI)
        if importing:
            yield Move(f"ImportBackend{name}", family, state, None, DOCUMENTED, CLI)


_CLONED = "issue reports: a failed clone leaves its target there, empty"
_STALE = "the enum LATEST and STALE; that another schema makes models stale is inferred"
_AT_ONCE = "the response has no JobId, so it answers at once"
_ENVIRONMENT, _MODELS, _TOKEN = "environment", "models", "token"

MOVES: tuple[Move, ...] = (
    Move("CreateBackend", _ENVIRONMENT, "absent", "ready", DOCUMENTED, CLI),
    Move("CreateBackend", _ENVIRONMENT, "ready", None, OBSERVED, _SISTER, error=errors.BadRequest),
    Move("CloneBackend", _ENVIRONMENT, "absent", "ready", OBSERVED, _CLONED, after_failure="ready"),
    Move("CloneBackend", _ENVIRONMENT, "ready", None, OBSERVED, _SISTER, error=errors.BadRequest),
    Move("DeleteBackend", _ENVIRONMENT, "ready", "absent", OBSERVED, RECORDED),
    Move("DeleteBackend", _ENVIRONMENT, "absent", None, OBSERVED, _SISTER, error=errors.NotFound),
    Move("RemoveAllBackends", _ENVIRONMENT, "ready", "absent", DOCUMENTED, _REST),
    Move("RemoveAllBackends", _ENVIRONMENT, "absent", "absent", DOCUMENTED, _REST),
    *_resources("Auth", "auth", importing=True),
    Move("UpdateBackendAuth", "auth", "absent", None, ASSUMED, _NOTHING),
    *_resources("API", "api", importing=False),
    Move("UpdateBackendAPI", "api", "absent", None, OBSERVED, RECORDED),
    *_resources("Storage", "storage", importing=True),
    Move("UpdateBackendStorage", "storage", "absent", None, DOCUMENTED, CLI),
    Move("GenerateBackendAPIModels", _MODELS, "none", "LATEST", DOCUMENTED, CLI),
    Move("GenerateBackendAPIModels", _MODELS, "LATEST", "LATEST", DOCUMENTED, CLI),
    Move("GenerateBackendAPIModels", _MODELS, "STALE", "LATEST", DOCUMENTED, CLI),
    Move("UpdateBackendAPI", _MODELS, "LATEST", "STALE", ASSUMED, _STALE),
    Move("CreateBackendConfig", "studio", "disabled", "enabled", DOCUMENTED, STUDIO),
    Move("CreateBackendConfig", "studio", "enabled", None, ASSUMED, _NOTHING),
    Move("UpdateBackendConfig", "studio", "enabled", "enabled", ASSUMED, _AT_ONCE),
    Move("RemoveBackendConfig", "studio", "enabled", "disabled", DOCUMENTED, STUDIO),
    *(
        Move(name, "studio", "disabled", None, ASSUMED, _NOTHING, error=errors.NotFound)
        for name in ("UpdateBackendConfig", "RemoveBackendConfig")
    ),
    Move("CreateToken", _TOKEN, "absent", "active", DOCUMENTED, STUDIO),
    Move("GetToken", _TOKEN, "active", "active", DOCUMENTED, STUDIO),
    Move("DeleteToken", _TOKEN, "active", "absent", DOCUMENTED, STUDIO),
    *(
        Move(name, _TOKEN, state, None, ASSUMED, _NOTHING, error=errors.NotFound)
        for name in ("GetToken", "DeleteToken")
        for state in ("absent", "expired")
    ),
)

_BY_STATE = {(move.operation, move.entity, move.source): move for move in MOVES}


def move_of(operation: str, entity: str, state: str) -> Move:
    """What an operation makes of an entity in a state; KeyError where the table is silent."""
    return _BY_STATE[operation, entity, state]


ENTITIES = {move.operation: move.entity for move in reversed(MOVES)}
"""By operation the entity that it is about, the first where it may move another too."""

LEAVES_EMPTY = frozenset(move.operation for move in MOVES if move.after_failure == "ready")
"""The operations whose failed job leaves an empty environment."""
