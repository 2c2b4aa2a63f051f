"""APIs and their models: keys, modes, schemas."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_amplifybackend.contract._support import samples
from pytest_amplifybackend.contract._support.backend import Backend
from pytest_amplifybackend.contract._support.marks import (
    about,
    assumed,
    documented,
    modeled,
    observed,
)
from pytest_amplifybackend.contract._support.samples import sample
from pytest_amplifybackend.contract._support.states import config_of, meta, place

HEADLESS = "Amplify CLI headless interface"


@about("CreateBackendAPI")
@documented(f"{HEADLESS}: required, and without a default")
@pytest.mark.parametrize("member", samples.API)
def test_an_api_needs_a_mode_and_a_schema(backend: Backend, arrange: Any, member: str) -> None:
    params = sample("CreateBackendAPI", place(arrange("app with environment dev")))
    config = {name: value for name, value in samples.API.items() if name != member}
    error = backend.fails("CreateBackendAPI", {**params, "ResourceConfig": config})["Error"]
    property_ = f"should have required property '{member[0].lower()}{member[1:]}'"
    assert property_ in error, "CreateBackendAPI"
    backend.done("CreateBackendAPI", params)


@about("CreateBackendAPI", "GetBackend")
@documented("Amplify CLI, AppSync walkthrough: an API key of seven days by default")
def test_a_key_lives_a_week_by_default(backend: Backend, shared: Any) -> None:
    (entry,) = meta(backend, shared("API present"))["api"].values()
    shown = entry["output"]["authConfig"]["defaultAuthentication"]
    assert shown["apiKeyConfig"]["apiKeyExpirationDays"] == 7, "CreateBackendAPI"


@about("CreateBackendAPI", "UpdateBackendAPI", "GetBackend", "GetBackendAPI")
@documented(f"{HEADLESS}: apiName is the name of the resource, and an update has none")
def test_an_api_is_in_the_meta_by_its_name(backend: Backend, arrange: Any) -> None:
    existing = place(arrange("app with environment dev"), ResourceName="orders")
    config = {**samples.API, "ApiName": "store"}
    backend.done("CreateBackendAPI", {**existing, "ResourceConfig": config})
    backend.done("UpdateBackendAPI", {**existing, "ResourceConfig": {"ApiName": "other"}})
    assert list(meta(backend, existing)["api"]) == ["store"], "GetBackend"
    assert config_of(backend, "API", existing)["ApiName"] == "store", "GetBackendAPI"


@about("UpdateBackendAPI")
@documented("Amplify CLI, category-api: an empty schema and empty modes are no change")
def test_an_api_update_skips_what_is_empty(backend: Backend, arrange: Any) -> None:
    existing = place(arrange("app with environment dev"), ResourceName="orders")
    config = {**samples.API, "AdditionalAuthTypes": [{"Mode": "AWS_IAM"}]}
    backend.done("CreateBackendAPI", {**existing, "ResourceConfig": config})
    before = config_of(backend, "API", existing)
    empty = {"AdditionalAuthTypes": [], "TransformSchema": ""}
    backend.done("UpdateBackendAPI", {**existing, "ResourceConfig": empty})
    assert config_of(backend, "API", existing) == before, "UpdateBackendAPI"


@about("UpdateBackendAPI")
@documented(f"{HEADLESS}: an omitted field stays")
def test_an_api_update_keeps_what_it_does_not_name(backend: Backend, arrange: Any) -> None:
    existing = place(arrange("app with environment dev"))
    backend.done("CreateBackendAPI", sample("CreateBackendAPI", existing, full=True))
    existing["ResourceName"] = "orders"
    before = config_of(backend, "API", existing)
    backend.done("UpdateBackendAPI", sample("UpdateBackendAPI", existing))
    expected = {**before, "TransformSchema": samples.OTHER_SCHEMA}
    assert config_of(backend, "API", existing) == expected, "UpdateBackendAPI"


@about("CreateBackendAPI", "UpdateBackendAPI")
@documented("Amplify CLI, category-api: Cannot find a configured Cognito User Pool.")
@pytest.mark.parametrize("operation", ["CreateBackendAPI", "UpdateBackendAPI"])
def test_an_api_by_user_pool_needs_auth(backend: Backend, arrange: Any, operation: str) -> None:
    existing = arrange(
        "API present" if operation.startswith("Update") else "app with environment dev"
    )
    params = {**place(existing), "ResourceName": "orders", "ResourceConfig": samples.API_BY_POOL}
    backend.fails(operation, params)
    backend.done("CreateBackendAuth", sample("CreateBackendAuth", place(existing)))
    backend.done(operation, params)


@about("GetBackend", "CreateBackendAPI")
@observed("amplify-meta.json files: an API key is there only where a mode has one")
@pytest.mark.parametrize(("mode", "has_key"), [("API_KEY", True), ("AWS_IAM", False)])
def test_a_key_is_there_where_there_is_a_mode(
    backend: Backend, arrange: Any, mode: str, has_key: bool
) -> None:
    existing = place(arrange("app with environment dev"))
    config = {"DefaultAuthType": {"Mode": mode}, "TransformSchema": samples.SCHEMA}
    backend.done(
        "CreateBackendAPI", {**existing, "ResourceName": "orders", "ResourceConfig": config}
    )
    (entry,) = meta(backend, existing)["api"].values()
    assert ("GraphQLAPIKeyOutput" in entry["output"]) == has_key, "CreateBackendAPI"


@about("GetBackendAPIModels", "GenerateBackendAPIModels")
@observed("generated files: export const schema = {...}; with models by name")
def test_models_follow_the_schema(backend: Backend, arrange: Any) -> None:
    existing = arrange("models LATEST")
    first = _models(backend, existing)
    assert set(first["models"]) == {"Order"}, "GetBackendAPIModels"
    assert "note" not in first["models"]["Order"]["fields"], "GetBackendAPIModels"
    backend.done("UpdateBackendAPI", sample("UpdateBackendAPI", existing))
    assert _models(backend, existing) == first, (
        "UpdateBackendAPI: the models followed by themselves"
    )
    backend.done("GenerateBackendAPIModels", existing)
    second = _models(backend, existing)
    assert "note" in second["models"]["Order"]["fields"], "GenerateBackendAPIModels"
    assert second["version"] != first["version"], "GenerateBackendAPIModels: the same version"


def _models(backend: Backend, existing: dict[str, Any]) -> dict[str, Any]:
    """The models as the Amplify CLI reads them: what follows the first brace."""
    text = backend.call("GetBackendAPIModels", existing)["Models"]
    found: dict[str, Any] = json.loads(text[text.index("{") :].replace(";", ""))
    return found


@about("UpdateBackendAPI")
@assumed("ResourceConfig may be left out: then nothing is named that could change")
def test_an_api_update_of_nothing_changes_nothing(backend: Backend, shared: Any) -> None:
    existing = shared("API present")
    before = config_of(backend, "API", existing)
    backend.done("UpdateBackendAPI", existing)
    assert config_of(backend, "API", existing) == before, "UpdateBackendAPI"


@about("CreateBackendAPI", "UpdateBackendAPI", "GetBackendAPI")
@modeled("shape Mode")
@pytest.mark.parametrize("mode", samples.MODES)
def test_each_mode_can_be_the_default(backend: Backend, arrange: Any, mode: str) -> None:
    existing = place(arrange("auth present"), ResourceName="orders")
    config = {"DefaultAuthType": samples.MODES[mode], "TransformSchema": samples.SCHEMA}
    for operation in ("CreateBackendAPI", "UpdateBackendAPI"):
        backend.done(operation, {**existing, "ResourceConfig": config})
        told = config_of(backend, "API", existing)["DefaultAuthType"]
        assert told["Mode"] == mode, operation


@about("GetBackendAPIModels", "GenerateBackendAPIModels")
@documented("REST reference: stringified JSON of the model introspection schema")
def test_the_introspection_follows_the_schema(backend: Backend, arrange: Any) -> None:
    existing = arrange("models LATEST")
    backend.done("UpdateBackendAPI", sample("UpdateBackendAPI", existing))
    for has_note in (False, True):
        told = json.loads(backend.call("GetBackendAPIModels", existing)["ModelIntrospectionSchema"])
        fields = told["models"]["Order"]["fields"]
        assert ("note" in fields) == has_note, "GetBackendAPIModels: ModelIntrospectionSchema"
        backend.done("GenerateBackendAPIModels", existing)


@about("CreateBackendAPI", "GetBackend")
@observed("amplify-meta.json files: an API that knows the users of the pool depends on auth")
@pytest.mark.parametrize("config", [samples.API, samples.API_BY_POOL], ids=["key", "pool"])
def test_what_an_api_depends_on(backend: Backend, arrange: Any, config: dict[str, Any]) -> None:
    existing = place(arrange("auth present"), ResourceName="orders")
    backend.done("CreateBackendAPI", {**existing, "ResourceConfig": config})
    entries = meta(backend, existing)
    (auth,), (api,) = entries["auth"], entries["api"].values()
    needed = [(one["category"], one["resourceName"]) for one in api.get("dependsOn", ())]
    assert needed == ([] if config is samples.API else [("auth", auth)]), "GetBackend"


PROVIDERS = {
    "API_KEY": "{allow: public, provider: apiKey}",
    "AMAZON_COGNITO_USER_POOLS": "{allow: private, provider: userPools}",
    "OPENID_CONNECT": "{allow: owner, provider: oidc}",
}


@about("CreateBackendAPI")
@observed("a failed job's error names the apiKey case; the others by analogy")
@pytest.mark.parametrize("mode", PROVIDERS)
def test_a_provider_in_the_schema_needs_its_mode(backend: Backend, arrange: Any, mode: str) -> None:
    existing = place(arrange("auth present"), ResourceName="orders")
    schema = f"type Order @model @auth(rules: [{PROVIDERS[mode]}]) {{ id: ID! }}"
    for other in [name for name in PROVIDERS if name != mode]:
        config: dict[str, Any] = {"DefaultAuthType": samples.MODES[other]}
        config["TransformSchema"] = schema
        backend.fails("CreateBackendAPI", {**existing, "ResourceConfig": config})
    config["AdditionalAuthTypes"] = [samples.MODES[mode]]
    backend.done("CreateBackendAPI", {**existing, "ResourceConfig": config})
