"""Backends of many shapes, each following from a number: its seed, regions, names and settings."""

from __future__ import annotations

import functools
import json
import random
from dataclasses import dataclass, field
from typing import Any

from pytest_amplifybackend import FakeAmplifyBackend

SCOPES = ["PHONE", "EMAIL", "OPENID", "PROFILE", "AWS_COGNITO_SIGNIN_USER_ADMIN"]
_SIGN_IN = ["EMAIL", "PHONE_NUMBER", "EMAIL_AND_PHONE_NUMBER", "USERNAME"]
_SIGN_UP = [["EMAIL"], ["EMAIL"], [], ["EMAIL", "NAME"], ["NAME", "PHONE_NUMBER", "EMAIL"]]
_CHARACTERS = ["REQUIRE_UPPERCASE", "REQUIRE_DIGIT", "REQUIRE_SYMBOL", "REQUIRE_LOWERCASE"]
_MODES = ["API_KEY", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS"]
_DESCRIPTIONS = ["api key description", "", "for the shop", None]


@dataclass(frozen=True)
class Drawn:
    """A backend with one environment; the configs are those that were asked for."""

    fake: FakeAmplifyBackend
    region: str
    app_id: str
    environment: str
    configs: dict[str, Any] = field(default_factory=dict)

    @functools.cached_property
    def answer(self) -> dict[str, Any]:
        place = {"AppId": self.app_id, "BackendEnvironmentName": self.environment}
        return self.fake.call("GetBackend", place)

    @functools.cached_property
    def meta(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.answer["AmplifyMetaConfig"])
        return found

    @property
    def stack(self) -> dict[str, Any]:
        found: dict[str, Any] = self.meta["providers"]["awscloudformation"]
        return found

    @property
    def suffix(self) -> str:
        return str(self.stack["StackName"].rsplit("-", 1)[-1])

    def entry(self, category: str) -> dict[str, Any]:
        """The only entry of a category."""
        (entry,) = self.meta[category].values()
        return dict(entry)

    def name(self, category: str) -> str:
        (name,) = self.meta[category]
        return str(name)


def drawn(number: int) -> Drawn:
    """The backend of a number: most have auth, about half an API, a third storage."""
    pick = random.Random(number)
    region = pick.choice(["us-east-1", "us-east-1", "eu-west-1", "ap-southeast-2"])
    fake = FakeAmplifyBackend(seed=number, region=region)
    fake.clock.shift(pick.randrange(10**8) + pick.randrange(1000) / 1000)
    made = Drawn(fake, region, f"d{number:x}shop", pick.choice(["dev", "staging", "prod"]))
    place = (made.app_id, made.environment)
    fake.add_app(
        made.app_id,
        name=pick.choice(["Shop", "a shop of 25 characters!"]),
        environments=[made.environment],
    )
    steps = [("auth", _add_auth, 0.85), ("api", _add_api, 0.6), ("storage", _add_storage, 0.5)]
    if pick.random() < 0.2:
        steps[0], steps[1] = steps[1], steps[0]
    for family, add, chance in steps:
        if pick.random() < chance:
            config = add(pick, made, place)
            if config is not None:
                made.configs[family] = config
    return made


def _add_auth(pick: random.Random, made: Drawn, place: tuple[str, str]) -> Any:
    if pick.random() < 0.15:
        ids = {"UserPoolId": f"{made.region}_a1B2c3D4e"}
        ids |= dict.fromkeys(("WebClientId", "NativeClientId"), "c" * 26)
        if pick.random() < 0.5:
            ids["IdentityPoolId"] = f"{made.region}:11111111-2222-4333-8444-555555555555"
        made.fake.add_auth(*place, imported=ids)
        return ids
    pool: dict[str, Any] = {
        "RequiredSignUpAttributes": pick.choice(_SIGN_UP),
        "SignInMethod": pick.choice(_SIGN_IN),
        "UserPoolName": pick.choice(["users", "shop_userpool_0123abcd"]),
    }
    if pick.random() < 0.5:
        pool["PasswordPolicy"] = {
            "MinimumLength": pick.choice([6, 8, 12]),
            "AdditionalConstraints": pick.sample(_CHARACTERS, pick.randrange(5)),
        }
    mode = pick.choice(["OFF", "ON", "OPTIONAL", None, None])
    if mode is not None:
        pool["Mfa"] = {"MFAMode": mode}
    if mode in ("ON", "OPTIONAL"):
        types = pick.choice([["SMS"], ["TOTP"], ["SMS", "TOTP"]])
        pool["Mfa"]["Settings"] = {"MfaTypes": types, "SmsMessage": "Your code: {####}"}
    if pick.random() < 0.4:
        method = pick.choice(["EMAIL", "SMS"])
        settings: dict[str, Any] = {
            "EMAIL": {"EmailMessage": "Code {####}", "EmailSubject": "Code"},
            "SMS": {"SmsMessage": "Code {####}"},
        }[method]
        member = {"EMAIL": "EmailSettings", "SMS": "SmsSettings"}[method]
        pool["VerificationMessage"] = {"DeliveryMethod": method, member: settings}
    if pick.random() < 0.4:
        pool["OAuth"] = _oauth(pick)
    config: dict[str, Any] = {"Service": "COGNITO", "UserPoolConfigs": pool}
    config["AuthResources"] = pick.choice(["IDENTITY_POOL_AND_USER_POOL", "USER_POOL_ONLY"])
    if config["AuthResources"] != "USER_POOL_ONLY" and pick.random() < 0.5:
        named = {"IdentityPoolName": "testAuthIdentityPool", "UnauthenticatedLogin": True}
        config["IdentityPoolConfigs"] = named
    made.fake.add_auth(*place, name=pick.choice(["users", "shop9f8e7d6c"]), config=config)
    return config


def _oauth(pick: random.Random) -> dict[str, Any]:
    oauth: dict[str, Any] = {
        "OAuthGrantType": pick.choice(["CODE", "IMPLICIT"]),
        "OAuthScopes": pick.sample(SCOPES, pick.randrange(1, 6)),
        "RedirectSignInURIs": ["http://localhost:3000/", "shop://in/"],
        "RedirectSignOutURIs": ["https://shop.example/out/"],
    }
    if pick.random() < 0.5:
        oauth["DomainPrefix"] = "shop-login"
    client = {"ClientId": "id", "ClientSecret": "hidden"}
    providers = pick.sample(["LoginWithAmazon", "Google", "Facebook"], pick.randrange(4))
    if providers:
        oauth["SocialProviderSettings"] = dict.fromkeys(providers, client)
    return oauth


def _add_api(pick: random.Random, made: Drawn, place: tuple[str, str]) -> Any:
    modes = pick.sample(_MODES, pick.randrange(1, 4))
    if "auth" not in made.configs:
        modes = [mode for mode in modes if mode != "AMAZON_COGNITO_USER_POOLS"] or ["API_KEY"]
    if "UserPoolId" in made.configs.get("auth", {}):
        modes = [mode for mode in modes if mode != "AWS_IAM"] or ["API_KEY"]
    types = [_mode(pick, mode, made) for mode in modes]
    config = {
        "DefaultAuthType": types[0],
        "AdditionalAuthTypes": types[1:],
        "Service": "AppSync",
        "TransformSchema": "type Note @model { id: ID! }",
    }
    made.fake.add_api(*place, name="orders", config=config)
    return config


def _mode(pick: random.Random, mode: str, made: Drawn) -> dict[str, Any]:
    kind: dict[str, Any] = {"Mode": mode}
    if mode == "API_KEY":
        kind["Settings"] = {"ExpirationTime": pick.choice([7, 30, 365])}
        description = pick.choice(_DESCRIPTIONS)
        if description is not None:
            kind["Settings"]["Description"] = description
    if mode == "AMAZON_COGNITO_USER_POOLS" and pick.random() < 0.5:
        kind["Settings"] = {"CognitoUserPoolId": _pool_of(made)}
    return kind


def _pool_of(made: Drawn) -> str:
    place = {"AppId": made.app_id, "BackendEnvironmentName": made.environment}
    meta = json.loads(made.fake.call("GetBackend", place)["AmplifyMetaConfig"])
    (entry,) = meta["auth"].values()
    return str(entry["output"]["UserPoolId"])


def _add_storage(pick: random.Random, made: Drawn, place: tuple[str, str]) -> Any:
    if "auth" not in made.configs:
        return None
    if pick.random() < 0.2:
        bucket = f"pictures-{made.app_id}"
        made.fake.add_bucket(bucket)
        made.fake.add_storage(*place, bucket=bucket)
        return {"bucket": bucket}
    config: dict[str, Any] = {
        "Permissions": {"Authenticated": ["READ"], "UnAuthenticated": ["READ"]},
        "ServiceName": "S3",
    }
    if pick.random() < 0.5:
        config["BucketName"] = "pictures"
    made.fake.add_storage(*place, name="media", config=config)
    return config
