"""What any plugin runs over; each test has a fake of its own."""

import deploy
import pytest


@pytest.mark.parametrize("transport", ["stubber", "wire"])
def test_a_deploy(amplifybackend_factory, transport):
    with amplifybackend_factory(transport=transport, jobs="after_reads:1") as fake:
        assert deploy.deploy("d1") == "COMPLETED"
        fake.assert_called("CreateBackend", times=1, AppId="d1")


def test_a_fresh_fake(amplifybackend):
    assert len(amplifybackend.calls) == 0
    assert deploy.deploy("d1") == "COMPLETED"


def test_assertions_hold_without_assert(amplifybackend):
    with pytest.raises(AssertionError, match="but it was never called"):
        amplifybackend.assert_called("GetBackend")


class TestClass:
    def setup_method(self):
        self.app = "d1"

    def test_a_method(self, amplifybackend_client):
        assert amplifybackend_client.list_s3_buckets()["Buckets"] == []
