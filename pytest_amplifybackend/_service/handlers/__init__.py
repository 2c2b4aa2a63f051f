"""What each operation does, one file for each family of resources.

``ANSWERS`` are the operations that answer at once; ``EFFECTS`` are what the job of every other
operation does when it completes. Together they are the 31 operations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pytest_amplifybackend._service.context import Context
from pytest_amplifybackend._service.handlers import (
    api,
    auth,
    buckets,
    environments,
    models,
    storage,
    studio,
    tokens,
)

Params = dict[str, Any]

ANSWERS: Mapping[str, Callable[[Context, Params], dict[str, Any]]] = {
    **environments.ANSWERS,
    **auth.ANSWERS,
    **api.ANSWERS,
    **models.ANSWERS,
    **storage.ANSWERS,
    **studio.ANSWERS,
    **tokens.ANSWERS,
    **buckets.ANSWERS,
}

EFFECTS: Mapping[str, Callable[[Context, Params], None]] = {
    **environments.EFFECTS,
    **auth.EFFECTS,
    **api.EFFECTS,
    **models.EFFECTS,
    **storage.EFFECTS,
    **studio.EFFECTS,
}

FAILURES: Mapping[str, Callable[[Context, Params], None]] = environments.FAILURES
"""What a failed job leaves behind, for the operations where that is not nothing."""
