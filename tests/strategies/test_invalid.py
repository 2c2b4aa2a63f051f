"""Invalid data is invalid for certain, in the layer and for the reason that it states."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

pytest.importorskip("hypothesis", reason="strategies need the hypothesis extra")

import hypothesis
from acting import assert_refused, prepare
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from volume import FULL, budget

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._rules import table
from pytest_amplifybackend._schema import schema
from pytest_amplifybackend.strategies import (
    InvalidConfig,
    InvalidRequest,
    InvalidSchema,
    invalid_api_configs,
    invalid_auth_configs,
    invalid_requests,
    invalid_schemas,
    invalid_storage_configs,
    invalid_targets,
)
from pytest_amplifybackend.strategies._internal.invalid_schemas import _breaks
from pytest_amplifybackend.strategies._internal.targets import targets

OPERATIONS = tuple(catalogue.operations())
RULED = [name for name in OPERATIONS if targets(name)]
RICHEST = ("CreateBackendAuth", "CreateBackendAPI", "ListBackendJobs")
"""The operations that stand for all when the budget is small."""


def row_of(rule: str) -> str:
    """The row in which a rule is: what a schema breaks is a rule within the one on schemas."""
    return "api.schema" if rule.startswith("schema.") else rule


def hold(strategy: Any, examples: int) -> set[tuple[str, str]]:
    """Send what a strategy draws to a fake; gives the (rule, path) pairs that were refused."""
    fake = FakeAmplifyBackend()
    client = fake.client()
    seen = set()

    @settings(max_examples=examples, deadline=None)
    @given(strategy)
    def refused(request: Any) -> None:
        if str(request.layer) == "provisioning":
            prepare(fake, request)
        assert_refused(fake, client, request)
        seen.add((row_of(request.rule), request.path))

    refused()
    return seen


@pytest.mark.volume
@pytest.mark.parametrize("operation", RULED)
def test_every_invalid_request_is_refused_as_it_says(operation: Any) -> None:
    hold(invalid_requests(operation), budget(1000, 15))


@pytest.mark.volume
@pytest.mark.parametrize("operation", RULED if FULL else RICHEST)
def test_every_rule_is_refused_at_every_path_where_it_applies(operation: Any) -> None:
    for target in targets(operation):
        one = invalid_requests(operation, target.layer, rule=target.rule, path=target.path)
        assert hold(one, budget(30, 1)) == {(target.rule, target.path)}


def missing_targets(operation: Any, runs: int) -> set[tuple[str, str, str]]:
    """What no run of 500 examples has drawn; a run of many thousands repeats itself too much."""
    missing = {(str(one.layer), one.rule, one.path) for one in targets(operation)}
    for seed in range(runs):

        @hypothesis.seed(seed)
        @settings(max_examples=500, database=None)
        @given(invalid_requests(operation))
        def collect(request: Any) -> None:
            missing.discard((str(request.layer), row_of(request.rule), request.path))

        collect()
        if not missing:
            break
    return missing


@pytest.mark.volume
def test_every_rule_turns_up_when_nothing_narrows_it() -> None:
    for operation in RULED if FULL else ("ListBackendJobs",):
        missing = missing_targets(operation, budget(12, 2))
        assert not missing, f"{operation}: {missing}"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_hundred_draws_meet_many_rules_at_many_places(seed: int) -> None:
    """Not mostly those of the client, and no rule again and again with other values."""
    pairs: set[tuple[str, str]] = set()
    layers: Counter[str] = Counter()

    @hypothesis.seed(seed)
    @settings(max_examples=100, database=None, deadline=None, phases=[Phase.generate])
    @given(invalid_requests("CreateBackendAuth"))
    def collect(request: InvalidRequest) -> None:
        pairs.add((request.rule, request.path))
        layers[str(request.layer)] += 1

    collect()
    assert len(pairs) >= 50
    assert layers["client"] <= 50
    assert min(layers.values()) >= 15


def test_all_targets_can_be_listed_for_parametrize() -> None:
    listed = invalid_targets("CreateBackendAuth")
    assert len(listed) == len(set(listed)) == len(targets("CreateBackendAuth"))
    one = next(target for target in listed if target.rule == "auth.oauth.redirect-uri")
    assert one == (
        *("CreateBackendAuth", "provisioning", "auth.oauth.redirect-uri"),
        "ResourceConfig.UserPoolConfigs.OAuth.RedirectSignInURIs[]",
    )
    drawn = find(invalid_requests(**one._asdict()))
    assert (drawn.rule, drawn.path) == (one.rule, one.path)
    with pytest.raises(InvalidArgument, match="did you mean 'CreateBackendAuth'"):
        invalid_targets("CreateBackendAut")


def test_a_failing_property_shows_the_config_and_its_own_path() -> None:
    @settings(max_examples=5, database=None, derandomize=True, phases=[Phase.generate])
    @given(invalid_auth_configs(rule="auth.password.length"))
    def fails(config: InvalidConfig) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as failure:
        fails()
    shown = "\n".join(failure.value.__notes__)
    assert "CreateBackendAuth: UserPoolConfigs.PasswordPolicy.MinimumLength is " in shown
    assert "_config_of" not in shown
    assert "spelled" not in shown
    assert "ResourceConfig." not in shown


def test_the_targets_are_all_that_the_model_and_the_rules_say() -> None:
    for rule in table.current().rows:
        for operation in rule.operations:
            known = {(one.layer, one.rule, one.path) for one in targets(operation)}
            assert {(rule.layer, rule.name, path) for path in rule.paths} <= known


CONFIGS = {
    "CreateBackendAuth": invalid_auth_configs(),
    "UpdateBackendAuth": invalid_auth_configs(update=True),
    "CreateBackendAPI": invalid_api_configs(),
    "UpdateBackendAPI": invalid_api_configs(update=True),
    "CreateBackendStorage": invalid_storage_configs(),
    "UpdateBackendStorage": invalid_storage_configs(update=True),
}


@pytest.mark.volume
@pytest.mark.parametrize("operation", CONFIGS)
def test_an_invalid_config_is_refused_within_a_valid_request(operation: str) -> None:
    at = {"AppId": "d1", "BackendEnvironmentName": "dev", "ResourceName": "main"}

    def request(config: InvalidConfig) -> InvalidRequest:
        members = {name: getattr(config, name) for name in ("rule", "layer", "expected")}
        params = {**at, "ResourceConfig": config.config}
        return InvalidRequest(operation, params, path=config.path, **members)

    hold(CONFIGS[operation].map(request), budget(1000, 15))


def find(strategy: Any) -> Any:
    """The first that is drawn; to look for the least takes seconds."""
    first = settings(max_examples=50, database=None, phases=[Phase.generate])
    return hypothesis.find(strategy, bool, settings=first)


def test_a_repr_reads_as_a_sentence_and_keeps_secrets() -> None:
    one = find(invalid_requests("CreateBackendAuth", rule="auth.password.length"))
    length = one.params["ResourceConfig"]["UserPoolConfigs"]["PasswordPolicy"]["MinimumLength"]
    assert repr(one).startswith(
        "CreateBackendAuth: ResourceConfig.UserPoolConfigs.PasswordPolicy.MinimumLength is "
        f"{length!r}, but must be a whole number from 6 to 99, so its job ends FAILED "
        "(rule auth.password.length). Params: {"
    )
    secret = find(invalid_auth_configs(rule="auth.email-message.code"))
    assert "a secret value" in repr(secret)
    for slot in ("VerificationMessage", "ForgotPassword"):
        message = secret.config["UserPoolConfigs"].get(slot, {}).get("EmailSettings")
        assert message is None or message["EmailMessage"] not in repr(secret)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda: invalid_requests("CreateBackendAut"), "did you mean 'CreateBackendAuth'"),
        (lambda: invalid_requests(layer="sever"), "did you mean 'service'"),
        (lambda: invalid_requests("CreateToken", "provisioning"), "known are: client, service"),
        (lambda: invalid_requests(rules="id.app"), "no option 'rules': did you mean 'rule'"),
        (
            lambda: invalid_auth_configs(rule="auth.passwd.length"),
            "did you mean 'auth.password.length'",
        ),
        (
            lambda: invalid_requests("CreateToken", rule="auth.password.length"),
            "it is about CreateBackendAuth, UpdateBackendAuth",
        ),
        (
            lambda: invalid_requests("CreateBackendAuth", "service", rule="auth.password.length"),
            "MinimumLength' in the layer provisioning",
        ),
        (
            lambda: invalid_requests(rule="schema.index.type"),
            r"invalid_schemas\(rule='schema.index.type'\)",
        ),
        (
            lambda: invalid_requests("CreateBackendAuth", path="ResourceConfig.Servce"),
            "did you mean 'ResourceConfig.Service'",
        ),
        (lambda: invalid_requests("CreateToken", job_ids=st.just("a")), "no member JobId"),
        (lambda: invalid_auth_configs(rule="id.app"), "not about its config"),
    ],
)
def test_an_impossible_wish_is_an_invalid_argument(made: Any, text: str) -> None:
    with pytest.raises(InvalidArgument, match=text):
        made()


# Schemas

SCHEMA_RULES = tuple(schema.rules())


@pytest.mark.volume
@pytest.mark.parametrize("rule", SCHEMA_RULES if FULL else SCHEMA_RULES[::12])
def test_an_invalid_schema_is_refused_as_it_says(rule: str) -> None:
    modes = ("API_KEY", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS", "OPENID_CONNECT")
    default, *others = [{"Mode": mode, **_SETTINGS.get(mode, {})} for mode in modes]

    @settings(max_examples=budget(30, 5), deadline=None, derandomize=True, database=None)
    @given(invalid_schemas(rule=rule))
    def refused(invalid: InvalidSchema) -> None:
        fake = FakeAmplifyBackend()
        fake.add_auth("d1")
        at = {"AppId": "d1", "BackendEnvironmentName": "dev"}
        config: dict[str, Any] = {"DefaultAuthType": default, "TransformSchema": invalid.schema}
        config |= {"AdditionalAuthTypes": others, "ApiName": "shop", "Service": "AppSync"}
        job = fake.call(
            "CreateBackendAPI", {**at, "ResourceName": "shop", "ResourceConfig": config}
        )
        ended = fake.call("GetBackendJob", {**at, "JobId": job["JobId"]})
        assert ended["Status"] == "FAILED"
        assert invalid.expected.text in ended["Error"]
        assert f"(rule {rule})" == invalid.expected.text
        assert rule in repr(invalid)

    refused()


def test_the_example_of_every_rule_can_be_drawn() -> None:
    assert [name for name, rule in schema.rules().items() if not _breaks(rule.example, name)] == []


def test_what_breaks_a_rule_stands_among_valid_parts() -> None:
    found: set[str] = set()

    @settings(max_examples=30, database=None, derandomize=True)
    @given(invalid_schemas(rule="schema.index.type"))
    def collect(invalid: InvalidSchema) -> None:
        found.add(invalid.schema)

    collect()
    assert len(found) > 10


_SETTINGS = {
    "OPENID_CONNECT": {
        "Settings": {
            "OpenIDClientId": "web",
            "OpenIDIssueURL": "https://oidc.example.com/",
            "OpenIDProviderName": "oidc",
        }
    }
}


def test_a_rule_that_no_schema_breaks_is_told() -> None:
    with pytest.raises(InvalidArgument, match=r"unknown rule; did you mean 'schema\.syntax'"):
        invalid_schemas(rule="schema.syntaxx")
