"""A server without moto answers other services with an error of their own protocol, once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session
from volume import full_only

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports import other_services
from pytest_amplifybackend._transports.server import Server

CALLS: dict[tuple[str, str], dict[str, Any]] = {
    ("cloudfront", "list_distributions"): {},
    ("cloudwatch", "list_metrics"): {},
    ("cognito-idp", "sign_up"): {"ClientId": "c", "Username": "u", "Password": "p"},
    ("dynamodb", "list_tables"): {},
    ("ec2", "describe_instances"): {},
    ("iam", "list_roles"): {},
    ("lambda", "list_functions"): {},
    ("route53", "list_hosted_zones"): {},
    ("s3", "get_object"): {"Bucket": "pictures", "Key": "backend"},
    ("s3", "list_buckets"): {},
    ("sqs", "list_queues"): {},
    ("sts", "get_caller_identity"): {},
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    pytest.importorskip("httptools")
    with FakeAmplifyBackend().serve() as server:
        yield server


def client(server: Server, service: str, mode: str) -> Any:
    session = boto3.Session("testing", "testing", region_name="us-east-1")
    config = Config(retries={"mode": mode}, s3={"addressing_style": "path"})
    return session.client(service, endpoint_url=server.url, config=config)


@pytest.mark.parametrize(("service", "operation"), CALLS)
def test_the_client_reads_the_error_and_does_not_try_again(
    server: Server, service: str, operation: str
) -> None:
    for mode in ("legacy", "standard"):
        with pytest.raises(ClientError) as caught:
            getattr(client(server, service, mode), operation)(**CALLS[service, operation])
        answer = caught.value.response
        assert answer["Error"]["Code"] == "NotImplemented"
        assert "Amplify Backend alone" in answer["Error"]["Message"]
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
        assert answer["ResponseMetadata"]["RetryAttempts"] == 0


def test_a_presigned_query(server: Server) -> None:
    import urllib.error
    import urllib.request

    url = client(server, "sts", "standard").generate_presigned_url("get_caller_identity")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url)
    with caught.value as answer:
        assert (answer.code, answer.headers["content-type"]) == (501, "text/xml")


def test_an_own_path_is_answered_whatever_it_is_signed_for(server: Server) -> None:
    assert client(server, "amplifybackend", "standard").list_s3_buckets()["Buckets"] == []


@full_only
def test_the_services_of_rest_xml_are_those_of_botocore() -> None:
    session = Session()
    found = set()
    for name in session.get_available_services():
        metadata = session.get_service_model(name).metadata
        if metadata["protocol"] == "rest-xml":
            found.add(metadata.get("signingName", metadata["endpointPrefix"]))
    assert found <= set(other_services._REST_XML)


# ---------------------------------------------------------------- where programs look


def test_the_variables_of_a_server(server: Server) -> None:
    env = server.env
    names = [
        "AWS_ENDPOINT_URL_AMPLIFYBACKEND",
        "AWS_ENDPOINT_URL_AMPLIFY_BACKEND",
        "AMPLIFY_BACKEND_ENDPOINT",
    ]
    assert {env[name] for name in names} == {server.url}
    assert env["AMPLIFY_BACKEND_REGION"] == "us-east-1"
    assert not {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_AMPLIFY"} & set(env)


def test_the_endpoint_of_all_services_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("httptools")
    with FakeAmplifyBackend(shared_endpoint=True, region="eu-west-1").serve() as server:
        env = server.env
        assert (env["AWS_ENDPOINT_URL"], env["AMPLIFY_BACKEND_REGION"]) == (server.url, "eu-west-1")
        for name in [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_ENDPOINT_URL", env["AWS_ENDPOINT_URL"])
        session = boto3.Session("testing", "testing", region_name="us-east-1")
        assert session.client("amplifybackend").list_s3_buckets()["Buckets"] == []
        with pytest.raises(ClientError, match="Amplify Backend alone"):
            session.client("sts").get_caller_identity()
