"""The options of a fake, each defined once.

The class and the marker take all of them. From the same rows come the ini keys and pytest's
options, which set the defaults of a run, and the options of ``amplifybackend-fake serve``. pytest
imports this at its start: the standard library has to be enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypedDict, TypeVar, get_args

if TYPE_CHECKING:
    from datetime import timedelta

    from pytest_amplifybackend._service.provisioning import Provisioner
    from pytest_amplifybackend.progress import Progress

TransportName = Literal["stubber", "wire", "aio"]
ErrorStyle = Literal["modeled", "observed"]
ClockName = Literal["virtual", "system"]

MARKER = "amplifybackend"
"""The marker, and what every fixture, ini key and option begins with."""

T = TypeVar("T")


class FakeOptions(TypedDict, total=False):
    """The options of a fake, for whatever passes them on."""

    seed: int | str
    jobs: Progress | timedelta | str | None
    errors: ErrorStyle
    transport: TransportName
    clock: ClockName
    provisioner: Provisioner | None
    region: str
    verify_signatures: Mapping[str, str] | None
    moto: bool
    amplify: bool | None
    shared_endpoint: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Option(Generic[T]):
    """An option, its default, and where it can be set besides the class and the marker.

    ``read`` makes a value of the text of an ini key or an option, and raises ValueError with a
    sentence; ``text`` is the default as one would write it there. An option without ``read`` has
    no ini key. ``choices`` are all values that it can have, if they are few. ``serve`` is the
    option's name for ``amplifybackend-fake serve``, if it has one.
    """

    name: str
    default: T
    help: str
    read: Callable[[str], T] | None = None
    text: str = ""
    choices: tuple[str, ...] = ()
    serve: str = ""

    def value(self, text: str) -> T:
        """The value that an ini key or an option sets; raises ValueError with a sentence."""
        assert self.read is not None, self.name
        found = self.read(text)
        if self.choices and found not in self.choices:
            raise ValueError(f"must be one of {', '.join(map(repr, self.choices))}, not {text!r}.")
        return found


def _seed(text: str) -> int | str:
    if not text.removeprefix("-").isdecimal():
        return text
    if len(text) > _LONGEST_SEED or not -(2**63) <= int(text) < 2**63:
        raise ValueError(f"must be a whole number of 64 bits or a text, not {text[:40]!r}.")
    return int(text)


_LONGEST_SEED = 20
"""The characters of a number of 64 bits; Python reads no number of more than some thousands."""


def _policy(text: str) -> Progress:
    from pytest_amplifybackend import progress  # only a run that uses a fake needs it

    return progress.parse(text)


def _style(text: str) -> Any:
    from pytest_amplifybackend import _wording  # as above

    return _wording.american(text)


def _unchecked(text: str) -> Any:
    """A text that FakeAmplifyBackend checks."""
    return text


def _region(text: str) -> str:
    from pytest_amplifybackend import errors  # as above
    from pytest_amplifybackend._api.regions import check_region

    try:
        return check_region("", "region", text)
    except errors.InvalidArgument as error:
        raise ValueError(error.problem) from None


def _switch(text: str) -> bool | None:
    chosen = {"true": True, "false": False, "auto": None}.get(text.strip().lower(), text)
    if isinstance(chosen, str):
        raise ValueError(f"must be true, false or auto, not {text!r}.")
    return chosen


SEED: Option[int | str] = Option(
    name="seed",
    default=0,
    help="seed of all generated ids",
    read=_seed,
    text="0",
    serve="--seed",
)
JOBS: Option[Progress | None] = Option(
    name="jobs",
    default=None,
    help="when jobs end: immediate, manual, after_reads:N or after_seconds:S",
    read=_policy,
    text="immediate",
    serve="--jobs",
)
ERRORS: Option[ErrorStyle] = Option(
    name="errors",
    default="modeled",
    help="error codes: modeled (those of the API model) or observed (those of recorded responses)",
    read=_style,
    text="modeled",
    choices=get_args(ErrorStyle),
    serve="--errors",
)
TRANSPORT: Option[TransportName] = Option(
    name="transport",
    default="stubber",
    help="how clients reach the fake: stubber, wire or aio",
    read=_unchecked,
    text="stubber",
    choices=get_args(TransportName),
)
CLOCK: Option[ClockName] = Option(
    name="clock",
    default="virtual",
    help="the fake's time: virtual (only a test moves it) or system (that of time.time())",
    read=_unchecked,
    text="virtual",
    choices=get_args(ClockName),
    serve="--clock",
)
PROVISIONER: Option[Provisioner | None] = Option(
    name="provisioner", default=None, help="where jobs make their resources; None is in memory"
)
REGION: Option[str] = Option(
    name="region",
    default="us-east-1",
    help="region of whatever names none: preset state, calls without a client, unsigned requests",
    read=_region,
    text="us-east-1",
    serve="--region",
)
VERIFY_SIGNATURES: Option[Mapping[str, str] | None] = Option(
    name="verify_signatures",
    default=None,
    help="access keys and their secret keys; requests over HTTP must be signed with one of them",
)
MOTO: Option[bool] = Option(
    name="moto", default=False, help="provision in moto, and start and stop moto with the fake"
)

AMPLIFY: Option[bool | None] = Option(
    name="amplify",
    default=None,
    help="serve clients of the neighboring service amplify too: true, false or auto (with moto)",
    read=_switch,
    text="auto",
    serve="--amplify",
)
SHARED_ENDPOINT: Option[bool] = Option(
    name="shared_endpoint",
    default=False,
    help="set AWS_ENDPOINT_URL too, which other services then read; with moto it always is",
)

OPTIONS: Mapping[str, Option[Any]] = {
    option.name: option
    for option in (
        SEED,
        JOBS,
        ERRORS,
        TRANSPORT,
        CLOCK,
        PROVISIONER,
        REGION,
        VERIFY_SIGNATURES,
        MOTO,
        AMPLIFY,
        SHARED_ENDPOINT,
    )
}
DEFAULTS = [option for option in OPTIONS.values() if option.read is not None]
"""The options whose default a run can set."""

BLOCK_NETWORK = f"{MARKER}_block_network"
BLOCK_NETWORK_HELP = "fail every amplifybackend call outside a fake instead of sending it"

SHOW_CALLS = f"{MARKER}_show_calls"
SHOW_CALLS_HELP = "show the calls and jobs of its fakes below a test that fails"

ALLOW_UNUSED = f"{MARKER}_allow_unused"
ALLOW_UNUSED_HELP = "let tests pass whose faults, overrides or planned failures never acted"

COVERAGE: Mapping[str, tuple[str, str, str]] = {
    "coverage": (
        "linelist",
        "FORMAT",
        "report which parts of the API the tests cover: term, json:FILE, md:FILE or html:DIR",
    ),
    "coverage_fail_under": (
        "string",
        "PERCENT",
        "fail the run if less of the API is covered: 80, or by kind, operations:100,errors:50",
    ),
    "coverage_scope": ("string", "NAMES", "operations that count for coverage (default: all)"),
    "coverage_exclude": (
        "linelist",
        "",
        "parts that do not count for coverage: OPERATION [KIND [NAME]]: REASON",
    ),
}
"""Type as an ini key, name of the value on the command line, if it is an option too, and help."""

CONTRACT: Mapping[str, Mapping[str, Any]] = {
    "target": {
        "metavar": "TARGET",
        "help": "run the contract suite against stubber, wire, server, responses, hook, aws or a "
        "URL (default: stubber)",
    },
    "provenance": {
        "metavar": "KINDS",
        "help": "run only contract tests with this evidence: modeled,documented,observed,assumed",
    },
    "operations": {"metavar": "NAMES", "help": "run only contract tests of these operations"},
    "implemented": {
        "metavar": "NAMES",
        "help": "run only contract tests that need no other operations than these, set-up "
        "included; auto: those that a probe finds",
    },
    "divergences": {
        "metavar": "FILE",
        "help": "TOML file of the known differences of the target",
    },
    "poll-interval": {
        "type": float,
        "metavar": "SECONDS",
        "help": "time between two reads of a job (default: 0.2 for a URL, 5 for aws)",
    },
    "poll-timeout": {
        "type": float,
        "metavar": "SECONDS",
        "help": "longest time to wait for a job (default: 120 for a URL, 1800 for aws)",
    },
    "allow-writes": {
        "action": "store_true",
        "help": "let the contract suite make and remove backends on aws, WHICH COSTS MONEY",
    },
    "endpoint": {"metavar": "URL", "help": "another endpoint for the target aws"},
    "report": {
        "action": "append",
        "metavar": "KIND:PATH",
        "help": "write the conformance of the target to json:FILE, md:FILE, html:DIR or badge:FILE "
        "(repeatable)",
    },
    "probes": {
        "action": "store_true",
        "help": "run thousands of probes too, one for each member, enum value and limit",
    },
    "no-probe": {
        "action": "store_true",
        "help": "run the contract tests even if the target does not seem to be one",
    },
}
"""The command-line options of the contract suite, without their prefix."""
