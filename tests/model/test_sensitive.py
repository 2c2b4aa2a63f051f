"""Which members are secret, and how values are shown without them."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_amplifybackend._api import catalogue, validity
from pytest_amplifybackend._api.secrets.shapes import redact_request, sensitive_paths

SOCIAL = "ResourceConfig.UserPoolConfigs.OAuth.SocialProviderSettings"


@pytest.mark.parametrize("operation", ["CreateBackendAuth", "UpdateBackendAuth"])
def test_the_secret_members(operation: str) -> None:
    paths = sensitive_paths(operation)
    assert {
        f"{SOCIAL}.Google.ClientSecret",
        f"{SOCIAL}.Facebook.ClientId",
        f"{SOCIAL}.LoginWithAmazon",
        f"{SOCIAL}.SignInWithApple.PrivateKey",
        "ResourceConfig.UserPoolConfigs.ForgotPassword.EmailSettings.EmailMessage",
        "ResourceConfig.UserPoolConfigs.ForgotPassword.SmsSettings.SmsMessage",
        "ResourceConfig.UserPoolConfigs.Mfa.Settings.SmsMessage",
    } <= paths
    assert "ResourceConfig.UserPoolConfigs.OAuth" not in paths
    assert "ResourceConfig.UserPoolConfigs.Mfa.Settings" not in paths


def test_no_other_request_has_secrets() -> None:
    with_secrets = [name for name in catalogue.operations() if sensitive_paths(name)]
    assert with_secrets == ["CreateBackendAuth", "UpdateBackendAuth"]


def test_values_are_equal_but_not_shown() -> None:
    google = {"ClientId": "id", "ClientSecret": "s3cr3t"}
    oauth = {"OAuth": {"DomainPrefix": "shop", "SocialProviderSettings": {"Google": google}}}
    params = {"AppId": "d1abc", "ResourceConfig": {"UserPoolConfigs": oauth}}
    shown = redact_request("CreateBackendAuth", params)
    assert shown == params
    assert repr(shown) == (
        "{'AppId': 'd1abc', 'ResourceConfig': {'UserPoolConfigs': {'OAuth': {'DomainPrefix': "
        "'shop', 'SocialProviderSettings': {'Google': {'ClientId': '<redacted>', 'ClientSecret': "
        "'<redacted>'}}}}}}"
    )


def test_it_is_a_copy() -> None:
    config: Any = {"Permissions": {"Authenticated": ["READ"]}}
    params = {"AppId": "d1abc", "ResourceConfig": config}
    shown = redact_request("CreateBackendStorage", params)
    shown["ResourceConfig"]["Permissions"]["Authenticated"].append("DELETE")
    assert config["Permissions"]["Authenticated"] == ["READ"]


def test_a_report_of_botocore_is_shown_without_them() -> None:
    mfa = {"Mfa": {"MFAMode": 5, "Settings": {"SmsMessage": ["s3cr3t"]}}}
    secret = {"ForgotPassword": {"EmailSettings": {"EmailMessage": ["s3cr3t"]}}}
    config = {"UserPoolConfigs": {**mfa, **secret}}
    with pytest.raises(validity.InvalidParams) as caught:
        validity.check_params("UpdateBackendAuth", {"ResourceConfig": config})
    users = "ResourceConfig.UserPoolConfigs"
    assert set(caught.value.problems) >= {
        (f"{users}.ForgotPassword.EmailSettings.EmailMessage", "must be a string, not <redacted>"),
        (f"{users}.Mfa.Settings.SmsMessage", "must be a string, not <redacted>"),
        (f"{users}.Mfa.MFAMode", "must be a string, not 5"),
    }
    assert "s3cr3t" not in str(caught.value)
