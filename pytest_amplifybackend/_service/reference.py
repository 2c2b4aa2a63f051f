"""The operations, rules and states as Markdown, made from the tables that the service runs on."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.history import HISTORY
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._service import lifecycle
from pytest_amplifybackend._service.handlers import EFFECTS


def operations_table() -> str:
    """One row for each operation: its HTTP binding, how it answers and the states it moves."""
    rows = []
    for name, operation in catalogue.operations().items():
        answers = "a job" if name in EFFECTS else "at once"
        moves = [
            f"{row.entity}: {' or '.join(row.sources)} -> {row.target}"
            for row in lifecycle.TRANSITIONS
            if row.operation == name
        ]
        if name == "UpdateBackendJob":
            moves = ["job: " + " -> ".join(_job_path())]
        rows.append(
            (f"`{name}`", f"`{operation.method} {operation.path}`", answers, "; ".join(moves))
        )
    return _markdown(("operation", "request", "answers with", "states"), rows)


def history_table() -> str:
    """One row for each addition to the API: what came, since which botocore, and the source."""
    rows = []
    total = 0
    for addition in HISTORY:
        total += len(addition.operations)
        came = [f"`{name}`" for name in addition.operations]
        came += [f"`{path}` ({operation} {side})" for operation, side, path in addition.members]
        rows.append(
            (addition.botocore, str(total), ", ".join(came), str(addition.tag), addition.source)
        )
    return _markdown(("botocore", "operations", "added", "evidence", "source"), rows)


def rules_table() -> str:
    """One row for each rule on parameters or state: layer, evidence and source."""
    rules = (table.named(name)[0] for name in table.names())
    rows = [
        (f"`{rule.name}`", str(rule.layer), rule.message, str(rule.tag), rule.source)
        for rule in rules
    ]
    return _markdown(("rule", "layer", "says", "evidence", "source"), rows)


def diagram() -> str:
    """A Mermaid state diagram for each entity and one for jobs."""
    entities = dict.fromkeys(row.entity for row in lifecycle.TRANSITIONS)
    blocks = [_diagram_of(entity) for entity in entities]
    jobs = ["stateDiagram-v2", "    [*] --> PENDING"]
    for status, following in lifecycle.JOB_STATUSES.items():
        jobs += [f"    {status} --> {name}" for name in following] or [f"    {status} --> [*]"]
    blocks.append("\n".join(jobs))
    titles = [*entities, "job"]
    return "\n\n".join(
        f"### {title}\n\n```mermaid\n{block}\n```"
        for title, block in zip(titles, blocks, strict=True)
    )


def _diagram_of(entity: str) -> str:
    lines = ["stateDiagram-v2"]
    for row in lifecycle.TRANSITIONS:
        if row.entity != entity:
            continue
        for source in row.sources:
            if row.during is None:
                lines.append(f"    {source} --> {row.target}: {row.operation}")
                continue
            lines.append(f"    {source} --> {row.during}: {row.operation}")
            lines.append(f"    {row.during} --> {row.target}: {row.operation} COMPLETED")
            failed = row.on_failure or source
            lines.append(f"    {row.during} --> {failed}: {row.operation} FAILED")
    return "\n".join(dict.fromkeys(lines))


def _job_path() -> Iterable[str]:
    return ("PENDING", "RUNNING", "COMPLETED or FAILED")


def _markdown(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")
