"""Nothing leaves: every way out of the process is tried, on every transport."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from volume import FULL, only_full

TRANSPORTS = ("stubber", "wire", "server", "responses", "aio", "net")
NEEDED = ("boto3", "requests", "urllib3")
EXTRAS = {"server": "httptools", "responses": "responses", "aio": "aiobotocore"}
STEP = 1 if FULL else 4
"""Of so many ways out one is tried; they stand in groups that are alike."""
FEWEST = 90 // STEP


@pytest.mark.parametrize(
    "transport",
    [name if name == "wire" else pytest.param(name, marks=only_full()) for name in TRANSPORTS],
)
def test_nothing_leaves(transport: str) -> None:
    for name in (*NEEDED, EXTRAS.get(transport, "botocore")):
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    program = Path(__file__).with_name("egress.py")
    done = subprocess.run(
        [sys.executable, str(program), transport, str(STEP)],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout)
    left = {name: trial for name, trial in report["ways"].items() if trial["left"]}
    assert left == {}
    assert all(trial["left"] for trial in report["controls"].values()), report["controls"]
    broken = {
        name: trial["outcome"]
        for name, trial in report["ways"].items()
        if trial["outcome"].startswith(("TypeError", "AttributeError", "NameError"))
    }
    assert broken == {}  # a trial that breaks tries nothing
    assert len(report["ways"]) >= FEWEST
