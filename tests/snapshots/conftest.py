"""A project of its own for each test of the extension."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]
sys.path.extend(str(TESTS / room) for room in ("parity", "service"))  # the tour, full requests


class Project:
    """A folder with tests, run by pytest with syrupy."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path

    def write(self, **files: str) -> None:
        """Files of tests, by their names without ``.py``; ``a__b`` is ``a/b``."""
        for name, text in files.items():
            path = self.path.joinpath(*name.split("__")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def run(self, *options: str) -> pytest.RunResult:
        """One run in this process, in the order of the files."""
        return self.pytester.runpytest_inprocess("-p", "no:randomly", *options)

    def run_on_two(self, *options: str) -> pytest.RunResult:
        """One run on two processes of xdist."""
        return self.run_apart("-n", "2", *options)

    def run_apart(self, *options: str) -> pytest.RunResult:
        """One run in a process of its own."""
        return self.pytester.runpytest_subprocess("-p", "no:randomly", *options)

    def update(self, *options: str) -> None:
        """A run that writes snapshots and passes."""
        result = self.run("--snapshot-update", *options)
        assert result.ret == 0, result.outlines

    @property
    def files(self) -> list[str]:
        """The snapshots, by their paths from the rootdir."""
        return sorted(path.relative_to(self.path).as_posix() for path in self.path.rglob("*.json"))

    def read(self, file: str) -> Any:
        return json.loads(self.path.joinpath(file).read_text(encoding="utf-8"))

    def text(self) -> str:
        """All snapshots in one text."""
        return "\n".join(Path(self.path / file).read_text("utf-8") for file in self.files)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):  # syrupy asks for them
        monkeypatch.delenv(name, raising=False)
    return Project(pytester)
