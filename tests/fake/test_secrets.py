"""No secret shows: not in a repr, not in an assertion's text, not in an error, not in a diff.

A secret of its own is planted in every sensitive member of the requests that have any; what a
user can see of the fake is searched for each of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pytest_amplifybackend import FakeAmplifyBackend, errors, plugin, progress
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.secrets.shapes import Secret, sensitive_paths
from pytest_amplifybackend._rules import checking, table
from pytest_amplifybackend._rules.rule import Layer

WITH_SECRETS = ("CreateBackendAuth", "UpdateBackendAuth")
MARK = "s3cr3t"


def _filled(shape: Any, path: str, secret_paths: frozenset[str]) -> Any:
    """A value for a shape with every member given, and a secret of its own at every secret leaf."""
    if shape.type_name == "structure":
        return {
            name: _filled(member, f"{path}.{name}".lstrip("."), secret_paths)
            for name, member in shape.members.items()
        }
    if shape.type_name == "list":
        return [_filled(shape.member, f"{path}[]", secret_paths)]
    if path in secret_paths:
        return f"{MARK}-{path}"
    if shape.type_name == "string":
        enum = getattr(shape, "enum", None)
        return enum[0] if enum else "plain"
    return {"boolean": True, "double": 8.0, "integer": 8}[shape.type_name]


def _request(operation: str) -> dict[str, Any]:
    shape = catalogue.operations()[operation].input_shape
    filled = _filled(shape, "", sensitive_paths(operation))
    filled.update(AppId="d1abc", BackendEnvironmentName="dev", ResourceName="auth")
    filled["ResourceConfig"]["AuthResources"] = "USER_POOL_ONLY"
    return filled


def _spoilt(value: Any) -> Iterator[Any]:
    """Copies of a request, each with one secret of a wrong type that still holds the mark."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from ({**value, name: wrong} for wrong in _spoilt(item))
    elif isinstance(value, list):
        yield from ([wrong] for wrong in _spoilt(value[0]))
    elif isinstance(value, str) and value.startswith(MARK):
        yield {"Wrong": value}
        yield [value, value]
        yield value.encode()


@pytest.fixture(params=WITH_SECRETS)
def operation(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def fake() -> FakeAmplifyBackend:
    fake = FakeAmplifyBackend(jobs=progress.manual())
    fake.add_app("d1abc")
    return fake


@pytest.fixture
def called(fake: FakeAmplifyBackend, operation: Any) -> FakeAmplifyBackend:
    """A fake that was called with every secret."""
    fake.call(operation, _request(operation))
    return fake


def test_the_mark_is_really_planted(operation: str) -> None:
    leaves = [
        path
        for path, shape in catalogue.members(catalogue.operations()[operation].input_shape)
        if path in sensitive_paths(operation) and shape.type_name == "string"
    ]
    assert len(leaves) > 10
    assert all(f"{MARK}-{path}" in repr(_request(operation)) for path in leaves)


VIEWS: dict[str, Callable[[FakeAmplifyBackend], Any]] = {
    "the fake": repr,
    "str of the fake": str,
    "the calls": lambda fake: repr(fake.calls),
    "a list of the calls": lambda fake: repr(list(fake.calls)),
    "one call": lambda fake: f"{fake.calls[0]} {fake.calls[0]!r}",
    "its params": lambda fake: f"{fake.calls[0].params} {fake.calls[0].params!r}",
    "the jobs": lambda fake: repr([fake.jobs, list(fake.jobs)]),
    "an ended job": lambda fake: repr([fake.jobs.finish(job.id) for job in fake.jobs]),
}


@pytest.mark.parametrize("view", VIEWS)
def test_no_repr_shows_one(called: FakeAmplifyBackend, view: str) -> None:
    assert MARK not in VIEWS[view](called)


def test_the_params_are_equal_to_what_was_sent(called, operation: str) -> None:
    assert called.calls[0].params == _request(operation)
    called.assert_called(operation, **_request(operation))


def test_a_dump_keeps_them_all(called, operation: str) -> None:
    assert called.dump()["jobs"][0]["work"][1] == _request(operation)


ASSERTIONS: dict[str, Callable[[FakeAmplifyBackend, Any], Any]] = {
    "called with others": lambda fake, operation: fake.assert_called(
        operation, ResourceConfig={**_request(operation)["ResourceConfig"], "Service": "OTHER"}
    ),
    "called with another secret": lambda fake, operation: fake.assert_called(
        operation,
        ResourceConfig={
            "UserPoolConfigs": {
                "OAuth": {"SocialProviderSettings": {"Google": {"ClientSecret": f"{MARK}-other"}}}
            }
        },
    ),
    "called never": lambda fake, operation: fake.assert_called(
        operation, times=0, **_request(operation)
    ),
    "not called": lambda fake, operation: fake.assert_not_called(operation),
    "no other calls": lambda fake, _: fake.assert_no_other_calls(),
}


@pytest.mark.parametrize("assertion", ASSERTIONS)
def test_no_assertion_shows_one(called, operation: str, assertion: str) -> None:
    with pytest.raises(AssertionError) as caught:
        ASSERTIONS[assertion](called, operation)
    assert MARK not in str(caught.value)
    assert MARK not in repr(caught.value)


def test_an_assertion_about_what_can_never_be_does_not_tell(called, operation: str) -> None:
    for wrong in _spoilt(_request(operation)):
        with pytest.raises(errors.UsageError, match="not <redacted>") as caught:
            called.assert_called(operation, **wrong)
        assert MARK not in repr(caught.value)


def test_a_failed_job_does_not_tell(called, operation: str) -> None:
    (job,) = called.jobs
    ended = called.jobs.finish(job.id)
    assert ended.status == "FAILED"
    assert MARK not in str(ended.error)


def test_each_broken_rule_about_a_secret_is_told_without_it(operation: str) -> None:
    found = table.current().violations(operation, Layer.PROVISIONING, _request(operation))
    texts = [checking._message(operation, violation) for violation in found]
    assert any("<redacted>" in text for text in texts)
    assert not [text for text in texts if MARK in text]


def test_an_injected_error_and_its_call_do_not_tell(fake, operation: str) -> None:
    fake.fail(operation, errors.BadRequest("no"), when=_request(operation))
    with pytest.raises(ClientError) as caught:
        getattr(fake.client(), catalogue.method_name(operation))(**_request(operation))
    assert MARK not in f"{caught.value!r} {caught.value.response} {list(fake.calls)}"
    assert str(caught.value).endswith(": no")


def test_a_mistake_in_the_arguments_does_not_tell(fake, operation: str) -> None:
    wrong = list(_spoilt(_request(operation)))
    assert len(wrong) > 30
    for params in wrong:
        with pytest.raises(errors.UsageError) as caught:
            fake.call(operation, params)
        assert " must be a string, not <redacted>." in str(caught.value)
        assert MARK not in repr(caught.value)
        assert caught.value.__cause__ is None


def test_a_mistake_in_given_state_does_not_tell(fake) -> None:
    for params in _spoilt(_request("CreateBackendAuth")):
        with pytest.raises(errors.UsageError) as caught:
            fake.add_auth("d1abc", config=params["ResourceConfig"])
        assert MARK not in str(caught.value)
    with pytest.raises(errors.UsageError) as caught:
        fake.add_auth("d1abc", config=_request("CreateBackendAuth")["ResourceConfig"])
    assert MARK not in str(caught.value)


def test_a_mistake_in_an_override_does_not_tell(fake) -> None:
    answer = {"ResourceConfig": _request("CreateBackendAuth")["ResourceConfig"]}
    fake.override("GetBackendAuth", answer)
    for wrong in _spoilt(answer):
        with pytest.raises(errors.UsageError) as caught:
            fake.override("GetBackendAuth", wrong)
        assert MARK not in str(caught.value)


def test_a_read_shows_secrets_to_the_program_and_to_nobody_else(fake, dev) -> None:
    answer = {"ResourceConfig": _request("CreateBackendAuth")["ResourceConfig"]}
    fake.override("GetBackendAuth", answer)
    assert fake.call("GetBackendAuth", {"ResourceName": "auth", **dev}) == answer
    assert MARK not in repr(list(fake.calls))


@pytest.mark.parametrize("verbosity", ["", "-vv"])
def test_a_diff_of_pytest_does_not_tell(pytester: pytest.Pytester, verbosity: str) -> None:
    requests = [_request("CreateBackendAuth") for _ in range(2)]
    social = requests[1]["ResourceConfig"]["UserPoolConfigs"]["OAuth"]["SocialProviderSettings"]
    social["Google"]["ClientSecret"] += "-other"
    pytester.path.joinpath("requests.json").write_text(json.dumps(requests))
    pytester.makepyfile(
        """
        import json
        import pytest
        from pytest_amplifybackend import FakeAmplifyBackend

        @pytest.fixture
        def calls():
            fake = FakeAmplifyBackend()
            fake.add_app("d1abc")
            fake.add_app("d1abc", environments=["test"])
            with open("requests.json") as file:
                one, two = json.load(file)
            fake.call("CreateBackendAuth", one)
            fake.call("CreateBackendAuth", {**two, "BackendEnvironmentName": "test"})
            return fake.calls

        def test_calls(calls):
            assert calls == []

        def test_list(calls):
            assert list(calls) == []

        def test_two_calls(calls):
            assert calls[0] == calls[1]

        def test_params(calls):
            assert calls[0].params == calls[1].params

        def test_configs(calls):
            assert calls[0].params["ResourceConfig"] == calls[1].params["ResourceConfig"]

        def test_locals(calls):
            one, two = calls[0], calls[1].params
            assert one is two
        """
    )
    result = pytester.runpytest("-p", "no:randomly", "--showlocals", *verbosity.split())
    result.assert_outcomes(failed=6)
    assert "<redacted>" in "".join(result.outlines)
    assert [line for line in result.outlines if MARK in line] == []


@pytest.mark.parametrize("operator", ["==", "not in"])
def test_a_secret_that_is_compared_itself_is_not_spelt_out(operator: str) -> None:
    shown = plugin.pytest_assertrepr_compare(operator, "other", Secret("planted"))
    assert shown == [f"'other' {operator} '<redacted>'"]


def test_other_comparisons_are_left_to_pytest() -> None:
    assert plugin.pytest_assertrepr_compare("==", "one", "other") is None


def test_a_misspelt_member_does_not_show_its_secret(fake: FakeAmplifyBackend) -> None:
    with pytest.raises(errors.UsageError, match="no member 'pools': did you mean") as caught:
        fake.assert_called("CreateBackendAuth", ResourceConfig={"pools": {"Secret": "planted"}})
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize("kind", [str, str.encode])
@pytest.mark.parametrize("member", ["ResourceConfig", "UserPoolConfigs", "SocialProviderSettings"])
def test_json_in_the_place_of_a_structure_is_not_shown(
    fake: FakeAmplifyBackend, member: str, kind: Callable[[str], Any]
) -> None:
    params = _filled(catalogue.operations()["CreateBackendAuth"].input_shape, "", frozenset())
    text = kind(json.dumps({"ClientSecret": MARK}))
    if member == "ResourceConfig":
        params[member] = text
    elif member == "UserPoolConfigs":
        params["ResourceConfig"][member] = text
    else:
        params["ResourceConfig"]["UserPoolConfigs"]["OAuth"][member] = text
    with pytest.raises(
        errors.UsageError, match=f"{member} must be a dict, not <redacted>"
    ) as caught:
        fake.call("CreateBackendAuth", params)
    assert MARK not in str(caught.value)
