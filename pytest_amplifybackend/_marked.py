"""The fake that a test's markers ask for, and the fixture for a test that has nothing but a marker.

The plugin imports this when a test is marked, or asks for a fake.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import pytest

from pytest_amplifybackend import errors, progress
from pytest_amplifybackend._fake import FakeAmplifyBackend

MARKER = "amplifybackend"
_GIVING = frozenset(
    f"{MARKER}{suffix}" for suffix in ("", "_client", "_factory", "_moto", "_responses", "_server")
)
"""The fixtures that give a fake: what is marked and asks for none of them gets the first."""


def give_fixture(item: pytest.Function) -> None:
    """Let a marked test that asks for no fixture of a fake use ``amplifybackend``."""
    names = item.fixturenames
    if not _GIVING.intersection(names):
        place = _place_of_used(item)
        # a list of its own: parametrized tests share theirs, and may have markers of their own
        item.fixturenames = [*names[:place], MARKER, *names[place:]]


def _place_of_used(item: pytest.Function) -> int:
    """Where a fixture of the mark ``usefixtures`` stands: by its scope, and after autouse."""
    info = item._fixtureinfo  # noqa: SLF001  # nothing public tells the scope of a fixture here
    asked = {
        *info.argnames,
        *(name for mark in item.iter_markers("usefixtures") for name in mark.args),
    }
    for place, name in enumerate(item.fixturenames):
        definitions = info.name2fixturedefs.get(name)
        if name in asked and definitions and definitions[-1].scope == "function":
            return place
    return len(item.fixturenames)


def fake(request: pytest.FixtureRequest, defaults: Mapping[str, str]) -> FakeAmplifyBackend:
    """The fake that a test's markers ask for; what is wrong with them shows at the test itself."""
    try:
        return make(defaults, _asked(request))
    except (TypeError, pytest.UsageError, errors.UsageError) as caught:
        error = caught.with_traceback(None)
    path, line, _ = request.node.reportinfo()
    at_the_test = compile("raise error", str(path), "exec").replace(co_firstlineno=(line or 0) + 1)
    exec(at_the_test, {"error": error})
    raise error  # never reached: the line before raises it


def _asked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The options of a test's markers; ``moto`` is one that a fixture can ask for as well."""
    options = _options(request.node)
    if "amplifybackend_moto" in request.fixturenames and "provisioner" not in options:
        options = {**options, "moto": True}
    return options


def _options(node: Any) -> dict[str, Any]:
    """The options of all the markers on a test, the closest one winning."""
    options: dict[str, Any] = {}
    for marker in node.iter_markers(MARKER):
        if marker.args:
            raise TypeError(
                f"@pytest.mark.{MARKER} takes keyword options only, not "
                f"{', '.join(map(repr, marker.args))}."
            )
        options = {**marker.kwargs, **options}
    return options


def make(defaults: Mapping[str, str], options: Mapping[str, Any]) -> FakeAmplifyBackend:
    """A fake with the defaults of ini file and command line under the given options."""
    known = inspect.signature(FakeAmplifyBackend).parameters
    for name in options:
        if name not in known:
            raise errors.UnknownOption(
                f"the amplifybackend fake has no option {name!r}: {errors.nearest(name, known)}"
            )
    under: dict[str, Any] = {**defaults}
    if under["seed"].removeprefix("-").isdecimal():
        under["seed"] = int(under["seed"])
    try:
        under["jobs"] = progress.parse(under["jobs"])
    except ValueError as error:
        raise pytest.UsageError(f"{MARKER}_jobs: {error}") from None
    return FakeAmplifyBackend(**{**under, **options})
