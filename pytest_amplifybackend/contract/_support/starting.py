"""The start of a run: the verdict on the target, what it implements, and how long it will take."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from pytest_amplifybackend.contract._support import targets, verdict

AUTO = "auto"
_IMPLEMENTED = "amplifybackend_implemented"
_NEAR = 0.001
"""Below so many seconds for a call, the network is not what a run waits for."""


class Starting:
    """The plugin of a run's start; ``implemented`` are the operations that the target has."""

    def __init__(
        self, config: pytest.Config, name: str, net: str, implemented: frozenset[str] | None
    ) -> None:
        self._config, self._name, self._net = config, name, net
        self._auto = config.getoption(_IMPLEMENTED, default=None) == AUTO
        self._seconds = 0.0
        self._announced = False
        self.implemented = implemented
        passed_on = getattr(config, "workerinput", {}).get(_IMPLEMENTED)
        if passed_on is not None:
            self.implemented = frozenset(passed_on)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Look at the target, unless the suite starts it itself; UsageError if there is none."""
        config = self._config
        if hasattr(config, "workerinput") or config.option.collectonly:
            return
        if self._name in targets.IN_PROCESS:
            return
        probes = not config.getoption("amplifybackend_no_probe", default=False)
        if not probes and not self._auto:
            return
        net = config.pluginmanager.get_plugin(self._net)
        with contextlib.nullcontext() if net is None else net.lifted():
            self._look(probes)

    def _look(self, probes: bool) -> None:
        target = targets.start(self._config, patience=verdict.PATIENCE)
        try:
            if probes:
                self._seconds = verdict.check(target)
            if self._auto:
                self.implemented = verdict.implemented(target)
        finally:
            target.close()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of xdist what the target implements."""
        if self.implemented is not None:
            node.workerinput[_IMPLEMENTED] = sorted(self.implemented)

    def pytest_report_header(self) -> list[str]:
        """What the target implements, where that was asked for."""
        if not self._auto or self.implemented is None:
            return []
        return [f"amplifybackend contract: implemented: {', '.join(sorted(self.implemented))}"]

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> str | None:
        """How long a slow target will take."""
        tests = sum(not any(item.iter_markers("skip")) for item in items)
        return self._estimate(tests, 1)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """The same, where workers collect; ``-n`` says how many share the tests."""
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        processes = len(self._config.option.tx or ()) or 1
        line = None if self._announced else self._estimate(len(ids), processes)
        self._announced = True
        if line is not None and reporter is not None:
            reporter.write_line(line)

    def _estimate(self, tests: int, processes: int) -> str | None:
        return None if self._seconds < _NEAR else verdict.estimate(self._seconds, tests, processes)
