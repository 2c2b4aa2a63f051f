"""Amplify Studio and its challenge tokens."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from shop_calls import APP, meta, refusal, run

from pytest_amplifybackend import FakeAmplifyBackend, errors

SHOP = {"AppId": APP}


@pytest.fixture
def studio(shop: FakeAmplifyBackend) -> FakeAmplifyBackend:
    """An app with Studio enabled."""
    run(shop, "CreateBackendConfig", SHOP)
    return shop


@pytest.fixture
def token(shop: FakeAmplifyBackend) -> dict[str, Any]:
    """A fresh challenge token."""
    return shop.call("CreateToken", SHOP)


class TestEnabling:
    def test_makes_pools_of_its_own(self, studio: FakeAmplifyBackend) -> None:
        before = meta(studio)

        answer = studio.call("UpdateBackendConfig", SHOP)

        login = answer["LoginAuthConfig"]
        assert re.fullmatch(r"us-east-1_[A-Za-z0-9]{9}", login["AwsUserPoolsId"])
        assert login["AwsCognitoRegion"] == "us-east-1"
        assert login["AwsCognitoIdentityPoolId"].startswith("us-east-1:")
        assert login["AwsUserPoolsWebClientId"]
        manager = uuid.UUID(answer["BackendManagerAppId"])
        assert (manager.version, str(manager)) == (4, answer["BackendManagerAppId"])
        assert meta(studio) == before

    def test_takes_the_manager_app_that_is_given(self, shop: FakeAmplifyBackend) -> None:
        run(shop, "CreateBackendConfig", {**SHOP, "BackendManagerAppId": "d1manager"})

        assert shop.call("UpdateBackendConfig", SHOP)["BackendManagerAppId"] == "d1manager"


def test_removing_it_answers_nothing_and_leaves_the_project(studio: FakeAmplifyBackend) -> None:
    before = meta(studio)

    assert studio.call("RemoveBackendConfig", SHOP) == {}

    assert meta(studio) == before
    assert "has no backend configuration" in refusal(
        studio, "RemoveBackendConfig", SHOP, errors.NotFound
    )


def test_enabling_it_again_makes_new_pools(studio: FakeAmplifyBackend) -> None:
    first = studio.call("UpdateBackendConfig", SHOP)
    studio.call("RemoveBackendConfig", SHOP)
    run(studio, "CreateBackendConfig", SHOP)

    second = studio.call("UpdateBackendConfig", SHOP)

    assert second["LoginAuthConfig"]["AwsUserPoolsId"] != first["LoginAuthConfig"]["AwsUserPoolsId"]


class TestTokens:
    def test_say_when_they_expire_in_seconds(self, shop: FakeAmplifyBackend, token: Any) -> None:
        assert token.keys() == {"AppId", "ChallengeCode", "SessionId", "Ttl"}
        assert int(token["Ttl"]) == shop.clock.now().timestamp() + 300
        assert re.fullmatch(r"[0-9a-f-]{36}", token["SessionId"])
        assert re.fullmatch(r"[a-z0-9]{32}", token["ChallengeCode"])

    def test_are_gone_once_deleted(self, shop: FakeAmplifyBackend, token: Any) -> None:
        assert shop.call("DeleteToken", session(token)) == {"IsSuccess": True}

        for operation in ("GetToken", "DeleteToken"):
            assert "does not exist or has expired" in refusal(
                shop, operation, session(token), errors.NotFound
            )

    @pytest.mark.parametrize("operation", ["GetToken", "DeleteToken"])
    def test_expire_by_the_clock(
        self, shop: FakeAmplifyBackend, token: Any, operation: str
    ) -> None:
        shop.clock.shift(299.999)
        assert shop.call("GetToken", session(token)) == token

        shop.clock.shift(0.001)

        assert "has expired" in refusal(shop, operation, session(token), errors.NotFound)

    def test_need_an_app(self, fake: FakeAmplifyBackend) -> None:
        assert refusal(fake, "CreateToken", SHOP, errors.NotFound) == "App d1shop not found."


def session(token: dict[str, Any]) -> dict[str, Any]:
    return {"AppId": APP, "SessionId": token["SessionId"]}
