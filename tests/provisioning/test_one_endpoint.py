"""One port for Amplify Backend and, through moto, every other service."""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto_shop import API, AUTH, DEV, STORAGE, inventory, sibling

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._cli import main

pytest.importorskip("httptools", reason="httptools is not installed")
pytest.importorskip("flask_cors", reason="what moto's server needs is not installed")


@pytest.fixture
def server() -> Iterator[Any]:
    with FakeAmplifyBackend(moto=True).serve() as server:
        yield server


def client(server: Any, service: str, **config: Any) -> Any:
    """A client that knows nothing but the one URL."""
    return _session().client(service, endpoint_url=server.url, config=Config(**config))


@functools.cache
def _session() -> Any:
    """One for all clients: each would read its models anew."""
    return boto3.Session("testing", "testing", region_name="us-east-1")


def run(amplify: Any, operation: str, **params: Any) -> dict[str, Any]:
    started = getattr(amplify, operation)(**params)
    names = ("AppId", "BackendEnvironmentName", "JobId")
    job = amplify.get_backend_job(**{name: started[name] for name in names})
    assert job["Status"] == "COMPLETED", job
    return dict(json.loads(amplify.get_backend(**DEV)["AmplifyMetaConfig"]))


def deploy(server: Any) -> dict[str, Any]:
    amplify = client(server, "amplifybackend")
    run(amplify, "create_backend", **DEV, AppName="shop")
    for family, name, config in (
        ("auth", "auth", AUTH),
        ("api", "api", API),
        ("storage", "media", STORAGE),
    ):
        operation = f"create_backend_{family}"
        meta = run(amplify, operation, **DEV, ResourceName=name, ResourceConfig=config)
    return meta


def output(meta: dict[str, Any], family: str) -> dict[str, Any]:
    (entry,) = meta[family].values()
    return dict(entry["output"])


def test_a_whole_flow(server: Any) -> None:
    meta = deploy(server)

    auth = output(meta, "auth")
    users = client(server, "cognito-idp")
    users.sign_up(  # unsigned
        ClientId=auth["AppClientIDWeb"],
        Username="ada@shop.example",
        Password="Correct-horse-1",
        UserAttributes=[{"Name": "email", "Value": "ada@shop.example"}],
    )
    listed = users.list_users(UserPoolId=auth["UserPoolId"])["Users"]
    assert [user["UserStatus"] for user in listed] == ["UNCONFIRMED"]
    identity = client(server, "cognito-identity")
    guest = identity.get_id(IdentityPoolId=auth["IdentityPoolId"])
    assert guest["IdentityId"].startswith("us-east-1:")

    bucket = output(meta, "storage")["BucketName"]
    pictures = client(server, "s3", s3={"addressing_style": "path"})
    pictures.put_object(Bucket=bucket, Key="a folder/ü+1.png", Body=b"\0\1picture" * 9999)
    got = pictures.get_object(Bucket=bucket, Key="a folder/ü+1.png")
    assert got["Body"].read() == b"\0\1picture" * 9999
    assert pictures.head_object(Bucket=bucket, Key="a folder/ü+1.png")["ContentLength"] == 89991
    pictures.delete_object(Bucket=bucket, Key="a folder/ü+1.png")
    with pytest.raises(ClientError, match="404"):
        pictures.head_object(Bucket=bucket, Key="a folder/ü+1.png")

    api = output(meta, "api")
    (key,) = client(server, "appsync").list_api_keys(apiId=api["GraphQLAPIIdOutput"])["apiKeys"]
    assert key["id"] == api["GraphQLAPIKeyOutput"]
    assert client(server, "sts").get_caller_identity()["Account"] == "123456789012"


def test_metadata_of_an_object_keeps_its_names(server: Any) -> None:
    pictures = client(server, "s3")
    pictures.create_bucket(Bucket="pictures")
    metadata = {"user_id": "7", "taken-by": "ada", "Camera": "none", "a_b-c": "d"}
    pictures.put_object(Bucket="pictures", Key="cat.png", Body=b"cat", Metadata=metadata)
    wanted = {name.lower(): value for name, value in metadata.items()}
    assert pictures.get_object(Bucket="pictures", Key="cat.png")["Metadata"] == wanted
    assert pictures.head_object(Bucket="pictures", Key="cat.png")["Metadata"] == wanted
    assert sibling("s3").head_object(Bucket="pictures", Key="cat.png")["Metadata"] == wanted


def test_an_underscore_does_not_stand_in_for_a_dash(server: Any) -> None:
    headers = {"x-amz-meta-a-b": "1", "x-amz-meta-a_b": "2", "content_type": "x", "X_Amz_Acl": "y"}
    request = urllib.request.Request(f"{server.url}/shop/key", b"", headers, method="PUT")
    client(server, "s3").create_bucket(Bucket="shop")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    assert sibling("s3").head_object(Bucket="shop", Key="key")["Metadata"] == {"a-b": "1"}


def test_the_process_sees_what_the_port_sees(server: Any) -> None:
    meta = deploy(server)
    assert output(meta, "auth")["UserPoolId"] in inventory()
    sibling("s3").create_bucket(Bucket="made-in-the-process")
    names = [b["Name"] for b in client(server, "amplifybackend").list_s3_buckets()["Buckets"]]
    assert "made-in-the-process" in names
    there = client(server, "s3").list_buckets()["Buckets"]
    assert names == sorted(bucket["Name"] for bucket in there)


def test_every_server_begins_with_an_empty_moto() -> None:
    for _ in range(2):
        with FakeAmplifyBackend(moto=True).serve() as server:
            assert client(server, "s3").list_buckets()["Buckets"] == []
            client(server, "s3").create_bucket(Bucket="left-behind")


def get(url: str, **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_unsigned_requests_go_by_their_path(server: Any) -> None:
    server.fake.add_app("d1shop")
    pictures = client(server, "s3")
    pictures.create_bucket(Bucket="backend")
    pictures.put_object(Bucket="backend", Key="d1shop", Body=b"x", ACL="public-read")
    status, body = get(f"{server.url}/backend/d1shop/job/dev/x")
    assert status == 404
    assert b"Job x of app d1shop" in body
    presigned = pictures.generate_presigned_url(
        "get_object", Params={"Bucket": "backend", "Key": "d1shop"}
    )
    assert get(presigned) == (200, b"x")
    assert get(f"{server.url}/moto-api/data.json")[0] == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("http://127.0.0.1", 200),
        ("https://pages.example", 403),
        ("http://localhost.pages.example", 403),
        ("null", 403),
    ],
)
def test_only_pages_of_this_machine_get_to_moto(server: Any, origin: str, status: int) -> None:
    client(server, "s3").create_bucket(Bucket="our-pictures")
    request = urllib.request.Request(f"{server.url}/moto-api/reset", method="POST")
    request.add_header("Origin", origin)
    try:
        with urllib.request.urlopen(request) as answer:
            told = answer.status
    except urllib.error.HTTPError as error:
        with error:
            told = error.code
    assert told == status
    left = client(server, "s3").list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in left] == ([] if status == 200 else ["our-pictures"])


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Referer": "https://pages.example/"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Referer": "http://localhost:3000/gallery"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Host": "pages.example"}, 403),
    ],
)
def test_whose_pictures_show_what_moto_keeps(
    server: Any, page: dict[str, str], status: int
) -> None:
    pictures = client(server, "s3")
    pictures.create_bucket(Bucket="our-pictures")
    pictures.put_object(Bucket="our-pictures", Key="cat.png", Body=b"cat", ACL="public-read")
    assert get(f"{server.url}/our-pictures/cat.png", **page)[0] == status
    action = f"{server.url}/?Action=CreateTopic&Name=x&Version=2010-03-31"
    assert (get(action, **page)[0] == 403) == (status == 403)


def test_pages_that_were_let_in_get_to_moto() -> None:
    fake = FakeAmplifyBackend(moto=True)
    with fake.serve(allowed_origins=["https://app.example"]) as server:
        request = urllib.request.Request(f"{server.url}/moto-api/data.json")
        request.add_header("Origin", "https://app.example")
        with urllib.request.urlopen(request) as answer:
            assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
            assert answer.headers.get_all("Vary") == ["Origin"]


@pytest.mark.parametrize(
    ("target", "status"),
    [("//[x", 501), ("//[x?X-Amz-Credential=a", 501), ("/?X-Amz-Credential=%ff", 200)],
)
def test_targets_that_are_no_url(server: Any, target: str, status: int) -> None:
    """moto cannot answer them, which is no failure of the fake."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", target)
        assert connection.getresponse().status == status


def test_what_moto_cannot_do_is_said(server: Any) -> None:
    with pytest.raises(ClientError) as caught:
        client(server, "cognito-idp").describe_risk_configuration(UserPoolId="us-east-1_x")
    assert "moto could not answer: NotImplementedError" in str(caught.value)


@pytest.mark.parametrize(
    ("service", "operation"),
    [("cloudsearch", "list_domain_names"), ("amplifyuibuilder", "list_components")],
    ids=["query", "rest-json"],
)
def test_a_service_that_moto_does_not_have_is_named(
    server: Any, service: str, operation: str
) -> None:
    params = {"appId": "d1", "environmentName": "dev"} if operation == "list_components" else {}
    for _ in range(2):
        with pytest.raises(ClientError, match=f"not emulate the service {service} that") as caught:
            getattr(client(server, service), operation)(**params)
        assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


def test_the_neighbor_is_the_fakes_own(server: Any) -> None:
    server.fake.add_app("d1abc")
    assert [app["appId"] for app in client(server, "amplify").list_apps()["apps"]] == ["d1abc"]
    assert server.env["AWS_ENDPOINT_URL_AMPLIFY"] == server.url


def test_without_the_neighbor_moto_is_asked() -> None:
    with FakeAmplifyBackend(moto=True, amplify=False).serve() as server:
        with pytest.raises(ClientError, match="not emulate the service amplify that"):
            client(server, "amplify").list_apps()
        assert "AWS_ENDPOINT_URL_AMPLIFY" not in server.env


def test_a_public_bucket_may_be_called_as_the_neighbors_paths(server: Any) -> None:
    s3 = client(server, "s3", s3={"addressing_style": "path"})
    s3.create_bucket(Bucket="apps")
    s3.put_object(Bucket="apps", Key="d1abc", Body=b"cat", ACL="public-read")
    with urllib.request.urlopen(f"{server.url}/apps/d1abc") as answer:
        assert answer.read() == b"cat"


def test_faults_and_signatures_are_for_amplify_backend_alone() -> None:
    secrets = {"AKID": "secret"}
    with FakeAmplifyBackend(moto=True, verify_signatures=secrets).serve() as server:
        assert client(server, "s3").list_buckets()["Buckets"] == []
        with pytest.raises(ClientError, match="UnrecognizedClientException"):
            client(server, "amplifybackend").list_s3_buckets()


def test_without_moto_other_services_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeAmplifyBackend().serve() as server:
        assert "AWS_ENDPOINT_URL" not in server.env
        with pytest.raises(ClientError, match="This server has Amplify Backend alone"):
            client(server, "appsync").list_graphql_apis()


def test_the_environment_leads_every_client_here(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.env.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    program = "\n".join(
        [
            "import boto3",
            "boto3.client('s3').create_bucket(Bucket='from-a-program')",
            "names = boto3.client('amplifybackend').list_s3_buckets()['Buckets']",
            "assert [one['Name'] for one in names] == ['from-a-program'], names",
        ]
    )
    subprocess.run([sys.executable, "-c", program], env=server.env, check=True, timeout=60)
    # The provisioner does not take that way: it would wait for its own thread.
    deploy(server)


def test_no_state_file_with_moto(tmp_path: Path) -> None:
    with pytest.raises(errors.UsageError, match="a state file cannot be used with moto"):
        FakeAmplifyBackend(moto=True).serve(state_file=tmp_path / "state.json")


@pytest.fixture
def command() -> Iterator[str]:
    """The URL of ``amplifybackend-fake serve --with-moto``."""
    code = "import sys; from pytest_amplifybackend._cli import main; sys.exit(main(sys.argv[1:]))"
    module = [sys.executable, "-c", code, "serve", "--with-moto"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with subprocess.Popen(module, stdout=subprocess.PIPE, encoding="utf-8", env=env) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()
    assert process.returncode == 0


def test_the_command(command: str) -> None:
    class Running:
        url = command

    meta = deploy(Running)
    pool = output(meta, "auth")["UserPoolId"]
    users = client(Running, "cognito-idp")
    assert users.describe_user_pool(UserPoolId=pool)["UserPool"]["Name"] == "users-dev"


def test_the_command_keeps_no_state_with_moto(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--with-moto", "--state", str(tmp_path / "state.json")]) == 2
    assert "a state file cannot be used with moto" in capsys.readouterr().err
