"""Every piece of code in README.md and docs/ runs; see snippets.py for how."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("markdown_it", reason="the documents are read with markdown-it-py, a dev extra")

import snippets

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted({*ROOT.glob("README.md"), *ROOT.glob("docs/**/*.md")})


@pytest.mark.parametrize(
    "snippet",
    [snippet for path in DOCUMENTS for snippet in snippets.find(path) if snippet.runs],
    ids=str,
)
def test_snippet_runs(snippet: snippets.Snippet, pytester: pytest.Pytester) -> None:
    snippets.run(snippet, pytester)


def test_the_readme_shows_code() -> None:
    languages = {snippet.language for snippet in snippets.find(ROOT / "README.md")}
    assert "python" in languages


@pytest.mark.parametrize("mark", ["main-job", "tests"])
def test_the_readme_marks_the_commands_that_ci_runs(mark: str) -> None:
    snippet = snippets.marked(ROOT / "README.md", mark)
    assert snippet.language == "console"
    assert "eval" in snippet.script
