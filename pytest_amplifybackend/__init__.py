"""A verified, stateful fake of AWS Amplify Backend for pytest.

These are the public names; each is imported when it is first used, so that importing the package
costs nothing. The classes besides ``FakeAmplifyBackend`` are for annotations.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_amplifybackend import errors as errors
    from pytest_amplifybackend import progress as progress
    from pytest_amplifybackend._api.literals import OperationName as OperationName
    from pytest_amplifybackend._decorator import fake_amplifybackend as fake_amplifybackend
    from pytest_amplifybackend._fake import FakeAmplifyBackend as FakeAmplifyBackend
    from pytest_amplifybackend._fake import FakeFactory as FakeFactory
    from pytest_amplifybackend._options import ClockName as ClockName
    from pytest_amplifybackend._options import ErrorStyle as ErrorStyle
    from pytest_amplifybackend._options import FakeOptions as FakeOptions
    from pytest_amplifybackend._options import TransportName as TransportName
    from pytest_amplifybackend._service.calls import Call as Call
    from pytest_amplifybackend._service.clock import Clock as Clock
    from pytest_amplifybackend._shapes import assert_shape as assert_shape
    from pytest_amplifybackend._shapes import response_shape as response_shape
    from pytest_amplifybackend._transports.server import Server as Server
    from pytest_amplifybackend._unordered import unordered as unordered
    from pytest_amplifybackend._views import Calls as Calls
    from pytest_amplifybackend._views import Job as Job
    from pytest_amplifybackend._views import Jobs as Jobs

__version__ = "0.1.0"
__all__ = [
    "Call",
    "Calls",
    "Clock",
    "ClockName",
    "ErrorStyle",
    "FakeAmplifyBackend",
    "FakeFactory",
    "FakeOptions",
    "Job",
    "Jobs",
    "OperationName",
    "Server",
    "TransportName",
    "assert_shape",
    "errors",
    "fake_amplifybackend",
    "progress",
    "response_shape",
    "unordered",
]

_HOMES = {
    "Call": "_service.calls",
    "Calls": "_views",
    "Clock": "_service.clock",
    "ClockName": "_options",
    "ErrorStyle": "_options",
    "FakeAmplifyBackend": "_fake",
    "FakeFactory": "_fake",
    "FakeOptions": "_options",
    "Job": "_views",
    "Jobs": "_views",
    "OperationName": "_api.literals",
    "Server": "_transports.server",
    "TransportName": "_options",
    "assert_shape": "_shapes",
    "fake_amplifybackend": "_decorator",
    "response_shape": "_shapes",
    "unordered": "_unordered",
}
"""The module of each name; the other names of ``__all__`` are modules themselves."""


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
