"""The states of every entity and what leads from one to the other, told for the third time.

Neither the service nor the oracle is asked: the rows are written from the documentation. What a
client sees of an entity is said by :func:`seen`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_amplifybackend import errors
from pytest_amplifybackend._api.provenance import ASSUMED, DOCUMENTED, OBSERVED, Provenance
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import about, provenance
from pytest_amplifybackend.contract._support.states import meta

CLI = "Amplify CLI, the commands that the worker runs"
STUDIO = "Amplify documentation, Studio"
RECORDED = "recorded jobs of the real service"


@dataclass(frozen=True)
class Step:
    """An operation's way from ``source`` to ``target``; ``failed`` is where a failed job leaves it.

    ``state`` is the provider state that ``source`` is found in. ``job`` is False for an operation
    that answers at once.
    """

    operation: str
    entity: str
    source: str
    target: str
    state: str
    kind: Provenance
    says: str
    failed: str | None = None
    job: bool = True

    @property
    def after_failure(self) -> str:
        """The state after a failed job."""
        return self.source if self.failed is None else self.failed

    def case(self) -> Any:
        """The row as a case of a test."""
        name = f"{self.operation}-{self.entity}-{self.source}"
        return pytest.param(
            self, id=name, marks=(about(self.operation), provenance(self.kind, self.says))
        )


@dataclass(frozen=True)
class Refusal:
    """An operation that a state does not allow: by an error, or by a job that fails (None)."""

    operation: str
    entity: str
    source: str
    state: str
    error: type[errors.ServiceError] | None
    kind: Provenance
    says: str

    def case(self) -> Any:
        """The row as a case of a test."""
        name = f"{self.operation}-{self.entity}-{self.source}"
        return pytest.param(
            self, id=name, marks=(about(self.operation), provenance(self.kind, self.says))
        )


_DEV, _AUTH, _BUCKET = "app with environment dev", "auth present", "auth and a bucket"
_POOL = "app with a user pool to import"
_API, _STORAGE = "API present", "storage present"
_IMPORTED, _MEDIA = "auth imported", "storage imported"

STEPS = (
    Step("CreateBackend", "environment", "absent", "ready", "no app", DOCUMENTED, CLI),
    Step(
        "CloneBackend",
        "target environment",
        "absent",
        "ready",
        _DEV,
        OBSERVED,
        "issue reports: a failed clone leaves its target there, empty",
        failed="ready",
    ),
    Step("DeleteBackend", "environment", "ready", "absent", _DEV, OBSERVED, RECORDED),
    Step("RemoveAllBackends", "environment", "ready", "absent", _DEV, DOCUMENTED, "REST reference"),
    Step(
        "RemoveAllBackends",
        "environment",
        "absent",
        "absent",
        "app without environments",
        DOCUMENTED,
        "REST reference",
    ),
    Step("CreateBackendAuth", "auth", "absent", "present", _DEV, DOCUMENTED, CLI),
    Step("UpdateBackendAuth", "auth", "present", "present", _AUTH, DOCUMENTED, CLI),
    Step("DeleteBackendAuth", "auth", "present", "absent", _AUTH, DOCUMENTED, CLI),
    Step("DeleteBackendAuth", "auth", "imported", "absent", _IMPORTED, DOCUMENTED, CLI),
    Step("ImportBackendAuth", "auth", "absent", "imported", _POOL, DOCUMENTED, CLI),
    Step("CreateBackendAPI", "api", "absent", "present", _DEV, DOCUMENTED, CLI),
    Step("UpdateBackendAPI", "api", "present", "present", _API, DOCUMENTED, CLI),
    Step("DeleteBackendAPI", "api", "present", "absent", _API, DOCUMENTED, CLI),
    Step("CreateBackendStorage", "storage", "absent", "present", _AUTH, DOCUMENTED, CLI),
    Step("UpdateBackendStorage", "storage", "present", "present", _STORAGE, DOCUMENTED, CLI),
    Step("DeleteBackendStorage", "storage", "present", "absent", _STORAGE, DOCUMENTED, CLI),
    Step("DeleteBackendStorage", "storage", "imported", "absent", _MEDIA, DOCUMENTED, CLI),
    Step("ImportBackendStorage", "storage", "absent", "imported", _BUCKET, DOCUMENTED, CLI),
    Step("GenerateBackendAPIModels", "models", "none", "LATEST", _API, DOCUMENTED, CLI),
    Step(
        "GenerateBackendAPIModels", "models", "LATEST", "LATEST", "models LATEST", DOCUMENTED, CLI
    ),
    Step("GenerateBackendAPIModels", "models", "STALE", "LATEST", "models STALE", DOCUMENTED, CLI),
    Step(
        "UpdateBackendAPI",
        "models",
        "LATEST",
        "STALE",
        "models LATEST",
        ASSUMED,
        "the enum LATEST and STALE; that another schema makes models stale is inferred",
    ),
    Step("CreateBackendConfig", "studio", "disabled", "enabled", _DEV, DOCUMENTED, STUDIO),
    Step(
        "UpdateBackendConfig",
        "studio",
        "enabled",
        "enabled",
        "studio enabled",
        ASSUMED,
        "the response has no JobId, so it answers at once",
        job=False,
    ),
    Step(
        "RemoveBackendConfig",
        "studio",
        "enabled",
        "disabled",
        "studio enabled",
        DOCUMENTED,
        STUDIO,
        job=False,
    ),
    Step("CreateToken", "token", "absent", "active", _DEV, DOCUMENTED, STUDIO, job=False),
    Step("GetToken", "token", "active", "active", "token active", DOCUMENTED, STUDIO, job=False),
    Step("DeleteToken", "token", "active", "absent", "token active", DOCUMENTED, STUDIO, job=False),
)

_SISTER = "texts of the sister service amplify"
_NONE = "no recorded answer"
REFUSALS = (
    Refusal("CreateBackend", "environment", "ready", _DEV, errors.BadRequest, OBSERVED, _SISTER),
    Refusal(
        "CloneBackend",
        "target environment",
        "ready",
        "app with environments dev and test",
        errors.BadRequest,
        OBSERVED,
        _SISTER,
    ),
    Refusal(
        "DeleteBackend",
        "environment",
        "absent",
        "app without environments",
        errors.NotFound,
        OBSERVED,
        _SISTER,
    ),
    Refusal("CreateBackendAuth", "auth", "present", _AUTH, None, DOCUMENTED, CLI),
    Refusal("CreateBackendAuth", "auth", "imported", _IMPORTED, None, DOCUMENTED, CLI),
    Refusal("UpdateBackendAuth", "auth", "absent", _DEV, None, ASSUMED, _NONE),
    Refusal("UpdateBackendAuth", "auth", "imported", _IMPORTED, None, DOCUMENTED, CLI),
    Refusal("DeleteBackendAuth", "auth", "absent", _DEV, None, DOCUMENTED, CLI),
    Refusal("ImportBackendAuth", "auth", "present", _AUTH, None, DOCUMENTED, CLI),
    Refusal("ImportBackendAuth", "auth", "imported", _IMPORTED, None, DOCUMENTED, CLI),
    Refusal("CreateBackendAPI", "api", "present", _API, None, DOCUMENTED, CLI),
    Refusal("UpdateBackendAPI", "api", "absent", _DEV, None, OBSERVED, RECORDED),
    Refusal("DeleteBackendAPI", "api", "absent", _DEV, None, DOCUMENTED, CLI),
    Refusal("CreateBackendStorage", "storage", "present", _STORAGE, None, DOCUMENTED, CLI),
    Refusal("CreateBackendStorage", "storage", "imported", _MEDIA, None, DOCUMENTED, CLI),
    Refusal("UpdateBackendStorage", "storage", "absent", _AUTH, None, DOCUMENTED, CLI),
    Refusal("UpdateBackendStorage", "storage", "imported", _MEDIA, None, DOCUMENTED, CLI),
    Refusal("DeleteBackendStorage", "storage", "absent", _AUTH, None, DOCUMENTED, CLI),
    Refusal("ImportBackendStorage", "storage", "present", _STORAGE, None, DOCUMENTED, CLI),
    Refusal("ImportBackendStorage", "storage", "imported", _MEDIA, None, DOCUMENTED, CLI),
    Refusal("CreateBackendConfig", "studio", "enabled", "studio enabled", None, ASSUMED, _NONE),
    Refusal("UpdateBackendConfig", "studio", "disabled", _DEV, errors.NotFound, ASSUMED, _NONE),
    Refusal("RemoveBackendConfig", "studio", "disabled", _DEV, errors.NotFound, ASSUMED, _NONE),
    Refusal("GetToken", "token", "absent", _DEV, errors.NotFound, ASSUMED, _NONE),
    Refusal("GetToken", "token", "expired", "token expired", errors.NotFound, ASSUMED, _NONE),
    Refusal("DeleteToken", "token", "absent", _DEV, errors.NotFound, ASSUMED, _NONE),
    Refusal("DeleteToken", "token", "expired", "token expired", errors.NotFound, ASSUMED, _NONE),
)


def seen(backend: Backend, given: Mapping[str, Any], entity: str) -> str:
    """The state that a client finds an entity in; an expired token is not to be told from none."""
    app = {"AppId": given["AppId"]}
    at = {**app, "BackendEnvironmentName": given["BackendEnvironmentName"]}
    if entity.endswith("environment"):
        name = "copy" if entity.startswith("target") else at["BackendEnvironmentName"]
        listed = _asked(backend, "GetBackend", app)
        return "ready" if listed and name in listed["BackendEnvironmentList"] else "absent"
    if entity == "models":
        found = _asked(backend, "GetBackendAPIModels", {**at, "ResourceName": "orders"})
        return str(found["Status"]) if found else "none"
    if entity == "studio":
        return "enabled" if _asked(backend, "UpdateBackendConfig", app) else "disabled"
    if entity == "token":
        token = {**app, "SessionId": given.get("SessionId", "none")}
        return "active" if _asked(backend, "GetToken", token) else "absent"
    resources = meta(backend, given).get(entity)
    if resources is None:
        return "absent"
    (resource,) = resources.values()
    return "imported" if resource.get("serviceType") == "imported" else "present"


def _asked(backend: Backend, operation: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """The answer to a read, None where what it is about is not there."""
    try:
        return backend.call(operation, params)
    except AssertionError as failure:
        error = failure.__cause__ or failure.__context__
        if isinstance(error, ClientError):
            code = error.response["Error"]["Code"]
            if code in backend.target.codes(errors.NotFound):
                return None
        raise
