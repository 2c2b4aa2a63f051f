"""Ask mypy and pyright about ``right.py`` and ``wrong.py``: ``python tests/types/check.py``.

pyright needs Node.js, and is left out with a word where there is none.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent
RIGHT, WRONG = FOLDER / "right.py", FOLDER / "wrong.py"
Complaints = set[tuple[str, int]]
"""The file and the line of each."""


def by_mypy() -> Complaints:
    with tempfile.TemporaryDirectory() as folder:  # this project's settings are no user's
        settings = Path(folder) / "mypy.ini"
        settings.write_text("[mypy]\n")
        flags = ("--strict", "--config-file", str(settings), "--show-error-end")
        lines = _output("-m", "mypy", *flags, str(RIGHT), str(WRONG)).splitlines()
    found = [re.match(r"(.+?\.py):(\d+):\d+:\d+:\d+: error: ", line) for line in lines]
    return {(Path(one[1]).name, int(one[2])) for one in found if one}


def by_pyright() -> Complaints:
    with tempfile.TemporaryDirectory() as folder:
        for file in (RIGHT, WRONG):
            shutil.copy(file, folder)
        settings = Path(folder) / "pyrightconfig.json"
        settings.write_text('{"typeCheckingMode": "strict"}')
        command = ("-m", "pyright", "--outputjson", "--pythonpath", sys.executable)
        answer = json.loads(_output(*command, "--project", folder))
    return {
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1)
        for one in answer["generalDiagnostics"]
        if one["severity"] == "error"
    }


def _output(*command: str) -> str:
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def marked() -> Complaints:
    """The lines with a mistake."""
    lines = enumerate(WRONG.read_text("utf-8").splitlines(), start=1)
    return {(WRONG.name, number) for number, line in lines if line.endswith("# wrong")}


def main() -> int:
    """Print what a checker misses, or complains about for nothing; 1 if there is anything."""
    checkers: dict[str, Callable[[], Complaints]] = {"mypy": by_mypy, "pyright": by_pyright}
    if shutil.which("node") is None:
        print("pyright is left out: it needs Node.js.")
        del checkers["pyright"]
    expected, status = marked(), 0
    for name, asked in checkers.items():
        found = asked()
        for text, lines in (("misses", expected - found), ("complains about", found - expected)):
            for file, number in sorted(lines):
                print(f"{name} {text} {file}:{number}")
                status = 1
        print(f"{name}: {len(expected & found)} of {len(expected)} mistakes found")
    return status


if __name__ == "__main__":
    sys.exit(main())
