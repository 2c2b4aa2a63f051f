"""Root conftest: what all tests share, and `pytester`, which pytest allows in a root conftest only.

The plugin itself comes in through its entry point, as it does for a user.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import botocore
import graphql  # noqa: F401  # imported once, for the reason that Hypothesis is, see below
import pytest
from botocore import loaders

FULL = bool(os.environ.get("AMPLIFYBACKEND_TEST_FULL"))
"""As in tests/volume.py, which a run of the installed suite from another folder does not find."""

try:
    # Imported once: its pytest plugin imports it at the end of every run, and an in-process run of
    # `pytester` forgets what it imported.
    from hypothesis import settings
except ImportError:
    pass  # a leg of the matrix without the extra
else:
    settings.register_profile("usual", max_examples=50, deadline=None)
    settings.register_profile("full", max_examples=200, deadline=None)
    settings.load_profile("full" if FULL else "usual")

with contextlib.suppress(ImportError):
    import requests  # noqa: F401  # imported once, as graphql is

pytest_plugins = ["pytester"]


class _OnceLoader(loaders.JSONFileLoader):  # type: ignore[misc]  # botocore has no types
    """Reads each file of botocore's own data once in a run.

    A new session reads more than a megabyte of JSON for its first client, half the time of a
    test that makes one. Files elsewhere, as under AWS_DATA_PATH, are read each time; so is the
    model of Amplify Backend, which some tests change.
    """

    _own: ClassVar[Path] = Path(botocore.__file__).parent
    _read: ClassVar[dict[str, Any]] = {}

    def load_file(self, file_path: str) -> Any:
        if self._own not in Path(file_path).parents or "amplifybackend" in file_path:
            return super().load_file(file_path)
        if file_path not in self._read:
            self._read[file_path] = super().load_file(file_path)
        return self._read[file_path]


loaders.Loader.FILE_LOADER_CLASS = _OnceLoader


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was collected lives to the end: the garbage collector need not go through it again.

    An id with an address in it is another one in each process, and xdist would run nothing.
    """
    for item in session.items:
        if " at 0x" in item.nodeid:
            raise pytest.UsageError(f"{item.nodeid}: give its parameters ids without addresses.")
    if sys.version_info < (3, 14):  # there Hypothesis asks what refers to an object of its own
        gc.collect()
        gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n`, a process that has run its tests takes over some of another's."""
    if config.option.dist != "load":
        return None
    from xdist.scheduler import WorkStealingScheduling  # type: ignore[import-untyped]  # xdist has no types

    return WorkStealingScheduling(config, log)


_LIBRARIES = (*sysconfig.get_paths().values(), str(Path(__file__).parent / "pytest_amplifybackend"))


class _Imported:
    """The plugin of runs inside this process: what they import of libraries stays imported.

    pytester forgets all that such a run imports. Importing it anew for the next run takes most of
    its time, and some libraries, such as moto, break when a process imports them twice.
    """

    def __init__(self) -> None:
        self._modules: dict[str, ModuleType] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """At the end of a run, right before pytester forgets."""
        for name, module in sys.modules.items():
            if (getattr(module, "__file__", None) or "").startswith(_LIBRARIES):
                self._modules[name] = module

    def restore(self) -> None:
        for name, module in self._modules.items():
            sys.modules.setdefault(name, module)


@pytest.fixture
def _imported() -> Iterator[_Imported]:
    imported = _Imported()
    yield imported
    imported.restore()


@pytest.fixture
def pytester(
    _imported: _Imported,  # set up first, so that it ends last: pytester forgets at its end too
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
) -> pytest.Pytester:
    """pytest's own, whose runs leave out Hypothesis' plugin: at its end it imports Hypothesis.

    That is half the time of a run in a process of its own. Nor is the coverage of such a process
    measured, and the options of this run have no part in theirs.
    """
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")
    monkeypatch.delenv("COVERAGE_PROCESS_START", raising=False)
    run = pytester.inline_run

    def inline_run(*args: Any, plugins: Any = (), **options: Any) -> pytest.HookRecorder:
        try:
            return run(*args, plugins=[_imported, *plugins], **options)
        finally:
            _imported.restore()

    monkeypatch.setattr(pytester, "inline_run", inline_run)
    return pytester
