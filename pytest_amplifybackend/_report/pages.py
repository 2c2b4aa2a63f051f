"""A conformance report as Markdown, as a page of HTML and as a badge."""

from __future__ import annotations

import html
import json

from pytest_amplifybackend._report.conformance import JUDGED, OUTCOMES, Outcome, Report, judged

_HEAD = ("operation", *OUTCOMES)


def markdown(report: Report) -> str:
    """A table by operation, and what did not pass; made for the summary of a CI job."""
    lines = [f"# Conformance of {report.target}", "", report.sentence, ""]
    lines.append(f"| {' | '.join(_HEAD)} |")
    lines.append(f"| --- |{' ---: |' * len(OUTCOMES)}")
    for name, cells in _rows(report):
        lines.append(f"| {name} | {' | '.join(cells)} |")
    left = _not_passed(report)
    if left:
        lines += ["", f"## {len(left)} tests did not pass", ""]
        lines += [f"- `{test.name}`: {test.outcome}{_because(test)}" for test in left]
    return "\n".join(lines) + "\n"


def _because(test: Outcome) -> str:
    if not test.reason:
        return ""
    return f", {test.reason}".replace("|", r"\|").replace("<", "&lt;")


def _rows(report: Report) -> list[tuple[str, list[str]]]:
    rows = []
    for name, counts in report.by_operation.items():
        passed = f"{counts['passed']}/{judged(counts)}"
        rows.append((name, [passed, *(str(counts[kind]) for kind in OUTCOMES[1:])]))
    return rows


def _not_passed(report: Report) -> list[Outcome]:
    return [test for test in report.tests if test.outcome in JUDGED and test.outcome != "passed"]


_STYLE = """
body { font: 16px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em }
table { border-collapse: collapse } td, th { padding: .2em .8em; text-align: right }
td:first-child, th:first-child { text-align: left } tr:nth-child(even) { background: #8881 }
.failed, .blocked { color: #b00 } .xfailed { color: #960 } .skipped { color: #777 }
code { font-size: 90% } @media (prefers-color-scheme: dark) { body { background: #111;
color: #ddd } .failed, .blocked { color: #f77 } }
"""


def page(report: Report) -> str:
    """A page on its own: the table by operation, and each operation's tests behind a summary."""
    title = html.escape(f"Conformance of {report.target}")
    head = "".join(f"<th scope=col>{name}</th>" for name in _HEAD)
    body = "".join(
        f"<tr><th scope=row>{html.escape(name)}</th>"
        + "".join(f"<td>{cell}</td>" for cell in cells)
        + "</tr>\n"
        for name, cells in _rows(report)
    )
    details = "\n".join(_details(name, report) for name in report.by_operation)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n<h1>{title}</h1>\n<p>{html.escape(report.sentence)}</p>\n"
        f"<table>\n<tr>{head}</tr>\n{body}</table>\n<h2>Tests</h2>\n{details}\n</html>\n"
    )


def _details(operation: str, report: Report) -> str:
    items = "\n".join(
        f'<li class="{test.outcome}"><code>{html.escape(test.name)}</code> {test.outcome}, '
        f"{test.provenance}{html.escape(f': {test.reason}' if test.reason else '')}</li>"
        for test in report.tests
        if operation in test.operations
    )
    return f"<details><summary>{html.escape(operation)}</summary><ul>\n{items}\n</ul></details>"


_COLORS = ((1.0, "brightgreen", "#4c1"), (0.9, "yellow", "#dfb317"), (0.0, "red", "#e05d44"))


def badge(report: Report, *, svg: bool) -> str:
    """A badge with the tests that pass: SVG, or JSON for an endpoint of shields.io."""
    total = judged(report.counts)
    share = report.counts["passed"] / total if total else 0.0
    name, color = next((name, color) for least, name, color in _COLORS if share >= least)
    label, message = "amplifybackend", f"{report.counts['passed']}/{total}"
    if not svg:
        fields = {"schemaVersion": 1, "label": label, "message": message, "color": name}
        return json.dumps(fields) + "\n"
    left, right = 7 * len(label) + 10, 7 * len(message) + 14
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{label}: {message}"><rect width="{left + right}" height="20" rx="3" '
        f'fill="#555"/><rect x="{left}" width="{right}" height="20" rx="3" fill="{color}"/>'
        '<g fill="#fff" font-family="Verdana,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{left / 2}" y="14">{label}</text>'
        f'<text x="{left + right / 2}" y="14">{message}</text></g></svg>\n'
    )
