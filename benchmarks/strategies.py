"""How fast requests are drawn, against hypothesis-jsonschema on a JSON Schema of the same shape.

Run `python benchmarks/strategies.py` with hypothesis-jsonschema 0.23 and hypothesis 6.139 installed
(newer ones have changed what it uses of their insides). Both sides run in turns within one process,
so that the ratio survives a busy machine. It also measures what `import
pytest_amplifybackend.strategies` costs beyond `import hypothesis`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis_jsonschema import from_schema

from pytest_amplifybackend import OperationName
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._rules import limits, table
from pytest_amplifybackend._rules.constraints import Length, Pattern, Whole
from pytest_amplifybackend.strategies import requests

OPERATION: OperationName = "CreateBackendAuth"
ROUNDS, EXAMPLES = 7, 150
LEAST_RATIO, MOST_IMPORT_MS = 3.0, 30.0


def json_schema(shape: Any, path: str = "") -> dict[str, Any]:
    """A shape with its enums and documented limits; no rule across fields, JSON Schema has none."""
    if shape.type_name == "structure":
        members = {
            name: json_schema(member, f"{path}.{name}".lstrip("."))
            for name, member in shape.members.items()
        }
        return {
            "type": "object",
            "properties": members,
            "required": list(shape.required_members),
            "additionalProperties": False,
        }
    if shape.type_name == "list":
        least = 1 if path.endswith(("MfaTypes", "OAuthScopes", "URIs")) else 0
        items = json_schema(shape.member, f"{path}[]")
        return {"type": "array", "items": items, "minItems": least, "uniqueItems": True}
    if getattr(shape, "enum", None):
        return {"enum": list(shape.enum)}
    schema: dict[str, Any] = {
        "type": {"double": "number", "boolean": "boolean", "string": "string"}[shape.type_name]
    }
    for rule in table.current().rows:
        if OPERATION in rule.operations and path in rule.paths:
            limit = rule.constraint
            if isinstance(limit, Pattern):
                schema["pattern"] = f"^{limit.regex}$"
            elif isinstance(limit, Length):
                schema["minLength"] = limit.least
                # 20,000 random characters would not fit into an example; ours repeats its text.
                schema["maxLength"] = min(limit.most or 140, 140)
            elif isinstance(limit, Whole):
                schema.update(minimum=limit.least, maximum=limit.most)
    if path.endswith("Message"):
        schema["pattern"] = r"\{####\}"
    if path.endswith("URIs[]"):
        schema = {"type": "string", "pattern": r"^https://[a-z]{1,10}\.example\.com/$"}
    if path.endswith("DomainPrefix"):
        schema["pattern"] = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
    if path.endswith("PrivateKey"):
        schema["pattern"] = f"^{limits.APPLE_PRIVATE_KEY.regex}$"
    return schema


def seconds(strategy: Any, label: str, counts: dict[str, int]) -> float:
    """The time to draw EXAMPLES examples, and under the label how many came."""
    drawn = 0

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),  # the other side is slow and filters
    )
    @given(strategy)
    def draw(value: Any) -> None:
        nonlocal drawn
        drawn += 1

    begun = time.perf_counter()
    draw()
    taken = time.perf_counter() - begun
    counts[label] = counts.get(label, 0) + drawn
    return taken / drawn


def import_milliseconds() -> float:
    """What importing the strategies costs once hypothesis is imported; the median of runs."""
    code = (
        "import hypothesis, hypothesis.strategies, time; begun = time.perf_counter();"
        "import pytest_amplifybackend.strategies; print(time.perf_counter() - begun)"
    )
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(9)
    ]
    return statistics.median(runs) * 1000


def main() -> int:
    """Print the table; 1 when a promise is not kept."""
    ours = requests(OPERATION)
    theirs = from_schema(json_schema(catalogue.operations()[OPERATION].input_shape))
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    counts: dict[str, int] = {}
    for _ in range(ROUNDS):
        times["ours"].append(seconds(ours, "ours", counts))
        times["theirs"].append(seconds(theirs, "theirs", counts))
    own, other = statistics.median(times["ours"]), statistics.median(times["theirs"])
    ratio, imported = other / own, import_milliseconds()
    lines = [
        f"| drawing {OPERATION} | examples | examples/s (median of {ROUNDS} rounds) |",
        "| --- | --- | --- |",
        f'| `strategies.requests("{OPERATION}")` | {counts["ours"]} | {1 / own:.0f} |',
        f"| `hypothesis_jsonschema.from_schema(...)` | {counts['theirs']} | {1 / other:.0f} |",
        f"| ratio (promised: at least {LEAST_RATIO:g}) | | {ratio:.1f} |",
        f"| import beyond hypothesis (promised: at most {MOST_IMPORT_MS:g} ms) | "
        f"| {imported:.1f} ms |",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if ratio >= LEAST_RATIO and imported <= MOST_IMPORT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
