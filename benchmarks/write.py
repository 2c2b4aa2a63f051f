"""Measures everything and writes docs/benchmarks.md anew: ``python benchmarks/write.py``.

``python benchmarks/write.py NAME ...`` measures some parts, as the document's marks name them.
Each part says when, on what and with which versions it was measured, so that one can be alone.
"""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
DOCUMENT = HERE.parent / "docs" / "benchmarks.md"
LIBRARIES = ("botocore", "pytest", "moto")


def processor() -> str:
    """The name of the processor, and how many cores this process may use."""
    found = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        named = re.search(r"^model name\s*: (.+)$", information.read_text(), re.MULTILINE)
        found = named[1] if named else found
    return f"{os.cpu_count()} cores of {found}"


def circumstances() -> str:
    """When, with which versions, on what, and how busy that was."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    busy = f"a load of {os.getloadavg()[0]:.0f}"
    return f"{day}, Python {platform.python_version()}, {libraries}, {processor()}, {busy}."


def measured(name: str) -> str:
    """What a benchmark prints, with its circumstances; exits where it fails, but for a goal."""
    environment = {**os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else each process compiles what it imports
    command = [sys.executable, f"{name}.py"]
    run = subprocess.run(
        command, cwd=HERE, env=environment, capture_output=True, text=True, check=False
    )
    if run.returncode and not run.stdout.startswith("|"):
        raise SystemExit(f"{name}: {run.stderr[-2000:]}")
    return f"{run.stdout.strip()}\n\n{circumstances()}\n"


def main(names: list[str]) -> None:
    """Replace each part of the document by what was measured now."""
    parts = re.findall(r"<!-- benchmark: (\w+) -->", DOCUMENT.read_text(encoding="utf-8"))
    for name in names or parts:
        if name not in parts:
            raise SystemExit(f"no part is called {name!r}; there are {', '.join(parts)}")
        print(f"measuring {name}", flush=True)
        made = measured(name)
        head, end = f"<!-- benchmark: {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(head)
        text = f"{before}{head}\n{made}\n{end}{rest.partition(end)[2]}"
        DOCUMENT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
