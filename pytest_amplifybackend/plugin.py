"""The pytest plugin: options, marker and fixtures. Imports pytest and the standard library only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_amplifybackend.fake import FakeAmplifyBackend
    from pytest_amplifybackend.transports.server import Server

MARKER = "amplifybackend"
_OPTIONS = {
    "seed": ("0", "what every id follows from"),
    "jobs": ("immediate", "immediate, manual, after_reads:N or after_seconds:S"),
    "errors": ("modeled", "modeled or observed error codes"),
    "transport": ("stubber", "how clients reach the fake"),
    "region": ("us-east-1", "where given state goes by default"),
}
_CONTRACT = "pytest_amplifybackend.contract"
_CONTRACT_OPTIONS: dict[str, dict[str, Any]] = {
    "target": {
        "metavar": "TARGET",
        "help": "run the contract suite against stubber, wire, server, responses, hook, aws or a "
        "URL (default: stubber)",
    },
    "provenance": {
        "metavar": "KINDS",
        "help": "only contract tests that rest on these: modelled,documented,observed,assumed",
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
    group = parser.getgroup(MARKER, "fake AWS Amplify Backend")
    for name, (default, text) in _OPTIONS.items():
        parser.addini(f"{MARKER}_{name}", f"amplifybackend fake: {text}", default=default)
        group.addoption(
            f"--{MARKER}-{name}",
            default=None,
            metavar=name.upper(),
            help=f"{text} (ini: {MARKER}_{name}, default: {default})",
        )
    contract = parser.getgroup(f"{MARKER}-contract", "contract suite of AWS Amplify Backend")
    for name, given in _CONTRACT_OPTIONS.items():
        contract.addoption(f"--{MARKER}-{name}", **{"default": None, **given})

    parser.addini(
        f"{MARKER}_snapshots",
        f"{MARKER}_snapshot: the folder of all snapshots, from the rootdir",
        default="snapshots",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and bring the contract suite in where it is asked for."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(**options): options of the amplifybackend fixtures, the same as those of "
        "FakeAmplifyBackend; the closest marker wins.",
    )
    named = any(_CONTRACT in str(argument) for argument in config.args)
    if named or config.getoption(f"{MARKER}_target", default=None) is not None:
        _load_contract(config)


def _load_contract(config: pytest.Config) -> None:
    """Register the suite's own plugin, which the process with the terminal needs under xdist."""
    if _CONTRACT not in sys.modules:
        pytest.register_assert_rewrite(_CONTRACT)
    from pytest_amplifybackend import errors

    try:
        from pytest_amplifybackend import strategies  # noqa: F401  (tells what is not installed)
        from pytest_amplifybackend.contract import running
    except errors.MissingExtra as error:
        raise pytest.UsageError(str(error)) from None
    running.register(config)


def pytest_report_header(config: pytest.Config) -> str:
    """Say with which defaults the fake will run."""
    shown = ", ".join(f"{name}={_setting(config, name)}" for name in _OPTIONS)
    return f"{MARKER}: {shown}"


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Compare a secret of a recorded call by its repr; a diff would spell it out."""
    for side in (left, right):
        if type(side).__module__ == "pytest_amplifybackend.model.sensitive":
            return [f"{left!r} {op} {right!r}"]
    return None


@pytest.fixture
def amplifybackend(request: pytest.FixtureRequest) -> Iterator[FakeAmplifyBackend]:
    """A fresh, active FakeAmplifyBackend: it serves every amplifybackend client of the process."""
    with _marked(request) as fake:
        yield fake


@pytest.fixture
def amplifybackend_client(amplifybackend: FakeAmplifyBackend) -> Any:
    """A botocore client of the test's fake."""
    return amplifybackend.client()


@pytest.fixture(scope="session")
def amplifybackend_factory(request: pytest.FixtureRequest) -> Callable[..., FakeAmplifyBackend]:
    """Makes fresh fakes, also inside ``@given``; use each in a ``with`` statement."""
    from pytest_amplifybackend._tracebacks import hides_arguments

    @hides_arguments
    def make(**options: Any) -> FakeAmplifyBackend:
        return _make(request.config, options)

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
        from pytest_amplifybackend import snapshot
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
    MARKER,
    f"{MARKER}_moto",
    f"{MARKER}_server",
    f"{MARKER}_responses",
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
    return _marked(request)


def _setting(config: pytest.Config, name: str) -> str:
    given = config.getoption(f"{MARKER}_{name}", default=None)
    return str(config.getini(f"{MARKER}_{name}") if given is None else given)


def _marked(request: pytest.FixtureRequest) -> FakeAmplifyBackend:
    """The fake that a test's markers ask for; what is wrong with them shows at the test itself."""
    from pytest_amplifybackend import errors

    try:
        return _make(request.config, _asked(request))
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


def _make(config: pytest.Config, options: dict[str, Any]) -> FakeAmplifyBackend:
    """A fake with the defaults of ini file and command line under the given options."""
    import inspect

    from pytest_amplifybackend import errors, progress
    from pytest_amplifybackend.fake import FakeAmplifyBackend

    known = inspect.signature(FakeAmplifyBackend).parameters
    for name in options:
        if name not in known:
            raise errors.UnknownOption(
                f"the amplifybackend fake has no option {name!r}: {errors.nearest(name, known)}"
            )
    defaults: dict[str, Any] = {name: _setting(config, name) for name in _OPTIONS}
    if defaults["seed"].removeprefix("-").isdecimal():
        defaults["seed"] = int(defaults["seed"])
    try:
        defaults["jobs"] = progress.parse(defaults["jobs"])
    except ValueError as error:
        raise pytest.UsageError(f"{MARKER}_jobs: {error}") from None
    return FakeAmplifyBackend(**{**defaults, **options})
