"""moto's private key is read once; everybody else reads keys as ever."""

from __future__ import annotations

import pytest

from pytest_amplifybackend import FakeAmplifyBackend
from pytest_amplifybackend._provision import moto_keys

pytest.importorskip("moto")
boto3 = pytest.importorskip("boto3")
jwk = pytest.importorskip("joserfc.jwk")

KEYS = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


def create_pools(number: int) -> None:
    client = boto3.client("cognito-idp", region_name="us-east-1", **KEYS)
    for _ in range(number):
        assert client.create_user_pool(PoolName="people")["UserPool"]["Id"]


def test_one_key_is_read_for_all_pools_of_all_fakes() -> None:
    moto_keys._imported.cache_clear()
    for _ in range(2):
        with FakeAmplifyBackend(moto=True):
            create_pools(2)
    found = moto_keys._imported.cache_info()
    assert (found.misses, found.hits) == (1, 3)


def test_others_get_a_key_of_their_own() -> None:
    made = jwk.RSAKey.generate_key(2048).as_dict(private=True)
    with FakeAmplifyBackend(moto=True):
        first, second = jwk.RSAKey.import_key(made), jwk.RSAKey.import_key(made)
    assert first is not second
    assert first.as_dict(private=True) == second.as_dict(private=True) == made


def test_nothing_is_left_behind_in_whatever_order_they_end() -> None:
    before = vars(jwk.RSAKey).get("import_key")
    first, second = moto_keys.KeptKeys(), moto_keys.KeptKeys()
    first.apply()
    second.apply()
    assert vars(jwk.RSAKey).get("import_key") is not before
    first.undo()
    second.undo()
    assert vars(jwk.RSAKey).get("import_key") is before
