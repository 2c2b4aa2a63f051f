"""The neighbor is served, guarded and blocked where the option asks for it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import HTTPClientError
from calling import client_of

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._amplify.operations import OPERATIONS
from pytest_amplifybackend._api import catalogue, services
from pytest_amplifybackend._api.installed import service_model
from pytest_amplifybackend._transports.blocked import Net


class Nothing(io.BytesIO):
    """The body of an answer, with the method that botocore calls."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        return iter(())


def test_it_is_served_only_if_asked_for() -> None:
    fake = FakeAmplifyBackend()
    sentence = "GetApp is an operation of amplify, which the fake serves with the option amplify"
    for use in (
        lambda: fake.call("GetApp", {"appId": "d1"}),
        lambda: fake.fail("GetApp", errors.NotFound()),
        lambda: fake.calls.of("GetApp"),
        lambda: fake.assert_not_called("GetApp"),
    ):
        with pytest.raises(errors.UnknownOperation, match=sentence):
            use()
    with pytest.raises(errors.UsageError, match="service_name must be one of 'amplifybackend'"):
        fake.client(service_name="amplify")
    with pytest.raises(errors.UsageError, match="only clients of amplifybackend can be attached"):
        fake.attach(client_of())
    with pytest.raises(errors.UsageError, match="branches are of the service amplify"):
        fake.add_app("d1", branches={"main": "dev"})
    with fake, pytest.raises(Exception, match="Could not connect"):
        client_of(endpoint_url="http://127.0.0.1:1").list_apps()


def test_the_operations_are_those_of_the_model() -> None:
    modeled = set(service_model("amplify").operation_names)
    assert set(OPERATIONS) < modeled == set(services.neighbors())
    assert not modeled & set(catalogue.operations())


@pytest.mark.parametrize("operation", sorted(set(services.neighbors()) - set(OPERATIONS)))
def test_any_other_operation_is_named(fake: FakeAmplifyBackend, operation: Any) -> None:
    with pytest.raises(errors.UnknownOperation, match=f"'{operation}' of amplify; .* CreateApp,"):
        fake.call(operation)


@pytest.mark.parametrize(
    ("branches", "sentence"),
    [
        ({"main": "prod"}, "branches['main'] must be an environment of the app, not 'prod': known"),
        ({"main": 5}, "branches['main'] must be a string, not 5."),
        ({"": None}, "a name in branches must not be empty."),
        (["main"], "branches must be a dict"),
        ({"x" * 256: "dev"}, "a name in branches must have length less than or equal to 255"),
        (
            {str(number): None for number in range(51)},
            "branches would make 51 branches in the app: CreateBranch allows 50.",
        ),
    ],
)
def test_wrong_branches(fake: FakeAmplifyBackend, branches: Any, sentence: str) -> None:
    before = fake.dump()
    with pytest.raises(errors.UsageError, match=re.escape(sentence)):
        fake.add_app("d1shop", branches=branches)
    assert fake.dump() == before


def test_branches_of_several_presets_are_counted_together(fake: FakeAmplifyBackend) -> None:
    most = {str(number): None for number in range(50)}
    fake.add_app("d1shop", branches={"x" * 255: None})
    with pytest.raises(errors.UsageError, match="would make 51 branches in the app"):
        fake.add_app("d1shop", branches=most)
    fake.call("DeleteBranch", {"appId": "d1shop", "branchName": "x" * 255})
    for _ in range(2):  # the same ones add none
        fake.add_app("d1shop", branches=most)


def test_the_guard_stops_what_is_not_served(fake: FakeAmplifyBackend, amplify: Any) -> None:
    fake.detach(amplify)
    with pytest.raises(HTTPClientError, match=r"amplify\.us-east-1\.amazonaws\.com was stopped"):
        amplify.list_apps()


@pytest.mark.parametrize("blocked", [True, False])
def test_the_network_is_blocked_for_it_too(blocked: bool) -> None:
    client, net = client_of(), Net(neighbor=blocked)
    client.meta.events.register("before-send", lambda **_: AWSResponse("", 200, {}, Nothing()))
    net.start()
    try:
        if blocked:
            with pytest.raises(errors.UnservedRequest, match="ListApps was not sent to"):
                client.list_apps()
            with FakeAmplifyBackend(amplify=True):
                assert client.list_apps()["apps"] == []
        else:
            assert client.list_apps()["ResponseMetadata"]["HTTPStatusCode"] == 200
    finally:
        net.stop()


def test_children_reach_a_server_or_nothing(
    fake: FakeAmplifyBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pytest_amplifybackend._transports.children import _variables

    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    closed = _variables({})
    assert set(closed) == {"AWS_ENDPOINT_URL_AMPLIFYBACKEND", "AWS_ENDPOINT_URL_AMPLIFY"}
    with FakeAmplifyBackend():  # which has no neighbor: that of the fake further out stays
        assert _variables({})["AWS_ENDPOINT_URL_AMPLIFY"] == closed["AWS_ENDPOINT_URL_AMPLIFY"]
    own = {"AWS_ENDPOINT_URL_AMPLIFY": "https://amplify.us-east-1.amazonaws.com"}
    assert _variables(own)["AWS_ENDPOINT_URL_AMPLIFY"] == closed["AWS_ENDPOINT_URL_AMPLIFY"]
    mine = {"AWS_ENDPOINT_URL_AMPLIFY": "http://127.0.0.1:9"}
    assert "AWS_ENDPOINT_URL_AMPLIFY" not in _variables(mine)


def test_signatures_are_checked_by_service() -> None:
    pytest.importorskip("httptools")
    keys = {"AKIDEXAMPLE": "secret"}
    with FakeAmplifyBackend(amplify=True, verify_signatures=keys).serve() as server:
        signed = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "secret"}
        amplify = client_of(endpoint_url=server.url, **signed)
        assert amplify.list_apps(maxResults=5)["apps"] == []
        wrong = client_of(endpoint_url=server.url, **{**signed, "aws_secret_access_key": "no"})
        with pytest.raises(amplify.exceptions.ClientError, match="signature we calculated"):
            wrong.list_apps()
        backends = client_of("amplifybackend", endpoint_url=server.url, **signed)
        assert backends.list_s3_buckets()["Buckets"] == []
