"""Arguments for every public method of the fake and every control action: plausible and hostile."""

from __future__ import annotations

import enum
import fractions
import itertools
import types
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pytest_amplifybackend import errors, progress
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._service import presets

OPERATIONS = tuple(catalogue.operations())
REGIONS = ("us-east-1", "eu-west-1", "us-gov-west-1", "ap-future-7")


class Text(str):
    """A string, with more to it."""

    __slots__ = ("more",)


class Count(enum.IntEnum):
    """A number, with a name to it."""

    TWO = 2


class Indexed:
    """A whole number as numpy has them."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


class Nowhere(tzinfo):
    """A zone that does not say how far it is from UTC."""

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        return None


class Broken:
    """An object that nobody can show."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


def cyclic() -> list[Any]:
    made: list[Any] = []
    made.append({"again": made})
    return made


def cyclic_dict() -> dict[str, Any]:
    made: dict[str, Any] = {}
    made["again"] = [made]
    return made


def deep(depth: int = 5000) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for _ in range(depth):
        made = {"deeper": made}
    return made


def doubling() -> dict[str, Any]:
    """A structure that is small to hold and endless to walk."""
    made: Any = []
    for _ in range(60):
        made = [made, made]
    return {"doubling": made}


def a_generator() -> Iterator[str]:
    yield "dev"
    yield "test"


_HOSTILE: tuple[Callable[[], Any], ...] = (
    *(
        lambda value=value: value  # type: ignore[misc]  # bound as a default
        for value in (
            *(None, True, False, 0, -1, 5, 10**400, 10**5000, -(10**5000), Count.TWO, Indexed(2)),
            *(1.5, float("nan"), float("inf"), float("-inf"), Decimal("1.5"), 1j),
            *(fractions.Fraction(1, 3), b"dev", bytearray(b"dev"), "", "x", "\0", "\ud800", "é\n"),
            *("x" * 100_000, Text("d1"), Text("dev"), "us-east-1\n", "-" * 63, "../x", object()),
            *(Broken(), int, NotImplemented, ..., Path("x"), errors.NotFound, errors.UsageError()),
            *(progress.manual(), date(2024, 1, 1), timedelta.max, datetime(1, 1, 1)),  # noqa: DTZ001  (naive on purpose)
            *(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), timedelta.min),
            *(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=Nowhere())),
            *([], ["dev", "dev"], ("dev",), [5], [None], ["Dev"], {"dev"}, {"dev", 5}, frozenset()),
            *({}, {"dev": 1}, {5: "x"}, {None: None}, {"AppId": 5}, {"AppId": {"x": b"y"}}),
            *({"AppId": "d1", "Nope": [float("nan")]}, {"\ud800": "\ud800"}, range(3)),
            *(UserDict({"AppId": "d1"}), types.MappingProxyType({"AppId": "d1"})),
        )
    ),
    cyclic,
    cyclic_dict,
    deep,
    doubling,
    a_generator,
    lambda: itertools.repeat("dev"),
    lambda: (_ for _ in ("dev", 5)),
    lambda: lambda *_: 5,
    lambda: lambda *_: {"AppId": "d1"},
)


class Hostile:
    """A value that hardly any argument can have, which hypothesis could often not show."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __repr__(self) -> str:
        return f"Hostile({self.number})"


def hostile() -> SearchStrategy[Any]:
    """One of the hostile values; :func:`plain` gives it."""
    return st.integers(0, len(_HOSTILE) - 1).map(Hostile)


def plain(value: Any) -> Any:
    """A drawn value as it is meant, made anew."""
    return _HOSTILE[value.number]() if isinstance(value, Hostile) else value


JSON_HOSTILE: SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, 0, -1, 5, 10**400, 1.5, 1e300, float("nan"), float("inf"), "", "x", "\0"),
        *("\ud800", "x" * 10_000, "us-east-1\n", [], ["dev", "dev"], [5], ["Dev"], {}, {"dev": 1}),
        *({"AppId": 5}, {"AppId": {"x": ["y"]}}, [[[[]]]], deep(200), "2024", "9999-12-31T23:59"),
    ]
)
"""The same of what JSON can hold."""

apps = st.sampled_from(["d1", "d2x"])
environments = st.sampled_from(["dev", "test"])
regions = st.sampled_from(REGIONS)
texts = st.text(max_size=8) | st.sampled_from(["", "\0", "\ud800", "no capacity"])
times = st.none() | st.integers(0, 3)
whens = st.none() | st.just({}) | st.fixed_dictionaries({"AppId": apps})
operations = st.sampled_from(OPERATIONS)
faults = st.one_of(
    st.builds(errors.NotFound, texts, resource_type=st.none() | texts),
    st.builds(errors.TooManyRequests, texts, limit_type=st.none() | texts),
    st.builds(errors.BadRequest, texts),
    st.sampled_from([errors.GatewayTimeout(), errors.ConnectionReset(), errors.ReadTimeout()]),
)
policies = st.one_of(
    st.just(progress.immediate()),
    st.just(progress.manual()),
    st.builds(progress.after_reads, st.integers(0, 3)),
    st.builds(progress.after_seconds, st.floats(0, 100)),
)
_imported = {"UserPoolId": "us-east-1_a1B2c3D4e", "WebClientId": "web", "NativeClientId": "native"}
_shifts = st.sampled_from([0, 1, -1, 0.001, 3600, 10**9, -(10**9), 10**11, timedelta(days=1)])
_moments = st.datetimes() | st.datetimes(timezones=st.sampled_from([UTC, timezone.max, None]))

Arguments = Mapping[str, SearchStrategy[Any]]

_levers: Arguments = {
    "times": times,
    "after": st.integers(0, 2),
    "when": whens,
    "optional": st.booleans(),
}

METHODS: Mapping[str, tuple[Arguments, Arguments]] = {
    "add_app": (
        {"app_id": apps},
        {
            "name": texts,
            "environments": st.lists(environments, max_size=3)
            | st.sets(environments)
            | st.lists(environments).map(iter),
            "branches": st.none(),  # the neighbor's, which this fake has not
            "region": regions,
        },
    ),
    "add_auth": (
        {"app_id": apps},
        {
            "environment": environments,
            "name": st.just("users"),
            "config": st.just(presets.AUTH_CONFIG),
            "imported": st.just(_imported),
            "region": regions,
        },
    ),
    "add_api": (
        {"app_id": apps},
        {
            "environment": environments,
            "name": st.just("orders"),
            "config": st.just(presets.API_CONFIG),
            "region": regions,
        },
    ),
    "add_storage": (
        {"app_id": apps},
        {
            "environment": environments,
            "name": st.just("media"),
            "config": st.just(presets.STORAGE_CONFIG),
            "bucket": st.sampled_from(["mine", "theirs"]),
            "region": regions,
        },
    ),
    "add_category": (
        {
            "category": st.sampled_from(["function", "api", "auth", "providers", ""]),
            "entries": st.dictionaries(
                texts, st.just({"service": "Lambda"}) | st.just({"service": "Cognito"}), max_size=2
            ),
        },
        {
            "app_id": apps,
            "environment": environments,
            "before": st.sampled_from(["auth", "api", "nothing"]),
            "after": st.sampled_from(["auth", "api", "nothing"]),
            "region": regions,
        },
    ),
    "add_bucket": ({"name": st.sampled_from(["mine", "theirs"])}, {}),
    "fail": (
        {"operation": operations, "error": faults},
        _levers,
    ),
    "delay": (
        {"operation": operations, "seconds": st.sampled_from([0, 1, 0.5, 10**9])},
        _levers,
    ),
    "override": (
        {
            "operation": operations,
            "response": st.just({}) | st.just({"AppId": "d1"}) | st.just(lambda _: {}),
        },
        _levers,
    ),
    "assert_called": ({"operation": operations}, {"times": times, "AppId": apps}),
    "assert_not_called": ({"operation": operations}, {}),
    "assert_no_other_calls": ({}, {}),
    "assert_no_unused": ({}, {}),
    "known_secrets": ({}, {}),
    "dump": ({}, {}),
    "client": ({}, {"region_name": regions, "service_name": st.just("amplifybackend")}),
    "attach": ({"client": hostile()}, {}),
    "detach": ({"client": hostile()}, {}),
    "serve": (
        {},
        {
            "host": st.just("127.0.0.1"),
            "port": st.integers(0, 65535),
            "allowed_hosts": st.just(["fake.example"]),
            "allowed_origins": st.just(["https://app.example"]),
            "control_token": st.just("a-token-of-some-length"),
            "state_file": st.just("state.json"),
            "keep_calls": st.integers(1, 9),
        },
    ),
    "jobs.fail_next": ({"operation": operations}, {"error": texts, "optional": st.booleans()}),
    "jobs.advance": ({}, {}),
    "calls.of": ({"operation": operations}, {}),
    "clock.shift": ({"by": _shifts}, {}),
    "clock.move_to": ({"when": _moments}, {}),
    "clock.restore": ({"milliseconds": st.integers(-(10**13), 10**14)}, {}),
    "clock.now": ({}, {}),
    "clock.milliseconds": ({}, {}),
    "clock.http_date": ({}, {}),
    "clock.reset": ({}, {}),
}
"""The methods, with the arguments that they need and those that they may have."""

OPTIONS: Arguments = {
    "seed": st.integers(-(2**63), 2**63 - 1) | st.text(max_size=3),
    "jobs": policies,
    "errors": st.sampled_from(["modeled", "observed"]),
    "transport": st.sampled_from(["stubber", "wire"]),
    "clock": st.sampled_from(["virtual", "system"]),
    "provisioner": st.none(),
    "region": regions,
    "verify_signatures": st.none() | st.just({"key": "secret"}),
    "moto": st.just(False),
    "amplify": st.sampled_from([None, False, True]),
    "shared_endpoint": st.booleans(),
}
"""The options of a fake."""

_part: Arguments = {"limit": st.integers(1, 9), "skip": st.integers(0, 9)}

CONTROL: Mapping[str, tuple[Arguments, Arguments]] = {
    "status": ({}, {}),
    "dump": ({}, {}),
    "calls": ({}, {"operation": operations, "failed": st.booleans(), **_part}),
    "jobs": ({}, {"unfinished": st.booleans(), **_part}),
    "overview": ({}, {}),
    "reference": ({}, {}),
    "faults": ({}, {}),
    "remove-fault": ({"fault": st.integers(0, 5)}, {}),
    "fail-next": ({"operation": operations}, {"error": texts, "optional": st.booleans()}),
    "advance": ({}, {}),
    "fail": (
        {
            "operation": operations,
            "error": st.sampled_from(["NotFound", "BadRequestException", "ReadTimeout"]),
        },
        {"message": texts, "resource_type": texts, "limit_type": texts, **_levers},
    ),
    "delay": (
        {"operation": operations, "seconds": st.sampled_from([0, 1.5, 10**9])},
        _levers,
    ),
    "override": ({"operation": operations, "response": st.just({})}, _levers),
    "clock": (
        {},
        {
            "shift": st.sampled_from([0, 1, 10**11, -(10**9)]),
            "move_to": st.datetimes().map(datetime.isoformat),
        },
    ),
    "add-app": (
        {"app": apps},
        {
            "name": texts,
            "environments": st.lists(environments, max_size=3),
            "branches": st.none(),
            "region": regions,
        },
    ),
    "add-category": (
        METHODS["add_category"][0],
        {
            ("app" if name == "app_id" else name): drawn
            for name, drawn in METHODS["add_category"][1].items()
        },
    ),
}
"""The control actions, but for those that need the id of a job or a state."""


@st.composite
def arguments(
    draw: Callable[..., Any],
    needed: Arguments,
    optional: Arguments,
    bad: SearchStrategy[Any],
) -> dict[str, Any]:
    """Arguments of which at most one is hostile."""
    spoilt = draw(st.none() | st.none() | st.sampled_from([None, *needed, *optional]))
    made = {}
    for name, strategy in {**needed, **optional}.items():
        if name == spoilt:
            made[name] = draw(bad)
        elif name in needed or draw(st.booleans()):
            made[name] = draw(strategy)
    return made
