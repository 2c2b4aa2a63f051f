"""Hypothesis strategies: valid and labelled-invalid configs and requests, and a state machine.

Only the model and the errors are known here, never the service that the strategies test. Needs
the extra ``[hypothesis]``; each name is imported when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pytest_amplifybackend.errors import MissingExtra

try:
    import hypothesis as _hypothesis  # noqa: F401  (only to see whether it is there)
except ImportError as error:
    raise MissingExtra(
        "pytest_amplifybackend.strategies needs hypothesis: "
        "pip install 'pytest-amplifybackend[hypothesis]'"
    ) from error

if TYPE_CHECKING:
    from pytest_amplifybackend.strategies._internal.api import (
        api_configs,
        api_update_configs,
    )
    from pytest_amplifybackend.strategies._internal.auth import auth_configs, auth_update_configs
    from pytest_amplifybackend.strategies._internal.invalid import (
        invalid_api_configs,
        invalid_auth_configs,
        invalid_requests,
        invalid_storage_configs,
        invalid_targets,
    )
    from pytest_amplifybackend.strategies._internal.invalid_schemas import invalid_schemas
    from pytest_amplifybackend.strategies._internal.machine import AmplifyBackendMachine
    from pytest_amplifybackend.strategies._internal.names import (
        app_ids,
        bucket_names,
        environment_names,
        resource_names,
    )
    from pytest_amplifybackend.strategies._internal.operations import requests
    from pytest_amplifybackend.strategies._internal.refused import RefusedRequest, refused_requests
    from pytest_amplifybackend.strategies._internal.schemas import transform_schemas
    from pytest_amplifybackend.strategies._internal.storage import (
        login_auth_configs,
        storage_configs,
        storage_update_configs,
    )
    from pytest_amplifybackend.strategies._internal.values import (
        InvalidConfig,
        InvalidRequest,
        InvalidSchema,
        InvalidTarget,
        JobFailure,
        Request,
    )
    from pytest_amplifybackend.strategies._internal.wire import WireRequest, wire_requests

__all__ = [
    "AmplifyBackendMachine",
    "InvalidConfig",
    "InvalidRequest",
    "InvalidSchema",
    "InvalidTarget",
    "JobFailure",
    "RefusedRequest",
    "Request",
    "WireRequest",
    "api_configs",
    "api_update_configs",
    "app_ids",
    "auth_configs",
    "auth_update_configs",
    "bucket_names",
    "environment_names",
    "invalid_api_configs",
    "invalid_auth_configs",
    "invalid_requests",
    "invalid_schemas",
    "invalid_storage_configs",
    "invalid_targets",
    "login_auth_configs",
    "refused_requests",
    "requests",
    "resource_names",
    "storage_configs",
    "storage_update_configs",
    "transform_schemas",
    "wire_requests",
]

_HOMES = {
    "api": ("api_configs", "api_update_configs"),
    "auth": ("auth_configs", "auth_update_configs"),
    "invalid": (
        "invalid_api_configs",
        "invalid_auth_configs",
        "invalid_requests",
        "invalid_storage_configs",
        "invalid_targets",
    ),
    "invalid_schemas": ("invalid_schemas",),
    "machine": ("AmplifyBackendMachine",),
    "names": ("app_ids", "bucket_names", "environment_names", "resource_names"),
    "operations": ("requests",),
    "refused": ("RefusedRequest", "refused_requests"),
    "schemas": ("transform_schemas",),
    "storage": ("login_auth_configs", "storage_configs", "storage_update_configs"),
    "values": (
        *("InvalidConfig", "InvalidRequest", "InvalidSchema", "InvalidTarget"),
        *("JobFailure", "Request"),
    ),
    "wire": ("WireRequest", "wire_requests"),
}


def __getattr__(name: str) -> Any:
    for module, public in _HOMES.items():
        if name in public:
            return getattr(importlib.import_module(f"{__name__}._internal.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
