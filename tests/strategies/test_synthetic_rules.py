"""A new rule of any kind, one row, changes what is drawn and what the service accepts by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("hypothesis", reason="strategies need the hypothesis extra")

from acting import assert_refused, prepare
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument, Unsatisfiable
from volume import budget, full_only

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._api import paths
from pytest_amplifybackend._rules import constraints as c
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.parameters import at_once, in_job
from pytest_amplifybackend._rules.rule import Rule, assumed
from pytest_amplifybackend.strategies import Request, invalid_requests, requests
from pytest_amplifybackend.strategies._internal.leaves import leaf

WHY = assumed("a test")
CONFIG = "ResourceConfig"
SCHEMA = f"{CONFIG}.TransformSchema"
POOL = f"{CONFIG}.UserPoolConfigs"
PASSWORD = f"{POOL}.PasswordPolicy.MinimumLength"
OAUTH = f"{POOL}.OAuth"
FEW = settings(
    max_examples=budget(50, 10),
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


class Palindrome(c.Constraint):
    """A kind of its own, which says nothing of what valid values look like."""

    described = False
    message = "must read the same backwards"

    def holds(self, value: Any) -> bool:
        return bool(value == value[::-1])

    def breaking(self, value: Any) -> list[Any]:
        return [f"{value}yz", "ab"]


class Even(c.Constraint):
    """A kind of its own on numbers."""

    described = False
    message = "must be even"

    def holds(self, value: Any) -> bool:
        return bool(value % 2 == 0)

    def breaking(self, value: Any) -> list[Any]:
        return [value + 1]


class Pair(c.Constraint):
    """A kind of its own on lists."""

    described = False
    message = "must have two different elements"

    def holds(self, value: Any) -> bool:
        return len(value) == len(set(value)) == 2

    def breaking(self, value: Any) -> list[Any]:
        return [value[:1], value[:1] * 2]


class EmailAsked(c.Constraint):
    """A structural kind of its own, which cannot mend what breaks it."""

    structural = True
    message = "must ask for the address that it signs in by"

    def holds(self, value: Any) -> bool:
        return value["SignInMethod"] != "EMAIL" or "EMAIL" in value["RequiredSignUpAttributes"]

    def breaking(self, value: Any) -> list[Any]:
        return [{**value, "SignInMethod": "EMAIL", "RequiredSignUpAttributes": []}]


def of_app(constraint: c.Constraint) -> Rule:
    return at_once("test.new", "CreateBackend", "AppName", constraint, WHY)


RULES: dict[str, Rule] = {
    "OneOf": of_app(c.OneOf(("shop", "shop2"))),
    "Pattern": of_app(c.Pattern("[a-c]{2,5}-x", "must be a few letters and -x")),
    "spelled": of_app(c.spelled("a-f", 2, 4, "must be 2 to 4 letters")),
    "Length": of_app(c.Length(1, 20)),
    "Includes": of_app(c.Includes("Shop")),
    "Avoids": of_app(c.Avoids(("shop", "a", "0"))),
    "RedirectUri": of_app(c.RedirectUri()),
    "IssuerUri": of_app(c.IssuerUri()),
    "GraphQLSchema": at_once("test.new", "ListS3Buckets", "NextToken", c.GraphQLSchema(), WHY),
    "Whole": in_job("test.new", "CreateBackendAuth", PASSWORD, c.Whole(9, 12), WHY),
    "Finite": at_once("test.new", "UpdateBackendAuth", PASSWORD, c.Finite(), WHY),
    "Items": in_job("test.new", "UpdateBackendAuth", f"{OAUTH}.OAuthScopes", c.Items(2), WHY),
    "Needs": in_job(
        "test.new",
        "UpdateBackendAuth",
        POOL,
        c.Needs(("PasswordPolicy.AdditionalConstraints", "Mfa")),
        WHY,
    ),
    "Needs when": in_job(
        "test.new",
        "CreateBackendAuth",
        f"{POOL}.Mfa",
        c.Needs(("Settings.SmsMessage",), ("MFAMode", ("OFF",))),
        WHY,
    ),
    "Unrepeated": in_job(
        "test.new",
        "CreateBackendAuth",
        f"{POOL}",
        c.Unrepeated("RequiredSignUpAttributes[]", "SignInMethod"),
        WHY,
    ),
    "RelatedOneWay": in_job(
        "test.new", "CreateBackendAPI", "ResourceConfig", c.RelatedOneWay(), WHY
    ),
    "ProvidersConfigured": in_job(
        "test.new",
        "CreateBackendAPI",
        "ResourceConfig",
        c.ProvidersConfigured(),
        WHY,
    ),
    "of its own": of_app(Palindrome()),
    "number of its own": in_job("test.new", "CreateBackendAuth", PASSWORD, Even(), WHY),
    "list of its own": in_job(
        "test.new", "CreateBackendAuth", f"{OAUTH}.RedirectSignInURIs", Pair(), WHY
    ),
    "enums of its own": in_job(
        "test.new", "UpdateBackendAuth", f"{OAUTH}.OAuthScopes", Pair(), WHY
    ),
    "structure of its own": in_job("test.new", "CreateBackendAuth", POOL, EmailAsked(), WHY),
    "Length of a list": in_job(
        "test.new", "CreateBackendAuth", f"{POOL}.RequiredSignUpAttributes", c.Length(2, 3), WHY
    ),
    "OneOf an enum": in_job(
        "test.new", "UpdateBackendAuth", f"{POOL}.Mfa.MFAMode", c.OneOf(("OFF", "ON")), WHY
    ),
    "OneOf an enum in a list": in_job(
        "test.new", "CreateBackendAuth", f"{OAUTH}.OAuthScopes[]", c.OneOf(("EMAIL", "PHONE")), WHY
    ),
    "OneOf the booleans": at_once(
        "test.new", "RemoveAllBackends", "CleanAmplifyApp", c.OneOf((True,)), WHY
    ),
    "Needs of an API": in_job(
        "test.new",
        "CreateBackendAPI",
        CONFIG,
        c.Needs(("DefaultAuthType.Settings.Description", "AdditionalAuthTypes")),
        WHY,
    ),
    "Needs of an auth type": in_job(
        "test.new",
        "CreateBackendAPI",
        f"{CONFIG}.DefaultAuthType",
        c.Needs(("Settings.Description",)),
        WHY,
    ),
    "Needs of an update": in_job(
        "test.new", "UpdateBackendAPI", CONFIG, c.Needs(("ConflictResolution",)), WHY
    ),
    "Needs below the root": in_job(
        "test.new", "UpdateBackendAuth", "", c.Needs((f"{CONFIG}.IdentityPoolConfigs",)), WHY
    ),
    "Length of a schema": in_job("test.new", "CreateBackendAPI", SCHEMA, c.Length(1, 60), WHY),
    "Includes in a schema": in_job("test.new", "CreateBackendAPI", SCHEMA, c.Includes("Shop"), WHY),
}


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the service and the strategies know further rules until the end of the test.

    A rule that says the same already goes: it would be the one that rejects.
    """

    def know(*rules: Rule) -> None:
        said = [(rule.constraint, rule.paths) for rule in rules]
        others = [row for row in table.current().rows if (row.constraint, row.paths) not in said]
        more = table.Table((*others, *rules))
        monkeypatch.setattr(table, "current", lambda: more)

    return know


def as_filled(value: Any) -> Any:
    """An API's config as the service fills it before it goes by the rules."""
    if isinstance(value, dict) and "TransformSchema" in value:
        return {"DefaultAuthType": {"Mode": "API_KEY"}, **value}
    return value


def test_every_kind_of_constraint_is_tried() -> None:
    kinds = {type(rule.constraint).__qualname__ for rule in RULES.values()}
    known = [kind for kind in c.Constraint.__subclasses__() if kind.__module__ == c.__name__]
    assert kinds >= {kind.__qualname__ for kind in known}


@pytest.mark.volume
@pytest.mark.parametrize("kind", RULES)
def test_valid_requests_keep_a_new_rule(known: Callable[..., None], kind: str) -> None:
    rule: Any = RULES[kind]
    known(rule)
    fake = FakeAmplifyBackend()
    client = fake.client()
    met: list[Any] = []

    @FEW
    @given(requests(rule.operations[0]))
    def accepted(request: Request) -> None:
        values = paths.find(request.params, rule.paths[0])
        assert all(rule.constraint.holds(as_filled(value)) for value in values), values
        prepare(fake, request)
        answer = request.send(client)
        if answer.get("JobId"):
            assert fake.jobs[answer["JobId"]].error is None
        met.extend(values)

    accepted()
    assert met


@pytest.mark.volume
@pytest.mark.parametrize("kind", RULES)
def test_invalid_requests_break_a_new_rule(known: Callable[..., None], kind: str) -> None:
    rule: Any = RULES[kind]
    known(rule)
    fake = FakeAmplifyBackend()
    client = fake.client()

    @settings(FEW, max_examples=budget(30, 6))
    @given(invalid_requests(rule.operations[0], rule="test.new"))
    def rejected(request: Any) -> None:
        assert request.path == rule.paths[0]
        prepare(fake, request)
        assert_refused(fake, client, request)
        values = paths.find(request.params, request.path)
        by_schema = filter(None, map(rule.constraint.broken_by, values))  # one of schema.*
        named = next(by_schema, "test.new")
        if str(request.layer) == "service":
            assert fake.calls[-1].error.rule == named  # type: ignore[union-attr]
        else:
            assert list(fake.jobs)[-1].rule == named

    rejected()


def test_a_name_of_at_most_twenty_characters(known: Callable[..., None]) -> None:
    """The example of a rule that once left the strategies as they were."""
    known(at_once("name.app", "CreateBackend", "AppName", c.Length(1, 20), WHY))
    fake = FakeAmplifyBackend()

    with pytest.raises(errors.BadRequest, match=r"1 to 20 characters \(rule name\.app\)") as caught:
        fake.call(
            "CreateBackend",
            {"AppId": "d1shop", "AppName": "s" * 21, "BackendEnvironmentName": "dev"},
        )

    assert caught.value.rule == "name.app"
    lengths = set()

    @settings(FEW, max_examples=150)
    @given(requests("CreateBackend"))
    def drawn(request: Request) -> None:
        lengths.add(len(request.params["AppName"]))

    drawn()
    assert (min(lengths), max(lengths)) == (1, 20)


def test_rules_that_leave_no_value_are_told(known: Callable[..., None]) -> None:
    known(of_app(c.OneOf(("shop",))), of_app(c.Length(10, 20)))

    with pytest.raises(InvalidArgument, match="no value of AppName keeps"):
        leaf("CreateBackend", "AppName")


PAIRS: dict[str, tuple[Rule, Rule]] = {
    "Pattern and Length": (
        of_app(c.Pattern("[a-c]{2,9}", "must be a, b or c")),
        at_once("test.also", "CreateBackend", "AppName", c.Length(5, 6), WHY),
    ),
    "OneOf and OneOf": (
        of_app(c.OneOf(("a", "b"))),
        at_once("test.also", "CreateBackend", "AppName", c.OneOf(("b", "c")), WHY),
    ),
    "Pattern and Needs": (
        at_once("test.new", "UpdateBackendAPI", f"{CONFIG}.ApiName", c.Pattern("a*", "as"), WHY),
        at_once("test.also", "UpdateBackendAPI", CONFIG, c.Needs(("ApiName",)), WHY),
    ),
}


@pytest.mark.volume
@pytest.mark.parametrize("pair", PAIRS)
def test_two_new_rules_at_once(known: Callable[..., None], pair: str) -> None:
    known(*PAIRS[pair])
    operation: Any = PAIRS[pair][0].operations[0]
    fake = FakeAmplifyBackend()
    client = fake.client()

    @settings(FEW, max_examples=budget(30, 6))
    @given(requests(operation))
    def accepted(request: Request) -> None:
        prepare(fake, request)
        request.send(client)

    accepted()
    for rule in PAIRS[pair]:

        @settings(FEW, max_examples=budget(20, 5))
        @given(invalid_requests(operation, rule=rule.name))
        def rejected(request: Any) -> None:
            prepare(fake, request)
            assert_refused(fake, client, request)

        rejected()


@full_only  # Hypothesis makes hundreds of attempts before it gives up
def test_what_the_service_completes_is_never_drawn_as_missing(known: Callable[..., None]) -> None:
    """An API without a name gets that of its resource, and one with an empty name a fault."""
    known(in_job("test.new", "CreateBackendAPI", CONFIG, c.Needs(("ApiName",)), WHY))

    @settings(FEW, max_examples=1)
    @given(invalid_requests("CreateBackendAPI", rule="test.new"))
    def never(request: Any) -> None:
        raise AssertionError(request)

    with pytest.raises(Unsatisfiable):
        never()


@pytest.mark.parametrize(
    ("operation", "path", "constraint", "told"),
    [
        ("CreateBackends", "AppName", c.Length(1), "unknown operation 'CreateBackends'"),
        (
            "CreateBackend",
            "Appname",
            c.Length(1),
            "CreateBackend has nothing at the path 'Appname'",
        ),
        ("CreateBackend", "", c.Needs(("Nmae",)), "CreateBackend has nothing at the path 'Nmae'"),
    ],
)
def test_a_misspelt_row_is_told_when_the_table_is_made(
    operation: str, path: str, constraint: c.Constraint, told: str
) -> None:
    with pytest.raises(table.MisspeltRule, match=f"rule test.new: {told}"):
        table.Table([at_once("test.new", operation, path, constraint, WHY)])


def test_what_a_user_gives_for_a_member_is_not_held_to_the_rules(
    known: Callable[..., None],
) -> None:
    known(of_app(c.Length(9)))

    @settings(FEW, max_examples=5)
    @given(requests("CreateBackend", app_names=st.just("shop")))
    def drawn(request: Request) -> None:
        assert request.params["AppName"] == "shop"

    drawn()
