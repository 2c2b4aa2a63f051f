"""Run a small project under other tools, and compare docs/works-with.md with what came of it.

    python tests/works_with/run.py [--write] [--all] [NAME...]

It needs the environment of ``nox -s works_with``, with everything in ``requirements.txt``. With
``--write`` it writes the table of the document, with ``--all`` it runs what makes environments of
its own, too; names choose rows.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

FOLDER = Path(__file__).parent
DOCUMENT = FOLDER.parents[1] / "docs" / "works-with.md"
TABLE = re.compile(r"(<!-- works-with: .*? -->\n).*?(<!-- /works-with -->)", re.DOTALL)
QUIET = ("-q", "-p", "no:cacheprovider")
IN_ORDER = ("-p", "no:randomly")


@dataclass(frozen=True)
class Row:
    """A tool, the distributions that have it, and how it is tried.

    ``files`` are tests that run together with those of other rows that need no ``options``.
    """

    tool: str
    packages: tuple[str, ...]
    tried: str
    files: tuple[str, ...] = ("test_plain.py",)
    options: tuple[str, ...] = ()
    python: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    alone: bool = False
    """Whether it changes the process of pytest for good."""

    env: Mapping[str, str] = field(default_factory=dict)
    by_hand: bool = False

    @property
    def is_shared(self) -> bool:
        return not (self.options or self.python or self.command or self.alone)


ROWS = (
    Row("pytest-xdist", ("pytest-xdist",), "`-n 2`", options=("-n", "2")),
    Row("pytest-randomly", ("pytest-randomly",), "a random order", alone=True),
    Row("pytest-cov", ("pytest-cov",), "`--cov`", options=("--cov=deploy", "--cov-report=")),
    Row("pytest-timeout", ("pytest-timeout",), "`--timeout=60`", options=("--timeout=60",)),
    Row(
        "pytest-rerunfailures",
        ("pytest-rerunfailures",),
        "`--reruns 2`: each try has a fresh fake",
        files=("test_rerun.py",),
        options=("--reruns", "2"),
    ),
    Row("pytest-repeat", ("pytest-repeat",), "`--count 3`", options=("--count", "3")),
    Row(
        "pytest-split",
        ("pytest-split",),
        "`--splits 2 --group 1`",
        options=("--splits", "2", "--group", "1"),
    ),
    Row(
        "pytest-asyncio, strict",
        ("pytest-asyncio",),
        "a coroutine and a fixture, the client in a thread",
        files=("test_asyncio.py",),
    ),
    Row(
        "pytest-asyncio, auto",
        ("pytest-asyncio",),
        "`asyncio_mode = auto`",
        files=("test_asyncio_auto.py",),
        options=("-o", "asyncio_mode=auto"),
    ),
    Row("anyio", ("anyio", "trio"), "on asyncio and on trio", files=("test_anyio.py",)),
    Row(
        "pytest-socket",
        ("pytest-socket",),
        "`--disable-socket`, transports `stubber` and `wire`",
        options=("--disable-socket",),
    ),
    Row(
        "pytest-socket, with a server",
        ("pytest-socket",),
        "`--allow-hosts=127.0.0.1`",
        files=("test_server.py", "test_plain.py"),
        options=("--allow-hosts=127.0.0.1",),
    ),
    Row(
        "pytest-httpx",
        ("pytest-httpx",),
        "its mock for other hosts; the guard stays behind it",
        files=("test_httpx.py",),
    ),
    Row(
        "pytest-httpserver",
        ("pytest-httpserver",),
        "its server beside `amplifybackend_server`",
        files=("test_httpserver.py",),
    ),
    Row("pytest-mock", ("pytest-mock",), "a spy on a client's method", files=("test_mock.py",)),
    Row(
        "pytest-recording, vcrpy",
        ("pytest-recording", "vcrpy"),
        "the fake inside a cassette and around one, and `block_network`",
        files=("test_recording.py",),
    ),
    Row("responses", ("responses",), "`@responses.activate`", files=("test_responses.py",)),
    Row(
        "freezegun, pytest-freezer",
        ("freezegun", "pytest-freezer"),
        '`clock="system"`: ticks end jobs; signatures in frozen time',
        files=("test_freezegun.py",),
    ),
    Row(
        "time-machine",
        ("time-machine",),
        '`clock="system"`: shifts end jobs',
        files=("test_time_machine.py",),
    ),
    Row(
        "moto",
        ("moto",),
        "`mock_aws` as decorator, inside, around, as a fixture before and after; "
        "`amplifybackend_moto` inside",
        files=("test_moto.py",),
    ),
    Row(
        "Django, pytest-django",
        ("django", "pytest-django"),
        "`SimpleTestCase`, also with `time=True`, and a view by the fixture `client`",
        files=("test_django.py",),
        options=("--ds=settings",),
    ),
    Row("unittest", (), "`TestCase` and `subTest`, run by pytest", files=("test_unittest.py",)),
    Row(
        "unittest by itself",
        (),
        "`python -m unittest`; `time=True` for programs that sleep",
        command=("-m", "unittest", "-q", "test_unittest"),
    ),
    Row(
        "doctest",
        (),
        "`--doctest-modules`, with `getfixture`",
        files=("deploy.py",),
        options=("--doctest-modules",),
    ),
    Row(
        "import mode `importlib`",
        (),
        "`--import-mode=importlib`",
        options=("--import-mode=importlib", "-o", "pythonpath=."),
    ),
    Row("warnings as errors", (), "`-W error`", options=("-W", "error")),
    Row("python -O", (), "assertions of the fake still hold", python=("-O", "-W", "ignore")),
    Row(
        "plugins switched off",
        (),
        "`PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 pytest -p amplifybackend`",
        options=("-p", "amplifybackend"),
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    ),
    Row("AWS X-Ray", ("aws-xray-sdk",), "`patch`", files=("test_xray.py",), alone=True),
    Row(
        "OpenTelemetry",
        ("opentelemetry-instrumentation-botocore",),
        "`BotocoreInstrumentor`",
        files=("test_opentelemetry.py",),
        alone=True,
    ),
    Row("Sentry", ("sentry-sdk",), "`Boto3Integration`", files=("test_sentry.py",), alone=True),
    Row(
        "Powertools for AWS Lambda",
        ("aws-lambda-powertools",),
        "a handler with its router, logger and tracer",
        files=("test_powertools.py",),
    ),
    Row("tox", ("tox",), "an environment of its own", command=("-m", "tox", "-q"), by_hand=True),
)


def outcomes(rows: list[Row], project: Path) -> Iterator[tuple[Row, str]]:
    """What is wrong with each row, in no special order; empty where it works."""
    shared = [row for row in rows if row.is_shared]
    if shared:
        files = sorted({file for row in shared for file in row.files})
        report, text = _pytest(project, Row("", (), "", files=tuple(files)))
        for row in shared:
            yield row, _wrong(report, row) and (_wrong(report, row) + text)
    for row in rows:
        if row.command:
            done = _run(project, row, row.command)
            yield row, "" if done.returncode == 0 else done.stdout
        elif not row.is_shared:
            report, text = _pytest(project, row)
            yield row, _wrong(report, row) and (_wrong(report, row) + text)


def _pytest(project: Path, row: Row) -> tuple[dict[str, list[bool]], str]:
    """Whether the tests of each file passed, and what pytest printed."""
    report = project / "report.xml"
    report.unlink(missing_ok=True)
    order = () if "pytest-randomly" in row.packages else IN_ORDER
    command = ("-m", "pytest", f"--junitxml={report}", *QUIET, *order, *row.options, *row.files)
    done = _run(project, row, (*row.python, *command))
    found: dict[str, list[bool]] = {}
    if report.exists():
        for case in ElementTree.parse(report).iter("testcase"):
            file = case.get("classname", "").partition(".")[0] + ".py"
            bad = any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))
            found.setdefault(file, []).append(not bad)
    return found, done.stdout


def _wrong(report: Mapping[str, list[bool]], row: Row) -> str:
    lacking = [file for file in row.files if not report.get(file)]
    failed = [file for file in row.files if not all(report.get(file, ()))]
    return "".join(
        f"{row.tool}: {text} {', '.join(files)}\n"
        for text, files in (("no test ran in", lacking), ("failed or skipped in", failed))
        if files
    )


def _run(project: Path, row: Row, command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    # Clients that are made at import, before any fake, sign with these.
    keys = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env={**env, **keys, "AWS_DEFAULT_REGION": "us-east-1", **row.env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )


def table(rows: list[Row], wrong: Mapping[str, str]) -> str:
    """The table of the document."""
    lines = ["| tool | works | tried with | version |", "| --- | --- | --- | --- |"]
    for row in rows:
        versions = ", ".join(metadata.version(name) for name in row.packages)
        works = "no" if wrong[row.tool] else "yes"
        lines.append(f"| {row.tool} | {works} | {row.tried} | {versions} |")
    return "\n".join(lines)


def without_versions(text: str) -> list[str]:
    return [line.rpartition(" |")[0].rpartition(" | ")[0] for line in text.splitlines()]


def main() -> int:
    """Print what does not work, or is not in the document; 1 if there is anything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    rows = [
        row
        for row in ROWS
        if (row.tool in arguments.names or not arguments.names)
        and (arguments.all or not row.by_hand)
    ]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        shutil.copytree(FOLDER / "project", project)
        wrong = {row.tool: text for row, text in outcomes(rows, project)}
    for text in filter(None, wrong.values()):
        print(text)
    made, document = table(rows, wrong), DOCUMENT.read_text("utf-8")
    print(made)
    if arguments.write:
        DOCUMENT.write_text(TABLE.sub(lambda found: f"{found[1]}{made}\n{found[2]}", document))
        return 0
    missing = set(without_versions(made)) - set(without_versions(document))
    for line in sorted(missing):
        print(f"not in {DOCUMENT.name}: {line}")
    return 1 if missing or any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
