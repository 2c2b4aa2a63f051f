"""Coverage of the example programs against a second count, made from the bytes of their HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from volume import only_full

ROOT = Path(__file__).parents[2]
STUBBED = "test_of_a_poll_is_waited_out"


@pytest.mark.parametrize(
    "program",
    [
        "outputs",
        pytest.param("preview", marks=only_full()),
        pytest.param("deploy", marks=only_full()),
        pytest.param("unstick", marks=only_full()),
    ],
)
def test_the_wire_saw_the_same(program: str, tmp_path: Path) -> None:
    pytest.importorskip("moto", reason="some examples use moto")
    counted, report = tmp_path / "counted.json", tmp_path / "report.json"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "wire_count"]
    command += [f"--amplifybackend-coverage=json:{report}", "--rootdir", str(tmp_path)]
    command += ["-o", f"pythonpath={ROOT / 'examples'}", "--amplifybackend-transport", "wire"]
    command += ["-p", "no:cacheprovider", f"tests/test_{program}.py"]
    command += ["-k", f"not {STUBBED}"]  # which never gets to the wire
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "COUNT_FILE": str(counted)}
    ran = subprocess.run(
        command, cwd=ROOT / "examples", env=env, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads(report.read_text("utf-8"))["operations"]
    wire = json.loads(counted.read_text("utf-8"))
    assert wire
    assert {name: met(kinds) for name, kinds in found.items() if met(kinds)} == wire


def met(kinds: dict[str, Any]) -> dict[str, list[str]]:
    """The names of what was met, of the kinds that the wire shows."""
    names = {
        kind: sorted(part["name"] for part in kinds[kind] if part["met"])
        for kind in ("members", "enums", "errors")
    }
    return {kind: found for kind, found in names.items() if found}
