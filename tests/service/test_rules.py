"""Every rule refuses what breaks it, in its layer and in a text that says where, and only that."""

from __future__ import annotations

from typing import Any

import pytest
from full_requests import FULL, concrete, with_value
from rule_cases import CASES, SERVICE, Case
from shop_calls import APP, DEV, POOL

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._api import paths, validity
from pytest_amplifybackend._rules import table

SECRET = ("SmsMessage", "EmailSettings", "SocialProviderSettings.")


def placed(values: str) -> list[Any]:
    """A case for each rule, each operation and path where it holds, and each value."""
    return [
        pytest.param(name, operation, path, value, id=f"{name}-{operation}-{path}-{index}")
        for name, operations, places in (
            (rule.name, rule.operations, rule.paths) for rule in table.current().rows
        )
        if name in CASES
        for operation in operations
        for path in places
        for index, value in enumerate(getattr(CASES[name], values))
    ]


@pytest.fixture
def ready(fake: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """An environment with a bucket to import and nothing else."""
    fake.add_app(APP)
    fake.add_bucket("our-pictures")
    return fake


def arrange(fake: FakeAmplifyBackend, operation: str) -> None:
    """What the job of an operation needs besides sound params."""
    if "Storage" in operation:
        fake.add_auth(APP, name="users")
    if operation.startswith(("Update", "Delete")):
        if operation.endswith("Auth"):
            fake.add_auth(APP, name="users")
        elif operation.endswith("API"):
            fake.add_api(APP, name="orders")
        elif operation.endswith("Storage"):
            fake.add_storage(APP, name="media")


def ended(fake: FakeAmplifyBackend, operation: Any, params: dict[str, Any]) -> str | None:
    """The error of the job that a call makes; None when it ends COMPLETED."""
    return fake.jobs[fake.call(operation, params)["JobId"]].error


def outcome(fake: FakeAmplifyBackend, operation: Any, params: dict[str, Any]) -> str:
    """The error of a call or of its job, empty when both are fine."""
    try:
        answer = fake.call(operation, params)
    except errors.ServiceError as refused:
        return refused.message
    return (fake.jobs[answer["JobId"]].error or "") if "JobId" in answer else ""


def assert_names(text: str, operation: str, path: str, value: Any, case: Case) -> None:
    """The text names operation, path, value and what is wrong, and no secret."""
    place = f"{operation}: {concrete(path)}: " if path else f"{operation}: "
    assert place in text
    assert case.says in text
    if any(secret in path for secret in SECRET):
        assert f"{place}<redacted>: " in text
        assert "hidden" not in text
        assert not isinstance(value, str) or not value or value not in text
    elif isinstance(value, dict):
        assert f"{place}the structure: " in text
    else:
        assert f"{place}{repr(value)[:120]}" in text


def test_every_case_is_of_a_rule() -> None:
    """Not the other way round: tests/strategies breaks every rule, the latest ones too."""
    assert CASES.keys() <= {rule.name for rule in table.current().rows}


def test_the_requests_give_every_member_that_a_rule_is_about() -> None:
    for rule in table.current().rows:
        for operation in rule.operations:
            for path in filter(None, rule.paths):
                assert paths.find(FULL[operation], path), (
                    f"add {path} to _MORE[{operation!r}] in tests/service/full_requests.py: "
                    f"the rule {rule.name} is about it"
                )


@pytest.mark.parametrize("operation", FULL)
def test_a_full_request_keeps_every_rule(ready: FakeAmplifyBackend, operation: str) -> None:
    arrange(ready, operation)
    validity.check_params(operation, FULL[operation])

    assert "(rule " not in outcome(ready, operation, FULL[operation])  # the state may still object


@pytest.mark.parametrize(("name", "operation", "path", "value"), placed("breaks"))
def test_a_value_that_breaks_a_rule_is_refused_in_its_layer(
    ready: FakeAmplifyBackend, name: str, operation: Any, path: str, value: Any
) -> None:
    case = CASES[name]
    arrange(ready, operation)
    params = with_value(FULL[operation], path, value)
    before = ready.dump()

    if case.layer == SERVICE:
        with pytest.raises(errors.BadRequest) as refused:
            ready.call(operation, params)
        text = refused.value.message
        assert refused.value.rule == name
        assert ready.dump() == before
    else:
        text = ended(ready, operation, params) or "the job ended COMPLETED"
        assert next(reversed(list(ready.jobs))).rule == name
        assert text.startswith("Command failed with exit code 1: /root/.amplify/bin/amplify ")
        after = ready.dump()
        assert (after["apps"], after["buckets"]) == (before["apps"], before["buckets"])

    assert text.endswith(f"(rule {name}).")
    assert_names(text, operation, path, value, case)


@pytest.mark.parametrize(("name", "operation", "path", "value"), placed("keeps"))
def test_a_value_that_keeps_a_rule_is_not_refused_by_it(
    ready: FakeAmplifyBackend, name: str, operation: str, path: str, value: Any
) -> None:
    arrange(ready, operation)
    params = with_value(FULL[operation], path, value)

    text = outcome(ready, operation, params)

    assert f"(rule {name})" not in text
    assert CASES[name].layer == SERVICE or not text


def test_an_empty_oauth_is_complete_because_it_removes_it(ready: FakeAmplifyBackend) -> None:
    arrange(ready, "UpdateBackendAuth")
    params = with_value(FULL["UpdateBackendAuth"], "ResourceConfig.UserPoolConfigs.OAuth", {})

    assert ended(ready, "UpdateBackendAuth", params) is None


def test_the_first_broken_rule_of_the_table_is_named(ready: FakeAmplifyBackend) -> None:
    params = {**FULL["CreateBackend"], "AppId": "", "BackendEnvironmentName": "Not A Name"}

    with pytest.raises(errors.BadRequest, match=r"AppId: '': .* \(rule name\.empty\)"):
        ready.call("CreateBackend", params)


def test_a_long_value_is_cut(ready: FakeAmplifyBackend) -> None:
    with pytest.raises(errors.BadRequest) as refused:
        ready.call("GetBackend", {"AppId": "x" * 10_000})

    assert f"{'x' * 119}..." in refused.value.message
    assert len(refused.value.message) < 400


def test_what_the_client_would_refuse_never_reaches_the_service(ready: FakeAmplifyBackend) -> None:
    before = ready.dump()

    with pytest.raises(errors.UsageError, match="MaxResults"):
        ready.call("ListBackendJobs", {**DEV, "MaxResults": 0})
    with pytest.raises(errors.UsageError, match=r"[Mm]issing.*AppId"):
        ready.call("GetBackend")
    with pytest.raises(errors.UsageError, match="Nonsense"):
        ready.call("ImportBackendAuth", {**DEV, **POOL, "Nonsense": 1})

    assert ready.dump() == before
    assert not ready.calls
