"""The command ``amplifybackend-fake``: tables of what the fake knows, and the fake as a server."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pytest_amplifybackend import __version__, errors
from pytest_amplifybackend._amplify.rules import RULES
from pytest_amplifybackend._api import drift
from pytest_amplifybackend._options import OPTIONS
from pytest_amplifybackend._service import reference
from pytest_amplifybackend._transports.access import CONTROL_TOKEN

_TABLES = {
    "operations": (reference.operations_table, "print the operations as a Markdown table"),
    "rules": (
        reference.rules_table,
        "print every rule, its layer and its evidence as a Markdown table",
    ),
    "diagram": (reference.diagram, "print the state machine as Mermaid diagrams"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="amplifybackend-fake", description="A fake of AWS Amplify Backend."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, text) in _TABLES.items():
        _add_table(commands, name, text)
    _add_serve(commands)
    _add_coverage(commands)
    dump = commands.add_parser("dump", help="print the state in a file of serve --state as JSON")
    dump.add_argument("file", metavar="FILE", help="the state file; no server may have it open")
    conformance = commands.add_parser(
        "conformance",
        help="print what has changed between two reports of the contract suite; the exit status is "
        "0 if nothing got worse, 1 if a test that passed does not any more",
    )
    for name in ("old", "new"):
        conformance.add_argument(
            name, metavar=name.upper(), help="written by --amplifybackend-report=json:FILE"
        )
    arguments = parser.parse_args(argv)
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as head, has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "serve":
        return _serve(arguments)
    if arguments.command == "coverage":
        return _coverage(arguments)
    if arguments.command == "dump":
        return _dump(arguments.file)
    if arguments.command == "conformance":
        return _compare(arguments.old, arguments.new)
    if getattr(arguments, "diff", False):
        text, changes = drift.report()
        print(text)
        return 1 if changes else 0
    if getattr(arguments, "history", False):
        print(reference.history_table())
        return 0
    if getattr(arguments, "rule", None) is not None:
        return _explain(arguments.rule)
    print(_TABLES[arguments.command][0]())
    return 0


def _compare(old: str, new: str) -> int:
    """Print what has changed between two reports."""
    from pytest_amplifybackend._report import conformance

    try:
        found = conformance.compare(conformance.read(old), conformance.read(new))
    except conformance.NotAReport as error:
        print(f"amplifybackend-fake: {error}", file=sys.stderr)
        return 2
    print("\n".join(found.lines))
    return 1 if found.worse else 0


def _explain(rule: str) -> int:
    """Print what there is to say of one rule."""
    try:
        print(reference.rule_text(rule, RULES))
    except errors.UsageError as error:
        print(f"amplifybackend-fake: {error}", file=sys.stderr)
        return 2
    return 0


def _add_table(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> None:
    table = commands.add_parser(name, help=text)
    if name == "rules":
        table.add_argument("rule", nargs="?", metavar="NAME", help="explain this rule alone")
    if name != "operations":
        return
    instead = table.add_mutually_exclusive_group()
    instead.add_argument(
        "--diff",
        action="store_true",
        help="print how the installed botocore's API model differs from the shipped one; the exit "
        "status is 0 if it does not, 1 if it does",
    )
    instead.add_argument(
        "--history", action="store_true", help="print when each part of the API was added"
    )


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser(
        "serve", help="serve the fake over HTTP until it is interrupted or terminated"
    )
    serve.add_argument(
        "--host", default="127.0.0.1", help="name or address to listen on (default: %(default)s)"
    )
    serve.add_argument(
        "--port", type=int, default=0, help="port to listen on (default: 0, a free port)"
    )
    for option in OPTIONS.values():
        if option.serve and option.read is not None:
            serve.add_argument(
                option.serve,
                dest=option.name,
                type=_reading(option.read),
                default=option.default,
                choices=option.choices or None,
                metavar=option.name.upper(),
                help=f"{option.help} (default: {option.text})",
            )
    serve.add_argument(
        "--with-moto",
        action="store_true",
        help="let moto serve every other AWS service, and provision there; needs the extra moto",
    )
    serve.add_argument("--state", metavar="FILE", help="file to persist the state in")
    serve.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="further name that the Host header of a request may have; repeatable",
    )
    serve.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="origin, such as https://app.example, whose pages may use the server besides pages of "
        "this machine; repeatable",
    )
    serve.add_argument(
        "--control-token",
        metavar="@FILE",
        help="token that control requests must carry in their header: the content of a file, or "
        f"the text itself, which ps then shows (default: ${CONTROL_TOKEN})",
    )
    serve.add_argument(
        "--signatures",
        metavar="FILE",
        help="verify signatures with the keys in a JSON file that maps access keys to secret keys",
    )


def _reading(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """What argparse calls: it shows the sentence of this error, and not that of a ValueError."""

    def value(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return value


_KEPT_CALLS = 10_000
"""How many calls the command remembers, so that its memory does not grow for ever."""


def _keys(file: str | None) -> dict[str, str] | None:
    """The access keys and secret keys in a file; the UsageError for another file shows none."""
    if file is None:
        return None
    try:
        keys = json.loads(Path(file).read_text("utf-8"))
    except ValueError:
        keys = None
    if not isinstance(keys, dict) or not all(isinstance(value, str) for value in keys.values()):
        raise errors.UsageError(
            f"{file} must contain a JSON object that maps access keys to secret keys."
        )
    return keys


def _control_token(option: str | None) -> str | None:
    """The token of the control API by an option ``@FILE`` or ``TOKEN``, or by the environment."""
    if option is None:
        return os.environ.get(CONTROL_TOKEN) or None
    if option.startswith("@"):
        return Path(option[1:]).read_text("utf-8", "replace").strip()
    return option


def _add_coverage(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    coverage = commands.add_parser(
        "coverage", help="combine and report the coverage of the API that pytest runs recorded"
    )
    actions = coverage.add_subparsers(dest="action", required=True)
    combine = actions.add_parser("combine", help="add files or folders of data to the others")
    combine.add_argument("files", nargs="*", metavar="PATH", help="data of other runs or machines")
    report = actions.add_parser("report", help="print a report")
    report.add_argument("--format", choices=("term", "md", "json"), default="term")
    html = actions.add_parser("html", help="write pages for a browser")
    html.add_argument("folder", metavar="DIR", help="where to write them")
    for action in (combine, report, html):
        action.add_argument(
            "--data",
            default=".amplifybackend_coverage",
            metavar="DIR",
            help="folder of the data (default: %(default)s)",
        )
        action.add_argument(
            "--scope", default="", metavar="NAMES", help="operations that count (default: all)"
        )
        action.add_argument(
            "--exclude",
            action="append",
            default=[],
            metavar="LINE",
            help="parts that do not count: OPERATION [KIND [NAME]]: REASON; may be repeated",
        )


def _coverage(arguments: argparse.Namespace) -> int:
    """Print a report; files that are no data are named, and the status is 1."""
    from pytest_amplifybackend._report.coverage import command

    output, problems = command.run(arguments)
    for text in output:
        print(text)
    for problem in problems:
        print(f"amplifybackend-fake: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _serve(arguments: argparse.Namespace) -> int:
    """Serve as the arguments say; the calls count for the coverage of a run that started this."""
    from pytest_amplifybackend._report.coverage.command import recording

    with recording():
        return _serve_until_signal(arguments)


def _serve_until_signal(arguments: argparse.Namespace) -> int:
    """Print the URL once the server listens, and answer until a signal arrives."""
    from pytest_amplifybackend._fake import FakeAmplifyBackend

    try:
        fake = FakeAmplifyBackend(
            seed=arguments.seed,
            jobs=arguments.jobs,
            errors=arguments.errors,
            region=arguments.region,
            clock=arguments.clock,
            moto=arguments.with_moto,
            verify_signatures=_keys(arguments.signatures),
            amplify=arguments.amplify,
        )
        server = fake.serve(
            host=arguments.host,
            port=arguments.port,
            allowed_hosts=arguments.allow_host,
            allowed_origins=arguments.allow_origin,
            control_token=_control_token(arguments.control_token),
            state_file=arguments.state,
            keep_calls=_KEPT_CALLS,
        )
        server.listen()
    except (errors.UsageError, OSError, OverflowError) as error:
        print(f"amplifybackend-fake: {error}", file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.stop())
    print(server.url, flush=True)
    try:
        server.run()
    except errors.StateNotSaved as error:
        print(f"amplifybackend-fake: {error}", file=sys.stderr)
        return 1
    return 0


def _dump(file: str) -> int:
    """Print the state in a file, secrets included."""
    from pytest_amplifybackend._transports import state_file

    try:
        dumped = state_file.read(file)
    except errors.UsageError as error:
        print(f"amplifybackend-fake: {error}", file=sys.stderr)
        return 2
    print(json.dumps(dumped))
    return 0
