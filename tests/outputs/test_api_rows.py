"""The API entry of AmplifyMetaConfig, member by member: see test_rows.py."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from drawn import Drawn
from rows import BASE32, instant, of


class TestAPI:
    def test_outputs(self, backends: list[Drawn]) -> None:
        kinds = set()
        for one in of(backends, "api"):
            output, config = one.entry("api")["output"], one.configs["api"]
            modes = [
                kind["Mode"] for kind in (config["DefaultAuthType"], *config["AdditionalAuthTypes"])
            ]
            names = ["authConfig", "GraphQLAPIIdOutput", "GraphQLAPIEndpointOutput"]
            keyed = "API_KEY" in modes
            assert list(output) == [*names, *(["GraphQLAPIKeyOutput"] if keyed else [])]
            if keyed:
                assert re.fullmatch(f"da2-{BASE32}", output["GraphQLAPIKeyOutput"])
            assert re.fullmatch(BASE32, output["GraphQLAPIIdOutput"])
            host = rf"https://({BASE32})\.appsync-api\.{one.region}\.amazonaws\.com/graphql"
            found = re.fullmatch(host, output["GraphQLAPIEndpointOutput"])
            assert found is not None
            assert found[1] != output["GraphQLAPIIdOutput"]
            kinds.add(keyed)
        assert kinds == {True, False}

    def test_modes(self, backends: list[Drawn]) -> None:
        for one in of(backends, "api"):
            entry, config = one.entry("api"), one.configs["api"]
            shown = entry["output"]["authConfig"]
            assert list(shown) == ["defaultAuthentication", "additionalAuthenticationProviders"]
            kinds = [shown["defaultAuthentication"], *shown["additionalAuthenticationProviders"]]
            modes = [kind["authenticationType"] for kind in kinds]
            asked = [kind["Mode"] for kind in config["AdditionalAuthTypes"]]
            assert modes[0] == config["DefaultAuthType"]["Mode"]
            assert sorted(modes[1:]) == sorted(asked)
            assert "AWS_IAM" not in modes[2:]
            on_pool = [{"category": "auth", "resourceName": "", "attributes": ["UserPoolId"]}]
            if "AMAZON_COGNITO_USER_POOLS" in modes:
                on_pool[0]["resourceName"] = one.name("auth")
                assert entry["dependsOn"] == on_pool
            else:
                assert entry["dependsOn"] == []
            for kind in kinds:
                self.check_mode(one, kind)

    def check_mode(self, one: Drawn, kind: dict[str, Any]) -> None:
        mode = kind["authenticationType"]
        rest = {name: item for name, item in kind.items() if name != "authenticationType"}
        if mode == "AWS_IAM":
            assert rest == {}
        elif mode == "API_KEY":
            assert list(rest) == ["apiKeyConfig"]
        else:
            assert rest == {"userPoolConfig": {"userPoolId": f"auth{one.name('auth')}"}}

    def test_keys(self, backends: list[Drawn]) -> None:
        orders = set()
        for one in of(backends, "api"):
            config = one.configs["api"]
            for asked, kind in zip(sorted_modes(config), kinds_of(one.entry("api")), strict=True):
                if asked["Mode"] != "API_KEY":
                    continue
                key, settings = kind["apiKeyConfig"], asked["Settings"]
                assert key["apiKeyExpirationDays"] == settings["ExpirationTime"]
                assert type(key["apiKeyExpirationDays"]) is int
                assert key.get("description") in (settings.get("Description"), "")
                if settings.get("Description") == "api key description":
                    assert list(key) == ["apiKeyExpirationDays", "description"]
                if "apiKeyExpirationDate" in key:
                    days = timedelta(days=key["apiKeyExpirationDays"])
                    pushed = instant(one.entry("api")["lastPushTimeStamp"])
                    assert instant(key["apiKeyExpirationDate"]) == pushed + days
                orders.add(tuple(key))
        always = "apiKeyExpirationDays"
        assert orders == {
            (always,),
            (always, "description"),
            (always, "apiKeyExpirationDate", "description"),
        }


def sorted_modes(config: dict[str, Any]) -> list[dict[str, Any]]:
    """The modes of a config, with AWS_IAM ahead of the other additional ones."""
    more = sorted(config["AdditionalAuthTypes"], key=lambda kind: kind["Mode"] != "AWS_IAM")
    return [config["DefaultAuthType"], *more]


def kinds_of(entry: dict[str, Any]) -> list[dict[str, Any]]:
    shown = entry["output"]["authConfig"]
    return [shown["defaultAuthentication"], *shown["additionalAuthenticationProviders"]]
