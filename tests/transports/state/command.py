"""The command ``amplifybackend-fake serve --state`` in a process of its own, and its clients."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

MAIN = "import sys; from pytest_amplifybackend._cli import main; sys.exit(main())"
SECONDS = 20
"""How long an answer may take on a machine with much to do; nothing waits for that long."""


@contextlib.contextmanager
def serving(
    state: str | os.PathLike[str], *options: str, main: str = MAIN, **popen: Any
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A running command and the URL that it printed."""
    with subprocess.Popen(
        [sys.executable, "-c", main, "serve", "--state", os.fspath(state), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **popen,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("http://"), process.communicate(timeout=SECONDS)
            yield line.strip(), process
        finally:
            process.kill()


def run(*arguments: str | os.PathLike[str], **options: Any) -> tuple[int, str, str]:
    """A command that ends: its exit code, and what it wrote to both streams."""
    done = subprocess.run(
        [sys.executable, "-c", MAIN, *[os.fspath(each) for each in arguments]],
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )
    return done.returncode, done.stdout, done.stderr


def asked(url: str, path: str, body: object | None = None) -> tuple[int, Any]:
    """Status and parsed body of a POST."""
    headers = {"Content-Type": "application/json", "X-Amplifybackend-Control": "1"}
    request = urllib.request.Request(f"{url}{path}", json.dumps(body or {}).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def create(url: str, app: str, environment: str = "dev") -> tuple[int, Any]:
    """Create an environment."""
    body = {"appId": app, "appName": "shop", "backendEnvironmentName": environment}
    return asked(url, "/backend", body)


def dump(url: str) -> Any:
    """The state of a running command."""
    status, dumped = asked(url, "/_amplifybackend/dump")
    assert status == 200
    return dumped


def killed(state: str | os.PathLike[str], *apps: str) -> None:
    """Let a server be killed after it has made apps: they are in the WAL beside the file."""
    with serving(state) as (url, process):
        for app in apps:
            assert create(url, app)[0] == 200
        process.kill()
        process.wait(SECONDS)
