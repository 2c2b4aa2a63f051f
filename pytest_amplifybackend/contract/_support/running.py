"""The suite as a pytest plugin: it checks, selects and reports the tests of this folder only."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.provenance import Provenance
from pytest_amplifybackend._arguments import american
from pytest_amplifybackend.contract._support import (
    aws,
    conformance,
    divergences,
    marks,
    needs,
    reports,
    starting,
    targets,
)
from pytest_amplifybackend.contract._support.conformance import short
from pytest_amplifybackend.contract._support.noted import Blocked, Called, Noted

NAME = "amplifybackend-contract"
NET = "amplifybackend-net"
"""The plugin that blocks the network, where the project asks for that."""

HERE = Path(__file__).parents[1]
NOTED: pytest.StashKey[Noted] = pytest.StashKey()
"""What a test has come across and called."""

OPEN: pytest.StashKey[str] = pytest.StashKey()
"""The listed operation that a test needs, whether it works or not."""

CALLED = "amplifybackend_called"
"""The attribute of a passed test's report that says what it has called."""

_USED = "amplifybackend_used"
_LEFT = "amplifybackend_left_behind"
_NARROWED = "amplifybackend_narrowed"


def register(config: pytest.Config) -> Suite:
    """The suite's plugin of a run, which is made when it is first asked for."""
    found = config.pluginmanager.get_plugin(NAME)
    if found is None:
        found = Suite(config)
        config.pluginmanager.register(found, NAME)
    suite: Suite = found
    return suite


class Suite:
    """One run of the suite against one target."""

    def __init__(self, config: pytest.Config) -> None:
        for line in marks.LINES:
            config.addinivalue_line("markers", line)
        self.name = targets.name_of(config)
        targets.check(self.name)
        self._config = config
        self._kinds = _chosen(config, "provenance", [str(kind) for kind in Provenance])
        self._operations = _chosen(config, "operations", [*catalogue.operations(), marks.EVERY])
        self._starting = starting.Starting(config, self.name, NET, _implemented(config))
        config.pluginmanager.register(self._starting, f"{NAME}-start")
        self.divergences = divergences.read(
            config.getoption("amplifybackend_divergences", default=None)
        )
        self._conformance = conformance.Conformance()
        self._files = (
            []
            if hasattr(config, "workerinput")
            else reports.wanted(config.getoption("amplifybackend_report", default=None))
        )
        self._found = 0
        self._chosen: list[pytest.Item] = []
        self._narrowed = False
        self._left_behind: list[str] = []
        self._stale: list[str] = []
        self._problems: list[str] = []
        self._stale_needs: list[str] = []

    @property
    def implemented(self) -> frozenset[str] | None:
        """The operations that the target has; None if it has all, as far as is known."""
        return self._starting.implemented

    def pytest_report_header(self) -> list[str]:
        """The target, and what it costs."""
        lines = [f"amplifybackend contract: target {self.name}"]
        return [*lines, *aws.header(self._config)] if self.name == "aws" else lines

    # Collection

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Check every mark; then leave what the options do not ask for out."""
        ours = [item for item in items if is_ours(item)]
        _check_marks(ours)
        for item in ours:
            item.user_properties.extend(conformance.properties(item))
            self._excuse(item)
            self._skip_if_lacking(item)
        self._found = len(ours)
        left = {item for item in ours if not self._wanted(item)}
        if left:
            config.hook.pytest_deselected(items=[item for item in items if item in left])
            items[:] = [item for item in items if item not in left]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what all the options together have left."""
        self._chosen = [item for item in session.items if is_ours(item)]
        self._narrowed = self._narrowed or len(self._chosen) < self._found

    def _wanted(self, item: pytest.Item) -> bool:
        if self._kinds and kind_of(item) not in self._kinds:
            return False
        about = conformance.operations(item)
        return not self._operations or bool(self._operations.intersection(about))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Let a test of the suite reach a target elsewhere where the network is blocked."""
        net = self._config.pluginmanager.get_plugin(NET)
        if net is None or self.name in targets.IN_PROCESS or not is_ours(item):
            return (yield)
        with net.lifted():
            return (yield)

    def _excuse(self, item: pytest.Item) -> None:
        """Let a test fail that a listed difference is about, or an operation that it needs."""
        test = short(item.nodeid)
        known = self.divergences.of(test)
        if known is not None:
            # strict: an entry that has become stale has to fail
            item.add_marker(pytest.mark.xfail(reason=known.text, strict=True))
            return
        needed = needs.needed(test, conformance.operations(item))
        operation = self.divergences.of_operation(needed)
        if operation is not None:
            item.stash[OPEN] = operation.name
            item.add_marker(pytest.mark.xfail(reason=operation.text, strict=False))

    def _skip_if_lacking(self, item: pytest.Item) -> None:
        """Skip a test that needs an operation which the target does not have."""
        if self.implemented is None:
            return
        lacking = needs.missing(
            short(item.nodeid),
            conformance.operations(item),
            self.implemented,
            hooked=targets.has_state_hook(self._config),
        )
        if lacking:
            listed = ", ".join(lacking[:3]) + (" and more" if len(lacking) > 3 else "")
            item.add_marker(pytest.mark.skip(reason=f"needs {listed}: not implemented"))

    # Reports

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Say the operations of a failure; let a pass with a listed difference be an xfail."""
        report = yield
        if not is_ours(item):
            return report
        if report.failed and call.excinfo is not None and call.excinfo.errisinstance(Blocked):
            _block(report, str(call.excinfo.value))
        elif report.failed:
            names = ", ".join(conformance.operations(item))
            report.sections.append(("amplifybackend contract", f"about {names}"))
        self._note_open(item, report)
        noted = item.stash.get(NOTED, None)
        if noted is not None and report.when == "call" and report.passed:
            setattr(report, CALLED, noted.called.plain())
        met = noted.met if noted is not None else []
        if met and report.when == "call" and report.passed:
            report.outcome = "skipped"
            report.wasxfail = "reason: " + "; ".join(dict.fromkeys(met))
        return report

    def _note_open(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """A test that needs a listed operation may pass; if it fails, the entry is of use."""
        if OPEN not in item.stash or not hasattr(report, "wasxfail"):
            return
        if report.passed:
            del report.wasxfail
        else:
            self.divergences.used.add(item.stash[OPEN])

    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        """A test that another operation blocks is in a category of its own."""
        if getattr(report, conformance.BLOCKED, None) is None:
            return None
        return "blocked", "B", ("BLOCKED", {"red": True})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the outcome into the table; with xdist, in the process that has them all."""
        self._conformance.add(report)
        called = getattr(report, CALLED, None)
        if called is None or self.name not in targets.IN_PROCESS:
            return
        if not targets.has_state_hook(self._config):
            about = conformance.about(report)
            roles = {role: set(operations) for role, operations in called.items()}
            made = Called(roles.pop(""), roles)
            wrong = needs.difference(short(report.nodeid), about, made)
            self._stale_needs += [] if wrong is None else [wrong]

    def leaves_behind(self, names: list[str]) -> None:
        """Note what could not be removed from the target."""
        self._left_behind += names

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take over from a worker of xdist what it has met."""
        output = getattr(node, "workeroutput", {})
        self.divergences.used.update(output.get(_USED, ()))
        self._left_behind += output.get(_LEFT, ())
        self._narrowed = self._narrowed or output.get(_NARROWED, True)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Fail the run for an entry that is stale or expired; a worker only tells what it met."""
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_USED] = sorted(self.divergences.used)
            output[_LEFT] = self._left_behind
            output[_NARROWED] = self._narrowed
            return
        if self._config.option.collectonly:
            return
        self._problems = reports.write(self._files, self._conformance.report(self.name))
        collected = self._all_collected()
        ended = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        stopped = session.shouldstop or session.shouldfail or not ended
        self._stale = self.divergences.problems(
            collected=collected, run=bool(collected and not self._narrowed and not stopped)
        )
        wrong = self._stale or self._left_behind or self._stale_needs or self._problems
        if wrong and exitstatus in (0, 5):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _all_collected(self) -> bool:
        """Whether the whole suite was collected, so that a test that was not found is not there."""
        option = self._config.option
        if any(getattr(option, name, None) for name in ("lf", "ignore", "ignore_glob")):
            return False
        whole = {HERE.resolve(), "pytest_amplifybackend.contract"}
        named = {
            name if name in whole else Path(name).resolve() for name in map(str, self._config.args)
        }
        return bool(named & whole)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The table of conformance; with ``--collect-only``, the table of provenance."""
        if self._config.option.collectonly:
            rows = [(conformance.operations(item), kind_of(item)) for item in self._chosen]
            if rows:
                terminalreporter.section("amplifybackend contract: tests by operation", sep="-")
                for line in conformance.counted(rows):
                    terminalreporter.write_line(line)
            return
        if len(self._conformance):
            terminalreporter.section(f"amplifybackend contract: conformance of {self.name}")
            for line in self._conformance.lines(self.name):
                terminalreporter.write_line(line)
        self._section(terminalreporter, "blocked", self._conformance.blocked())
        self._section(
            terminalreporter,
            "needs that are not recorded: python tools/record_needs.py",
            self._stale_needs,
        )
        self._section(terminalreporter, "divergences that do not hold", self._stale)
        self._section(terminalreporter, "reports that are missing", self._problems)
        self._section(terminalreporter, "left behind, please remove", self._left_behind)

    def _section(self, terminalreporter: Any, title: str, lines: list[str]) -> None:
        if lines:
            terminalreporter.section(f"amplifybackend contract: {title}", red=True)
            for line in lines:
                terminalreporter.write_line(line, red=True)


def is_ours(item: pytest.Item) -> bool:
    """Whether a test is one of the suite's."""
    return HERE in item.path.parents


def kind_of(item: pytest.Item) -> str:
    """The provenance of a test whose marks have been checked."""
    mark = item.get_closest_marker(marks.PROVENANCE)
    assert mark is not None
    return str(mark.args[0])


def _block(report: pytest.TestReport, reason: str) -> None:
    """Report a test as blocked: one line, and no traceback."""
    report.longrepr = f"blocked: {reason}"
    setattr(report, conformance.BLOCKED, reason)


def _check_marks(items: list[pytest.Item]) -> None:
    """Raise UsageError unless each test says once what it rests on, and what it is about."""
    wrong = []
    for item in items:
        rests = list(item.iter_markers(marks.PROVENANCE))
        if len(rests) != 1:
            wrong.append(f"{short(item.nodeid)} has {len(rests)} marks {marks.PROVENANCE}, not one")
        elif not rests[0].kwargs.get("source"):
            wrong.append(f"{short(item.nodeid)} names no source")
        elif not conformance.operations(item):
            wrong.append(f"{short(item.nodeid)} has no mark {marks.OPERATIONS}")
    if wrong:
        raise pytest.UsageError("\n".join(wrong))


def _implemented(config: pytest.Config) -> frozenset[str] | None:
    if config.getoption("amplifybackend_implemented", default=None) == starting.AUTO:
        return None
    known = [*catalogue.operations(), starting.AUTO]
    return _chosen(config, "implemented", known) - {starting.AUTO} or None


def _chosen(config: pytest.Config, option: str, known: list[str]) -> frozenset[str]:
    """The names in an option, separated by commas; raises UsageError for one that is not known.

    An operation may be spelled like the method of a client, get_backend.
    """
    chosen = config.getoption(f"amplifybackend_{option}", default=None) or ""
    typed = [american(name.strip()) for name in str(chosen).split(",") if name.strip()]
    names = [catalogue.find(name) or name for name in typed]
    for name in names:
        if name not in known:
            raise pytest.UsageError(
                f"--amplifybackend-{option}: {name!r}: {errors.nearest(name, known)}"
            )
    return frozenset(names)
