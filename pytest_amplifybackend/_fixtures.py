"""What the fixtures of ``plugin.py`` do; it imports this when a test is marked or uses one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, Unpack

import pytest

from pytest_amplifybackend import _usage, errors
from pytest_amplifybackend._fake import FakeAmplifyBackend, FakeFactory
from pytest_amplifybackend._options import MARKER, OPTIONS, FakeOptions
from pytest_amplifybackend._tracebacks import hides_arguments

_OF_ONE_FAKE = frozenset({MARKER, f"{MARKER}_moto", f"{MARKER}_responses", f"{MARKER}_server"})
"""The fixtures that share the one fake of a test."""

_SHARED = (MARKER, f"{MARKER}_module", f"{MARKER}_session")
"""The fixtures that make an active fake, the closest to the test first."""

_OF_A_FAKE = _OF_ONE_FAKE.union(
    _SHARED, (f"{MARKER}_{name}" for name in ("client", "factory", "time"))
)
_NEEDS_SYRUPY = (
    "amplifybackend_snapshot needs syrupy; install it with: "
    "pip install 'pytest-amplifybackend[syrupy]'"
)
_NEEDS_SYRUPY_ACTIVE = "amplifybackend_snapshot needs syrupy's plugin, which is switched off."


def add_fixture(item: pytest.Function) -> None:
    """Let a marked test that uses no fixture of a fake use ``amplifybackend``.

    One whose markers no fixture reads gets a fixture that fails.
    """
    names = item.fixturenames
    if not _OF_A_FAKE.intersection(names):
        place = _place_of_used(item)
        # a list of its own: parametrized tests share theirs, and may have markers of their own
        item.fixturenames = [*names[:place], MARKER, *names[place:]]
    elif _unread(item):
        item.fixturenames = [f"_{MARKER}_unread", *names]


def _unread(item: pytest.Function) -> bool:
    """Whether a test is marked, or its class, but its fake is one of a wider scope."""
    names = set(item.fixturenames)
    if source(names) not in _SHARED[1:] or f"{MARKER}_factory" in names:
        return False
    nodes = (node for node, _ in item.iter_markers_with_node(MARKER))
    return any(isinstance(node, (pytest.Class, pytest.Function)) for node in nodes)


def reject_markers(request: pytest.FixtureRequest) -> None:
    """Fail, at the test's line, for markers that come too late for its fake."""
    name = source(request.fixturenames)
    those = "the ini file and the command line"
    if name == f"{MARKER}_module":
        those = f"the module: write pytestmark = pytest.mark.{MARKER}(...) there"
    _fail(request, f"the marker comes too late for {name}, which takes the options of {those}.")


def _fail(request: pytest.FixtureRequest, problem: str) -> NoReturn:
    path, line, _ = getattr(request.node, "location", (request.node.nodeid, 0, ""))
    # the traceback would show this package and none of the user's code
    pytest.fail(f"{path}:{(line or 0) + 1}: {problem}", pytrace=False)


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


def source(names: Iterable[str]) -> str:
    """The fixture that makes the one fake of a test, which uses the fixtures of some names.

    ``_amplifybackend_inactive`` is for those that make it reachable in another way.
    """
    used = set(names)
    shared = next((name for name in _SHARED if name in used), None)
    if shared is not None:
        return shared
    otherwise_reached = not _OF_ONE_FAKE.isdisjoint(used)
    active = f"{MARKER}_client" in used or (f"{MARKER}_time" in used and not otherwise_reached)
    return MARKER if active else f"_{MARKER}_inactive"


def of_class(instance: object) -> FakeAmplifyBackend | None:
    """The fake of a test in a class that ``fake_amplifybackend`` decorates."""
    found = getattr(instance, "__dict__", {}).get(MARKER)
    return found if isinstance(found, FakeAmplifyBackend) else None


def fake(request: pytest.FixtureRequest, defaults: Mapping[str, str]) -> FakeAmplifyBackend:
    """The fake that a test's markers ask for; a mistake in them is reported at the test's line."""
    try:
        return make(defaults, _wanted(request))
    except (TypeError, errors.UsageError) as error:
        problem = f"{type(error).__name__}: {error}"
    _fail(request, problem)


def _wanted(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The options of a test's markers; ``moto`` is one that a fixture can ask for as well."""
    options = _options(request.node)
    by_fixture = request.scope == "function" and f"{MARKER}_moto" in request.fixturenames
    if by_fixture and "provisioner" not in options:
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
    """A fake with these options, and else the defaults of ini file and command line."""
    _usage.known_options(options)
    chosen = {
        name: OPTIONS[name].value(text) for name, text in defaults.items() if name not in options
    }
    return FakeAmplifyBackend(**{**chosen, **options})


def factory(
    defaults: Mapping[str, str], running: Callable[[], pytest.Item | pytest.Collector | None]
) -> FakeFactory:
    """Makes fakes with the options of the markers on what is running, or else these defaults."""

    @hides_arguments
    def make_fake(**options: Unpack[FakeOptions]) -> FakeAmplifyBackend:
        node = running()
        marked = {} if node is None else _options(node)
        return make(defaults, {**marked, **options})

    return make_fake


def check_for_moto(name: str) -> None:
    """Raise UsageError if the fake of a test that is to be in moto is one of a wider scope."""
    if name in _SHARED[1:]:
        raise errors.UsageError(
            f"amplifybackend_moto is for one test, and cannot be {name}. Leave one of them away; "
            "@pytest.mark.amplifybackend(moto=True) on a module puts amplifybackend_module in moto."
        )


def snapshot(
    request: pytest.FixtureRequest,
    fake_of_the_test: Callable[[pytest.FixtureRequest], FakeAmplifyBackend],
) -> Any:
    """syrupy's snapshot of a test, with this package's extension."""
    try:
        from pytest_amplifybackend import _snapshot
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "syrupy":
            raise
        raise errors.MissingExtra(_NEEDS_SYRUPY) from None
    try:
        theirs = request.getfixturevalue("snapshot")
    except pytest.FixtureLookupError:
        raise errors.MissingExtra(_NEEDS_SYRUPY_ACTIVE) from None

    def known_secrets() -> Iterable[str]:
        used = not _OF_ONE_FAKE.union(_SHARED).isdisjoint(request.fixturenames)
        return fake_of_the_test(request).known_secrets() if used else ()

    return _snapshot.for_test(theirs, known_secrets)
