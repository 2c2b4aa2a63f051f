"""Programs that use requests: every host of the service, beside a test's own registrations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("responses")

import requests
import responses
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from requests.adapters import HTTPAdapter

from pytest_amplifybackend import FakeAmplifyBackend, errors

HOST = "https://amplifybackend.us-east-1.amazonaws.com"
DETAILS = f"{HOST}/backend/d1abc/details"
SHOP = "https://shop.example/orders"


@pytest.fixture
def fake() -> Iterator[FakeAmplifyBackend]:
    """A fake with one app, behind requests, and not active."""
    fake = FakeAmplifyBackend()
    fake.add_app("d1abc")
    with fake.behind_requests():
        yield fake


def test_a_call(fake: FakeAmplifyBackend) -> None:
    answer = requests.post(DETAILS, json={"backendEnvironmentName": "dev"}, timeout=5)
    assert answer.status_code == 200
    assert answer.json()["backendEnvironmentName"] == "dev"
    assert answer.headers["x-amzn-requestid"]
    call = fake.calls[0]
    assert (call.operation, call.transport, call.region) == ("GetBackend", "responses", "us-east-1")


def test_an_error(fake: FakeAmplifyBackend) -> None:
    answer = requests.get(f"{HOST}/backend/d1abc/challenge/none", timeout=5)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (404, "NotFoundException")
    with pytest.raises(requests.HTTPError):
        answer.raise_for_status()


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("amplifybackend.eu-west-1.amazonaws.com", "eu-west-1"),
        ("AmplifyBackend.AP-South-1.amazonaws.com", "ap-south-1"),
        ("amplifybackend-fips.us-west-2.amazonaws.com", "us-west-2"),
        ("amplifybackend.us-east-2.api.aws", "us-east-2"),
    ],
)
def test_every_region(fake: FakeAmplifyBackend, host: str, region: str) -> None:
    assert requests.post(f"https://{host}/prod/s3Buckets", data="", timeout=5).status_code == 200
    assert fake.calls[-1].region == region


def test_bodies_of_every_kind(fake: FakeAmplifyBackend, tmp_path: Any) -> None:
    file = tmp_path / "body"
    file.write_bytes(b"{}")
    with file.open("rb") as stream:
        for data in ("{}", b"{}", stream, iter([b"{", b"}"]), None):
            assert requests.post(DETAILS, data=data, timeout=5).status_code == 200


def test_a_signature_tells_the_region_and_is_checked() -> None:
    fake = FakeAmplifyBackend(verify_signatures={"key": "secret"})
    with fake.behind_requests():
        for secret, status in (("secret", 200), ("wrong", 403)):
            request = AWSRequest("POST", f"{HOST}/s3Buckets", data=b"{}")
            SigV4Auth(Credentials("key", secret), "amplifybackend", "eu-west-1").add_auth(request)
            headers = dict(request.headers.items())
            found = requests.post(request.url, data=b"{}", headers=headers, timeout=5)
            assert found.status_code == status
        assert requests.post(f"{HOST}/s3Buckets", timeout=5).status_code == 403
    assert [call.region for call in fake.calls] == ["eu-west-1"]


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (errors.ConnectionReset(), requests.ConnectionError),
        (errors.ReadTimeout(), requests.ReadTimeout),
    ],
)
def test_faults(
    fake: FakeAmplifyBackend, fault: errors.TransportFault, raised: type[Exception]
) -> None:
    fake.fail("GetBackend", fault)
    with pytest.raises(raised):
        requests.post(DETAILS, timeout=5)
    assert requests.post(DETAILS, timeout=5).status_code == 200


def test_a_garbled_response(fake: FakeAmplifyBackend) -> None:
    fake.fail("GetBackend", errors.GarbledResponse())
    answer = requests.post(DETAILS, timeout=5)
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


# ---------------------------------------------------------------- beside the test's own


@responses.activate
def test_within_activate(fake: FakeAmplifyBackend) -> None:
    responses.add("GET", SHOP, json={"orders": []})
    assert requests.get(SHOP, timeout=5).json() == {"orders": []}
    assert requests.post(DETAILS, timeout=5).status_code == 200
    assert [call.request.url for call in responses.calls] == [SHOP, DETAILS]


@responses.activate(
    registry=responses.registries.OrderedRegistry, assert_all_requests_are_fired=True
)
def test_within_activate_with_a_registry(fake: FakeAmplifyBackend) -> None:
    responses.add("GET", SHOP, json={"n": 1})
    responses.add("GET", SHOP, json={"n": 2})
    assert requests.get(SHOP, timeout=5).json() == {"n": 1}
    assert requests.post(DETAILS, timeout=5).status_code == 200
    assert requests.get(SHOP, timeout=5).json() == {"n": 2}


def test_a_mock_that_comes_later(fake: FakeAmplifyBackend) -> None:
    with responses.RequestsMock() as mock:
        mock.get(SHOP, json={})
        assert requests.post(DETAILS, timeout=5).status_code == 200
        assert requests.get(SHOP, timeout=5).status_code == 200
    assert requests.post(DETAILS, timeout=5).status_code == 200


def test_a_mock_that_was_there_before() -> None:
    fake = FakeAmplifyBackend()
    with responses.RequestsMock() as mock:
        mock.get(SHOP, json={})
        with fake.behind_requests():
            assert requests.post(f"{HOST}/s3Buckets", timeout=5).status_code == 200
            assert requests.get(SHOP, timeout=5).status_code == 200
        with pytest.raises(requests.ConnectionError):
            requests.post(f"{HOST}/s3Buckets", timeout=5)


def test_what_the_test_registers_for_the_service_comes_first(fake: FakeAmplifyBackend) -> None:
    with responses.RequestsMock() as mock:
        mock.post(DETAILS, status=503)
        assert requests.post(DETAILS, timeout=5).status_code == 503
        mock.reset()
        assert requests.post(DETAILS, timeout=5).status_code == 200
    assert len(fake.calls) == 1


def test_other_hosts_are_refused_as_responses_does(fake: FakeAmplifyBackend) -> None:
    with pytest.raises(requests.ConnectionError, match="Connection refused by Responses"):
        requests.get(SHOP, timeout=5)


def test_afterwards_everything_is_as_before() -> None:
    send, find = HTTPAdapter.send, responses.RequestsMock._find_match
    with FakeAmplifyBackend().behind_requests():
        assert HTTPAdapter.send is not send
    assert HTTPAdapter.send is send
    assert responses.RequestsMock._find_match is find


def test_what_is_not_requests_is_stopped(fake: FakeAmplifyBackend) -> None:
    import http.client

    with pytest.raises(errors.UnservedRequest):
        http.client.HTTPSConnection(HOST.removeprefix("https://")).request("GET", "/")


def test_one_after_the_other_and_inside_each_other() -> None:
    one, two = FakeAmplifyBackend(), FakeAmplifyBackend()
    with one.behind_requests():
        with two.behind_requests():
            requests.post(f"{HOST}/s3Buckets", timeout=5)
        requests.post(f"{HOST}/s3Buckets", timeout=5)
        requests.post(f"{HOST}/s3Buckets", timeout=5)
    assert (len(one.calls), len(two.calls)) == (2, 1)


def test_retries_of_requests(fake: FakeAmplifyBackend) -> None:
    from urllib3.util import Retry

    fake.fail("GetBackend", errors.GatewayTimeout(), times=2)
    retry = Retry(3, backoff_factor=0, status_forcelist=[504], allowed_methods=["POST"])
    with requests.Session() as session:
        session.mount("https://", HTTPAdapter(max_retries=retry))
        assert session.post(DETAILS, timeout=5).status_code == 200
    assert len(fake.calls) == 3
