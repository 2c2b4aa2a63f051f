"""The plugin tests run pytest in folders of their own, with the plugin installed as for a user."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from leaving import HEAD

import pytest_amplifybackend
from pytest_amplifybackend._transports.activation import ACTIVE

CHECKOUT = Path(pytest_amplifybackend.__file__).parents[1]
VERSION = pytest_amplifybackend.__version__


@pytest.fixture
def site(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> pytest.Pytester:
    """A pytester folder in which the plugin is found through its entry point.

    Where the checkout is not installed, its metadata is laid beside it.
    """
    found = [CHECKOUT]
    if not metadata.entry_points(group="pytest11", name="amplifybackend"):
        folder = tmp_path_factory.mktemp("site")
        info = folder / f"pytest_amplifybackend-{VERSION}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: pytest-amplifybackend\nVersion: {VERSION}\n")
        (info / "entry_points.txt").write_text(
            "[pytest11]\namplifybackend = pytest_amplifybackend.plugin\n"
        )
        found.append(folder)
    for path in found:
        monkeypatch.syspath_prepend(path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, found)))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    return pytester


@pytest.fixture
def project(site: pytest.Pytester) -> Iterator[pytest.Pytester]:
    """A project whose tests import ``activating``; none of its fakes outlives a run."""
    site.makepyfile(activating=HEAD)
    site.syspathinsert()
    yield site
    assert ACTIVE == []
