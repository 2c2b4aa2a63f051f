"""The fixtures of the contract tests, which work whatever the project's own pytest settings are."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_amplifybackend.contract._support import (
    conformance,
    running,
    sharing,
    states,
    targets,
    tidying,
)
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.noted import Noted
from pytest_amplifybackend.contract._support.target import Target

HERE = Path(__file__).parent
Arrange = Callable[..., dict[str, Any]]
FAILED: pytest.StashKey[bool] = pytest.StashKey()
"""Whether a phase of a test has raised anything."""


def pytest_configure(config: pytest.Config) -> None:
    """Bring the suite's plugin in, where the command line has not."""
    running.register(config)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the probes out, unless they are asked for."""
    if collection_path != HERE / "test_probes.py":
        return None
    return None if config.getoption("amplifybackend_probes", default=False) else True


class ContractModule(pytest.Module):
    """A file of the suite; what a project calls its own tests is nothing to it."""

    def funcnamefilter(self, name: str) -> bool:
        """Whether a function of that name is a test."""
        return name.startswith("test_")


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> Any:
    """Collect the suite's files as such."""
    return _module(parent, module_path) if module_path.parent == HERE else None


def _module(parent: pytest.Collector, path: Path) -> ContractModule:
    """A file; pytest leaves its name out of the ids where the command line names just that file."""
    module: ContractModule = ContractModule.from_parent(parent, path=path)
    if not module.nodeid:
        module = ContractModule.from_parent(parent, path=path, nodeid=path.name)
    return module


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Any:
    """Collect the suite's files where the project's ``python_files`` would not."""
    if file_path.parent != HERE or not file_path.match("test_*.py"):
        return None
    if parent.session.isinitpath(file_path):
        return None
    if any(file_path.match(pattern) for pattern in parent.config.getini("python_files")):
        return None
    return _module(parent, file_path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note whether a test may have broken off."""
    item.stash[FAILED] = item.stash.get(FAILED, False) or call.excinfo is not None
    return (yield)


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """What the command line asks for, running."""
    started = targets.start(request.config)
    started.implemented = running.register(request.config).implemented
    try:
        yield started
    finally:
        running.register(request.config).leaves_behind(started.left_behind)
        started.close()


@pytest.fixture
def noted(request: pytest.FixtureRequest) -> Noted:
    """What the test meets."""
    about = conformance.operations(request.node)
    noted = Noted(running.register(request.config).divergences, about)
    request.node.stash[running.NOTED] = noted
    return noted


@pytest.fixture
def backend(target: Target, noted: Noted) -> Iterator[Backend]:
    """The target's own region; what the test has made there is removed when it ends."""
    made = Backend(target, noted)
    try:
        yield made
    finally:
        tidying.tidy(target, noted)


@pytest.fixture
def arrange(request: pytest.FixtureRequest, backend: Backend) -> Arrange:
    """Builds a provider state by its name, in an app of its own unless ``app`` names one."""

    def build(state: str, *, region: Backend | None = None, app: str | None = None) -> Any:
        where = region or backend
        app_id = app or tidying.new_app(where)
        return states.build(request.config, where, state, app_id)

    return build


@pytest.fixture(scope="session")
def kept(target: Target) -> Iterator[sharing.Shared]:
    """The states that tests share."""
    kept = sharing.Shared(target)
    try:
        yield kept
    finally:
        kept.close()


@pytest.fixture
def shared(
    request: pytest.FixtureRequest, arrange: Arrange, kept: sharing.Shared, noted: Noted
) -> Iterator[Callable[[str], dict[str, Any]]]:
    """A provider state that other tests use as well: whoever asks for it leaves it as it was.

    Ended jobs may be added. ``reconfigured`` asks for one whose configs others may have changed.
    """
    used: list[str] = []

    def build(backend: Backend, state: str) -> dict[str, Any]:
        return states.build(request.config, backend, state, tidying.new_app(backend))

    def share(state: str, *, reconfigured: bool = False) -> dict[str, Any]:
        if state in sharing.MOVING:
            return arrange(state)
        used.append(sharing.name(state, reconfigured=reconfigured))
        return kept.get(used[-1], lambda backend: build(backend, state), noted)

    yield share
    if request.node.stash.get(FAILED, False):
        kept.forget(used)
