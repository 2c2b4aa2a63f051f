"""Immutable attributes of user pools, which moto drops at UpdateUserPool.

UpdateUserPool takes no UsernameAttributes, because they cannot change; moto replaces a pool's whole
config by the request, and so loses them. They are added to the request: a real service ignores
unknown members.
"""

from __future__ import annotations

import json
from typing import Any

NAMES = ("UsernameAttributes", "AliasAttributes", "UsernameConfiguration")


class ImmutableAttributes:
    """Immutable attributes by pool id, and a handler of botocore's event ``before-call``."""

    def __init__(self) -> None:
        self._pools: dict[str, dict[str, Any]] = {}

    def note(self, pool: dict[str, Any]) -> None:
        """Remember those of a described pool."""
        self._pools[pool["Id"]] = {name: pool[name] for name in NAMES if name in pool}

    def add(self, params: dict[str, Any], **_: Any) -> None:
        """Add those of a pool to the request that updates it."""
        sent = json.loads(params["body"])
        known = self._pools.get(sent["UserPoolId"])
        if known:
            params["body"] = json.dumps({**known, **sent}).encode()
