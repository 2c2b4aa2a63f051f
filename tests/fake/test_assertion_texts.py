"""``assert_called`` and its sisters, with the texts they fail with, word for word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors


def _api(fake: FakeAmplifyBackend, name: str, mode: str) -> None:
    fake.call(
        "CreateBackendAPI",
        {
            "AppId": "d1abc",
            "BackendEnvironmentName": "dev",
            "ResourceName": name,
            "ResourceConfig": {"Service": "AppSync", "DefaultAuthType": {"Mode": mode}},
        },
    )


@contextmanager
def _fails_with(*lines: str) -> Iterator[None]:
    """The assertion inside must fail with exactly these lines."""
    with pytest.raises(AssertionError) as caught:
        yield
    assert str(caught.value).splitlines() == list(lines)


def test_it_passes(fake) -> None:
    _api(fake, "one", "API_KEY")
    _api(fake, "two", "AWS_IAM")
    fake.assert_called("CreateBackendAPI")
    fake.assert_called("CreateBackendAPI", times=2)
    fake.assert_called("CreateBackendAPI", times=1, ResourceName="two")
    fake.assert_called("CreateBackendAPI", ResourceConfig={"DefaultAuthType": {"Mode": "API_KEY"}})
    fake.assert_called("CreateBackendAPI", times=0, ResourceName="three")
    fake.assert_not_called("GetBackend")
    fake.assert_no_other_calls()


def test_a_structure_is_compared_member_by_member_and_a_list_as_a_whole(fake, dev) -> None:
    modes = [{"Mode": "API_KEY"}, {"Mode": "AWS_IAM"}]
    config = {"AdditionalAuthTypes": modes}
    fake.call("UpdateBackendAPI", {"ResourceName": "api", "ResourceConfig": config, **dev})
    fake.assert_called("UpdateBackendAPI", ResourceConfig={})
    fake.assert_called("UpdateBackendAPI", ResourceConfig=config)
    with pytest.raises(AssertionError):
        fake.assert_called("UpdateBackendAPI", ResourceConfig={"AdditionalAuthTypes": modes[:1]})


def test_no_call_at_all(fake) -> None:
    with _fails_with(
        "Expected CreateBackend(AppName='shop') to be called at least once, but it was never "
        "called.",
        "Calls: none",
    ):
        fake.assert_called("CreateBackend", AppName="shop")


def test_other_operations_only(fake, dev) -> None:
    fake.call("GetBackend", dev)
    fake.call("ListS3Buckets")
    with _fails_with(
        "Expected CreateBackend() to be called once, but it was never called.",
        "Calls: GetBackend, ListS3Buckets",
    ):
        fake.assert_called("CreateBackend", times=1)


def test_many_other_operations(fake) -> None:
    for _ in range(21):
        fake.call("ListS3Buckets")
    with _fails_with(
        "Expected CreateBackend() to be called at least once, but it was never called.",
        f"Calls: {', '.join(['ListS3Buckets'] * 20)} ...",
    ):
        fake.assert_called("CreateBackend")


def test_similar_calls_show_the_leaves_that_differ_the_most_similar_first(fake) -> None:
    _api(fake, "one", "AWS_IAM")
    fake.call("ListS3Buckets")
    _api(fake, "two", "AWS_IAM")
    with _fails_with(
        "Expected CreateBackendAPI(BackendEnvironmentName='dev', ResourceName='two', "
        "ResourceConfig={'DefaultAuthType': {'Mode': 'API_KEY', 'Settings': {'ExpirationTime': "
        "7}}}) to be called at least once, but it was never called.",
        "Similar calls (2 of CreateBackendAPI with other params):",
        "  #2 differs in ResourceConfig.DefaultAuthType.Mode: expected 'API_KEY', was 'AWS_IAM'; "
        "ResourceConfig.DefaultAuthType.Settings: expected {'ExpirationTime': 7}, was missing",
        "  #0 differs in ResourceName: expected 'two', was 'one'; "
        "ResourceConfig.DefaultAuthType.Mode: expected 'API_KEY', was 'AWS_IAM'; "
        "ResourceConfig.DefaultAuthType.Settings: expected {'ExpirationTime': 7}, was missing",
    ):
        fake.assert_called(
            "CreateBackendAPI",
            BackendEnvironmentName="dev",
            ResourceName="two",
            ResourceConfig={
                "DefaultAuthType": {"Mode": "API_KEY", "Settings": {"ExpirationTime": 7}}
            },
        )


def test_too_few_and_too_many(fake, dev) -> None:
    for _ in range(3):
        fake.call("GetBackend", dev)
    fake.call("GetBackend", {"AppId": "d1abc"})
    with _fails_with("Expected GetBackend() to be called twice, but it was called 4 times."):
        fake.assert_called("GetBackend", times=2)
    with _fails_with(
        "Expected GetBackend(BackendEnvironmentName='dev') not to be called, but it was called 3 "
        "times.",
        "Similar calls (1 of GetBackend with other params):",
        "  #3 differs in BackendEnvironmentName: expected 'dev', was missing",
    ):
        fake.assert_called("GetBackend", times=0, BackendEnvironmentName="dev")


def test_at_most_five_similar_calls_are_shown(fake) -> None:
    for number in range(7):
        fake.add_app(f"d{number}")
        fake.call("GetBackend", {"AppId": f"d{number}"})
    with pytest.raises(AssertionError) as caught:
        fake.assert_called("GetBackend", AppId="d9")
    lines = str(caught.value).splitlines()
    assert lines[1] == "Similar calls (7 of GetBackend with other params):"
    assert lines[2:] == [f"  #{n} differs in AppId: expected 'd9', was 'd{n}'" for n in range(5)]


def test_not_called_shows_the_calls(fake) -> None:
    fake.override("ListS3Buckets", {"Buckets": []})
    fake.call("ListS3Buckets")
    with _fails_with(
        "Expected ListS3Buckets not to be called, but it was called once:",
        "  #0 Call('ListS3Buckets', params={}, response={'Buckets': []}, region='us-east-1', "
        "transport='call')",
    ):
        fake.assert_not_called("ListS3Buckets")


def test_other_calls_are_those_that_no_assertion_was_about(fake, dev) -> None:
    fake.override("ListS3Buckets", {"Buckets": []})
    with pytest.raises(errors.NotFound):
        fake.call("GetBackend", {"AppId": "d1other"})
    for _ in range(6):
        fake.call("ListS3Buckets")
    fake.call("GetBackend", dev)
    fake.assert_called("GetBackend", BackendEnvironmentName="dev")
    shown = (
        "Call('ListS3Buckets', params={}, response={'Buckets': []}, region='us-east-1', "
        "transport='call')"
    )
    with _fails_with(
        "Calls that no assertion expects:",
        "  #0 Call('GetBackend', params={'AppId': 'd1other'}, error=NotFound('An error occurred "
        "while processing your request: App d1other not found.', ResourceType='App', "
        "rule='app.missing'), region='us-east-1', transport='call')",
        *(f"  #{number} {shown}" for number in range(1, 5)),
        "  and 2 more",
    ):
        fake.assert_no_other_calls()
    fake.assert_called("ListS3Buckets")
    fake.assert_called("GetBackend", AppId="d1other")
    fake.assert_no_other_calls()
    fake.call("ListS3Buckets")
    with pytest.raises(AssertionError, match="#8 Call"):
        fake.assert_no_other_calls()


def test_a_failed_assertion_expects_nothing(fake) -> None:
    fake.call("ListS3Buckets")
    with pytest.raises(AssertionError):
        fake.assert_called("ListS3Buckets", times=2)
    with pytest.raises(AssertionError, match="that no assertion expects"):
        fake.assert_no_other_calls()


def test_reset_forgets_what_was_asserted(fake) -> None:
    fake.call("ListS3Buckets")
    fake.assert_called("ListS3Buckets")
    fake.reset()
    fake.call("ListS3Buckets")
    with pytest.raises(AssertionError):
        fake.assert_no_other_calls()


def test_a_mistake_is_a_sentence_not_a_failed_assertion(fake) -> None:
    with pytest.raises(errors.UnknownOperation, match=r"did you mean 'CreateBackend'\?"):
        fake.assert_called("CreateBackends")
    with pytest.raises(errors.UnknownOperation, match=r"did you mean 'CreateBackend'\?"):
        fake.assert_not_called("create_backends")
    with pytest.raises(errors.UsageError) as caught:
        fake.assert_called("CreateBackend", AppNmae="shop")
    assert (
        str(caught.value)
        == "assert_called('CreateBackend'): params has no member 'AppNmae': did you mean 'AppName'?"
    )


def test_the_failure_shows_at_the_users_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from pytest_amplifybackend import FakeAmplifyBackend

        def test_it():
            FakeAmplifyBackend().assert_called("GetBackend")
        """
    )
    result = pytester.runpytest("-p", "no:randomly")
    result.stdout.fnmatch_lines(
        [
            ">       FakeAmplifyBackend().assert_called(*",
            "E       AssertionError: Expected GetBackend() to be called at least once, but *",
            "E       Calls: none",
        ]
    )
    result.stdout.no_fnmatch_line("*assertions.py*")
    result.stdout.no_fnmatch_line("*fake.py*")
