"""The section that a failed test's report has about its fakes."""

from __future__ import annotations

import re
import threading
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
HEAD = """
import pytest
from pytest_amplifybackend import FakeAmplifyBackend, errors

API = {"Service": "AppSync", "ApiName": "x", "DefaultAuthType": {"Mode": "API_KEY"}}

def deploy(client, schema, place={"AppId": "d1", "BackendEnvironmentName": "dev"}):
    config = {**API, "TransformSchema": schema}
    made = client.create_backend_api(**place, ResourceName="orders", ResourceConfig=config)
    return client.get_backend_job(**place, JobId=made["JobId"])
"""
FAILING = """
def test_deploys(amplifybackend, amplifybackend_client):
    amplifybackend.add_app("d1")
    amplifybackend.fail("GetBackend", errors.NotFound(), when={"AppId": "d2"})
    for _ in range(20):
        amplifybackend_client.get_backend(AppId="d1")
    with pytest.raises(amplifybackend_client.exceptions.NotFoundException):
        amplifybackend_client.get_token(AppId="d1", SessionId="s")
    assert deploy(amplifybackend_client, "type A @modle { id: ID! }")["Status"] == "COMPLETED"
"""


def section(text: str) -> list[str]:
    """The lines of the first section about fakes in an output of pytest."""
    found = re.search(r"^-+ amplifybackend -+\n(.*?)(?=^(?:__|==|-+ ))", text, re.S | re.M)
    return found[1].splitlines() if found else []


def lines_of(pytester: pytest.Pytester, code: str, *options: str) -> list[str]:
    pytester.makepyfile(HEAD + code)
    return section(pytester.runpytest("-p", "no:randomly", *options).stdout.str())


def test_calls_jobs_faults_and_the_clock(pytester: pytest.Pytester) -> None:
    lines = lines_of(pytester, FAILING)
    assert len(lines) <= 11
    assert lines[0] == "17 earlier calls (-vv shows them)"
    assert lines[1] == "#17 GetBackend(AppId='d1') -> AppName='d1', BackendEnvironmentList=['dev']"
    head = "#20 GetToken(AppId='d1', SessionId='s') -> NotFoundException (rule token.missing): "
    assert lines[4].removeprefix(head) == "The session s of app d1 does not exist or has expired."
    assert ", BackendEnvironmentName='dev', ResourceName='orders', ...) -> JobId=" in lines[5]
    assert "Status='FAILED'" in lines[6]
    job, unused, clock = lines[7:]
    assert re.match(
        r"job [0-9a-f-]{36} CreateBackendAPI d1/dev FAILED \(rule schema\.sdl\.known-dir[a-z]+\): ",
        job,
    )
    assert 'Unknown directive "@modle"' in job
    assert unused.startswith("unused: fail('GetBackend', NotFound(")
    assert clock == "clock: 2024-01-01T00:00:00.000Z"


def test_reasons_are_whole(pytester: pytest.Pytester) -> None:
    code = """
def test_it(amplifybackend, amplifybackend_client):
    amplifybackend.add_app("d1abcdefghijklmnop")
    amplifybackend.add_app("d2", region="eu-west-1")
    place = {"AppId": "d1abcdefghijklmnop", "BackendEnvironmentName": "dev"}
    for call in (
        lambda: amplifybackend_client.clone_backend(**place, TargetEnvironmentName="pr1"),
        lambda: amplifybackend_client.get_backend(AppId="d2"),
    ):
        with pytest.raises(Exception):
            call()
    amplifybackend.override("GetBackend", {"AppId": "d2", "BackendEnvironmentList": ["dev"] * 99})
    amplifybackend_client.get_backend(AppId="d2")
    job = deploy(amplifybackend_client, "type A @modle { id: ID! }", place)
    assert 0
"""
    rejected, hint, many, made, *_ = lines_of(pytester, code)
    assert rejected == (
        "#0 CloneBackend(AppId='d1abcdefghijklmnop', ...) -> BadRequestException "
        "(rule name.environment): TargetEnvironmentName: 'pr1': Environment name must be between "
        "2 and 10 characters, and lowercase only (letters a to z, no digits)"
    )
    assert hint == (
        "#1 GetBackend(AppId='d2') -> NotFoundException (rule app.missing): App d2 not found. "
        "The fake has an app d2 in eu-west-1; this call was for us-east-1. Make the client with "
        "region_name='eu-west-1', or preset the app with region='us-east-1'; the fake's option "
        "region is the default of both."
    )
    assert many == "#2 GetBackend(AppId='d2') -> BackendEnvironmentList=[99]"
    assert made.endswith(
        "ResourceName='orders', ...) -> JobId="
        "'2e78534f-5ebb-4653-a259-6395ca55ab9c', Status='PENDING', ..."
    )
    assert len(made) <= 200


def test_the_sample_of_the_docs(pytester: pytest.Pytester) -> None:
    code = """
def test_it(amplifybackend, amplifybackend_client):
    amplifybackend.add_app("d1abc")
    place = {"AppId": "d1abc", "BackendEnvironmentName": "dev"}
    job = deploy(amplifybackend_client, "type A @modle { id: ID! }", place)
    assert job["Status"] == "COMPLETED"
"""
    sample = section((DOCS / "failures.md").read_text("utf-8").replace("```", "==", 2))
    assert lines_of(pytester, code) == sample


def test_all_of_it(pytester: pytest.Pytester) -> None:
    lines = lines_of(pytester, FAILING, "-vv")
    assert sum(line.startswith("#") for line in lines) == 23
    assert any("'TransformSchema': 'type A @modle { id: ID! }'" in line for line in lines)
    assert any(line.startswith("  ") and "GraphQL request:1:8" in line for line in lines)


@pytest.mark.parametrize("options", [("-n", "1"), ("--tb=short",), ("--tb=native",)])
def test_other_reports(pytester: pytest.Pytester, options: tuple[str, ...]) -> None:
    assert lines_of(pytester, FAILING, *options)[-1] == "clock: 2024-01-01T00:00:00.000Z"


def test_junit(pytester: pytest.Pytester) -> None:
    lines = lines_of(pytester, FAILING, "--junitxml=report.xml")
    (failure,) = ET.parse(pytester.path / "report.xml").iter("failure")
    assert set(lines) <= set((failure.text or "").splitlines())


@pytest.mark.parametrize(
    "code",
    [
        "def test_it(amplifybackend):\n    assert 0",
        "def test_it():\n    assert 0",
        FAILING.replace("COMPLETED", "FAILED"),
    ],
    ids=["no call", "no fake", "no failure"],
)
def test_nothing_to_tell(pytester: pytest.Pytester, code: str) -> None:
    pytester.makeini("[pytest]\namplifybackend_allow_unused = true\n")
    assert lines_of(pytester, code) == []


def test_turned_off(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\namplifybackend_show_calls = false\n")
    assert lines_of(pytester, FAILING) == []


def test_fakes_however_they_are_made(pytester: pytest.Pytester) -> None:
    code = """
    import unittest

    def called(fake):
        with fake:
            fake.add_app("d1")
            fake.client().get_backend(AppId="d1")

    @pytest.fixture(scope="module")
    def shared(amplifybackend_factory):
        with amplifybackend_factory(jobs="manual") as fake:
            fake.add_app("d1")
            yield fake

    def test_of_others(shared):
        deploy(shared.client(), "type A @model { id: ID! }")

    def test_shared(shared):
        shared.client().get_backend(AppId="d1")
        assert 0

    def test_two():
        one, two = FakeAmplifyBackend(), FakeAmplifyBackend()
        called(one)
        called(two)
        assert 0

    class Test(unittest.TestCase):
        def setUp(self):
            self.fake = FakeAmplifyBackend()
            called(self.fake)
            raise ValueError

        def test_it(self):
            pass
    """
    pytester.makepyfile(HEAD + "\n".join(line[4:] for line in code.splitlines()))
    text = pytester.runpytest("-p", "no:randomly").stdout.str()
    shared, two, fixture = (
        section(text[text.index(f"_ {name} _") :])
        for name in ("test_shared", "test_two", "Test.test_it")
    )
    get_backend = "GetBackend(AppId='d1') -> AppName='d1', BackendEnvironmentList=['dev']"
    assert shared[0] == f"#2 {get_backend}"
    assert shared[1].endswith("CreateBackendAPI d1/dev PENDING")
    assert shared[2] == "clock: 2024-01-01T00:00:00.000Z, 1 job unfinished"
    assert two[:2] + two[3:5] == [
        "fake 1 of 2", f"#0 {get_backend}", "fake 2 of 2", f"#0 {get_backend}",
    ]  # fmt: skip
    assert fixture[0] == f"#0 {get_backend}"


def test_the_minimal_example_is_the_last_to_be_told(pytester: pytest.Pytester) -> None:
    code = """
from hypothesis import HealthCheck, given, settings, strategies as st

@settings(database=None, suppress_health_check=[*HealthCheck])
@given(number=st.integers(0, 1000))
def test_property(amplifybackend, amplifybackend_client, number):
    amplifybackend_client.exceptions
    with pytest.raises(amplifybackend_client.exceptions.NotFoundException):
        amplifybackend_client.get_backend(AppId=f"d{number}")
    assert number < 17
"""
    lines = lines_of(pytester, code)
    assert "GetBackend(AppId='d17') -> NotFoundException" in lines[-2]


def test_a_call_that_never_ends_keeps_no_report_waiting(pytester: pytest.Pytester) -> None:
    before = set(threading.enumerate())
    code = """
import threading

def test_stuck(amplifybackend, amplifybackend_client):
    begun, end = threading.Event(), threading.Event()

    def answer(params):
        begun.set()
        end.wait(20)
        return {}

    amplifybackend.override("ListS3Buckets", answer)
    threading.Thread(target=amplifybackend_client.list_s3_buckets, daemon=True).start()
    begun.wait(20)
    try:
        pytest.fail("no")
    finally:
        threading.Timer(1.5, end.set).start()
"""
    assert lines_of(pytester, code) == ["a call of this fake is still being answered"]
    for thread in set(threading.enumerate()) - before:
        thread.join(20)  # its call would otherwise count for the next test


def test_secrets_stay_hidden(pytester: pytest.Pytester) -> None:
    code = """
SECRET = "".join(["hush", "hush"])

def test_secret(amplifybackend, amplifybackend_client):
    amplifybackend.add_app("d1")
    providers = {"Google": {"ClientId": SECRET + "1", "ClientSecret": SECRET}}
    oauth = {
        "OAuthGrantType": "CODE", "OAuthScopes": ["EMAIL"], "SocialProviderSettings": providers,
        "RedirectSignInURIs": ["https://a.example/"], "RedirectSignOutURIs": ["https://a.example/"],
    }
    users = {
        "OAuth": oauth, "RequiredSignUpAttributes": ["EMAIL"], "SignInMethod": "EMAIL",
        "PasswordPolicy": {"MinimumLength": 8.0}, "UserPoolName": "pool",
    }
    config = {"AuthResources": "USER_POOL_ONLY", "Service": "COGNITO", "UserPoolConfigs": users}
    amplifybackend.override("GetToken", {"ChallengeCode": SECRET}, when={"SessionId": SECRET})
    amplifybackend.jobs.fail_next("CreateBackendAuth", f"cannot use {SECRET}")
    amplifybackend_client.create_backend_auth(
        AppId="d1", BackendEnvironmentName="dev", ResourceName="a", ResourceConfig=config
    )
    pytest.fail("no", pytrace=False)
"""
    pytester.makepyfile(HEAD + code)
    for options in ((), ("-vv",)):
        text = pytester.runpytest("-p", "no:randomly", *options).stdout.str()
        assert "CreateBackendAuth d1/dev FAILED: cannot use" in text
        assert "hushhush" not in text
