"""The tables and diagrams in the documents are what the code says now.

`python tests/docs/test_generated.py` writes them anew.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_amplifybackend._amplify.rules import RULES
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._provision import tables as provisioning
from pytest_amplifybackend._service import reference

ROOT = Path(__file__).parents[2]


def contract_table() -> str:
    """What pytest says of the contract suite when it only collects it."""
    pytest.importorskip("hypothesis", reason="the contract suite needs the hypothesis extra")
    command = ("-m", "pytest", "--pyargs", "pytest_amplifybackend.contract", "--collect-only", "-q")
    done = subprocess.run(
        [sys.executable, *command], check=True, capture_output=True, text=True, cwd=ROOT.parent
    )
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith("|"))


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


PARTS = {
    "history": ("docs/snapshots.md", reference.history_table),
    "contract": ("docs/contract.md", contract_table),
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


def test_every_operation_is_counted_and_has_its_row() -> None:
    count = len(catalogue.operations())
    assert len(reference.operations_table().splitlines()[2:]) == count
    for document in ("README.md", "CHANGELOG.md"):
        said = re.findall(r"\b[Aa]ll (\d+) operations", (ROOT / document).read_text("utf-8"))
        assert said == [str(count)], f"{document}: say 'all {count} operations' once"


if __name__ == "__main__":
    for part, (document, write) in PARTS.items():
        text = (ROOT / document).read_text(encoding="utf-8")
        made = write()
        new = _pattern(part).sub(lambda found, made=made: f"{found[1]}{made}\n{found[3]}", text)
        (ROOT / document).write_text(new, encoding="utf-8")
