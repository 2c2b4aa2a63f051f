"""The coverage as plain files for a browser: an index, and a page for each operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources
from pathlib import Path

from pytest_amplifybackend._report.coverage.diagram import diagram
from pytest_amplifybackend._report.coverage.parts import KINDS
from pytest_amplifybackend._report.coverage.results import Count, Part, Results, rounded

_ASSETS = ("style.css", "table.js")
_TITLES = {
    "enums": "Values of enums",
    "errors": "Errors",
    "limits": "Limits, met exactly",
    "outcomes": "What became of jobs",
    "pages": "Pages",
    "rules": "Rules broken",
    "transitions": "Transitions",
}
"""The headings of the lists; members are a tree, and that it was called is in the first line."""


def write(results: Results, folder: Path) -> Path:
    """Write all files; returns the index."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in _ASSETS:
        text = (resources.files(__package__) / "assets" / name).read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8")
    for operation in results.operations:
        page = _page(operation, _operation(results, operation))
        (folder / f"{operation}.html").write_text(page, encoding="utf-8")
    index = folder / "index.html"
    index.write_text(_page("Coverage of AWS Amplify Backend", _index(results)), encoding="utf-8")
    return index


def _page(title: str, body: Iterable[str]) -> str:
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            '<link rel="icon" href="data:,">',
            '<link rel="stylesheet" href="style.css">',
            "</head>",
            "<body>",
            "<main>",
            *body,
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _class(count: Count) -> str:
    return "good" if count.met == count.all else "half" if count.met else "bad"


def _summary(count: Count) -> str:
    percent = f"{rounded(count.percent)} %"
    return f'<p><strong class="{_class(count)}">{percent}</strong>: {count} parts</p>'


def _index(results: Results) -> Iterator[str]:
    total = results.count()
    yield "<h1>Coverage of AWS Amplify Backend</h1>"
    yield _summary(total)
    yield '<label for="filter">Show operations that contain</label>'
    yield '<input id="filter" type="search" autocomplete="off">'
    number = len(results.operations)
    yield f'<p id="shown" role="status">{number} of {number} operations</p>'
    yield '<div class="wide" tabindex="0" role="region" aria-label="Coverage by operation"><table>'
    heads = "".join(
        f'<th scope="col"><button type="button">{name}</button></th>'
        for name in ("operation", *KINDS, "total")
    )
    yield f"<thead><tr>{heads}</tr></thead>"
    yield "<tbody>"
    for operation in results.operations:
        link = f'<td><a href="{operation}.html">{operation}</a></td>'
        yield f"<tr>{link}{''.join(_cells(results, operation))}</tr>"
    yield "</tbody>"
    yield f"<tfoot><tr><td>all</td>{''.join(_cells(results, None))}</tr></tfoot>"
    yield "</table></div>"
    yield '<script src="table.js"></script>'


def _cells(results: Results, operation: str | None) -> Iterator[str]:
    for kind in (*KINDS, None):
        count = results.count(operation, kind)
        if count.all:
            yield (
                f'<td class="{_class(count)}" data-value="{count.percent:.3f}" title="{count}">'
                f"{rounded(count.percent)} %</td>"
            )
        else:
            yield '<td class="soft" data-value="101">-</td>'


def _operation(results: Results, operation: str) -> Iterator[str]:
    count, kinds = results.count(operation), results.operations[operation]
    yield '<p><a href="index.html">All operations</a></p>'
    yield f"<h1>{operation}</h1>"
    yield _summary(count)
    called = kinds["operations"][0]
    yield f"<p>{_mark(called)} called{_tests(called)}</p>"
    if kinds["members"]:
        yield "<h2>Members of the request</h2>"
        yield from _tree(kinds["members"])
    for kind, title in _TITLES.items():
        if kinds[kind]:
            yield f"<h2>{title}</h2>"
            if kind == "transitions":
                yield diagram(kinds[kind])
            yield '<ul class="parts">'
            yield from (
                f"<li>{_mark(part)} {_name(part)}{_tests(part)}</li>" for part in kinds[kind]
            )
            yield "</ul>"


def _tree(parts: list[Part]) -> Iterator[str]:
    """The members as nested lists: each with whether it was present and absent."""
    by_path: dict[str, list[Part]] = {}
    for part in parts:
        by_path.setdefault(part.name.rpartition(" ")[0], []).append(part)
    depth = -1
    for path, found in by_path.items():
        level = path.count(".")
        if level > depth:
            yield '<ul class="parts">' * (level - depth)
        else:
            yield "</li>" + "</ul></li>" * (depth - level)
        depth = level
        met = Count(sum(part.met for part in found), len(found))
        states = ", ".join(f"{_mark(part)} {part.name.rpartition(' ')[2]}" for part in found)
        tests = "".join(_tests(part, part.name.rpartition(" ")[2]) for part in found)
        name = escape(path.rpartition(".")[2])
        yield f'<li><code class="{_class(met)}">{name}</code> <span>{states}</span>{tests}'
    yield "</li>" + "</ul></li>" * depth + "</ul>"


def _mark(part: Part) -> str:
    """Whether a part was met, in a word, a sign and a color."""
    if part.excluded is not None:
        return f'<span class="soft">- excluded ({escape(part.excluded)}):</span>'
    word, sign = ("good", "✓") if part.met else ("bad", "✗")
    spoken = "met" if part.met else "not met"
    return f'<span class="{word}" role="img" aria-label="{spoken}">{sign}</span>'


def _name(part: Part) -> str:
    return f"<code>{escape(part.name)}</code>"


def _tests(part: Part, what: str = "") -> str:
    if not part.tests:
        return ""
    number = "1 test" if len(part.tests) == 1 else f"{len(part.tests)} tests"
    items = "".join(f"<li>{escape(test)}</li>" for test in part.tests)
    title = f"{what}: {number}" if what else number
    return f'<details class="tests"><summary>{title}</summary><ul>{items}</ul></details>'
