"""What an update leaves as it is on the real service, and would lose on an emulator.

UpdateUserPool takes no UsernameAttributes, because they cannot be changed; moto takes a pool's
whole config from the request, and so forgets them. They are sent along: a real service ignores
members that it does not know.
"""

from __future__ import annotations

import json
from typing import Any

NAMES = ("UsernameAttributes", "AliasAttributes", "UsernameConfiguration")


class Lasting:
    """What pools cannot lose, by their id; a handler of botocore's event ``before-call``."""

    def __init__(self) -> None:
        self._pools: dict[str, dict[str, Any]] = {}

    def note(self, pool: dict[str, Any]) -> None:
        """Remember what a described pool has."""
        self._pools[pool["Id"]] = {name: pool[name] for name in NAMES if name in pool}

    def add(self, params: dict[str, Any], **_: Any) -> None:
        """Send what a pool has along with the request that updates it."""
        sent = json.loads(params["body"])
        also = self._pools.get(sent["UserPoolId"])
        if also:
            params["body"] = json.dumps({**also, **sent}).encode()
