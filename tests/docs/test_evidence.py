"""Each section of docs/evidence.md that a docstring or a document cites is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("markdown_it", reason="the documents are read with markdown-it-py, a dev extra")

from test_links import ROOT, anchors

CITED = re.compile(r"docs/evidence\.md(?:#([a-z-]+))?")


def citations() -> list[tuple[str, str | None]]:
    """Each citation in the package: its file, and the section, None where it names none."""
    files = sorted((ROOT / "pytest_amplifybackend").rglob("*.py"))
    return [
        (str(file.relative_to(ROOT)), found[1])
        for file in files
        for found in CITED.finditer(file.read_text("utf-8"))
    ]


def test_every_cited_section_is_there() -> None:
    sections = anchors((ROOT / "docs" / "evidence.md").read_text("utf-8"))
    cited = citations()
    assert cited
    assert [(file, section) for file, section in cited if section not in sections] == []


def test_a_fact_is_cited_from_this_repository_alone() -> None:
    outside = re.compile(r"\b(FACTS|OUTPUTS|DESIGN)\.md\b")
    files = [*(ROOT / "pytest_amplifybackend").rglob("*.py"), *Path(ROOT / "docs").glob("*.md")]
    assert [str(file) for file in files if outside.search(file.read_text("utf-8"))] == []
