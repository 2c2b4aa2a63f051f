"""The command ``amplifybackend-fake``: what the fake knows, as tables and diagrams."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from pytest_amplifybackend.service import reference


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="amplifybackend-fake", description="What the fake AWS Amplify Backend knows."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("operations", help="the operations, as a Markdown table")
    commands.add_parser("rules", help="every rule, its layer and its evidence, as a Markdown table")
    commands.add_parser("diagram", help="the state machine, as Mermaid diagrams")
    arguments = parser.parse_args(argv)
    print(_COMMANDS[arguments.command]())
    return 0


_COMMANDS = {
    "operations": reference.operations_table,
    "rules": reference.rules_table,
    "diagram": reference.diagram,
}
