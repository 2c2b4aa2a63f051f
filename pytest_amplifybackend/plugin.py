"""The pytest plugin: options, marker and fixtures.

Every pytest run of the environment imports this, so it needs pytest and the standard library only;
the rest of the package is imported by the fixtures, when a test uses one.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from pytest_amplifybackend import _options
from pytest_amplifybackend._leftovers import Leftovers
from pytest_amplifybackend._options import (
    ALLOW_UNUSED,
    ALLOW_UNUSED_HELP,
    BLOCK_NETWORK,
    MARKER,
    SHOW_CALLS,
    SHOW_CALLS_HELP,
)

if TYPE_CHECKING:
    from types_boto3_amplifybackend import AmplifyBackendClient

    from pytest_amplifybackend._fake import FakeAmplifyBackend, FakeFactory
    from pytest_amplifybackend._service.clock import Clock
    from pytest_amplifybackend._transports.server import Server

__all__ = [
    "ContractHooks",
    "amplifybackend",
    "amplifybackend_client",
    "amplifybackend_factory",
    "amplifybackend_module",
    "amplifybackend_moto",
    "amplifybackend_responses",
    "amplifybackend_server",
    "amplifybackend_session",
    "amplifybackend_snapshot",
    "amplifybackend_time",
]

_SERVICE = "pytest_amplifybackend._service.backend"
_LENGTHS = pytest.StashKey[dict[int, int]]()
"""How many calls each fake had had when a test began."""

_NOT_PASSED = pytest.StashKey[bool]()
"""Whether a test has failed or was skipped, before its teardown."""

_NET = f"{MARKER}-net"
"""The name under which the plugin manager knows the plugin that blocks the network."""

_LEFTOVERS = f"{MARKER}-leftovers"
"""That of the plugin that knows what runs, and which fakes it has activated."""

_CONTRACT = "pytest_amplifybackend.contract"


class ContractHooks:
    """How a conftest.py tells the contract suite about its target; see docs/contract.md."""

    @pytest.hookspec(firstresult=True)
    def pytest_amplifybackend_client(self, config: pytest.Config, region: str) -> Any:
        """A client of a region, for ``--amplifybackend-target=hook``."""

    @pytest.hookspec(firstresult=True)
    def pytest_amplifybackend_state(
        self, config: pytest.Config, state: str, app_id: str, region: str, client: Any
    ) -> Any:
        """Build a provider state in another way; None leaves it to the suite."""


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the hooks of the contract suite."""
    pluginmanager.add_hookspecs(ContractHooks)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the defaults of the fake as ini keys and options, and the contract suite's options."""
    group = parser.getgroup(MARKER, "fake AWS Amplify Backend")
    for option in _options.DEFAULTS:
        key = f"{MARKER}_{option.name}"
        parser.addini(key, f"amplifybackend fake: {option.help}", default=option.text)
        group.addoption(
            f"--{MARKER}-{option.name}",
            default=None,
            metavar=option.name.upper(),
            help=f"{option.help} (ini: {key}, default: {option.text})",
        )
    text = _options.BLOCK_NETWORK_HELP
    parser.addini(BLOCK_NETWORK, text, type="bool", default=False)
    group.addoption(
        f"--{BLOCK_NETWORK.replace('_', '-')}",
        action="store_true",
        help=f"{text} (ini: {BLOCK_NETWORK}, default: false)",
    )
    parser.addini(SHOW_CALLS, SHOW_CALLS_HELP, type="bool", default=True)
    parser.addini(ALLOW_UNUSED, ALLOW_UNUSED_HELP, type="bool", default=False)
    _add_coverage(parser)
    contract = parser.getgroup(f"{MARKER}-contract", "contract suite of AWS Amplify Backend")
    for name, details in _options.CONTRACT.items():
        contract.addoption(f"--{MARKER}-{name}", **{"default": None, **details})
    parser.addini(
        f"{MARKER}_snapshots",
        f"{MARKER}_snapshot: folder of all snapshots, relative to the rootdir",
        default="snapshots",
    )


def _add_coverage(parser: pytest.Parser) -> None:
    group = parser.getgroup(f"{MARKER}-coverage", "coverage of AWS Amplify Backend")
    for name, (kind, metavar, text) in _options.COVERAGE.items():
        key = f"{MARKER}_{name}"
        parser.addini(key, text, type=kind, default="" if kind == "string" else [])  # type: ignore[arg-type]  # a Literal
        if metavar:
            group.addoption(
                f"--{MARKER}-{name.replace('_', '-')}",
                action="append" if kind == "linelist" else "store",
                default=None,
                metavar=metavar,
                help=f"{text} (ini: {key})",
            )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Block the network before a conftest.py can use it."""
    _block_network(early_config, early_config.known_args_namespace)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, the watch over leftovers, and the contract suite if it is wanted."""
    _block_network(config, config.option)  # where a conftest.py has brought the plugin in
    _check_defaults(config)
    config.addinivalue_line(
        "markers",
        f"{MARKER}(**options): options of the amplifybackend fixtures, the same as those of "
        "FakeAmplifyBackend; the closest marker wins.",
    )
    config.pluginmanager.register(Leftovers(config.rootpath), _LEFTOVERS)
    if any(_chosen(config, name) for name in _options.COVERAGE):
        _start_coverage(config)
    named = any(_CONTRACT in str(argument) for argument in config.args)
    if named or config.getoption(f"{MARKER}_target", default=None) is not None:
        _load_contract(config)


def _chosen(config: pytest.Config, name: str) -> Any:
    """What the command line says, or else the ini file."""
    value = config.getoption(f"{MARKER}_{name}", default=None)
    return config.getini(f"{MARKER}_{name}") if value is None else value


def _start_coverage(config: pytest.Config) -> None:
    """Check the options; record what the fakes are asked if a report or a threshold needs it."""
    from pytest_amplifybackend import _coverage, errors
    from pytest_amplifybackend._report.coverage import settings

    try:
        wanted = settings.settings(
            *(_chosen(config, name) for name in _options.COVERAGE), folder=config.rootpath
        )
        if not (wanted.outputs or wanted.thresholds):
            return
        coverage = _coverage.Coverage(config, wanted)
    except (errors.UsageError, OSError) as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(coverage, f"{MARKER}-coverage")
    config.add_cleanup(coverage.unconfigure)
    coverage.start()


def _check_defaults(config: pytest.Config) -> None:
    """Stop the run, with one sentence, if an option or an ini key has a value that cannot be."""
    for option in _options.DEFAULTS:
        by_option = config.getoption(f"{MARKER}_{option.name}", default=None) is not None
        name = f"--{MARKER}-{option.name}" if by_option else f"{MARKER}_{option.name}"
        try:
            text = _default(config, option.name)
            if text != option.text:
                option.value(text)
        except (TypeError, ValueError) as error:  # a TypeError is pytest's, about a TOML file
            raise pytest.UsageError(f"{name}: {error}") from None
    for key in (SHOW_CALLS, ALLOW_UNUSED):
        _switch(config, key)


def _switch(config: pytest.Config, key: str) -> bool:
    """What an ini key says that is true or false; raises UsageError where it is neither."""
    try:
        return bool(config.getini(key))
    except (TypeError, ValueError, pytest.UsageError) as error:  # by the version of pytest
        raise pytest.UsageError(f"{key} must be true or false: {error}") from None


def _block_network(config: pytest.Config, options: Any) -> None:
    """Block the network for the rest of the run, if the ini file or the command line says so."""
    if config.pluginmanager.has_plugin(_NET):
        return
    if getattr(options, BLOCK_NETWORK, False) or _switch(config, BLOCK_NETWORK):
        from pytest_amplifybackend._transports.blocked import Net

        net = Net(neighbor=_serves_neighbor(config, options))
        config.pluginmanager.register(net, _NET)
        config.add_cleanup(net.stop)
        net.start()


def _serves_neighbor(config: pytest.Config, options: Any) -> bool:
    """Whether the fakes of this run serve the neighbor by default, with moto or without."""
    key = f"{MARKER}_{_options.AMPLIFY.name}"
    text = getattr(options, key, None) or config.getini(key)
    return str(text).strip().lower() == "true"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Let the workers of xdist start as if nothing was blocked: each has a net of its own."""
    net = config.pluginmanager.get_plugin(_NET)
    if net is not None:
        net.leave_children()


def _load_contract(config: pytest.Config) -> None:
    """Register the suite's own plugin; under xdist the controller needs it too."""
    if _CONTRACT not in sys.modules:
        pytest.register_assert_rewrite(_CONTRACT)
    from pytest_amplifybackend import errors

    try:
        from pytest_amplifybackend import strategies  # noqa: F401  (tells what is not installed)
        from pytest_amplifybackend.contract._support import running
    except errors.MissingExtra as error:
        raise pytest.UsageError(str(error)) from None
    running.register(config)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """The defaults of the fakes if any is set, and whether the network is blocked; all with -v."""
    blocked = f"{MARKER}: calls outside a fake are blocked ({BLOCK_NETWORK})"
    net = config.pluginmanager.has_plugin(_NET)
    known = [_header(config)] if _is_set_up(config) else []
    return [*known, *([blocked] if net else [])]


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> list[str]:
    """The defaults of the fakes if they are not in the header, but a test uses a fixture."""
    if _is_set_up(config) or config.get_verbosity() < 0:
        return []
    names = (name for item in items for name in getattr(item, "fixturenames", ()))
    return [_header(config)] if any(name.startswith(MARKER) for name in names) else []


def _is_set_up(config: pytest.Config) -> bool:
    """Whether the header says how the fakes of this run are made."""
    texts = _defaults(config)
    changed = any(texts[option.name] != option.text for option in _options.DEFAULTS)
    return changed or config.pluginmanager.has_plugin(_NET) or config.get_verbosity() > 0


def _header(config: pytest.Config) -> str:
    shown = ", ".join(f"{name}={value}" for name, value in _defaults(config).items())
    return f"{MARKER}: {shown}"


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Compare a secret of a recorded call by its repr; a diff would spell it out."""
    for side in (left, right):
        if type(side).__module__ == "pytest_amplifybackend._api.secrets.shapes":
            return [f"{left!r} {op} {right!r}"]
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note how many calls the fakes have had that live on from earlier tests."""
    if _SERVICE in sys.modules:
        from pytest_amplifybackend._report import story

        item.stash[_LENGTHS] = story.lengths()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what the fakes did, and hints, to the report of a test that failed or waits."""
    report = yield
    parts = []
    if call.when != "teardown" and not report.passed:
        item.stash[_NOT_PASSED] = True
        if report.failed and _SERVICE in sys.modules and item.config.getini(SHOW_CALLS):
            from pytest_amplifybackend._report import story

            before = item.stash.get(_LENGTHS, {})
            parts.append(story.story(before, in_full=item.config.get_verbosity() > 1))
    activation = sys.modules.get("pytest_amplifybackend._transports.activation")
    if activation is not None and activation.ACTIVE:
        from pytest_amplifybackend._report import hints

        leftovers: Any = item.config.pluginmanager.get_plugin(_LEFTOVERS)
        waits, others = hints.of_active(activation.ACTIVE, leftovers.owner_of)
        parts += [*waits, *(others if report.failed else [])]
    _add_section(report, "\n".join(filter(None, parts)))
    return report


def _add_section(report: pytest.TestReport, text: str) -> None:
    """Let the report of a failure have a section; that of the traceback is in JUnit's XML too."""
    add = getattr(report.longrepr, "addsection", None)
    if text and add is not None:
        add(MARKER, text)
    elif text:
        report.sections.append((MARKER, text))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Add the fixture ``amplifybackend`` to a marked test that uses no fixture of a fake."""
    for item in items:
        if item.get_closest_marker(MARKER) is not None and isinstance(item, pytest.Function):
            from pytest_amplifybackend import _fixtures

            _fixtures.add_fixture(item)


@pytest.fixture
def amplifybackend(request: pytest.FixtureRequest) -> Iterator[FakeAmplifyBackend]:
    """A fresh, active FakeAmplifyBackend: it serves every amplifybackend client of the process."""
    yield from _activated(request)


@pytest.fixture(scope="module")
def amplifybackend_module(request: pytest.FixtureRequest) -> Iterator[FakeAmplifyBackend]:
    """One active fake for all tests of a module, with the options of the module's marker."""
    yield from _activated(request)


@pytest.fixture(scope="session")
def amplifybackend_session(request: pytest.FixtureRequest) -> Iterator[FakeAmplifyBackend]:
    """One active fake for the whole run, with the options of ini file and command line."""
    yield from _activated(request)


@pytest.fixture
def amplifybackend_client(request: pytest.FixtureRequest) -> AmplifyBackendClient:
    """A botocore client of the test's fake."""
    return _fake_of_the_test(request).client()


@pytest.fixture(scope="session")
def amplifybackend_factory(request: pytest.FixtureRequest) -> FakeFactory:
    """Makes fresh fakes, also inside ``@given``; use each in a ``with`` statement.

    The options of the markers on the running test, module or class apply.
    """
    from pytest_amplifybackend import _fixtures

    leftovers: Any = request.config.pluginmanager.get_plugin(_LEFTOVERS)
    return _fixtures.factory(_defaults(request.config), lambda: leftovers.node)


@pytest.fixture
def amplifybackend_server(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """The fake behind a URL: ``.url``, ``.fake`` and ``.env`` for subprocesses.

    AWS_ENDPOINT_URL_AMPLIFYBACKEND leads to it, and so do the variables of other clients. With
    the option ``moto``, AWS_ENDPOINT_URL leads there too, and moto answers for every other service
    of AWS; with ``shared_endpoint`` it leads there without moto. With ``amplifybackend`` in the
    same test, it is that fake. Needs the extra ``http``.
    """
    with _fake_of_the_test(request).serve() as server:
        for name, value in server.env.items():
            if name.startswith(("AWS_ENDPOINT_URL", "AMPLIFY_BACKEND_")):
                monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def amplifybackend_moto(request: pytest.FixtureRequest) -> Iterator[FakeAmplifyBackend]:
    """An active fake inside moto's ``mock_aws``, which provisions there.

    It nests with a ``mock_aws`` of the test's own in either order. With ``amplifybackend`` in the
    same test, it is that fake. Needs the extra ``moto``.
    """
    from pytest_amplifybackend import _fixtures

    name = _fixtures.source(request.fixturenames)
    _fixtures.check_for_moto(name)
    if name == MARKER:
        yield request.getfixturevalue(name)
    else:
        fake: FakeAmplifyBackend = request.getfixturevalue(name)
        yield from _served(fake)


@pytest.fixture
def amplifybackend_responses(request: pytest.FixtureRequest) -> Iterator[FakeAmplifyBackend]:
    """A fake behind the library requests, for every region's host, by the library responses.

    With ``amplifybackend`` in the same test, it is that fake. Needs the extra ``http``.
    """
    fake = _fake_of_the_test(request)
    with fake.behind_requests():
        yield fake


@pytest.fixture
def amplifybackend_time(request: pytest.FixtureRequest) -> Iterator[Clock]:
    """The fake's clock, by which the program sleeps and tells the time: waiting takes no time.

    ``time.sleep``, ``time.time``, ``time.monotonic``, ``asyncio.sleep`` and timeouts of asyncio
    follow it in the test's own thread; where time-machine is installed, so does ``datetime``.
    Without another fixture of a fake in the same test, the fake is ``amplifybackend``.
    """
    from pytest_amplifybackend import _program_time

    fake: Any = _fake_of_the_test(request)
    with _program_time.following(fake.clock):
        yield fake.clock


@pytest.fixture
def amplifybackend_snapshot(request: pytest.FixtureRequest) -> Any:
    """Compares with a snapshot: ``assert response == amplifybackend_snapshot``. Needs syrupy.

    It is syrupy's ``snapshot``, with an extension that writes JSON, hides secrets and replaces
    generated values with tokens.
    """
    from pytest_amplifybackend import _fixtures

    return _fixtures.snapshot(request, _fake_of_the_test)


def _fake_of_the_test(request: pytest.FixtureRequest) -> FakeAmplifyBackend:
    """The one fake that the fixtures of a test share."""
    from pytest_amplifybackend import _fixtures

    of_class = _fixtures.of_class(request.instance)
    if of_class is not None:
        return of_class
    name = _fixtures.source(request.fixturenames)
    # pytest returns the values of fixtures without their types
    return request.getfixturevalue(name)  # type: ignore[no-any-return]


@pytest.fixture
def _amplifybackend_inactive(request: pytest.FixtureRequest) -> Iterator[FakeAmplifyBackend]:
    """The fake of a test that does not ask for an active one."""
    fake = _fresh(request)
    yield fake
    _check_unused(request, fake)


def _activated(request: pytest.FixtureRequest) -> Iterator[FakeAmplifyBackend]:
    """A new fake, active until the end of what asks for it."""
    fake = _fresh(request)
    yield from _served(fake)
    _check_unused(request, fake)


def _served(fake: FakeAmplifyBackend) -> Iterator[FakeAmplifyBackend]:
    """Keep a fake active; unlike a ``with`` statement, without a warning about the unused."""
    fake.activate()
    try:
        yield fake
    finally:
        fake.deactivate()


def _check_unused(request: pytest.FixtureRequest, fake: FakeAmplifyBackend) -> None:
    """Fail if a fault of the test never acted; one that has not passed has enough to say."""
    if not (request.node.stash.get(_NOT_PASSED, False) or request.config.getini(ALLOW_UNUSED)):
        try:
            fake.assert_no_unused()
        except AssertionError as error:
            text = str(error)
        else:
            return
        pytest.fail(text, pytrace=False)


@pytest.fixture
def _amplifybackend_unread(request: pytest.FixtureRequest) -> None:
    """Fails for a test whose markers nothing would read."""
    from pytest_amplifybackend import _fixtures

    _fixtures.reject_markers(request)


def _fresh(request: pytest.FixtureRequest) -> FakeAmplifyBackend:
    """A new fake with the options of the test's markers."""
    from pytest_amplifybackend import _fixtures

    return _fixtures.fake(request, _defaults(request.config))


def _defaults(config: pytest.Config) -> dict[str, str]:
    """The options of the command line, or else of the ini file, as text."""
    return {option.name: _default(config, option.name) for option in _options.DEFAULTS}


def _default(config: pytest.Config, name: str) -> str:
    chosen = config.getoption(f"{MARKER}_{name}", default=None)
    return str(config.getini(f"{MARKER}_{name}") if chosen is None else chosen)
