"""The real clients: where each is, and how to make a call with it.

``tests/clients/install`` sets the variables that are named here. A client has ``call(server,
operation, params)``, which gives an :class:`Outcome`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

HERE = Path(__file__).parent
SECONDS = 60
"""A call that takes longer than this is stuck."""


@dataclass(frozen=True)
class Outcome:
    """What a client made of an answer; the last three are those of an error."""

    status: int | None = None
    answer: dict[str, Any] | None = None
    kind: str | None = None
    message: str | None = None
    members: dict[str, str] | None = field(default=None)


def environment(server: Any) -> dict[str, str]:
    """The server's environment for another program, which makes one attempt for each call.

    Where AWS_DATA_PATH leads to a model that no release has, the program is to know it too.
    """
    models = {name: os.environ[name] for name in ("AWS_DATA_PATH",) if name in os.environ}
    return {**server.env, **models, "AWS_MAX_ATTEMPTS": "1", "PYTHONWARNINGS": "ignore"}


class _Lines:
    """A program that answers each line of JSON with one, as long as it gets any."""

    def __init__(self, command: list[str], env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def ask(self, question: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"{self._process.args!r} ended, see its standard error"
        return json.loads(line)

    def close(self) -> None:
        self._process.communicate(timeout=SECONDS)


class Driver:
    """A program that makes calls with an SDK, on any server."""

    def __init__(self, command: list[str], server: Any) -> None:
        self._lines = _Lines(command, environment(server))

    def call(self, server: Any, operation: str, params: dict[str, Any]) -> Outcome:
        return Outcome(**self._lines.ask([server.url, operation, params]))

    def close(self) -> None:
        self._lines.close()


_FAILED = re.compile(
    r"An error occurred \((\w+)\) when calling the (\w+) operation(?: \(reached .*?\))?: (.*)"
)


class AwsCli:
    """The AWS CLI: a run for each call, in a fork of one process (``driver_cli.py``)."""

    def __init__(self, executable: str) -> None:
        self._lines = _Lines([_interpreter(executable), str(HERE / "driver_cli.py")], os.environ)

    def run(
        self, server: Any, *arguments: str, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run ``aws amplifybackend`` with arguments on the server."""
        whole = ["amplifybackend", *arguments, "--endpoint-url", server.url]
        ended = self._lines.ask([whole, {**environment(server), "AWS_PAGER": "", **variables}])
        return subprocess.CompletedProcess(**ended)

    def call(self, server: Any, operation: str, params: dict[str, Any]) -> Outcome:
        done = self.run(server, *command_line(operation, params), "--output", "json")
        if done.returncode == 0:
            return Outcome(answer=json.loads(done.stdout or "{}"))
        found = _FAILED.search(done.stderr)
        assert found, done.stderr
        assert found[2] == operation
        return Outcome(kind=found[1], message=found[3])

    def close(self) -> None:
        self._lines.close()


def _interpreter(executable: str) -> str:
    """The Python that a command written in Python runs with; skips where it is another program."""
    with Path(executable).open("rb") as file:
        first = file.readline().decode("utf-8", "replace").strip()
    if not first.startswith("#!"):
        pytest.skip(f"{executable} is not a Python script, so it cannot be run in one process")
    return first[2:].split()[-1]


def command_line(operation: str, params: Mapping[str, Any]) -> list[str]:
    """A call as the CLI's own options say it: structures in JSON, booleans as flags."""
    arguments = [xform_name(operation, "-")]
    for name, value in params.items():
        option = xform_name(name, "-")
        if isinstance(value, bool):
            arguments.append(f"--{option}" if value else f"--no-{option}")
        else:
            text = value if isinstance(value, str) else json.dumps(value)
            arguments += [f"--{option}", text]
    return arguments


def located(name: str, otherwise: str | None) -> str:
    """Where a client is by its variable; skips the test that needs one which is not here."""
    found = os.environ.get(f"AMPLIFYBACKEND_TEST_{name}") or otherwise
    if not found:
        pytest.skip(f"AMPLIFYBACKEND_TEST_{name} is not set; see tests/clients/install")
    return found


def _own_python(module: str) -> str | None:
    return sys.executable if find_spec(module) else None


def _js(server: Any) -> Driver:
    folder = located("JS", None)
    node = shutil.which("node") or "node"
    return Driver([node, str(HERE / "driver_js.cjs"), folder], server)


def _python(name: str, module: str) -> Callable[[Any], Driver]:
    def start(server: Any) -> Driver:
        python = located(name, _own_python(module))
        return Driver([python, str(HERE / f"driver_{module}.py")], server)

    return start


CLIENTS: Mapping[str, Callable[[Any], Any]] = {
    "awscli1": lambda _: AwsCli(located("AWSCLI1", None)),
    "awscli2": lambda _: AwsCli(located("AWSCLI2", None)),
    "js3": _js,
    "boto3": _python("BOTO3", "boto3"),
    "aiobotocore": _python("AIOBOTOCORE", "aiobotocore"),
}
"""Each client by its name, and how to start it; a driver needs a server's environment."""

CLIS = ("awscli1", "awscli2")
