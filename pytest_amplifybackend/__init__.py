"""A verified, stateful fake of AWS Amplify Backend for pytest.

Public names only; each is imported when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_amplifybackend import errors as errors
    from pytest_amplifybackend import progress as progress
    from pytest_amplifybackend._fake import FakeAmplifyBackend as FakeAmplifyBackend
    from pytest_amplifybackend._shapes import assert_shape as assert_shape
    from pytest_amplifybackend._shapes import response_shape as response_shape

__version__ = "0.1.0"
__all__ = ["FakeAmplifyBackend", "assert_shape", "errors", "progress", "response_shape"]

_HOMES = {
    "FakeAmplifyBackend": ("pytest_amplifybackend._fake", "FakeAmplifyBackend"),
    "assert_shape": ("pytest_amplifybackend._shapes", "assert_shape"),
    "errors": ("pytest_amplifybackend.errors", None),
    "progress": ("pytest_amplifybackend.progress", None),
    "response_shape": ("pytest_amplifybackend._shapes", "response_shape"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    home = importlib.import_module(module)
    return home if attribute is None else getattr(home, attribute)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
