"""The targets that are not started by the suite: a URL, AWS behind an endpoint, a hook, moto."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from volume import full_only

from pytest_amplifybackend import FakeAmplifyBackend, progress
from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend.contract._support import target
from pytest_amplifybackend.contract._support.aws import Apps
from pytest_amplifybackend.contract._support.backend import READS

pytest.importorskip("httptools", reason="a server needs the http extra")

KEY, SECRET = "AKIDEXAMPLE", "the secret key"


@pytest.fixture
def fake() -> FakeAmplifyBackend:
    return FakeAmplifyBackend(
        jobs=progress.after_reads(1), verify_signatures={KEY: SECRET}, region="us-east-1"
    )


@pytest.fixture
def url(fake: FakeAmplifyBackend, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An endpoint where only requests are answered that are signed with the key."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    with fake.serve() as server:
        yield server.url


def test_a_url_is_tested_and_left_as_it_was(suite: Any, fake: FakeAmplifyBackend, url: str) -> None:
    result = suite(
        f"--amplifybackend-target={url}",
        "--amplifybackend-poll-interval=0",
        files=("test_isolation",),
    )
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed"}
    assert outcomes["passed"] > 20
    assert not fake.dump()["apps"]
    assert fake.calls.of("RemoveAllBackends")


def test_what_a_failed_test_made_is_removed(
    suite: Any, fake: FakeAmplifyBackend, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.override("GetBackendAuth", {"AppId": "d1other"})
    fake.override("DeleteBackendAuth", {"AppId": "d1other"})
    result = suite(
        f"--amplifybackend-target={url}",
        "--amplifybackend-operations=GetBackendAuth,DeleteBackendAuth",
        files=("test_operations",),
    )
    assert set(result.parseoutcomes()) == {"failed", "deselected"}
    assert not fake.dump()["apps"]


def test_what_cannot_be_removed_is_told(suite: Any, fake: FakeAmplifyBackend, url: str) -> None:
    def refuse(params: Any) -> Any:
        from pytest_amplifybackend import errors

        raise errors.TooManyRequests("Rate exceeded.")

    fake.override("RemoveAllBackends", refuse)
    result = suite(
        f"--amplifybackend-target={url}",
        "--amplifybackend-operations=GetToken",
        files=("test_operations",),
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["*left behind, please remove*", "App d* in us-east-1 could not be removed: Rate exceeded."]
    )


def test_another_key_ends_the_run(suite: Any, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    options = (f"--amplifybackend-target={url}", "--amplifybackend-operations=GetBackend")
    result = suite(*options, files=("test_operations",))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {url} rejects the credentials: InvalidSig*no-probe*"])
    result = suite(*options, "--amplifybackend-no-probe", files=("test_operations",))
    assert set(result.parseoutcomes()) == {"blocked", "deselected"}
    result.stdout.fnmatch_lines(["CreateBackend answered 403 (Invalid*"])


def test_a_url_may_be_written_in_capitals(suite: Any, url: str) -> None:
    result = suite(
        f"--amplifybackend-target={url.replace('http', 'HTTP')}",
        "--amplifybackend-operations=GetToken",
        files=("test_operations",),
    )
    assert set(result.parseoutcomes()) == {"passed", "deselected"}


def test_pauses_grow_up_to_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(target.time, "sleep", slept.append)
    polling = target.Polling(1.6, 16.0)
    assert len(list(polling.pauses())) == polling.reads
    assert slept[:6] == [0.1, 0.2, 0.4, 0.8, 1.6, 1.6]
    assert sum(slept) >= 16.0


def test_aws_is_only_read_unless_writes_are_allowed(
    suite: Any, fake: FakeAmplifyBackend, url: str
) -> None:
    target = ("--amplifybackend-target=aws", f"--amplifybackend-endpoint={url}")
    result = suite(*target, "-rs", files=("test_operations", "test_errors", "test_environments"))
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed", "skipped"}
    assert outcomes["passed"] >= 10
    assert {call.operation for call in fake.calls} <= READS
    assert not fake.dump()["apps"]
    result.stdout.fnmatch_lines(
        [
            "target aws, read-only: *",
            "This project's CI does not run the suite against AWS.",
            "*CreateBackend writes: --amplifybackend-allow-writes lets it",
        ]
    )


def test_aws_with_writes_warns_of_the_costs_and_cleans_up(
    suite: Any, fake: FakeAmplifyBackend, url: str
) -> None:
    result = suite(
        "--amplifybackend-target=aws",
        f"--amplifybackend-endpoint={url}",
        "--amplifybackend-allow-writes",
        "--amplifybackend-poll-interval=0",
        "--amplifybackend-operations=CreateBackendStorage,ImportBackendAuth",
        "-rs",
        files=("test_lifecycle",),
    )
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed", "skipped", "deselected"}
    assert outcomes["passed"] >= 5
    assert not fake.dump()["apps"]
    result.stdout.fnmatch_lines(
        [
            "target aws, WRITES ALLOWED: *COSTS MONEY*",
            "*it takes the ids of a real user pool; return them from the hook",
        ]
    )


class Amplify:
    """What the suite asks of a client of the service amplify."""

    class exceptions:  # as botocore spells it
        class NotFoundException(Exception):
            """The app is gone."""

    def __init__(self) -> None:
        self.apps: list[str] = []
        self.closed = 0

    def create_app(self, *, name: str) -> dict[str, Any]:
        assert name.startswith("pytest-amplifybackend-d1")
        self.apps.append("d9real")
        return {"app": {"appId": "d9real"}}

    def delete_app(self, *, appId: str) -> None:  # as botocore spells it
        if appId not in self.apps:
            raise self.exceptions.NotFoundException
        self.apps.remove(appId)

    def close(self) -> None:
        self.closed += 1


def test_apps_of_aws_are_made_and_removed() -> None:
    client = Amplify()
    apps = Apps(lambda _: client)
    assert apps.make("us-east-1", "d1wanted") == "d9real"
    apps.remove("us-east-1", "d1nobodys")
    assert client.apps == ["d9real"]
    apps.remove("us-east-1", "d9real")
    assert client.apps == []
    apps.make("us-east-1", "d1wanted")
    client.apps.clear()
    apps.remove("us-east-1", "d9real")
    assert client.closed == 4
    assert Apps().make("us-east-1", "d1wanted") == "d1wanted"


HOOK = """
    from pytest_amplifybackend import FakeAmplifyBackend, progress

    FAKE = FakeAmplifyBackend(jobs=progress.{policy})

    def pytest_amplifybackend_client(region):
        return FAKE.client(region)
"""


def test_a_client_can_be_given_by_a_hook(pytester: pytest.Pytester, suite: Any) -> None:
    pytester.makeconftest(HOOK.format(policy="after_reads(3)"))
    result = suite("--amplifybackend-target=hook", files=("test_jobs",))
    assert set(result.parseoutcomes()) == {"passed"}


def test_what_a_target_is_too_fast_for_is_skipped(pytester: pytest.Pytester, suite: Any) -> None:
    pytester.makeconftest(HOOK.format(policy="immediate()"))
    result = suite("--amplifybackend-target=hook", "-rs", files=("test_jobs", "test_lifecycle"))
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed", "skipped"}
    assert outcomes["passed"] > 60
    result.stdout.fnmatch_lines(
        ["*the state 'job running' cannot be built: the target's jobs end before they can be *"]
    )


def test_a_state_can_be_built_in_another_way(pytester: pytest.Pytester, suite: Any) -> None:
    pytester.makeconftest(
        HOOK.format(policy="after_reads(1)")
        + """
    from pytest_amplifybackend.contract import Unbuildable

    def pytest_amplifybackend_state(state, app_id, region):
        if state == "auth present":
            FAKE.add_auth(app_id, "dev", name="ours", region=region)
            return {"ResourceName": "ours"}
        if state == "token active":
            raise Unbuildable("no tokens here")
"""
    )
    chosen = "--amplifybackend-operations=GetBackendAuth,GetToken,CreateToken"
    result = suite("--amplifybackend-target=hook", "-rs", chosen, files=("test_operations",))
    result.assert_outcomes(passed=4, skipped=2)
    result.stdout.fnmatch_lines(["*the state 'token active' cannot be built: no tokens here"])


BAD_STATES = {
    "{}": "built 'token active' without saying its SessionId.",
    "True": "built 'token active' and returned a bool, not a dict.",
    "{'SessionId': 'a', 'AppID': 'd1'}": "built 'token active' with 'AppID': did you mean 'AppId'?",
}


@pytest.mark.parametrize("given", BAD_STATES)
def test_a_state_that_is_told_wrongly_is_an_error(
    pytester: pytest.Pytester, suite: Any, given: str
) -> None:
    pytester.makeconftest(
        HOOK.format(policy="after_reads(1)")
        + f"""
    def pytest_amplifybackend_state(state):
        return {given}
"""
    )
    result = suite(
        "--amplifybackend-target=hook",
        "--amplifybackend-operations=GetToken",
        files=("test_operations",),
    )
    result.stdout.fnmatch_lines([f"E*pytest_amplifybackend_state {BAD_STATES[given]}"])


def test_the_target_hook_needs_a_hook(suite: Any) -> None:
    result = suite("--amplifybackend-target=hook", "-x", files=("test_pagination",))
    result.stderr.fnmatch_lines(
        ["*needs a conftest.py with pytest_amplifybackend_client(region).*"]
    )


@full_only
def test_moto_fails_nearly_everything_and_says_why(pytester: pytest.Pytester) -> None:
    """In a process of its own, since moto hooks itself into botocore when it is imported."""
    pytest.importorskip("moto")
    pytester.makeconftest(
        """
        import boto3
        import moto

        MOCK = moto.mock_aws()

        def pytest_configure():
            MOCK.start()

        def pytest_unconfigure():
            MOCK.stop()

        def pytest_amplifybackend_client(region):
            return boto3.client("amplifybackend", region_name=region)
        """
    )
    result = pytester.runpytest_subprocess(
        "--pyargs",
        "pytest_amplifybackend.contract.test_operations",
        "pytest_amplifybackend.contract.test_errors",
        "--amplifybackend-target=hook",
        "--amplifybackend-no-probe",
        "--tb=short",
    )
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"failed", "blocked"}, "nothing passes, and nothing is left out"
    assert outcomes["failed"] > len(catalogue.operations())
    assert sum(outcomes.values()) >= 4 * len(catalogue.operations())
    result.stdout.fnmatch_lines(
        [
            "E*CreateBackend: expected success, got status 404, 404: Not yet implemented (not an "
            "error of the service: the target may not implement the operation)",
            f"hook does all that was tested of 0 of {len(catalogue.operations())} operations, and "
            "passes 0 of * tests.",
            f"CreateBackend answered 404 ({outcomes['blocked']} tests)",
        ]
    )
