"""The table of members and the refusals, as Markdown for the docs."""

from __future__ import annotations

from pytest_amplifybackend._provision.members import FAMILIES, UNMAPPED
from pytest_amplifybackend._rules.states import SIBLING_ROWS


def members_table() -> str:
    """Which member of a config is which member of a sibling service, family by family."""
    lines = []
    for family, rows in FAMILIES.items():
        lines += [f"**{family}**", "", "| member | service | shown by | member there | how |"]
        lines.append("| --- | --- | --- | --- | --- |")
        for row in rows:
            there = f"`{row.described}`" if row.described else ""
            how = f"{row.how.words}; {row.note}" if row.note else row.how.words
            lines.append(
                f"| `{row.member}` | {row.part.service} | `{row.part.call}` | {there} | {how} |"
            )
        for member, why in UNMAPPED[family].items():
            lines.append(f"| `{member}` |  |  |  | nowhere: {why} |")
        lines.append("")
    return "\n".join(lines).rstrip()


def refusals_table() -> str:
    """What ends a job FAILED only where the siblings are real."""
    lines = ["| rule | text | evidence |", "| --- | --- | --- |"]
    lines += [
        f"| `{rule.name}` | {rule.text} | {rule.tag.value}: {rule.source} |"
        for rule in SIBLING_ROWS
    ]
    return "\n".join(lines)
