import boto3
import deploy
import pytest
from moto import mock_aws


def pools():
    found = boto3.client("cognito-idp", region_name="us-east-1").list_user_pools(MaxResults=5)
    return len(found["UserPools"])


@mock_aws
def test_its_decorator_around(amplifybackend):
    assert (deploy.deploy("d1"), pools()) == ("COMPLETED", 0)


def test_it_inside(amplifybackend):
    with mock_aws():
        assert (deploy.deploy("d1"), pools()) == ("COMPLETED", 0)


def test_it_around(amplifybackend_factory):
    with mock_aws(), amplifybackend_factory():
        assert (deploy.deploy("d1"), pools()) == ("COMPLETED", 0)


@pytest.fixture
def aws():
    with mock_aws():
        yield


def test_its_fixture_before(aws, amplifybackend):
    assert (deploy.deploy("d1"), pools()) == ("COMPLETED", 0)


def test_its_fixture_after(amplifybackend, aws):
    assert (deploy.deploy("d1"), pools()) == ("COMPLETED", 0)


@mock_aws
def test_jobs_provision_in_it(amplifybackend_moto):
    amplifybackend_moto.add_auth("d1", "dev")
    assert pools() == 1
