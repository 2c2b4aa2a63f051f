"""The worked examples of CONTRIBUTING.md: each is carried out in a copy of the package, and runs.

Of a section, blocks with a title change the file of that name: JSON is merged into it, a diff is
applied, anything else is a new file. The block without a title is then run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("markdown_it", reason="the documents are read with markdown-it-py, a dev extra")
pytest.importorskip("hypothesis", reason="an example draws requests")

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PACKAGE = "pytest_amplifybackend"
Block = tuple[str, str | None, str]


def sections() -> dict[str, list[Block]]:
    """The blocks of code below each heading: language, title and text."""
    found: dict[str, list[Block]] = {}
    heading = ""
    tokens = MarkdownIt("commonmark").parse((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    for before, token in zip([None, *tokens], tokens, strict=False):
        if before is not None and before.type == "heading_open":
            heading = token.content
        if token.type == "fence":
            language, _, info = token.info.strip().partition(" ")
            title = re.search(r'title="(.+?)"', info)
            found.setdefault(heading, []).append((language, title and title[1], token.content))
    return found


def applied(text: str, diff: str) -> str:
    """A text with the lines of a diff without line numbers."""
    lines = diff.splitlines()
    old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    new = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    assert text.count(old) == 1, f"{text.count(old)} places for:\n{diff}"
    return text.replace(old, new)


def merged(into: Any, more: dict[str, Any]) -> None:
    for name, members in more.items():
        into["model"][name].update(members)


def change(file: Path, language: str, text: str) -> None:
    if language == "json":
        document = json.loads(file.read_text("utf-8"))
        merged(document, json.loads(text))
        file.write_text(json.dumps(document), "utf-8")
    elif language == "diff":
        file.write_text(applied(file.read_text("utf-8"), text), "utf-8")
    else:
        assert not file.exists()
        file.write_text(text, "utf-8")


EXAMPLES = {name: blocks for name, blocks in sections().items() if name.startswith("Add ")}


def test_there_is_one_for_each() -> None:
    assert list(EXAMPLES) == ["Add an operation", "Add a rule", "Add a transport"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_works(name: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / PACKAGE, tmp_path / PACKAGE)
    for language, title, text in EXAMPLES[name]:
        if title is not None:
            change(tmp_path / title, language, text)
    (program,) = (text for _, title, text in EXAMPLES[name] if title is None)
    # The coverage of a copy of the package would be that of files which are soon gone.
    env = {key: value for key, value in os.environ.items() if not key.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**env, "PYTHONPATH": str(tmp_path), "CI": "true"},  # with it Hypothesis takes its time
    )
    assert done.returncode == 0, done.stderr
    if name == "Add a transport":
        assert "answered ListS3Buckets" in done.stderr
