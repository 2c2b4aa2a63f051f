"""The operations, rules and states as Markdown, made from the tables that the service runs on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.history import HISTORY
from pytest_amplifybackend._api.provenance import Provenance
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.client import CLIENT_RULES
from pytest_amplifybackend._rules.rule import AnyRule, Layer, Rule
from pytest_amplifybackend._service.entities import STATES
from pytest_amplifybackend._service.handlers import OPERATIONS
from pytest_amplifybackend._service.jobs import STATUSES
from pytest_amplifybackend._service.operations import Declaration

Transition = tuple[str, str, str]


def operations_table() -> str:
    """One row for each operation: its HTTP binding, how it answers and the states it moves."""
    rows = []
    for name, operation in catalogue.operations().items():
        declared = OPERATIONS.get(name)
        if declared is None:
            continue
        answers = "a job" if declared.makes_job else "at once"
        moves = [_moves(*moved) for moved in declared.moved()]
        if name == "UpdateBackendJob":
            moves = ["job: PENDING -> RUNNING -> COMPLETED or FAILED"]
        rows.append(
            (f"`{name}`", f"`{operation.method} {operation.path}`", answers, "; ".join(moves))
        )
    return _markdown(("operation", "request", "answers with", "states"), rows)


def _moves(entity: str, by_state: Mapping[str, str], evidence: Provenance) -> str:
    targets = dict.fromkeys(by_state.values())
    ways = [
        f"{' or '.join(source for source in by_state if by_state[source] == target)} -> {target}"
        for target in targets
    ]
    return f"{entity}: {', '.join(ways)} ({evidence})"


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
    rules = (table.named(name)[0] for name in (*CLIENT_RULES, *table.names()))
    rows = [
        (f"`{rule.name}`", str(rule.layer), rule.message, str(rule.tag), rule.source)
        for rule in rules
    ]
    return _markdown(("rule", "layer", "says", "evidence", "source"), rows)


_LAYERS = {
    Layer.CLIENT: "client: botocore raises ParamValidationError, and nothing is sent",
    Layer.SERVICE: "service: the call is rejected at once",
    Layer.PROVISIONING: "provisioning: the call is accepted, and its job ends FAILED",
}


def rule_text(name: str, others: Mapping[str, AnyRule] | None = None) -> str:
    """What there is to say of one rule; raises UsageError, with the nearest names, for another.

    ``others`` are rules that are not of the service's own table.
    """
    known = others or {}
    found = (known[name],) if name in known else table.named(name)
    first = found[0]
    lines = [
        name,
        f"  says:       {first.message}",
        f"  layer:      {_LAYERS[first.layer]}",
        f"  evidence:   {first.tag}: {', '.join(dict.fromkeys(rule.source for rule in found))}",
    ]
    operations: dict[str, list[str]] = {}
    for rule in found:
        paths = rule.paths if isinstance(rule, Rule) else ()
        for operation in rule.operations or _declared(name):
            operations.setdefault(operation, []).extend(path or "the request" for path in paths)
    for number, (operation, places) in enumerate(operations.items()):
        at = f": {', '.join(places)}" if places else ""
        lines.append(f"  {'' if number else 'operations:':11} {operation}{at}")
    return "\n".join(lines)


def _declared(rule: str) -> list[str]:
    """The operations that are declared to break a rule in some state."""
    return [
        name
        for name, declared in OPERATIONS.items()
        if rule in (*declared.rules.values(), *declared.requires.values())
    ]


def diagram() -> str:
    """A Mermaid state diagram for each entity and one for jobs."""
    moves = transitions()
    blocks = [_diagram_of(moves[entity]) for entity in STATES]
    jobs = ["stateDiagram-v2", "    [*] --> PENDING"]
    for status, following in STATUSES.items():
        jobs += [f"    {status} --> {name}" for name in following] or [f"    {status} --> [*]"]
    blocks.append("\n".join(jobs))
    titles = [*STATES, "job"]
    return "\n\n".join(
        f"### {title}\n\n```mermaid\n{block}\n```"
        for title, block in zip(titles, blocks, strict=True)
    )


def _diagram_of(moves: Iterable[Transition]) -> str:
    arrows = (f"    {source} --> {target}: {cause}" for source, target, cause in moves)
    return "\n".join(["stateDiagram-v2", *arrows])


def transitions() -> dict[str, list[Transition]]:
    """By entity, each way from a state to another: both, and the operation that leads there."""
    found: dict[str, list[Transition]] = {entity: [] for entity in STATES}
    for name, declared in OPERATIONS.items():
        for entity, moves, _ in declared.moved():
            for source, target in moves.items():
                found[entity] += _arrows(name, declared, source, target)
    return {entity: list(dict.fromkeys(moves)) for entity, moves in found.items()}


def _arrows(name: str, declared: Declaration, source: str, target: str) -> Iterator[Transition]:
    during = declared.during
    if during is None:
        yield source, target, name
        return
    yield source, during, name
    yield during, target, f"{name} COMPLETED"
    yield during, declared.on_failure or source, f"{name} FAILED"


def _markdown(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")
