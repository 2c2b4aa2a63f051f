"""The table of members and the rules of sibling services, as Markdown for the docs."""

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
            path = f"`{row.described}`" if row.described else ""
            how = f"{row.how.words}; {row.note}" if row.note else row.how.words
            lines.append(
                f"| `{row.member}` | {row.part.service} | `{row.part.call}` | {path} | {how} |"
            )
        for member, why in UNMAPPED[family].items():
            lines.append(f"| `{member}` |  |  |  | nowhere: {why} |")
        lines.append("")
    return "\n".join(lines).rstrip()


def sibling_rules_table() -> str:
    """The rules that fail a job only if it provisions in sibling services."""
    lines = ["| rule | text | evidence |", "| --- | --- | --- |"]
    lines += [
        f"| `{rule.name}` | {rule.text} | {rule.tag.value}: {rule.source} |"
        for rule in SIBLING_ROWS
    ]
    return "\n".join(lines)
