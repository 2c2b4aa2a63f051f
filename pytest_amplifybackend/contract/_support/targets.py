"""What the suite runs against: the target that the command line asks for."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract._support.target import Polling, Target, http_client

IN_PROCESS = {
    "stubber": (),
    "wire": (),
    "server": ("httptools",),
    "responses": ("responses", "requests"),
}
"""The targets that the suite starts itself, and what they need installed."""

NAMES = (*IN_PROCESS, "hook", "aws")
_POLLING = {"http": (0.2, 120.0), "hook": (0.0, 30.0), "aws": (5.0, 1800.0)}


def check(name: str) -> None:
    """Raise UsageError unless the name is that of a target that can be started here."""
    if name.lower().startswith(("http://", "https://")):
        _check_url(name)
        return
    if name not in NAMES:
        raise pytest.UsageError(
            f"--amplifybackend-target: {name!r} is neither a URL such as http://127.0.0.1:5000 nor "
            f"a target: {errors.nearest(name, NAMES)}"
        )
    for module in IN_PROCESS.get(name, ()):
        if importlib.util.find_spec(module) is None:
            raise pytest.UsageError(
                f"the target {name} needs {module}: pip install 'pytest-amplifybackend[contract]'"
            )


def _check_url(name: str) -> None:
    from botocore.utils import is_valid_endpoint_url, is_valid_ipv6_endpoint_url

    try:
        parts = urlsplit(name)
        parts.port  # noqa: B018  (raises ValueError)
    except ValueError as error:
        raise pytest.UsageError(f"--amplifybackend-target: {name!r}: {error}.") from None
    if not parts.hostname:
        raise pytest.UsageError(f"--amplifybackend-target: {name!r} has no host.")
    if not is_valid_endpoint_url(name) and not is_valid_ipv6_endpoint_url(name):
        raise pytest.UsageError(
            f"--amplifybackend-target: botocore does not accept the endpoint {name!r}."
        )


def start(config: pytest.Config, patience: float | None = None) -> Target:
    """The target that the command line asks for, running.

    Its clients wait ``patience`` seconds for an answer, if that is not None.
    """
    found = _start(config, patience)
    found.real_clock = found.real_clock or _default(config, "clock") == "system"
    return found


def _start(config: pytest.Config, patience: float | None) -> Target:
    name = name_of(config)
    region, style = _default(config, "region"), _default(config, "errors")
    if name in IN_PROCESS:
        from pytest_amplifybackend.contract._support import in_process

        return in_process.start(name, region, style, _default(config, "clock"))
    if name == "aws":
        from pytest_amplifybackend.contract._support import aws

        return aws.start(config, region, style, polling(config, "aws"), patience)
    if name == "hook":
        return Target(name, _hooked(config), region, polling(config, "hook"), style)

    def connect(region: str) -> Any:
        return http_client(region, name, patience)

    return Target(name, connect, region, polling(config, "http"), style, url=name)


def name_of(config: pytest.Config) -> str:
    """The target's name on the command line, ``stubber`` without."""
    name = config.getoption("amplifybackend_target", default=None)
    return "stubber" if name is None else str(name)


def has_state_hook(config: pytest.Config) -> bool:
    """Whether a conftest.py may build states in another way."""
    return bool(config.hook.pytest_amplifybackend_state.get_hookimpls())


def _default(config: pytest.Config, option: str) -> str:
    """The region, the error style or the clock: those of the fixtures."""
    name = f"amplifybackend_{option}"
    chosen = config.getoption(name, default=None)
    return str(config.getini(name) if chosen is None else chosen)


def polling(config: pytest.Config, kind: str) -> Polling:
    """The polling that the command line asks for, or the usual one of a kind of target."""
    interval, timeout = _POLLING[kind]
    options = config.option
    if getattr(options, "amplifybackend_poll_interval", None) is not None:
        interval = float(options.amplifybackend_poll_interval)
    if getattr(options, "amplifybackend_poll_timeout", None) is not None:
        timeout = float(options.amplifybackend_poll_timeout)
    if interval < 0 or timeout <= 0:
        raise pytest.UsageError(
            f"--amplifybackend-poll-interval must be at least 0 and --amplifybackend-poll-timeout "
            f"more than 0 seconds, not {interval:g} and {timeout:g}."
        )
    return Polling(interval, timeout)


def _hooked(config: pytest.Config) -> Callable[[str], Any]:
    def connect(region: str) -> Any:
        client = config.hook.pytest_amplifybackend_client(config=config, region=region)
        if client is None:
            raise pytest.UsageError(
                "the target hook needs a conftest.py with pytest_amplifybackend_client(region)."
            )
        return client

    return connect
