"""AwsProvisioner by itself: what it may be given, where its calls go, and where they never go."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import boto3
import botocore.session
import pytest
from moto import mock_aws
from moto_shop import AUTH, DEV, deployment_bucket, done, failed, inventory, outputs, sibling

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._provision import stacks
from pytest_amplifybackend.provisioning import AwsProvisioner


@pytest.mark.parametrize("given", [None, "eu-west-1", "ftp://x", 7, boto3.Session])
def test_it_needs_a_session_or_an_endpoint(given: Any) -> None:
    with pytest.raises(errors.UsageError, match="takes a session of botocore or boto3, or the URL"):
        AwsProvisioner(given)


@pytest.mark.parametrize("make", [boto3.Session, botocore.session.Session])
def test_a_session_reaches_moto(make: Any) -> None:
    with (
        mock_aws(),
        FakeAmplifyBackend(provisioner=AwsProvisioner(make())) as fake,
    ):
        done(fake, "CreateBackend", **DEV, AppName="shop")
        assert list(inventory()) == [deployment_bucket(fake)]


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_without_mock_aws_nothing_gets_to_a_socket(
    monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise AssertionError("a socket was asked for")

    session = boto3.Session("testing", "testing")
    fake = FakeAmplifyBackend(provisioner=AwsProvisioner(session), region=region)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket, "socket", refused)
    with pytest.raises(errors.UsageError, match=r"was stopped before the socket.*mock_aws"):
        fake.add_app("d1shop")
    assert fake.dump()["apps"] == []


def test_nothing_of_the_machine_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_CA_BUNDLE": "/nowhere",
        "AWS_DEFAULT_REGION": "mars-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_RETRY_MODE": "patient",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_USE_FIPS_ENDPOINT": "true",
    }.items():
        monkeypatch.setenv(name, value)
    with FakeAmplifyBackend(moto=True) as fake:
        fake.add_auth("d1shop")
        assert len(fake.client().list_s3_buckets()["Buckets"]) == 1


def test_a_region_that_the_emulator_does_not_know(
    empty: FakeAmplifyBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stacks, "CLOUDFORMATION", "not.imported")  # else the stack fails first
    broke = "in us-mars-1 broke what emulates it: KeyError: 'us-mars-1'"
    with pytest.raises(errors.UsageError, match=broke):
        empty.add_auth("d1shop", region="us-mars-1")
    assert inventory() == {}
    empty.add_app("d1shop", region="us-mars-1")
    made = {**DEV, "ResourceName": "auth", "ResourceConfig": AUTH}
    empty.call("CreateBackendAuth", made, region="us-mars-1")
    empty.call("ListS3Buckets", {}, region="us-mars-1")
    assert broke in str(list(empty.jobs)[-1].error)


def test_nothing_gets_to_a_socket_after_the_fake_is_left() -> None:
    with FakeAmplifyBackend(moto=True) as fake:
        fake.add_app("d1shop")
    with pytest.raises(errors.UsageError, match="was stopped before the socket"):
        fake.add_app("d1late")


@pytest.fixture
def endpoint() -> Iterator[str]:
    """An emulator of AWS behind a URL: moto's own server."""
    pytest.importorskip("flask_cors", reason="what moto's server needs is not installed")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host.replace('0.0.0.0', '127.0.0.1')}:{port}"
    server.stop()


def test_an_endpoint_reaches_any_emulator(endpoint: str) -> None:
    with FakeAmplifyBackend(provisioner=AwsProvisioner(endpoint)) as fake:
        fake.add_app("d1shop", name="shop")
        done(fake, "CreateBackendAuth", **DEV, ResourceName="auth", ResourceConfig=AUTH)
        session = boto3.Session("testing", "testing", region_name="us-east-1")
        users = session.client("cognito-idp", endpoint_url=endpoint)
        made = users.describe_user_pool(UserPoolId=outputs(fake, "auth")["UserPoolId"])
        assert made["UserPool"]["Name"] == "users-dev"
        done(fake, "RemoveAllBackends", AppId=DEV["AppId"])
        assert users.list_user_pools(MaxResults=60)["UserPools"] == []


def test_an_endpoint_where_nobody_listens_fails_the_job() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    fake = FakeAmplifyBackend(provisioner=AwsProvisioner(url))
    error = failed_environment(fake)
    assert f'Could not connect to the endpoint URL: "{url}/' in error


def failed_environment(fake: FakeAmplifyBackend) -> str:
    with pytest.raises(errors.UsageError) as caught:
        fake.add_app("d1shop")
    return str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"])
def test_the_url_of_the_fakes_own_server_is_refused(host: str) -> None:
    pytest.importorskip("httptools", reason="httptools is not installed")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    provisioner = AwsProvisioner(f"http://{host.replace('0.0.0.0', '127.0.0.1')}:{port}/")
    bind = "0.0.0.0" if host == "0.0.0.0" else "127.0.0.1"
    server = FakeAmplifyBackend(provisioner=provisioner).serve(host=bind, port=port)
    with pytest.raises(errors.UsageError, match=r"own server, which would wait for itself"):
        server.listen()


def test_a_session_that_leads_to_the_fakes_own_server_fails_the_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("httptools", reason="httptools is not installed")
    with FakeAmplifyBackend(provisioner=AwsProvisioner(boto3.Session())).serve() as server:
        for name, value in {**server.env, "AWS_ENDPOINT_URL": server.url}.items():
            monkeypatch.setenv(name, value)
        amplify = boto3.client("amplifybackend")
        made = amplify.create_backend(**DEV, AppName="shop")
        job = amplify.get_backend_job(**DEV, JobId=made["JobId"])
        assert job["Status"] == "FAILED"
        assert "own server, which would wait for itself" in job["Error"]


def test_an_emulator_beside_the_fakes_own_server_is_welcome(endpoint: str) -> None:
    pytest.importorskip("httptools", reason="httptools is not installed")
    with FakeAmplifyBackend(provisioner=AwsProvisioner(endpoint)).serve(host="0.0.0.0") as server:
        server.fake.add_app("d1shop")
        server.fake.call("RemoveAllBackends", {"AppId": "d1shop"})


def test_moto_brings_its_own_provisioner() -> None:
    with mock_aws(), pytest.raises(errors.UsageError, match="cannot be combined with moto=True"):
        FakeAmplifyBackend(moto=True, provisioner=AwsProvisioner(boto3.Session()))


def test_one_provisioner_serves_two_fakes() -> None:
    with mock_aws():
        provisioner = AwsProvisioner(boto3.Session())
        one, two = (FakeAmplifyBackend(provisioner=provisioner, seed=seed) for seed in (1, 2))
        one.add_auth("d1shop")
        two.add_auth("d1shop")
        assert outputs(one, "auth")["UserPoolId"] != outputs(two, "auth")["UserPoolId"]
        pools = sibling("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
        assert len(pools) == 2


def test_every_transport_answers_inside_mock_aws() -> None:
    for transport in ("stubber", "wire"):
        with FakeAmplifyBackend(moto=True, transport=transport):
            amplify = boto3.client("amplifybackend", region_name="us-east-1")
            made = amplify.create_backend(**DEV, AppName="shop")
            job = amplify.get_backend_job(**DEV, JobId=made["JobId"])
            assert job["Status"] == "COMPLETED"
            assert len(amplify.list_s3_buckets()["Buckets"]) == 1


def test_a_job_that_must_fail_makes_nothing() -> None:
    with FakeAmplifyBackend(moto=True) as fake:
        fake.jobs.fail_next("CreateBackend", error="planned")
        assert failed(fake, "CreateBackend", **DEV, AppName="shop") == "planned"
        assert inventory() == {}


def test_recorded_names_are_taken_over_where_no_bucket_has_them() -> None:
    with FakeAmplifyBackend(moto=True) as fake:
        fake.add_app("d1shop")
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="taken")
        for name, bucket in (("one", "free"), ("two", "taken")):
            members = {"stackName": f"shop-{name}", "deploymentArtifacts": bucket}
            place = {"appId": "d1shop", "environmentName": name}
            fake.call("CreateBackendEnvironment", {**place, **members})
            fake.add_app("d1shop", environments=[name])
            found = fake.call("GetBackendEnvironment", place)["backendEnvironment"]
            assert found["stackName"] == f"shop-{name}"
            assert (found["deploymentArtifacts"] == bucket) is (bucket == "free")
            s3.head_bucket(Bucket=found["deploymentArtifacts"])
