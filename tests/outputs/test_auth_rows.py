"""The auth entry of AmplifyMetaConfig, member by member: see test_rows.py."""

from __future__ import annotations

import json
import re
from typing import Any

from drawn import SCOPES, Drawn
from rows import UUID4, chosen, instant, of


class TestAuth:
    def test_outputs_have_one_order(self, backends: list[Drawn]) -> None:
        order = [
            "CreatedSNSRole",
            "UserPoolId",
            "AppClientIDWeb",
            "AppClientID",
            "HostedUIDomain",
            "IdentityPoolId",
            "UserPoolArn",
            "IdentityPoolName",
            "OAuthMetadata",
            "UserPoolName",
        ]
        seen = set()
        for one, pool, entry in chosen(backends):
            identities = one.configs["auth"]["AuthResources"] != "USER_POOL_ONLY"
            there = {
                "CreatedSNSRole": has_phone(pool),
                "HostedUIDomain": "OAuth" in pool,
                "OAuthMetadata": "OAuth" in pool,
                "IdentityPoolId": identities,
                "IdentityPoolName": identities,
            }
            assert list(entry["output"]) == [name for name in order if there.get(name, True)]
            seen.add(tuple(there.values()))
        assert len(seen) == 8

    def test_ids(self, backends: list[Drawn]) -> None:
        clients = []
        for one, _, entry in chosen(backends):
            output = entry["output"]
            assert re.fullmatch(rf"{one.region}_[A-Za-z0-9]{{9}}", output["UserPoolId"])
            pool = f"userpool/{output['UserPoolId']}"
            assert output["UserPoolArn"] == f"arn:aws:cognito-idp:{one.region}:123456789012:{pool}"
            if "IdentityPoolId" in output:
                assert re.fullmatch(f"{one.region}:{UUID4}", output["IdentityPoolId"])
            assert output["AppClientIDWeb"] != output["AppClientID"]
            clients += [output["AppClientIDWeb"], output["AppClientID"]]
        assert all(re.fullmatch("[a-z0-9]{25,26}", client) for client in clients)
        short = sum(len(client) == 25 for client in clients) / len(clients)
        assert 0.08 < short < 0.22
        assert any(
            re.search("[A-Z]", one.entry("auth")["output"]["UserPoolId"])
            for one in of(backends, "auth")
        )

    def test_pools_are_shown_without_and_with_the_environment(self, backends: list[Drawn]) -> None:
        defaults = 0
        for one, pool, entry in chosen(backends):
            output = entry["output"]
            assert output["UserPoolName"] == pool["UserPoolName"]
            if "IdentityPoolName" not in output:
                continue
            named = one.configs["auth"].get("IdentityPoolConfigs")
            if named is None:
                defaults += 1
                pattern = rf"{one.name('auth')}_identitypool_[0-9a-f]{{8}}__{one.environment}"
                assert re.fullmatch(pattern, output["IdentityPoolName"])
            else:
                assert output["IdentityPoolName"] == f"testAuthIdentityPool__{one.environment}"
        assert defaults

    def test_a_role_for_text_messages(self, backends: list[Drawn]) -> None:
        roles = 0
        for one, pool, entry in chosen(backends):
            role = entry["output"].get("CreatedSNSRole")
            assert (role is not None) == has_phone(pool)
            if role is not None:
                roles += 1
                at = r"arn:aws:iam::\d{12}:role/"
                assert re.fullmatch(rf"{at}sns[0-9a-f]{{8}}{one.suffix}-{one.environment}", role)
        assert roles

    def test_oauth(self, backends: list[Drawn]) -> None:
        scopes = ["phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"]
        cognito = dict(zip(SCOPES, scopes, strict=True))
        given = 0
        for one, pool, entry in chosen(backends):
            oauth = pool.get("OAuth")
            if oauth is None:
                continue
            text = entry["output"]["OAuthMetadata"]
            wanted = {cognito[scope] for scope in oauth["OAuthScopes"]}
            assert json.loads(text) == {
                "AllowedOAuthFlows": [oauth["OAuthGrantType"].lower()],
                "AllowedOAuthScopes": [scope for scope in scopes if scope in wanted],
                "CallbackURLs": oauth["RedirectSignInURIs"],
                "LogoutURLs": oauth["RedirectSignOutURIs"],
            }
            assert list(json.loads(text)) == sorted(json.loads(text))
            assert text == json.dumps(json.loads(text), separators=(",", ":"))
            domain = entry["output"]["HostedUIDomain"]
            if "DomainPrefix" in oauth:
                given += 1
                assert domain == f"shop-login-{one.environment}"
            else:
                made = rf"[a-z0-9]+?([0-9a-f]{{8}})-\1-{one.environment}"
                assert re.fullmatch(made, domain)
        assert given

    def test_what_a_frontend_is_told(self, backends: list[Drawn]) -> None:
        names = {
            "EMAIL": ["EMAIL"],
            "PHONE_NUMBER": ["PHONE_NUMBER"],
            "EMAIL_AND_PHONE_NUMBER": ["EMAIL", "PHONE_NUMBER"],
            "USERNAME": [],
        }
        order = ["LOWERCASE", "NUMBERS", "SYMBOLS", "UPPERCASE"]
        for _, pool, entry in chosen(backends):
            told = entry["frontendAuthConfig"]
            assert list(told) == [
                "socialProviders",
                "usernameAttributes",
                "signupAttributes",
                "passwordProtectionSettings",
                "mfaConfiguration",
                "mfaTypes",
                "verificationMechanisms",
            ]
            social = [name for name in ("FACEBOOK", "GOOGLE", "AMAZON") if name in social_of(pool)]
            assert told["socialProviders"] == social
            assert told["usernameAttributes"] == names[pool["SignInMethod"]]
            assert told["signupAttributes"] == pool["RequiredSignUpAttributes"]
            policy = told["passwordProtectionSettings"]
            assert list(policy) == ["passwordPolicyMinLength", "passwordPolicyCharacters"]
            assert type(policy["passwordPolicyMinLength"]) is int
            short = [one.removeprefix("REQUIRES_") for one in policy["passwordPolicyCharacters"]]
            assert short == [one for one in order if one in short]
            assert len(short) == len(
                pool.get("PasswordPolicy", {}).get("AdditionalConstraints", ())
            )
            factor = pool.get("Mfa", {"MFAMode": "OFF"})
            types = factor.get("Settings", {"MfaTypes": ["SMS"]})["MfaTypes"]
            assert (told["mfaConfiguration"], told["mfaTypes"]) == (factor["MFAMode"], types)
            method = pool.get("VerificationMessage", {}).get("DeliveryMethod", "EMAIL")
            shown = {"EMAIL": "EMAIL", "SMS": "PHONE_NUMBER"}[method]
            assert told["verificationMechanisms"] == [shown]
            assert (entry["dependsOn"], entry["customAuth"]) == ([], False)

    def test_imported(self, backends: list[Drawn]) -> None:
        seen = set()
        for one in of(backends, "auth", imported=True):
            entry = one.entry("auth")
            identities = "IdentityPoolId" in one.configs["auth"]
            order = ["UserPoolId", "UserPoolName", "AppClientID", "AppClientIDWeb"]
            assert list(entry["output"]) == [
                *order,
                *(["IdentityPoolId", "IdentityPoolName"] if identities else []),
            ]
            told = entry["frontendAuthConfig"]
            assert (told["mfaConfiguration"], told["mfaTypes"]) == ("OFF", [])
            assert (entry["serviceType"], entry["dependsOn"]) == ("imported", [])
            instant(entry["lastPushTimeStamp"])
            seen.add(identities)
        assert seen == {True, False}


def social_of(pool: dict[str, Any]) -> list[str]:
    given = pool.get("OAuth", {}).get("SocialProviderSettings", {})
    return [name.removeprefix("LoginWith").upper() for name in given]


def has_phone(pool: dict[str, Any]) -> bool:
    """Whether the files with such settings have a role: a phone is in one of four places."""
    text = json.dumps([pool["SignInMethod"], pool["RequiredSignUpAttributes"]])
    factor = pool.get("Mfa", {}).get("Settings", {}).get("MfaTypes", [])
    verified = pool.get("VerificationMessage", {}).get("DeliveryMethod")
    return "PHONE_NUMBER" in text or "SMS" in [*factor, verified]
