"""Every link between the documents leads to a file that is there, and to a heading of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("markdown_it", reason="the documents are read with markdown-it-py, a dev extra")

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")})


def links(text: str) -> Iterator[str]:
    """Where the links of a document lead."""
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        for child in token.children or ():
            if child.type == "link_open":
                yield str(child.attrs["href"])


def anchors(text: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    tokens = MarkdownIt("commonmark").parse(text)
    titles = [
        "".join(part.content for part in after.children or ())
        for token, after in itertools.pairwise(tokens)
        if token.type == "heading_open"
    ]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def wrong(document: Path, link: str) -> str | None:
    """What is wrong with a link, None for one that leads somewhere or out of the project."""
    target, _, anchor = link.partition("#")
    if re.match(r"[a-z]+:", target):
        return None
    file = (document.parent / target).resolve() if target else document
    if not file.exists():
        return f"{document.name}: {link}: there is no {target}"
    if anchor and anchor not in anchors(file.read_text("utf-8")):
        return f"{document.name}: {link}: no heading of that name"
    return None


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    found = [wrong(document, link) for link in links(document.read_text("utf-8"))]
    assert [said for said in found if said is not None] == []


@pytest.mark.parametrize("link", ["no-such.md", "#no-such-heading", "docs/http.md#no-such"])
def test_a_dead_link_is_found(link: str) -> None:
    assert wrong(ROOT / "README.md", link) is not None


def test_the_documents_link_to_each_other() -> None:
    assert "docs/architecture.md" in links((ROOT / "README.md").read_text("utf-8"))
