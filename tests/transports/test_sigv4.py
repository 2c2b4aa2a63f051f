"""Signatures: botocore's and others' hold, anything else gets the gateway's 403."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytest.importorskip("httptools")

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from http_client import Raw, close_client

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._transports import sigv4
from pytest_amplifybackend._transports.server import Server

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TARGET = "/backend/d1abc/details"


@pytest.fixture
def server() -> Iterator[Server]:
    fake = FakeAmplifyBackend(verify_signatures={KEY: SECRET, "second/key": "other"})
    fake.add_app("d1abc")
    with fake.serve() as server:
        yield server


@pytest.fixture
def raw(server: Server) -> Iterator[Raw]:
    with Raw(server.url) as raw:
        yield raw


EXTRA: Any = {"X-Extra": "1"}


def signed(
    host: str,
    *,
    target: str = TARGET,
    body: bytes = b"{}",
    key: str = KEY,
    secret: str = SECRET,
    region: str = "us-east-1",
    service: str = "amplifybackend",
    at: timedelta = timedelta(),
    **headers: str,
) -> dict[str, str]:
    """The headers that botocore's signer adds to a request."""
    request = AWSRequest("POST", f"http://{host}{target}", data=body, headers=headers)
    signer = SigV4Auth(Credentials(key, secret), service, region)
    stamp = f"{datetime.now(UTC) + at:%Y%m%dT%H%M%SZ}"
    request.context["timestamp"] = stamp
    request.headers["X-Amz-Date"] = stamp
    string = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(string, request))
    return {name.replace("-", "_"): value for name, value in request.headers.items()}


def refused(raw: Raw, headers: dict[str, str], body: bytes = b"{}") -> tuple[str, str]:
    """The type and the message of a 403."""
    import json

    raw.request("POST", TARGET, body, **headers)
    status, found, text = raw.answer()
    assert status == 403
    return found["x-amzn-errortype"], json.loads(text)["message"]


def test_signed_requests_pass(raw: Raw) -> None:
    for headers in (
        signed(raw.host),
        signed(raw.host, key="second/key", secret="other"),
        signed(raw.host, region="eu-west-1"),
        signed(raw.host, at=timedelta(minutes=-4)),
        signed(raw.host, at=timedelta(minutes=4)),
    ):
        assert raw.ask("POST", TARGET, b"{}", **headers)[0] in (200, 404)


@pytest.mark.parametrize("app", ["d1abc", "a/b", "%", "é 日", "a+b;c=d", "~-_.", "?#&"])
def test_a_boto_client_passes(server: Server, new_client: Callable[..., Any], app: str) -> None:
    options = {"endpoint_url": server.url, "aws_access_key_id": KEY}
    client = new_client(**options, aws_secret_access_key=SECRET)
    try:
        client.get_backend(AppId=app)
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("BadRequestException", "NotFoundException")  # noqa: PT017
    close_client(client)


def test_a_boto_client_with_another_secret(server: Server, new_client: Callable[..., Any]) -> None:
    client = new_client(
        endpoint_url=server.url, aws_access_key_id=KEY, aws_secret_access_key="wrong"
    )
    with pytest.raises(ClientError, match="does not match the signature you provided") as caught:
        client.get_backend(AppId="d1abc")
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"
    assert len(server.fake.calls) == 0
    close_client(client)


def test_nothing_signed(raw: Raw) -> None:
    kind, message = refused(raw, {})
    assert (kind, message) == (
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    )


def test_preflights_are_not_signed(raw: Raw) -> None:
    assert raw.ask("OPTIONS", TARGET)[0] == 200


@pytest.mark.parametrize(
    ("wrong", "kind", "says"),
    [
        ({"secret": "x"}, "InvalidSignatureException", "does not match the signature you provided"),
        ({"body": b"[]"}, "InvalidSignatureException", "does not match the signature you provided"),
        ({"target": "/s3Buckets"}, "InvalidSignatureException", "does not match the signature"),
        ({"key": "AKIDOTHER"}, "UnrecognizedClientException", "security token included"),
        ({"service": "amplify"}, "InvalidSignatureException", "correct service: 'amplifybackend'."),
        ({"region": "mars-1"}, "InvalidSignatureException", "valid region, not 'mars-1'."),
        ({"at": timedelta(minutes=-6)}, "InvalidSignatureException", "Signature expired: 20"),
        ({"at": timedelta(minutes=6)}, "InvalidSignatureException", "Signature not yet current: 2"),
        ({"at": timedelta(days=-400)}, "InvalidSignatureException", "Signature expired: 20"),
    ],
)
def test_what_is_wrong_is_said(raw: Raw, wrong: dict[str, Any], kind: str, says: str) -> None:
    found, message = refused(raw, signed(raw.host, **wrong))
    assert found == kind
    assert says in message


@pytest.mark.parametrize("change", ["X_Amz_Date", "Host", "X_Extra"])
def test_a_signed_header_that_was_changed(raw: Raw, change: str) -> None:
    headers = signed(raw.host, **EXTRA)
    port = raw.host.partition(":")[2]
    headers[change] = {"Host": f"localhost:{port}", "X_Extra": "2"}.get(
        change, f"{datetime.now(UTC) + timedelta(seconds=1):%Y%m%dT%H%M%SZ}"
    )
    assert refused(raw, headers)[0] == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("authorization", "says"),
    [
        ("Basic x", "requires 'Credential' parameter. Authorization header requires 'Signature'"),
        ("AWS4-HMAC-SHA256 Credential=a/b", "requires 'Signature' parameter"),
        ("AWS4-HMAC-SHA256 Credential=a, Signature=b, SignedHeaders=host;x-amz-date", "exactly 5"),
        ("AWS4-HMAC-SHA256 Credential=a, Signature=b, SignedHeaders=host", "must be among"),
        ("AWS4-HMAC-SHA256", "requires 'Credential' parameter."),
    ],
)
def test_incomplete_signatures(raw: Raw, authorization: str, says: str) -> None:
    headers = {"Authorization": authorization, "X_Amz_Date": "20240101T000000Z"}
    kind, message = refused(raw, headers)
    assert kind == "IncompleteSignatureException"
    assert says in message


def test_a_signature_without_a_date(raw: Raw) -> None:
    headers = signed(raw.host)
    del headers["X_Amz_Date"]
    assert refused(raw, headers)[0] == "IncompleteSignatureException"


@pytest.mark.parametrize("date", ["yesterday", "20249999T999999Z", "", "\xe9"])
def test_a_date_that_is_none(raw: Raw, date: str) -> None:
    headers = {**signed(raw.host), "X_Amz_Date": date}
    assert refused(raw, headers)[0] == "InvalidSignatureException"


def test_a_signed_header_that_is_not_there(raw: Raw) -> None:
    headers = signed(raw.host, **EXTRA)
    del headers["X_Extra"]
    assert refused(raw, headers)[0] == "InvalidSignatureException"


def test_the_body_is_the_one_whose_digest_was_signed(raw: Raw) -> None:
    import hashlib

    own: Any = {"X-Amz-Content-SHA256": hashlib.sha256(b"{}").hexdigest()}
    headers = signed(raw.host, **own)
    assert raw.ask("POST", TARGET, b"{}", **headers)[0] == 200
    assert refused(raw, headers, b'{"backendEnvironmentName": "dev"}')[0] == (
        "InvalidSignatureException"
    )


def test_unsigned_payloads(raw: Raw) -> None:
    own: Any = {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
    headers = signed(raw.host, body=b"x", **own)
    assert raw.ask("POST", TARGET, b"{}", **headers)[0] == 200


def test_the_environment_has_credentials_that_hold(server: Server) -> None:
    assert server.env["AWS_ACCESS_KEY_ID"] == KEY
    assert server.env["AWS_SECRET_ACCESS_KEY"] == SECRET


@pytest.mark.parametrize(
    ("header", "scope"),
    [
        ("AWS4-HMAC-SHA256 Credential=a/b/20240101/eu-west-1/amplifybackend/aws4_request, X=1",
         sigv4.Scope("a/b", "20240101", "eu-west-1", "amplifybackend")),
        ("AWS4-HMAC-SHA256 Credential=a/20240101//amplifybackend/aws4_request", None),
        ("AWS4-HMAC-SHA256 Credential=", None),
        ("Bearer x", None),
        ("", None),
    ],
)  # fmt: skip
def test_scopes(header: str, scope: sigv4.Scope | None) -> None:
    assert sigv4.scope_of(header) == scope
