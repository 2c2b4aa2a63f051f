"""One session for each thing that must hold: `nox -l` lists them, `nox -s NAME` runs one.

Sessions without an environment of their own run in the one that nox is installed in: the `dev`
extra of a checkout. The others make theirs, reuse it, and test the wheel, which `build` makes
first. What follows `--` goes to pytest. `nox -t ci -j 2` runs all of CI, two sessions at a time.
Environments and copies lie outside the checkout, where pytest does not find the settings of this
project: in `AMPLIFYBACKEND_NOX`, else in the user's cache.
"""

from __future__ import annotations

import contextlib
import os
import random
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nox

ROOT = Path(__file__).parent
PACKAGE = "pytest_amplifybackend"
CONTRACT = f"{PACKAGE}.contract"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "pytest-amplifybackend"
WORK = Path(os.environ.get("AMPLIFYBACKEND_NOX", _CACHE / str(ROOT).replace(os.sep, "-")))
FULL = {"AMPLIFYBACKEND_TEST_FULL": "1"}
"""Lets tests with a budget spend all of it; see tests/volume.py."""

nox.needs_version = ">=2026.10"  # the first with --parallel and with requires that it heeds
nox.options.default_venv_backend = "uv"
nox.options.envdir = str(WORK / "environments")
nox.options.reuse_venv = "yes"
nox.options.allow_parallel = True
nox.options.sessions = ["lint", "mypy", "tests", "contract-stubber"]
nox.options.error_on_missing_interpreters = False  # a CI server sets this otherwise

here = nox.session(python=False)
here_in_ci = nox.session(python=False, tags=["ci"])
on_wheel = nox.session(tags=["ci"], requires=["build"])  # with an environment of its own


# ---------------------------------------------------------------- what each change needs
@here_in_ci
def lint(session: nox.Session) -> None:
    """Ruff, its formatter, and the import arrows between packages; seconds."""
    _module(session, "ruff", "check")
    _module(session, "ruff", "format", "--check")
    session.run(_script("lint-imports"), "--no-cache")


@here_in_ci
def mypy(session: nox.Session) -> None:
    """Types: strict for the package; for tests, examples and benchmarks nearly so.

    And those that users see, by mypy and by pyright.
    """
    _module(session, "mypy", "--strict")
    session.run(sys.executable, "tests/types/check.py")
    names = [name for name in _known() if Path(name).suffix == ".py"]
    rooms = ("tests/", "examples/", "benchmarks/", "tools/")
    others = [name for name in names if name.startswith(rooms)]
    others = [name for name in others if not name.startswith(_CHECKED)]
    folders = sorted({str(Path(name).parent) for name in others} | {"examples"})
    # Fixtures and tests may go without annotations, and a lambda in a table may return nothing.
    # Each folder has a conftest.py; mypy takes one module of a name.
    flags = ["--strict", "--allow-untyped-defs", "--allow-incomplete-defs", "--allow-untyped-calls"]
    flags += ["--implicit-reexport", "--no-warn-unused-ignores"]
    flags += [f"--disable-error-code={code}" for code in _LAX]
    files = ["noxfile.py", "conftest.py", *(name for name in others if "conftest" not in name)]
    _module(session, "mypy", *flags, *files, env={"MYPYPATH": os.pathsep.join(folders)})


_CHECKED = ("tests/types/right.py", "tests/types/wrong.py", "tests/works_with/project/")
_LAX = ("func-returns-value", "misc", "no-any-return", "var-annotated")


@here
def tests(session: nox.Session) -> None:
    """The default tests on all cores: `nox -s tests -- tests/fake -x` runs some of them."""
    _module(session, "pytest", "-n", "auto", *session.posargs)


@here
def docs(session: nox.Session) -> None:
    """Rewrites the tables and diagrams in the documents from the code."""
    session.run(sys.executable, "tests/docs/test_generated.py")
    session.run(sys.executable, "tools/publish_conformance.py")


@here
def benchmarks(session: nox.Session) -> None:
    """Measures all that docs/benchmarks.md shows and writes its tables; `-- core many` some."""
    session.run(sys.executable, "benchmarks/write.py", *session.posargs)


# ---------------------------------------------------------------- what CI runs besides
@here_in_ci
def build(session: nox.Session) -> None:
    """The wheel, from the source distribution; sessions that need it run this first."""
    shutil.rmtree(WORK / "dist", ignore_errors=True)
    _module(session, "build", "--installer", "uv", "--outdir", str(WORK / "dist"))


@here_in_ci
def pythons(session: nox.Session) -> None:
    """Python 3.14 and 3.15, by the script that PYTHON_NEXT names, where there is one."""
    script = os.environ.get("PYTHON_NEXT", "")
    folder = _empty(session, "installed")
    if not script or subprocess.run([script, folder, *PYTHONS], check=False).returncode:
        shutil.rmtree(folder)
        session.log("Nothing here installs %s.", " and ".join(PYTHONS))


PYTHONS = ("3.14", "3.15")
"""Versions that few machines have yet."""


@here_in_ci
def readme(session: nox.Session) -> None:
    """The README's commands as they stand: the examples, then the tests and their coverage."""
    checkout = _empty(session, "checkout")
    _copy(checkout)
    data = {"COVERAGE_FILE": str(_empty(session, "data") / "coverage")}
    # Each process under the command is measured, but for those that a test starts: the package
    # coverage looks for this at its start.
    measured = {**data, "COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml")}
    # pip takes the 0 for its option `compile`: most of what it would compile is never imported.
    always = {"VIRTUAL_ENV": "", "PIP_NO_COMPILE": "0"}
    for mark, env in {"main-job": {}, "tests": measured}.items():
        script = [sys.executable, "tests/docs/snippets.py", "README.md", mark]
        asked = subprocess.run(script, check=True, capture_output=True, text=True, cwd=ROOT)
        with session.chdir(checkout):
            session.run("bash", "-c", asked.stdout, env={**always, **env})
    _module(session, "coverage", "combine", "--quiet", env=data)
    _module(session, "coverage", "report", env=data)


@here_in_ci
def clients(session: nox.Session) -> None:
    """The real AWS CLI v1 and v2, the SDK for JavaScript, boto3 and aiobotocore."""
    _with_installed(session, "tests/clients", _empty(session, "clients"))


@here_in_ci
def oracles(session: nox.Session) -> None:
    """Amplify's own generator, transformer and validators, which the fake has to agree with.

    They stay installed in AMPLIFYBACKEND_ORACLES, by default in the user's cache.
    """
    folder = os.environ.get("AMPLIFYBACKEND_ORACLES", _CACHE / "oracles")
    _with_installed(session, "tests/oracles", Path(folder), "-n", "2")


@on_wheel
def parity(session: nox.Session) -> None:
    """The tests of the service over every transport, aiobotocore's among them."""
    _aiobotocore(session)
    with session.chdir(_tests(session)):
        session.run("pytest", "-n", "2", "tests/parity", *session.posargs)


@on_wheel
def aio(session: nox.Session) -> None:
    """What is about aiobotocore, which caps botocore; and junk requests in great numbers."""
    _aiobotocore(session)
    with session.chdir(_tests(session)):
        session.run(
            "pytest",
            *[f"tests/transports/test_aio{name}.py" for name in _AIO],
            "tests/transports/test_late_imports.py",
            "tests/transports/test_egress.py::test_nothing_leaves[aio]",
            "tests/amplify/test_ways_in.py",
            env=FULL,
        )
        session.run("pytest", "tests/docs/test_snippets.py", "-k", "async.md")
        session.run("pytest", "tests/transports/test_fuzz.py", env=FULL)


_AIO = ("", "_answers", "_blocked", "_guard", "_in_flight")


@here_in_ci
def volume(session: nox.Session) -> None:
    """What the default tests do a few times, in full, but for what takes many minutes.

    That is `-- tests/strategies`, of which this runs one file.
    """
    tests = session.posargs or _tests_with_volume()
    _module(session, "pytest", "-n", "auto", "-m", "volume", *tests, env=FULL)


def _tests_with_volume() -> list[str]:
    """The files with tests that make more trials, so that nothing else is collected."""
    names = [name for name in _known() if Path(name).name.startswith("test_")]
    names = [name for name in names if not name.startswith(_NOT_OF_VOLUME)]
    return [name for name in names if "volume" in (ROOT / name).read_text(encoding="utf-8")]


_NOT_OF_VOLUME = (
    *(f"tests/strategies/test_{name}.py" for name in ("invalid", "machine", "valid")),  # too long
    *("tests/clients", "tests/oracles", "tests/parity"),  # each has its session
    "tests/snapshots",  # the sessions syrupy-* run all of it
    *("tests/transports/test_aio", "tests/transports/test_fuzz.py"),  # as does the session aio
)


@here_in_ci
def speed(session: nox.Session) -> None:
    """Instructions of a test suite on the fake: at most 0.75 of one with canned answers."""
    if shutil.which("valgrind") is None:
        session.skip("valgrind is not installed, and nothing else counts instructions exactly")
    session.run(sys.executable, "benchmarks/suite.py", "--fail-above", "0.75")


def contract(session: nox.Session) -> None:
    """The contract suite as a user has it: from the wheel, in an empty folder."""
    session.install(f"{PACKAGE.replace('_', '-')}[contract] @ file://{_wheel()}")
    target = session.name.removeprefix("contract-")
    with session.chdir(_empty(session)):
        strict = ("-W", "error", "--strict-markers", "--strict-config", "-p", "no:cacheprovider")
        suite = ("pytest", "--pyargs", CONTRACT, "-q", *strict)
        report = f"--amplifybackend-report=json:{target}.json"
        session.run(*suite, f"--amplifybackend-target={target}", report, *session.posargs)
        if not session.posargs:
            tool = ROOT / "tools" / "publish_conformance.py"
            session.run("python", str(tool), "--check", target, f"{target}.json")


for _target in ("stubber", "wire", "server", "responses"):
    nox.session(name=f"contract-{_target}", tags=["ci", "contract"], requires=["build"])(contract)


@on_wheel
def wheel(session: nox.Session) -> None:
    """The wheel and its hard dependencies alone, with the plugin and without it."""
    built = _wheel()
    folder = _empty(session)
    session.install(built)
    session.run(_script("uv"), "pip", "check", external=True)
    shutil.copy(ROOT / ".ci" / "test_smoke.py", folder)
    (folder / "test_off.py").write_text(_OFF)
    with session.chdir(folder):
        strict = ("pytest", "-ra", "-W", "error", "--strict-markers", "-p", "no:cacheprovider")
        session.run("amplifybackend-fake", "--help", silent=True)
        session.run(*strict, "test_smoke.py")
        by_name = ("-p", f"{PACKAGE}.plugin", "test_smoke.py")
        session.run(*strict, *by_name, env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
        session.run(*strict, "-p", "no:amplifybackend", "test_off.py")


@on_wheel
def works_with(session: nox.Session) -> None:
    """A small project under the plugins and libraries that people use beside the fake.

    `-- --all` runs what makes environments of its own too, `-- --write` writes the document.
    """
    wheel = f"{PACKAGE.replace('_', '-')}[http,moto] @ file://{_wheel()}"
    session.install(wheel, "-r", "tests/works_with/requirements.txt")
    if "--all" in session.posargs:
        session.install("tox", "tox-uv")
    env = {"AMPLIFYBACKEND_WHEEL": _wheel()}
    session.run("python", "tests/works_with/run.py", *session.posargs, env=env)


@on_wheel
def installs(session: nox.Session) -> None:
    """What pip and uv find for each extra: nothing is installed, but versions are resolved.

    A stock pip has to find them for what people install beside the fake within a minute. An
    extra that caps a package for all others makes it try hundreds of releases.
    """
    wheel = f"{PACKAGE.replace('_', '-')}[{{}}] @ file://{_wheel()}"
    extras = [name for name in _project()["optional-dependencies"] if name != "dev"]
    resolve = ("python", "-m", "pip", "install", "--dry-run", "--quiet")
    session.install(_STOCK_PIP)
    started = time.monotonic()
    session.run(
        "timeout", "60", *resolve, wheel.format("all"), *_BESIDE, external=True, silent=True
    )
    session.log("%s: %.0f s", _STOCK_PIP, time.monotonic() - started)
    session.install("--upgrade", "pip")
    for extra in extras:
        session.run(*resolve, wheel.format(extra), silent=True)
        session.install("--dry-run", "--quiet", wheel.format(extra))


_STOCK_PIP = "pip==23.2.1"
"""That of Python 3.11, which has no better way to look for versions yet."""

_BESIDE = ("boto3", "moto[server,cognitoidp,appsync,s3]", "pytest-xdist", "pytest-randomly")

_OFF = """
import pytest


def test_no_trace(request):
    assert not request.config.pluginmanager.hasplugin("amplifybackend")
    with pytest.raises(pytest.FixtureLookupError):
        request.getfixturevalue("amplifybackend")
"""


def syrupy(session: nox.Session) -> None:
    """Snapshots on one version of syrupy; what is written differs by none of them."""
    major = session.name.removeprefix("syrupy-")
    session.install(_wheel(), f"syrupy=={major}.*", "pytest-xdist")
    with session.chdir(_tests(session)):
        tests = [f"tests/snapshots/test_{name}.py" for name in _SNAPSHOTS]
        session.run("pytest", "-q", *tests, env=FULL)


_SNAPSHOTS = ("fixture", "unused")

for _major in (5, 6, 7):
    nox.session(name=f"syrupy-{_major}", tags=["ci", "syrupy"], requires=["build"])(syrupy)


# ---------------------------------------------------------------- by hand
@nox.session
def mutants(session: nox.Session) -> None:
    """Changes the service and the rules at 50 random places, or as many as follow `--`, in a copy.

    Shows what the contract suite did not find. Each place takes up to a minute.
    """
    number = int(session.posargs[0]) if session.posargs else 50
    checkout = _empty(session, "checkout")
    _copy(checkout)
    session.install("cosmic-ray", "--editable", f"{checkout}[contract]")
    config, database = "tests/contract/cosmic-ray.toml", "mutants.sqlite"
    with session.chdir(checkout):
        session.run("cosmic-ray", "baseline", config)  # the suite passes without a mutant
        session.run("cosmic-ray", "init", config, database)
        session.run("cr-filter-operators", database, config)
        _sample(checkout / database, number)
        session.run("cosmic-ray", "exec", config, database)
        session.run("cr-report", "--surviving-only", "--show-diff", database)
        session.run("cr-rate", database)


def _sample(database: Path, number: int) -> None:
    """Leave so many of the places that no filter has taken away, the same ones each time."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        order = (
            "module_path, start_pos_row, start_pos_col, operator_name, occurrence, operator_args"
        )
        rows = connection.execute(f"SELECT job_id FROM mutation_specs ORDER BY {order}").fetchall()
        filtered = {row[0] for row in connection.execute("SELECT job_id FROM work_results")}
        left = [row[0] for row in rows if row[0] not in filtered]
        kept = set(random.Random(0).sample(left, min(number, len(left))))
        for table in ("work_results", "mutation_specs", "work_items"):
            gone = [row for row in rows if row[0] not in kept]
            connection.executemany(f"DELETE FROM {table} WHERE job_id = ?", gone)
        connection.commit()


# ---------------------------------------------------------------- the matrix of versions
_OLDEST = (
    *("pytest==8.0.*", "botocore==1.29.44", "boto3==1.26.44"),
    *("graphql-core==3.2.0", "pluralizer==2.0.0"),
)
_NEWEST = ("pytest>=9", "botocore", "boto3")
_WHOLE = ("model", "shapes", "service", "fake", "amplify", "transports")
_BETWEEN = ("model", "shapes", "fake")  # two versions run them all
MATRIX = {
    "3.11": (_OLDEST, _WHOLE),
    "3.12": (_NEWEST, _BETWEEN),
    "3.13": (_NEWEST, _BETWEEN),
    "3.14": (_NEWEST, _BETWEEN),
    "3.15": (_NEWEST, _WHOLE),
}
"""By version of Python: what is installed beside the wheel, and the folders of tests."""


def matrix(session: nox.Session) -> None:
    """The oldest of everything on the oldest Python, or the newest on a newer one.

    Of the dev extra there is only Hypothesis, which half the tests are written with; tests that
    need another one skip and say so. One process, in the order of the files.
    """
    version = session.name.removeprefix("matrix-")
    python = next(_pythons(version), None)
    if python is None:
        session.skip(f"no working Python {version} on this machine")
    requirements, folders = MATRIX[version]
    environment = _empty(session, "venv")
    uv = _script("uv")
    session.run(uv, "venv", "--quiet", "--clear", "--python", python, str(environment))
    own = str(environment / "bin" / "python")
    packages = (_wheel(), "hypothesis", *requirements)
    session.run(uv, "pip", "install", "--quiet", "--python", own, *packages)
    session.run(own, "-m", "pytest", "--version", "--version")
    with session.chdir(_tests(session)):
        tests = [f"tests/{name}" for name in folders]
        # One version goes the long way of each call, which another botocore may need.
        way = {"AMPLIFYBACKEND_LONG_WAY": "1"} if version == "3.12" else {}
        session.run(own, "-m", "pytest", "-q", *tests, *session.posargs, env=way)


for _version in MATRIX:
    _first = ["build", "pythons"] if _version in PYTHONS else ["build"]
    nox.session(python=False, name=f"matrix-{_version}", tags=["ci", "matrix"], requires=_first)(
        matrix
    )


def _pythons(version: str) -> Iterator[str]:
    """Working interpreters of a version. A pyenv shim can exist and yet refuse to run."""
    name = f"python{version}"
    folders = [Path(folder) for folder in os.environ["PATH"].split(os.pathsep)]
    folders.append(WORK / "pythons" / "installed" / "bin")
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    folders += sorted(versions.glob(f"{version}.*/bin"))
    for candidate in [folder / each for folder in folders for each in (name, "python3")]:
        if not candidate.is_file():
            continue
        command = (candidate, "--version")
        asked = subprocess.run(command, check=False, capture_output=True, text=True)
        if asked.stdout.startswith(f"Python {version}."):
            yield str(candidate)


# ---------------------------------------------------------------- what sessions share
def _module(session: nox.Session, *command: str, env: dict[str, str] | None = None) -> None:
    """Run a module of the environment that nox is installed in."""
    session.run(sys.executable, "-m", *command, env=env)


def _script(name: str) -> str:
    """A command of the environment that nox is installed in."""
    return str(Path(sys.executable).parent / name)


def _wheel() -> str:
    """The wheel under test."""
    return str(next((WORK / "dist").glob("*.whl")))


def _project() -> dict[str, Any]:
    """The table ``project`` of pyproject.toml."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return found


def _tests(session: nox.Session) -> Path:
    """A copy of the checkout without the package: the wheel is under test."""
    folder = _empty(session, "checkout")
    _copy(folder)
    shutil.rmtree(folder / PACKAGE)
    return folder


def _copy(folder: Path) -> None:
    """Copy what git knows of, or would add; so nothing that a build or a run left behind."""
    for name in _known():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)


def _known() -> list[str]:
    """The files that git knows of, or would add."""
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    known = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return [name for name in known.split("\0") if name and (ROOT / name).is_file()]


def _empty(session: nox.Session, name: str = "empty") -> Path:
    """An empty folder of the session."""
    folder = WORK / session.name / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _with_installed(session: nox.Session, tests: str, folder: Path, *options: str) -> None:
    """Run tests with what their script `install` installs in a folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    # What the script prints is to be evaluated; what it says besides goes to standard error.
    install = f"PATH={shlex.quote(path)} {tests}/install {shlex.quote(str(folder))}"
    arguments = shlex.join([*options, tests, *session.posargs])
    pytest = f"exec {sys.executable} -m pytest -p no:randomly {arguments}"
    session.run("bash", "-c", f'installed=$({install}) && eval "$installed" && {pytest}')


def _aiobotocore(session: nox.Session) -> None:
    extras = f"{PACKAGE.replace('_', '-')}[hypothesis,http,aio] @ file://{_wheel()}"
    session.install(extras, "boto3", "httpx", "markdown-it-py", "pytest-xdist")
