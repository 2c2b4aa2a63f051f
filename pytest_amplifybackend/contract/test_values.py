"""What is written comes back as it was: each member, in every order, script and length."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pytest_amplifybackend._api import catalogue
from pytest_amplifybackend._api.paths import get, put
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.limits import LIMITS
from pytest_amplifybackend.contract._support.marks import about, assumed, documented, modeled
from pytest_amplifybackend.contract._support.pictures import READERS
from pytest_amplifybackend.contract._support.samples import LOGIN, STATES, sample
from pytest_amplifybackend.contract._support.states import config_of, meta, place
from pytest_amplifybackend.contract._support.variants import VARIANTS, in_other_letters, with_marks

_POOL = "UserPoolConfigs"
_OAUTH = f"{_POOL}.OAuth"
_HOSTED = "output.OAuthMetadata"
SHOWN: Mapping[str, Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "Auth": {
        f"{_POOL}.UserPoolName": ("output.UserPoolName", str),
        f"{_POOL}.RequiredSignUpAttributes": ("frontendAuthConfig.signupAttributes", list),
        f"{_POOL}.Mfa.MFAMode": ("frontendAuthConfig.mfaConfiguration", str),
        f"{_POOL}.Mfa.Settings.MfaTypes": ("frontendAuthConfig.mfaTypes", list),
        f"{_POOL}.PasswordPolicy.MinimumLength": (
            "frontendAuthConfig.passwordProtectionSettings.passwordPolicyMinLength",
            int,
        ),
        f"{_OAUTH}.RedirectSignInURIs": (f"{_HOSTED}.CallbackURLs", list),
        f"{_OAUTH}.RedirectSignOutURIs": (f"{_HOSTED}.LogoutURLs", list),
    },
    "API": {
        "DefaultAuthType.Settings.ExpirationTime": (
            "output.authConfig.defaultAuthentication.apiKeyConfig.apiKeyExpirationDays",
            int,
        ),
        "DefaultAuthType.Settings.Description": (
            "output.authConfig.defaultAuthentication.apiKeyConfig.description",
            str,
        ),
    },
}
"""Where AmplifyMetaConfig shows members of a config, and the type that they have there."""

EVIDENCE = {
    "repeated": assumed("no shape says that the values of its lists differ"),
    **dict.fromkeys(
        ("at the lower limits", "at the upper limits"),
        documented("the limits of Cognito, AppSync, S3 and the Amplify CLI"),
    ),
}
WRITES = [
    pytest.param(
        name,
        variant,
        marks=(
            about(name),
            EVIDENCE.get(variant, modeled("lists of JSON have an order, its strings any letters")),
        ),
    )
    for verb in ("Create", "Update")
    for family in ("Auth", "API", "Storage")
    for name in [f"{verb}Backend{family}"]
    for usual in [sample(name, {}, full=True)]
    for variant, vary in VARIANTS.items()
    if vary(name, usual) != usual
]


def differing(written: Any, read: Any, path: str = "") -> list[str]:
    """The paths where what was read is not what was written; more may be read."""
    if isinstance(written, dict) and isinstance(read, dict):
        return [
            line
            for name, value in written.items()
            for line in differing(value, read.get(name), f"{path}.{name}".lstrip("."))
        ]
    return [] if written == read else [path]


@about("GetBackendAuth", "GetBackendAPI", "GetBackendStorage", "GetBackend")
@pytest.mark.parametrize(("operation", "variant"), WRITES)
def test_what_is_written_comes_back(
    backend: Backend, shared: Any, operation: str, variant: str
) -> None:
    verb, _, family = operation.partition("Backend")
    there = shared(STATES[operation], reconfigured=verb == "Update")
    params = VARIANTS[variant](operation, sample(operation, there, full=True))
    written = params["ResourceConfig"]
    if verb == "Update":
        written.pop("ApiName", None)  # no update renames
    backend.done(operation, params)
    named = place(there, ResourceName=params["ResourceName"])
    read = config_of(backend, family, named)
    assert not differing(written, read), f"{operation}: {variant}"
    (entry,) = meta(backend, there)[family.lower()].values()
    hosted = entry["output"].get("OAuthMetadata")
    if hosted is not None:
        entry["output"]["OAuthMetadata"] = json.loads(hosted)
    for path, (shown, kind) in SHOWN.get(family, {}).items():
        wanted = get(written, path)
        if wanted is not None:
            assert get(entry, shown) == kind(wanted), f"{operation}: {variant}: {shown}"
    if verb == "Create":
        undo = f"DeleteBackend{family}"
        backend.done(undo, sample(undo, named))


@documented("Amplify CLI: what a failed job was to change stays as it was")
@pytest.mark.parametrize(
    ("operation", "path"),
    [
        pytest.param(row.operation, row.path, marks=about(row.operation, READERS[family]))
        for family in ("auth", "api")
        for row in LIMITS
        if row.operation == READERS[family].replace("Get", "Update") and not row.at_once
    ][::6],
)
def test_what_a_failed_update_asked_for_is_not_read(
    backend: Backend, shared: Any, operation: str, path: str
) -> None:
    there = shared(STATES[operation])
    family = operation.partition("Backend")[2]
    before = config_of(backend, family, there)
    params = copy.deepcopy(sample(operation, there, full=True))
    refused = next(row.refused for row in LIMITS if (row.operation, row.path) == (operation, path))
    put(params, path, refused[0])
    backend.fails(operation, params)
    assert config_of(backend, family, there) == before, f"{operation}: a failed update is read"


@about("CreateBackend", "GetBackend")
@modeled("AppName is a string")
@pytest.mark.parametrize("vary", [in_other_letters, with_marks])
def test_the_name_of_an_app_has_any_letters(backend: Backend, arrange: Any, vary: Any) -> None:
    usual = sample("CreateBackend", arrange("no app"))
    params = vary("CreateBackend", usual)
    assert params["AppName"] != usual["AppName"], "CreateBackend: no other AppName is valid"
    backend.done("CreateBackend", params)
    told = backend.seen(place(params))["AppName"]
    assert told == params["AppName"], f"CreateBackend: AppName {told!r}"


@about("UpdateBackendConfig")
@modeled("the members of LoginAuthConfig are strings")
def test_a_login_comes_back_whole(backend: Backend, shared: Any) -> None:
    params = {"AppId": shared("studio enabled")["AppId"]}
    before = backend.call("UpdateBackendConfig", params)["LoginAuthConfig"]
    for login in (LOGIN, before):
        answer = backend.call("UpdateBackendConfig", {**params, "LoginAuthConfig": login})
        assert answer["LoginAuthConfig"] == login, "UpdateBackendConfig"
        again = backend.call("UpdateBackendConfig", params)["LoginAuthConfig"]
        assert again == login, "UpdateBackendConfig: it was not kept"


@about("GetBackendAPI", "DeleteBackendAPI")
@modeled("GetBackendAPI returns what is there; its request may have a ResourceConfig as well")
def test_a_read_tells_what_is_there_and_not_what_was_asked(backend: Backend, shared: Any) -> None:
    there = shared("API present")
    known = catalogue.operations()["GetBackendAPI"].input_shape.members
    least, full = (sample("GetBackendAPI", there, full=full) for full in (False, True))
    assert "ResourceConfig" in known, "GetBackendAPI"
    before = backend.call("GetBackendAPI", least)
    assert backend.call("GetBackendAPI", full) == before, "GetBackendAPI: it echoes the request"
