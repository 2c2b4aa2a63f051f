"""The pytest plugin: options, marker and fixtures. Imports pytest and the standard library only."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_amplifybackend._fake import FakeAmplifyBackend
    from pytest_amplifybackend._leftovers import Leftovers
    from pytest_amplifybackend._transports.server import Server

__all__ = [
    "ContractHooks",
    "amplifybackend",
    "amplifybackend_client",
    "amplifybackend_factory",
    "amplifybackend_moto",
    "amplifybackend_responses",
    "amplifybackend_server",
    "amplifybackend_snapshot",
]

_MARKER = "amplifybackend"
_OPTIONS = {
    "seed": ("0", "what every id follows from"),
    "jobs": ("immediate", "immediate, manual, after_reads:N or after_seconds:S"),
    "errors": ("modeled", "modeled or observed error codes"),
    "transport": ("stubber", "how clients reach the fake"),
    "region": ("us-east-1", "where given state goes by default"),
}
_BLOCK = f"{_MARKER}_block_network"
_NET = f"{_MARKER}-net"
"""The name under which the plugin manager knows the net."""

_CONTRACT = "pytest_amplifybackend.contract"
_CONTRACT_OPTIONS: dict[str, dict[str, Any]] = {
    "target": {
        "metavar": "TARGET",
        "help": "run the contract suite against stubber, wire, server, responses, hook, aws or a "
        "URL (default: stubber)",
    },
    "provenance": {
        "metavar": "KINDS",
        "help": "only contract tests that rest on these: modeled,documented,observed,assumed",
    },
    "operations": {"metavar": "NAMES", "help": "only contract tests about these operations"},
    "divergences": {
        "metavar": "FILE",
        "help": "TOML file of what the target is known to differ in",
    },
    "poll-interval": {
        "type": float,
        "metavar": "SECONDS",
        "help": "between two reads of a job (default: 0.2 for a URL, 5 for aws)",
    },
    "poll-timeout": {
        "type": float,
        "metavar": "SECONDS",
        "help": "for a job to end (default: 120 for a URL, 1800 for aws)",
    },
    "allow-writes": {
        "action": "store_true",
        "help": "let the contract suite make and remove backends on aws, WHICH COSTS MONEY",
    },
    "endpoint": {"metavar": "URL", "help": "another endpoint for the target aws"},
}


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
    """Add an ini key and a command-line option for each default of the fake."""
    group = parser.getgroup(_MARKER, "fake AWS Amplify Backend")
    for name, (default, text) in _OPTIONS.items():
        parser.addini(f"{_MARKER}_{name}", f"amplifybackend fake: {text}", default=default)
        group.addoption(
            f"--{_MARKER}-{name}",
            default=None,
            metavar=name.upper(),
            help=f"{text} (ini: {_MARKER}_{name}, default: {default})",
        )
    text = "let every amplifybackend call outside a fake fail, instead of reaching the service"
    parser.addini(_BLOCK, text, type="bool", default=False)
    group.addoption(
        f"--{_BLOCK.replace('_', '-')}",
        action="store_true",
        help=f"{text} (ini: {_BLOCK}, default: false)",
    )
    contract = parser.getgroup(f"{_MARKER}-contract", "contract suite of AWS Amplify Backend")
    for name, given in _CONTRACT_OPTIONS.items():
        contract.addoption(f"--{_MARKER}-{name}", **{"default": None, **given})

    parser.addini(
        f"{_MARKER}_snapshots",
        f"{_MARKER}_snapshot: the folder of all snapshots, from the rootdir",
        default="snapshots",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Block the network before a conftest.py can use it."""
    _block_network(early_config, early_config.known_args_namespace)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and bring the contract suite in where it is asked for."""
    _block_network(config, config.option)  # where a conftest.py has brought the plugin in
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(**options): options of the amplifybackend fixtures, the same as those of "
        "FakeAmplifyBackend; the closest marker wins.",
    )
    named = any(_CONTRACT in str(argument) for argument in config.args)
    if named or config.getoption(f"{_MARKER}_target", default=None) is not None:
        _load_contract(config)


def _block_network(config: pytest.Config, options: Any) -> None:
    """Put the net up where it is asked for, until the run is over."""
    if config.pluginmanager.has_plugin(_NET):
        return
    try:
        wanted = getattr(options, _BLOCK, False) or config.getini(_BLOCK)
    except (TypeError, ValueError, pytest.UsageError) as error:  # by the version of pytest
        raise pytest.UsageError(f"{_BLOCK} is true or false: {error}") from None
    if wanted:
        from pytest_amplifybackend._transports.blocked import Net

        net = Net()
        config.pluginmanager.register(net, _NET)
        config.add_cleanup(net.stop)
        net.start()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Let the workers of xdist start as if nothing was blocked: each has a net of its own."""
    net = config.pluginmanager.get_plugin(_NET)
    if net is not None:
        net.leave_children()


def _load_contract(config: pytest.Config) -> None:
    """Register the suite's own plugin, which the process with the terminal needs under xdist."""
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
    """Say with which defaults the fake will run, and whether the network is blocked."""
    shown = ", ".join(f"{name}={value}" for name, value in _settings(config).items())
    blocked = f"{_MARKER}: calls outside a fake are blocked ({_BLOCK})"
    net = config.pluginmanager.has_plugin(_NET)
    return [f"{_MARKER}: {shown}", *([blocked] if net else [])]


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Compare a secret of a recorded call by its repr; a diff would spell it out."""
    for side in (left, right):
        if type(side).__module__ == "pytest_amplifybackend._api.sensitive":
            return [f"{left!r} {op} {right!r}"]
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a marked test that asks for no fixture of a fake have the fixture ``amplifybackend``."""
    for item in items:
        if item.get_closest_marker(_MARKER) is not None and isinstance(item, pytest.Function):
            from pytest_amplifybackend import _marked as marked

            marked.give_fixture(item)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Note which fakes the test activates."""
    with _phase(item.config, item):
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """Note which fakes the fixture activates."""
    with _phase(request.config, fixturedef):
        return (yield)


def pytest_fixture_post_finalizer(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> None:
    """Deactivate what the fixture has left; the test that is being torn down tells.

    In a teardown, not before the fixtures that it uses have ended: one may do it for the fixture.
    """
    leftovers = request.config.stash.get(_LEFTOVERS, None)
    if leftovers is not None and request.config.stash.get(_TEARING_DOWN, False):
        leftovers.finished.append(fixturedef)
    elif leftovers is not None:
        leftovers.ended(fixturedef)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail where the test, or a fixture that has ended with it, has left a fake active."""
    item.config.stash[_TEARING_DOWN] = True
    try:
        with _phase(item.config, item):
            result = yield
    except BaseException as error:
        left = _left(item.config, item)
        if left:
            from pytest_amplifybackend import _leftovers as leftovers

            leftovers.add(error, left)
        raise
    left = _left(item.config, item)
    if left:
        pytest.fail(left, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Fail where a test module has activated a fake at its import, and left it active."""
    if not isinstance(collector, pytest.Module):
        return (yield)
    with _phase(collector.config, collector):
        report = yield
    left = _left(collector.config, collector)
    if left and report.failed:
        report.sections.append((_MARKER, left))
    elif left:
        report.outcome, report.longrepr, report.result = "failed", left, []
    return report


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, Any, Any]:
    """Deactivate what tests have left that were interrupted."""
    try:
        return (yield)
    finally:
        leftovers = session.config.stash.get(_LEFTOVERS, None)
        if leftovers is not None:
            leftovers.all_ended()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Tell what no test could tell: the run was interrupted."""
    leftovers = config.stash.get(_LEFTOVERS, None)
    left = leftovers.taken() if leftovers is not None else ""
    if left:
        terminalreporter.section(f"{_MARKER}: fakes left active", red=True)
        terminalreporter.write_line(left)


_LEFTOVERS: pytest.StashKey[Leftovers] = pytest.StashKey()
_TEARING_DOWN: pytest.StashKey[bool] = pytest.StashKey()
_PHASES: pytest.StashKey[list[Any]] = pytest.StashKey()
_TRANSPORTS = "pytest_amplifybackend._transports"
"""Nothing can be active before this is imported, and nothing here imports it."""


def _active() -> tuple[Any, ...]:
    """The activations of the process."""
    module = sys.modules.get(f"{_TRANSPORTS}.activation")
    return () if module is None else tuple(module.ACTIVE)


@contextlib.contextmanager
def _phase(config: pytest.Config, owner: object) -> Iterator[None]:
    """Within it, a fake that becomes active belongs to an owner; phases nest."""
    phases = config.stash.setdefault(_PHASES, [])
    _note(config, phases)
    threads = threading.enumerate() if _TRANSPORTS in sys.modules else []
    phases.append((owner, _active(), {thread.ident for thread in threads}))
    try:
        yield
    finally:
        _note(config, phases)
        phases.pop()


def _note(config: pytest.Config, phases: list[Any]) -> None:
    """Note what has become active in the current phase."""
    if phases and _active() != phases[-1][1]:
        from pytest_amplifybackend._leftovers import Leftovers

        if _LEFTOVERS not in config.stash:
            config.stash[_LEFTOVERS] = Leftovers(config.rootpath)
        config.stash[_LEFTOVERS].note(*phases[-1])


def _left(config: pytest.Config, owner: object) -> str:
    """What an owner that has ended has left active; it is deactivated."""
    config.stash[_TEARING_DOWN] = False
    leftovers = config.stash.get(_LEFTOVERS, None)
    if leftovers is None:
        return ""
    leftovers.ended(*leftovers.finished, owner)
    leftovers.finished.clear()
    return leftovers.taken()


@pytest.fixture
def amplifybackend(request: pytest.FixtureRequest) -> Iterator[FakeAmplifyBackend]:
    """A fresh, active FakeAmplifyBackend: it serves every amplifybackend client of the process."""
    with _fresh(request) as fake:
        yield fake


@pytest.fixture
def amplifybackend_client(amplifybackend: FakeAmplifyBackend) -> Any:
    """A botocore client of the test's fake."""
    return amplifybackend.client()


@pytest.fixture(scope="session")
def amplifybackend_factory(request: pytest.FixtureRequest) -> Callable[..., FakeAmplifyBackend]:
    """Makes fresh fakes, also inside ``@given``; use each in a ``with`` statement."""
    from pytest_amplifybackend import _marked as marked
    from pytest_amplifybackend._tracebacks import hides_arguments

    @hides_arguments
    def make(**options: Any) -> FakeAmplifyBackend:
        return marked.make(_settings(request.config), options)

    return make


@pytest.fixture
def amplifybackend_server(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """The fake behind a URL: ``.url``, ``.fake`` and ``.env`` for subprocesses.

    AWS_ENDPOINT_URL_AMPLIFYBACKEND leads to it. With the option ``moto``, AWS_ENDPOINT_URL leads
    there too, and moto answers for every other service of AWS. With ``amplifybackend`` in the
    same test, it is that fake.
    """
    with _fake_of_the_test(request).serve() as server:
        for name, value in server.env.items():
            if name.startswith("AWS_ENDPOINT_URL"):
                monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def amplifybackend_moto(request: pytest.FixtureRequest) -> Iterator[FakeAmplifyBackend]:
    """An active fake inside moto's ``mock_aws``, which provisions there.

    It nests with a ``mock_aws`` of the test's own in either order. With ``amplifybackend`` in the
    same test, it is that fake. Needs the extra ``moto``.
    """
    if "amplifybackend" in request.fixturenames:
        yield request.getfixturevalue("amplifybackend")
    else:
        with request.getfixturevalue("_amplifybackend_inactive") as fake:
            yield fake


@pytest.fixture
def amplifybackend_responses(request: pytest.FixtureRequest) -> Iterator[FakeAmplifyBackend]:
    """A fake behind the library requests, for every region's host, by the library responses.

    With ``amplifybackend`` in the same test, it is that fake.
    """
    fake = _fake_of_the_test(request)
    with fake.behind_requests():
        yield fake


@pytest.fixture
def amplifybackend_snapshot(request: pytest.FixtureRequest) -> Any:
    """Compares with a snapshot: ``assert response == amplifybackend_snapshot``. Needs syrupy.

    It is syrupy's ``snapshot``, with an extension that writes JSON, hides secrets and gives tokens
    to what the service makes up.
    """
    from pytest_amplifybackend import errors

    try:
        from pytest_amplifybackend import _snapshot as snapshot
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "syrupy":
            raise
        raise errors.MissingExtra(_NEEDS_SYRUPY) from None
    try:
        theirs = request.getfixturevalue("snapshot")
    except pytest.FixtureLookupError:
        raise errors.MissingExtra(_NEEDS_SYRUPY_ACTIVE) from None

    def known_secrets() -> Iterable[str]:
        used = any(name in request.fixturenames for name in _FIXTURES_OF_A_FAKE)
        return _fake_of_the_test(request).known_secrets() if used else ()

    return snapshot.for_test(theirs, known_secrets)


_NEEDS_SYRUPY = (
    "amplifybackend_snapshot needs syrupy; install it with: "
    "pip install 'pytest-amplifybackend[syrupy]'"
)
_NEEDS_SYRUPY_ACTIVE = (
    "amplifybackend_snapshot needs the plugin syrupy, which is installed and switched off."
)
_FIXTURES_OF_A_FAKE = (
    _MARKER,
    f"{_MARKER}_moto",
    f"{_MARKER}_server",
    f"{_MARKER}_responses",
)


def _fake_of_the_test(request: pytest.FixtureRequest) -> FakeAmplifyBackend:
    """The one fake that the fixtures of a test share, active only by ``amplifybackend``."""
    if "amplifybackend" in request.fixturenames:
        fake: FakeAmplifyBackend = request.getfixturevalue("amplifybackend")
        return fake
    # pytest gives the values of fixtures without their types
    return request.getfixturevalue("_amplifybackend_inactive")  # type: ignore[no-any-return]


@pytest.fixture
def _amplifybackend_inactive(request: pytest.FixtureRequest) -> FakeAmplifyBackend:
    """The fake of a test that does not ask for an active one."""
    return _fresh(request)


def _fresh(request: pytest.FixtureRequest) -> FakeAmplifyBackend:
    """A new fake, as the test's markers ask for it."""
    from pytest_amplifybackend import _marked as marked

    return marked.fake(request, _settings(request.config))


def _settings(config: pytest.Config) -> dict[str, str]:
    """The defaults of the command line, or else of the ini file."""
    given = {name: config.getoption(f"{_MARKER}_{name}", default=None) for name in _OPTIONS}
    return {
        name: str(config.getini(f"{_MARKER}_{name}") if value is None else value)
        for name, value in given.items()
    }
