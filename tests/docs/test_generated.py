"""The tables and diagrams in the documents are what the code says now.

`python tests/docs/test_generated.py` writes them anew.
"""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_amplifybackend._amplify.rules import RULES
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._provision import tables as provisioning
from pytest_amplifybackend._service import reference

ROOT = Path(__file__).parents[2]


@functools.cache
def contract_table() -> str:
    """What pytest says of the contract suite when it only collects it."""
    pytest.importorskip("hypothesis", reason="the contract suite needs the hypothesis extra")
    command = ("-m", "pytest", "--pyargs", "pytest_amplifybackend.contract", "--collect-only", "-q")
    done = subprocess.run(
        [sys.executable, *command], check=True, capture_output=True, text=True, cwd=ROOT.parent
    )
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith("|"))


def contract_end() -> str:
    """How a run of the suite ends for a target that fails one test of CloneBackend."""
    rows = [line.strip("| ").split(" | ") for line in contract_table().splitlines()[2:]]
    (first, *_, one), (second, *_, two), all_ = rows[0], rows[1], int(rows[-1][-1])
    lines = [
        "operation                 passed  failed  xfailed  skipped  blocked",
        f"{first.strip('`'):<22}{f'{int(one) - 1}/{one}':>10}{1:>8}{0:>9}{0:>9}{0:>9}",
        f"{second.strip('`'):<22}{f'{two}/{two}':>10}{0:>8}{0:>9}{0:>9}{0:>9}",
        "...",
        "http://127.0.0.1:5000 does all that was tested of "
        f"{len(catalogue.operations()) - 1} of {len(catalogue.operations())} operations, and "
        f"passes {all_ - 1} of {all_} tests.",
    ]
    return "\n".join(["```text", *lines, "```"])


def neighbor_rules() -> str:
    """What the neighbor rejects."""
    lines = ["| rule | error | text | evidence |", "| --- | --- | --- | --- |"]
    for rule in RULES.values():
        assert rule.error is not None
        error = f"`{rule.error.code}` ({rule.error.status})"
        lines.append(f"| `{rule.name}` | {error} | {rule.text} | {rule.tag}: {rule.source} |")
    return "\n".join(lines)


def provider_states() -> str:
    """The states that the contract suite knows."""
    pytest.importorskip("hypothesis", reason="the contract suite needs the hypothesis extra")
    from pytest_amplifybackend.contract._support import states

    return states.table()


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "history": ("docs/snapshots.md", reference.history_table),
    "contract": ("docs/contract.md", contract_table),
    "contract-end": ("docs/contract.md", contract_end),
    "provider-states": ("docs/contract.md", provider_states),
    "operations": ("README.md", reference.operations_table),
    "rules": ("docs/rules.md", reference.rules_table),
    "diagram": ("docs/states.md", reference.diagram),
    "members": ("docs/moto.md", provisioning.members_table),
    "neighbor": ("docs/neighbor.md", neighbor_rules),
    "refusals": ("docs/moto.md", provisioning.sibling_rules_table),
}


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name}: [^>]*-->\n)(.*?)(<!-- /{name} -->)", re.DOTALL)


@pytest.mark.parametrize("name", PARTS)
def test_a_document_says_what_the_code_says(name: str) -> None:
    path, make = PARTS[name]
    found = _pattern(name).search((ROOT / path).read_text(encoding="utf-8"))
    assert found is not None, f"{path} has no part {name!r}"
    assert found[2] == f"{make()}\n", f"run python {Path(__file__).relative_to(ROOT)}"


DOCUMENTS = [
    "README.md",
    "CHANGELOG.md",
    *sorted(f"docs/{one.name}" for one in ROOT.glob("docs/*")),
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_number_of_tests_is_written_by_hand(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    for part in (*map(_pattern, PARTS), re.compile("```.*?```", re.DOTALL)):
        text = part.sub("", text)
    assert re.findall(r"\b\d[\d,]* (?:contract |unit )?tests\b", text) == []


def test_every_operation_is_counted_and_has_its_row() -> None:
    count = len(catalogue.operations())
    assert len(reference.operations_table().splitlines()[2:]) == count
    for document in ("README.md", "CHANGELOG.md"):
        said = re.findall(r"\b[Aa]ll (\d+) operations", (ROOT / document).read_text("utf-8"))
        assert said == [str(count)], f"{document}: say 'all {count} operations' once"


def filled(text: str, part: str, made: str) -> str:
    """A document with another content of a part."""
    return _pattern(part).sub(lambda found: f"{found[1]}{made}\n{found[3]}", text)


if __name__ == "__main__":
    for part, (document, write) in PARTS.items():
        file = ROOT / document
        file.write_text(filled(file.read_text("utf-8"), part, write()), "utf-8")
