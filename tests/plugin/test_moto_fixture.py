"""The fixture ``amplifybackend_moto``, in either order with the test's own ``mock_aws``."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip("moto", reason="moto is not installed")

PROGRAM = """
import boto3, json, os, pytest
from moto import mock_aws

DEV = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}

def pools():
    idp = boto3.client("cognito-idp", region_name="us-east-1")
    return [pool["Id"] for pool in idp.list_user_pools(MaxResults=60)["UserPools"]]

def given_pool(fake):
    fake.add_auth("d1shop")
    (entry,) = json.loads(fake.call("GetBackend", DEV)["AmplifyMetaConfig"])["auth"].values()
    return entry["output"]["UserPoolId"]
"""

TESTS = """
@pytest.fixture
def mocked():
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="before")
        yield

def buckets():
    listed = boto3.client("s3", region_name="us-east-1").list_buckets()["Buckets"]
    return [bucket["Name"] for bucket in listed]

def test_alone(amplifybackend_moto):
    assert [given_pool(amplifybackend_moto)] == pools()

def test_mock_aws_first(mocked, amplifybackend_moto):
    assert [given_pool(amplifybackend_moto)] == pools()
    assert "before" in buckets()

def test_mock_aws_last(amplifybackend_moto, mocked):
    assert [given_pool(amplifybackend_moto)] == pools()
    assert "before" in buckets()

@mock_aws
def test_the_decorator(amplifybackend_moto):
    assert [given_pool(amplifybackend_moto)] == pools()

def test_a_block(amplifybackend_moto):
    with mock_aws():
        made = given_pool(amplifybackend_moto)
        assert pools() == [made]
    assert pools() == [made]

def test_that_nothing_is_left(amplifybackend_moto):
    assert pools() == []
    assert buckets() == []

@mock_aws
def test_others_are_unaffected():
    assert pools() == []
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="mine")
    assert buckets() == ["mine"]

def test_it_is_the_active_fake(amplifybackend, amplifybackend_moto, amplifybackend_client):
    assert amplifybackend is amplifybackend_moto
    assert [given_pool(amplifybackend)] == pools()
    assert len(amplifybackend_client.list_s3_buckets()["Buckets"]) == len(buckets()) == 1

@pytest.mark.amplifybackend(moto=True, region="eu-west-1")
def test_the_marker(amplifybackend):
    amplifybackend.add_app("d1shop")
    listed = boto3.client("s3", region_name="us-east-1").list_buckets()["Buckets"]
    assert len(listed) == 1

def test_the_environment_is_as_before():
    assert not [name for name in os.environ if name.startswith("AWS_ENDPOINT")]
    assert os.environ.get("AWS_ACCESS_KEY_ID") != "FOOBARKEY"
"""

SERVER = """
@pytest.mark.amplifybackend(moto=True)
def test_one_endpoint(amplifybackend_server):
    assert os.environ["AWS_ENDPOINT_URL"] == amplifybackend_server.url
    made = given_pool(amplifybackend_server.fake)
    assert pools() == [made]
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    s3 = session.client("s3", endpoint_url=amplifybackend_server.url)
    assert len(s3.list_buckets()["Buckets"]) == 1

def test_plain(amplifybackend_server):
    assert "AWS_ENDPOINT_URL" not in os.environ

def test_with_the_moto_fixture(amplifybackend_moto, amplifybackend_server):
    assert amplifybackend_server.fake is amplifybackend_moto
    assert os.environ["AWS_ENDPOINT_URL"] == amplifybackend_server.url
"""


def test_the_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PROGRAM + TESTS)
    result = pytester.runpytest("-W", "error")
    result.assert_outcomes(passed=10)


def test_the_server_fixture(pytester: pytest.Pytester) -> None:
    pytest.importorskip("httptools", reason="httptools is not installed")
    pytest.importorskip("flask_cors", reason="what moto's server needs is not installed")
    pytester.makepyfile(PROGRAM + SERVER)
    pytester.runpytest("-W", "error").assert_outcomes(passed=3)


def test_a_missing_extra_names_the_command(pytester: pytest.Pytester) -> None:
    pytest.importorskip("httptools", reason="httptools is not installed")
    pytester.makeconftest("import sys\n\nsys.modules['moto'] = None\n")
    pytester.makepyfile(
        """
        import pytest

        def test_fixture(amplifybackend_moto):
            pass

        @pytest.mark.amplifybackend(moto=True)
        def test_server(amplifybackend_server):
            pass
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(errors=2)
    text = "*MissingExtra: Provisioning in moto needs moto: pip install *-amplifybackend[[]moto]'"
    result.stdout.fnmatch_lines([text, "*MissingExtra: *pip install *-amplifybackend[[]moto]'"])


USES = """
import sys
import pytest_amplifybackend.plugin
import pytest_amplifybackend.provisioning
from pytest_amplifybackend import FakeAmplifyBackend

FakeAmplifyBackend(moto=True)
FakeAmplifyBackend().serve().__enter__().stop()
FakeAmplifyBackend().__enter__().add_app("d1shop")
assert not {"moto", "boto3", "flask"} & set(sys.modules), "imported"
"""


def test_moto_is_imported_only_when_it_is_used() -> None:
    pytest.importorskip("httptools", reason="httptools is not installed")
    subprocess.run([sys.executable, "-c", USES], check=True, timeout=60)
