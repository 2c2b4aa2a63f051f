"""Amplify Studio and its challenge tokens."""

from __future__ import annotations

import re
from typing import Any

import pytest
from full_requests import FULL
from shop_calls import APP, DEV, environments, failure, job_of, meta, refusal, run

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
    def test_files_its_job_under_the_name_it_answers_with(self, shop: FakeAmplifyBackend) -> None:
        answer = shop.call("CreateBackendConfig", SHOP)

        assert answer["BackendEnvironmentName"] not in environments(shop)
        own = {"BackendEnvironmentName": answer["BackendEnvironmentName"]}
        assert job_of(shop, answer, **own)["Status"] == "COMPLETED"
        assert job_of(shop, answer, **own)["Operation"] == "CreateBackendConfig"
        with pytest.raises(errors.NotFound):
            job_of(shop, answer)

    def test_does_not_keep_the_environments_busy(self, manual: FakeAmplifyBackend) -> None:
        manual.add_app(APP)
        manual.call("CreateBackendConfig", SHOP)

        assert "pending job" in refusal(manual, "CreateBackendConfig", SHOP)
        assert manual.call("DeleteBackend", DEV)["Status"] == "PENDING"

    def test_makes_pools_of_its_own(self, studio: FakeAmplifyBackend) -> None:
        before = meta(studio)

        answer = studio.call("UpdateBackendConfig", SHOP)

        login = answer["LoginAuthConfig"]
        assert re.fullmatch(r"us-east-1_[a-z0-9]{9}", login["AwsUserPoolsId"])
        assert login["AwsCognitoRegion"] == "us-east-1"
        assert login["AwsCognitoIdentityPoolId"].startswith("us-east-1:")
        assert login["AwsUserPoolsWebClientId"]
        assert re.fullmatch(r"d[a-z0-9]{13}", answer["BackendManagerAppId"])
        assert meta(studio) == before

    def test_takes_the_manager_app_that_is_given(self, shop: FakeAmplifyBackend) -> None:
        run(shop, "CreateBackendConfig", {**SHOP, "BackendManagerAppId": "d1manager"})

        assert shop.call("UpdateBackendConfig", SHOP)["BackendManagerAppId"] == "d1manager"

    def test_twice_fails_the_second_job(self, studio: FakeAmplifyBackend) -> None:
        before = studio.call("UpdateBackendConfig", SHOP)

        assert "already enabled" in failure(studio, "CreateBackendConfig", SHOP)

        assert studio.call("UpdateBackendConfig", SHOP) == before

    @pytest.mark.parametrize("operation", ["UpdateBackendConfig", "RemoveBackendConfig"])
    def test_is_over_before_anything_else_is_done(
        self, manual: FakeAmplifyBackend, operation: str
    ) -> None:
        manual.add_app(APP)
        manual.call("CreateBackendConfig", SHOP)

        assert "There is already a pending job" in refusal(manual, operation, SHOP)


def test_an_update_replaces_the_login_config(studio: FakeAmplifyBackend) -> None:
    change = FULL["UpdateBackendConfig"]

    answer = studio.call("UpdateBackendConfig", change)

    assert answer["LoginAuthConfig"] == change["LoginAuthConfig"]
    assert studio.call("UpdateBackendConfig", SHOP) == answer


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

    def test_can_be_read_again_and_again(self, shop: FakeAmplifyBackend, token: Any) -> None:
        for _ in range(3):
            assert shop.call("GetToken", session(token)) == token

    def test_are_one_each(self, shop: FakeAmplifyBackend, token: Any) -> None:
        other = shop.call("CreateToken", SHOP)

        assert other["SessionId"] != token["SessionId"]
        assert other["ChallengeCode"] != token["ChallengeCode"]
        assert shop.call("GetToken", session(token)) == token

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

    def test_belong_to_their_app(self, shop: FakeAmplifyBackend, token: Any) -> None:
        shop.add_app("d2other")

        assert "of app d2other does not exist" in refusal(
            shop, "GetToken", {**session(token), "AppId": "d2other"}, errors.NotFound
        )

    def test_need_an_app(self, fake: FakeAmplifyBackend) -> None:
        assert refusal(fake, "CreateToken", SHOP, errors.NotFound) == "App d1shop not found."


def session(token: dict[str, Any]) -> dict[str, Any]:
    return {"AppId": APP, "SessionId": token["SessionId"]}
