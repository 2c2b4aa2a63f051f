"""Runs the AWS CLI: arguments and variables per line on standard input, the outcome per line out.

Most of a run's time goes into importing the CLI, of either version. So this process does that
once, and each run is a fork of it, which ends as the command ``aws`` does.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from typing import IO, Any

from awscli import clidriver

_OWN = ("AWS_DATA_PATH",)
"""What the CLI changes when it is imported."""


def run(arguments: list[str], variables: dict[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if child == 0:
            become(arguments, variables, output, errors)
        _, status = os.waitpid(child, 0)
        written = []
        for file in (output, errors):
            file.seek(0)
            written.append(file.read().decode())
    code = os.waitstatus_to_exitcode(status)
    return {"args": arguments, "returncode": code, "stdout": written[0], "stderr": written[1]}


def become(
    arguments: list[str], variables: dict[str, str], output: IO[bytes], errors: IO[bytes]
) -> None:
    """Be the command from here on."""
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output.fileno(), 1)
        os.dup2(errors.fileno(), 2)
        own = {name: os.environ[name] for name in _OWN if name in os.environ}
        os.environ.clear()
        os.environ.update({**variables, **own})
        sys.argv = ["aws", *arguments]
        code = clidriver.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  # as Python ends a program
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    clidriver.create_clidriver()  # imports what the CLI has for each service
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(*json.loads(line))) + "\n")
        sys.stdout.flush()
