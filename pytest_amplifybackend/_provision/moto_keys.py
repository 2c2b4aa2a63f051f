"""The private key that moto reads for every user pool, read once.

moto signs the tokens of all its user pools by one key, which lies in its package, and reads it
from there for each pool: 80 ms, nearly all of what a pool costs. It asks joserfc to, which gives
it the key that it has read before, while this change applies. joserfc is not imported for that,
and others who read a key with it are left alone.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from pytest_amplifybackend._patching import Change, Patch, WhileApplied


class KeptKeys(WhileApplied):
    """A change of the process; see the module."""

    def __init__(self) -> None:
        super().__init__({"joserfc.jwk": _changes})


def _changes(jwk: ModuleType) -> list[Change]:
    # A class method: asked for here, it is bound already, as what is put there has to be.
    return [Patch(jwk.RSAKey, "import_key", lambda _: _ForMoto(jwk.RSAKey.import_key))]


class _ForMoto:
    """``RSAKey.import_key`` that keeps what moto reads; an object, as it must not be bound."""

    def __init__(self, import_key: Callable[..., Any]) -> None:
        self._import_key = import_key

    def __call__(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1).f_globals.get("__name__", "")  # noqa: SLF001  # who asks, it says
        if args or kwargs or not caller.startswith("moto."):
            return self._import_key(value, *args, **kwargs)
        return _imported(json.dumps(value))


@functools.lru_cache(maxsize=2)
def _imported(value: str) -> Any:
    from joserfc.jwk import RSAKey

    return RSAKey.import_key(json.loads(value))
