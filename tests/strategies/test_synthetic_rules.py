"""A new rule of any kind, one row, changes what is drawn and what the service accepts by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("hypothesis", reason="strategies need the hypothesis extra")

from acting import assert_refused, prepare
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import InvalidArgument

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._api import paths
from pytest_amplifybackend._rules import constraints as c
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._rules.parameters import at_once, in_job
from pytest_amplifybackend._rules.rule import Rule, assumed
from pytest_amplifybackend.strategies import Request, invalid_requests, requests
from pytest_amplifybackend.strategies._internal.leaves import leaf

WHY = assumed("a test")
POOL = "ResourceConfig.UserPoolConfigs"
PASSWORD = f"{POOL}.PasswordPolicy.MinimumLength"
OAUTH = f"{POOL}.OAuth"
FEW = settings(
    max_examples=100,
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
    "ProvidersConfigured": in_job(
        "test.new",
        "CreateBackendAPI",
        "ResourceConfig",
        c.ProvidersConfigured((("iam", "API_KEY", "API Key"),)),
        WHY,
    ),
    "of its own": of_app(Palindrome()),
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
    kinds = {type(rule.constraint).__name__ for rule in RULES.values()} - {"Palindrome"}
    assert kinds == {kind.__name__ for kind in c.Constraint.__subclasses__()} - {"Palindrome"}


@pytest.mark.parametrize("kind", RULES)
def test_valid_requests_keep_a_new_rule(known: Callable[..., None], kind: str) -> None:
    rule = RULES[kind]
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


@pytest.mark.parametrize("kind", RULES)
def test_invalid_requests_break_a_new_rule(known: Callable[..., None], kind: str) -> None:
    rule = RULES[kind]
    known(rule)
    fake = FakeAmplifyBackend()
    client = fake.client()

    @settings(FEW, max_examples=30)
    @given(invalid_requests(rule.operations[0], rule="test.new"))
    def rejected(request: Any) -> None:
        assert request.path == rule.paths[0]
        prepare(fake, request)
        assert_refused(fake, client, request)
        if str(request.layer) == "service":
            assert fake.calls[-1].error.rule == "test.new"  # type: ignore[union-attr]
        else:
            assert list(fake.jobs)[-1].rule == "test.new"

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

    @settings(FEW, max_examples=300)
    @given(requests("CreateBackend"))
    def drawn(request: Request) -> None:
        lengths.add(len(request.params["AppName"]))

    drawn()
    assert (min(lengths), max(lengths)) == (1, 20)


def test_rules_that_leave_no_value_are_told(known: Callable[..., None]) -> None:
    known(of_app(c.OneOf(("shop",))), of_app(c.Length(10, 20)))

    with pytest.raises(InvalidArgument, match="no value of AppName keeps"):
        leaf("CreateBackend", "AppName")
