"""What a failing test is shown: the least that fails, and nothing that does not matter."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("hypothesis", reason="strategies need the hypothesis extra")

import hypothesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from volume import full_only, only_full

from pytest_amplifybackend._api import paths
from pytest_amplifybackend.strategies import (
    Request,
    api_update_configs,
    auth_configs,
    requests,
    resource_names,
    storage_configs,
)
from pytest_amplifybackend.strategies._internal.accepting import broken
from pytest_amplifybackend.strategies._internal.leaves import leaf
from pytest_amplifybackend.strategies._internal.targets import required_paths

POOL = "UserPoolConfigs"
OAUTH = f"ResourceConfig.{POOL}.OAuth"


def least(strategy: st.SearchStrategy[Any], condition: Callable[[Any], bool]) -> Any:
    """The least example for which a condition holds."""
    chosen = settings(
        max_examples=1500, database=None, suppress_health_check=list(HealthCheck), deadline=None
    )
    return hypothesis.find(strategy, condition, settings=chosen, random=random.Random(1))


def attributes(config: dict[str, Any]) -> list[str]:
    found: list[str] = config[POOL]["RequiredSignUpAttributes"]
    return found


def test_a_list_shrinks_to_the_elements_that_matter() -> None:
    found = least(auth_configs(), lambda config: {"NAME", "ZONE_INFO"} <= {*attributes(config)})
    assert sorted(attributes(found)) == ["NAME", "ZONE_INFO"]


def test_a_list_comes_in_any_order() -> None:
    def reversed_order(config: dict[str, Any]) -> bool:
        found = attributes(config)
        return {"NAME", "EMAIL"} <= {*found} and found.index("NAME") < found.index("EMAIL")

    assert attributes(least(auth_configs(), reversed_order)) == ["NAME", "EMAIL"]


@full_only
def test_modes_come_in_any_order() -> None:
    def unsorted(config: dict[str, Any]) -> bool:
        return modes(config) > sorted(modes(config))

    assert len(modes(least(api_update_configs(mode="API_KEY", schema=False), unsorted))) == 2


def modes(config: dict[str, Any]) -> list[str]:
    return [one["Mode"] for one in config.get("AdditionalAuthTypes", ())]


def test_a_list_repeats_what_may_be_repeated() -> None:
    def repeats(config: dict[str, Any]) -> bool:
        found = config["Permissions"]["Authenticated"]
        return len({*found}) < len(found)

    found = least(storage_configs(), repeats)["Permissions"]["Authenticated"]
    assert len(found) == 2


@pytest.mark.parametrize("limit", [13, 40, 100])
def test_a_length_between_the_usual_and_the_greatest_is_found(limit: int) -> None:
    assert len(least(resource_names(family="auth"), lambda name: len(name) > limit)) == limit + 1


@full_only
def test_a_limit_of_a_list_is_found() -> None:
    def uris(config: dict[str, Any]) -> list[str]:
        found: list[str] = config[POOL]["OAuth"]["RedirectSignInURIs"]
        return found

    found = least(auth_configs(oauth=True), lambda config: len(uris(config)) > 40)
    assert len(uris(found)) == 41


APP_NAMES = requests("CreateBackend").map(lambda request: request.params["AppName"])
SECRETS = leaf("CreateBackendAuth", f"{OAUTH}.SocialProviderSettings.Google.ClientSecret")


@pytest.mark.parametrize(
    ("texts", "letters"),
    [(APP_NAMES, "\x00\x1b\r\u2028é"), (SECRETS, '"\\é /+=')],
    ids=["names", "secrets"],
)
def test_names_and_secrets_hold_more_than_letters(
    texts: st.SearchStrategy[str], letters: str
) -> None:
    def with_letter(letter: str) -> str:
        found: str = least(texts, lambda text: letter in text)
        return found

    assert [with_letter(letter) for letter in letters] == [*letters]


CONFIG = "ResourceConfig"
OPTIONAL = [
    ("UpdateBackendJob", "Operation"),
    *(
        pytest.param(operation, path, marks=only_full())
        for operation, path in (
            ("CreateBackendAuth", f"{CONFIG}.IdentityPoolConfigs"),
            ("CreateBackendAuth", f"{OAUTH}.SocialProviderSettings.SignInWithApple.KeyId"),
            ("CreateBackendAuth", f"{CONFIG}.{POOL}.PasswordPolicy.AdditionalConstraints"),
            ("UpdateBackendAuth", f"{CONFIG}.{POOL}.Mfa.Settings"),
            ("UpdateBackendAuth", f"{OAUTH}.RedirectSignOutURIs"),
            ("CreateBackendAPI", f"{CONFIG}.ConflictResolution.ResolutionStrategy"),
            ("UpdateBackendAPI", f"{CONFIG}.DefaultAuthType.Mode"),
            ("UpdateBackendConfig", "LoginAuthConfig.AwsUserPoolsId"),
        )
    ),
]
TYPES = ("DefaultAuthType", "AdditionalAuthTypes")
TOGETHER = {
    OAUTH: {f"{OAUTH}.RedirectSignInURIs", f"{OAUTH}.RedirectSignOutURIs"},
    **{
        f"{CONFIG}.{name}": {f"{CONFIG}.{one}" for one in (*TYPES, "TransformSchema")}
        for name in TYPES
    },
}
"""What an update of a part has along, to suit any resource: a user pool may have no OAuth yet, and
the schema of an API may need other modes."""


@pytest.mark.parametrize(("operation", "path"), OPTIONAL)
def test_no_member_that_does_not_matter_stays(operation: Any, path: str) -> None:
    found = least(requests(operation), lambda request: bool(paths.find(request.params, path)))
    assert set(superfluous(found, path)) <= along(operation, path)


def along(operation: str, path: str) -> set[str]:
    if not operation.startswith("Update"):
        return set()
    return {name for top, names in TOGETHER.items() if path.startswith(top) for name in names}


def superfluous(request: Request, path: str) -> Iterator[str]:
    """The optional members without which a request would be valid too, and still hold a path."""
    for place, _, _ in list(paths.walk(request.params)):
        general = paths.general(place)
        if not place or place.endswith("]") or general in required_paths(request.operation):
            continue
        without = copy.deepcopy(request.params)
        ((container, name),) = paths.places(without, place)
        del container[name]
        if paths.find(without, path) and not list(broken(request.operation, without)):
            yield place
