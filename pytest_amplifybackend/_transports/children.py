"""Child processes: they reach a served fake, or nothing at all.

A fake in this process cannot answer for another process. So a child gets the endpoint in its
environment: the URL of a served fake where there is one, else a port of this machine that is
closed. It stands where only children look, so that no client of this process sees it.
"""

from __future__ import annotations

import _socket
import os
import subprocess
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from pytest_amplifybackend._api import services
from pytest_amplifybackend._api.regions import is_real_host
from pytest_amplifybackend._patching import Patch
from pytest_amplifybackend._tracebacks import transparent
from pytest_amplifybackend._transports.activation import ACTIVE, Activation
from pytest_amplifybackend._transports.hosts import is_on_this_machine

_posixsubprocess: Any
try:
    import _posixsubprocess
except ModuleNotFoundError:  # Windows
    _posixsubprocess = None

ENDPOINTS = {
    services.OWN: "AWS_ENDPOINT_URL_AMPLIFYBACKEND",
    services.NEIGHBOR: "AWS_ENDPOINT_URL_AMPLIFY",
}
"""Where botocore, the AWS CLI and other SDKs look for the endpoint of each service."""

_IGNORE = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
"""Would make a child overlook it; so it gets ``false``."""

_ENDPOINT_OF_ALL = "AWS_ENDPOINT_URL"
"""Where they look for the endpoint of every service."""

_INHERITED = 1_000
"""A position after all arguments: the child inherits the environment."""

_STARTERS: tuple[tuple[Any, str, int], ...] = (
    (subprocess.Popen, "__init__", 11),
    *(
        (os, name, position)
        for name, position in (
            ("execve", 2),
            ("posix_spawn", 2),
            ("posix_spawnp", 2),
            ("execv", _INHERITED),
            ("system", _INHERITED),
        )
        if hasattr(os, name)  # Windows has no posix_spawn
    ),
    # multiprocessing spawns with it; Windows lacks it.
    *((module, "fork_exec", _INHERITED) for module in (_posixsubprocess,) if module is not None),
)
"""Functions that start a process, and the position of their argument for the environment."""


class ChildEnvironment:
    """Gives children the endpoint, while applied.

    ``os.putenv`` reaches the children that inherit their environment, and not ``os.environ``. An
    endpoint that the program has set there itself stays as it is; where nothing serves, so does one
    of this machine for all of AWS.
    """

    def __init__(self, activation: Activation) -> None:
        self._activation = activation
        self._port: Any = None
        self._patches = [
            Patch(owner, name, self._starting(position)) for owner, name, position in _STARTERS
        ]

    def apply(self) -> None:
        """Let children have the endpoint."""
        if self._activation.url is None:
            self._port = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
            self._port.bind(("127.0.0.1", 0))  # ours, so that nobody can come to listen there
            self._activation.closed_url = f"http://127.0.0.1:{self._port.getsockname()[1]}"
        for patch in self._patches:
            patch.apply()
        let_children_inherit()

    def undo(self) -> None:
        """Let children have the endpoint of the fake further out, if there is one."""
        for patch in reversed(self._patches):
            patch.undo()
        self._activation.closed_url = None
        let_children_inherit()
        if self._port is not None:
            self._port.close()

    def _starting(self, position: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A function that starts a process, whose environment gets the endpoint."""

        def make(previous: Callable[..., Any]) -> Callable[..., Any]:
            @transparent
            def start(*args: Any, **kwargs: Any) -> Any:
                if kwargs.get("env") is not None:
                    kwargs["env"] = _with_endpoint(kwargs["env"])
                elif len(args) > position and args[position] is not None:
                    environment = _with_endpoint(args[position])
                    args = (*args[:position], environment, *args[position + 1 :])
                else:
                    let_children_inherit()  # the program may have unset it meanwhile
                return previous(*args, **kwargs)

            return start

        return make


def _variables(environment: Mapping[Any, Any]) -> dict[str, str]:
    """The variables to add to an environment so that a child does not reach AWS."""
    added: dict[str, str] = {}
    ignored = _get(environment, _IGNORE).lower() == "true"
    for service, endpoint in ENDPOINTS.items():
        active = [activation for activation in ACTIVE if service in activation.services]
        served = [activation.url for activation in active if activation.url is not None]
        closed = [found.closed_url for found in active if found.closed_url is not None]
        if not (served or closed):
            continue
        own = _get(environment, endpoint)
        if not (own or ignored) and not any(activation.serves for activation in active):
            of_all = _get(environment, _ENDPOINT_OF_ALL)  # such as LocalStack's
            own = of_all if is_on_this_machine(of_all) else ""
        if not own or _is_of_aws(own, service):
            added[endpoint] = (served or closed)[-1]
        if ignored:
            added[_IGNORE] = "false"
    return added


def _is_of_aws(url: str, service: str) -> bool:
    try:
        return is_real_host(urlsplit(url).hostname, frozenset({service}))
    except ValueError:  # no URL, as the child's own client will say
        return False


def _get(environment: Mapping[Any, Any], name: str) -> str:
    value = environment.get(name) or environment.get(name.encode()) or ""
    return os.fsdecode(value)


def _with_endpoint(environment: Any) -> Any:
    """An environment with the endpoint; anything but a mapping is left for the callee to reject."""
    if not hasattr(environment, "keys"):
        return environment
    plain = dict(environment)
    added = _variables(plain)
    return {name: value for name, value in plain.items() if _text(name) not in added} | added


def _text(name: Any) -> Any:
    return os.fsdecode(name) if isinstance(name, (bytes, str)) else name


_READ = (*ENDPOINTS.values(), _IGNORE, _ENDPOINT_OF_ALL)


def let_children_inherit() -> None:
    """Bring the environment that children inherit up to date."""
    added = _variables({name: os.environ.get(name) for name in _READ})
    for name in (*ENDPOINTS.values(), _IGNORE):
        value = added.get(name, os.environ.get(name))
        if value is None:
            os.unsetenv(name)
        else:
            os.putenv(name, value)
