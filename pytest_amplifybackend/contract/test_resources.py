"""What auth, API and storage hold after they were made, updated, imported, cloned or removed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_amplifybackend import errors
from pytest_amplifybackend.contract import samples
from pytest_amplifybackend.contract.backend import Backend
from pytest_amplifybackend.contract.marks import about, assumed, documented, modelled, observed
from pytest_amplifybackend.contract.samples import sample
from pytest_amplifybackend.contract.states import meta

BY_POOL = {"DefaultAuthType": {"Mode": "AMAZON_COGNITO_USER_POOLS"}}
HEADLESS = "Amplify CLI headless interface"


def _dev(given: dict[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("AppId", "BackendEnvironmentName")}


def _config(backend: Backend, family: str, given: dict[str, Any]) -> dict[str, Any]:
    params = sample(f"GetBackend{family}", given)
    config: dict[str, Any] = backend.call(f"GetBackend{family}", params)["ResourceConfig"]
    return config


FULL = {
    "Auth": ("app with environment dev", samples.FULL_AUTH),
    "API": ("app with environment dev", samples.FULL_API),
    "Storage": ("auth present", samples.FULL_STORAGE),
}


@modelled("the config of the Get operation has the members of that of the Create operation")
@pytest.mark.parametrize(
    "family",
    [pytest.param(name, marks=about(f"CreateBackend{name}", f"GetBackend{name}")) for name in FULL],
)
def test_a_config_is_read_as_it_was_given(backend: Backend, give: Any, family: str) -> None:
    given = _dev(give(FULL[family][0]))
    params = sample(f"CreateBackend{family}", given, full=True)
    backend.done(f"CreateBackend{family}", params)
    config = _config(backend, family, {**given, "ResourceName": params["ResourceName"]})
    told = {name: config.get(name) for name in params["ResourceConfig"]}
    assert told == params["ResourceConfig"], f"CreateBackend{family}"


# Auth


@about("UpdateBackendAuth")
@documented(f"{HEADLESS}: a given field replaces the whole field, an omitted one stays")
def test_an_auth_update_replaces_what_it_names(backend: Backend, give: Any) -> None:
    given = _dev(give("app with environment dev"))
    params = sample("CreateBackendAuth", given, full=True)
    backend.done("CreateBackendAuth", params)
    given["ResourceName"] = params["ResourceName"]
    before = _config(backend, "Auth", given)["UserPoolConfigs"]
    policy = {"MinimumLength": 20}
    backend.done("UpdateBackendAuth", _auth_update(given, PasswordPolicy=policy))
    after = _config(backend, "Auth", given)["UserPoolConfigs"]
    assert after.pop("PasswordPolicy") == policy, "UpdateBackendAuth: PasswordPolicy"
    before.pop("PasswordPolicy")
    assert after == before, "UpdateBackendAuth: what was not named has changed"


@about("UpdateBackendAuth")
@documented(f"{HEADLESS}: an empty OAuth removes it")
def test_an_empty_oauth_removes_it(backend: Backend, give: Any) -> None:
    given = _dev(give("app with environment dev"))
    backend.done("CreateBackendAuth", sample("CreateBackendAuth", given, full=True))
    given["ResourceName"] = "users"
    backend.done("UpdateBackendAuth", _auth_update(given, OAuth={}))
    config = _config(backend, "Auth", given)
    assert "OAuth" not in config["UserPoolConfigs"], "UpdateBackendAuth: OAuth is still there"


def _auth_update(given: dict[str, Any], **pool: Any) -> dict[str, Any]:
    config = {**samples.AUTH_UPDATE, "UserPoolConfigs": pool}
    return {**given, "ResourceConfig": config}


@about("DeleteBackendAuth")
@documented("Amplify CLI, remove-resource: what others depend on stays")
@pytest.mark.parametrize("family", ["Storage", "API"])
def test_auth_stays_while_others_need_it(backend: Backend, give: Any, family: str) -> None:
    given = give("storage present" if family == "Storage" else "auth present")
    dev = _dev(given)
    if family == "API":
        backend.done(
            "CreateBackendAPI", {**dev, "ResourceName": "orders", "ResourceConfig": BY_POOL}
        )
    backend.fails("DeleteBackendAuth", {**dev, "ResourceName": "users"})
    assert "auth" in meta(backend, dev), "DeleteBackendAuth"
    name = "media" if family == "Storage" else "orders"
    backend.done(
        f"DeleteBackend{family}", sample(f"DeleteBackend{family}", {**dev, "ResourceName": name})
    )
    backend.done("DeleteBackendAuth", {**dev, "ResourceName": "users"})


@about("DeleteBackendAuth", "DeleteBackendAPI", "DeleteBackendStorage")
@documented("Amplify CLI, remove-resource: Resource <name> has not been added")
@pytest.mark.parametrize("family", ["Auth", "API", "Storage"])
def test_a_resource_by_another_name_is_not_removed(
    backend: Backend, give: Any, family: str
) -> None:
    given = give("auth, API and storage present")
    operation = f"DeleteBackend{family}"
    before = meta(backend, given)
    backend.fails(operation, sample(operation, {**given, "ResourceName": "nobody"}))
    assert meta(backend, given) == before, operation


@about("ImportBackendAuth", "GetBackend")
@documented("Amplify documentation, import: linked, not managed")
def test_an_imported_pool_is_the_one_that_was_named(backend: Backend, give: Any) -> None:
    given = give("app with a user pool to import")
    backend.done("ImportBackendAuth", given)
    (entry,) = meta(backend, given)["auth"].values()
    assert entry["serviceType"] == "imported", "ImportBackendAuth"
    assert entry["output"]["UserPoolId"] == given["UserPoolId"], "ImportBackendAuth"


# Storage


@about("CreateBackendStorage", "ImportBackendStorage")
@documented("Amplify CLI: Cannot headlessly add storage resource without an existing auth resource")
@pytest.mark.parametrize("operation", ["CreateBackendStorage", "ImportBackendStorage"])
def test_storage_needs_auth(backend: Backend, give: Any, operation: str) -> None:
    given = give("app with environment dev")
    bucket = meta(backend, given)["providers"]["awscloudformation"]["DeploymentBucketName"]
    params = sample(operation, given)
    if operation == "ImportBackendStorage":
        params["BucketName"] = bucket
    backend.fails(operation, params)
    assert "storage" not in meta(backend, given), operation


@about("ImportBackendStorage")
@documented("Amplify CLI: The specified bucket does not exist.")
def test_a_bucket_that_is_not_there_is_not_imported(backend: Backend, give: Any) -> None:
    given = _dev(give("auth present"))
    params = {**given, "BucketName": f"nobodys-{given['AppId']}", "ServiceName": "S3"}
    backend.fails("ImportBackendStorage", params)


@about("UpdateBackendStorage")
@documented("Amplify CLI, category-storage: an update replaces both lists of permissions")
def test_a_storage_update_replaces_the_permissions(backend: Backend, give: Any) -> None:
    given = _dev(give("auth present"))
    params = sample("CreateBackendStorage", given, full=True)
    backend.done("CreateBackendStorage", params)
    given["ResourceName"] = params["ResourceName"]
    backend.done("UpdateBackendStorage", sample("UpdateBackendStorage", given))
    permissions = _config(backend, "Storage", given)["Permissions"]
    assert permissions.get("Authenticated") == ["READ"], "UpdateBackendStorage"
    assert not permissions.get("UnAuthenticated"), "UpdateBackendStorage: guests may still read"


@about("GetBackendStorage", "ImportBackendStorage")
@modelled("shape GetBackendStorageResourceConfig: Imported, BucketName")
@pytest.mark.parametrize("state", ["storage present", "storage imported"])
def test_storage_says_whether_it_is_imported(backend: Backend, give: Any, state: str) -> None:
    given = give(state)
    config = _config(backend, "Storage", given)
    assert config["Imported"] == (state == "storage imported"), "GetBackendStorage: Imported"
    if config["Imported"]:
        assert config["BucketName"] == given["BucketName"], "ImportBackendStorage"


@about("ListS3Buckets", "CreateBackendStorage", "DeleteBackendStorage")
@documented("REST reference: the list of S3 buckets in your account")
def test_the_bucket_of_a_storage_is_listed(backend: Backend, give: Any) -> None:
    given = give("storage present")
    (entry,) = meta(backend, given)["storage"].values()
    bucket = entry["output"]["BucketName"]
    assert bucket in _buckets(backend), "ListS3Buckets: a new bucket is not there"
    backend.done("DeleteBackendStorage", sample("DeleteBackendStorage", given))
    assert bucket not in _buckets(backend), "DeleteBackendStorage: its bucket is still there"


@about("DeleteBackendStorage", "ListS3Buckets")
@documented("Amplify documentation, import: unlinked, not deleted")
def test_an_imported_bucket_is_only_unlinked(backend: Backend, give: Any) -> None:
    given = give("storage imported")
    backend.done("DeleteBackendStorage", sample("DeleteBackendStorage", given))
    assert given["BucketName"] in _buckets(backend), "DeleteBackendStorage: the bucket is gone"


def _buckets(backend: Backend) -> list[str]:
    buckets = backend.call("ListS3Buckets", {})["Buckets"]
    names = [bucket["Name"] for bucket in buckets]
    assert len(set(names)) == len(names), "ListS3Buckets: a bucket is listed twice"
    return names


# API and models


@about("CreateBackendAPI")
@documented("Amplify CLI, AppSync walkthrough: an API key of seven days by default")
def test_an_api_has_a_key_by_default(backend: Backend, give: Any) -> None:
    given = give("API present")
    default = _config(backend, "API", given)["DefaultAuthType"]
    assert default["Mode"] == "API_KEY", "CreateBackendAPI"
    assert default["Settings"]["ExpirationTime"] == 7, "CreateBackendAPI"


@about("UpdateBackendAPI")
@documented(f"{HEADLESS}: an omitted field stays")
def test_an_api_update_keeps_what_it_does_not_name(backend: Backend, give: Any) -> None:
    given = _dev(give("app with environment dev"))
    backend.done("CreateBackendAPI", sample("CreateBackendAPI", given, full=True))
    given["ResourceName"] = "orders"
    before = _config(backend, "API", given)
    backend.done("UpdateBackendAPI", sample("UpdateBackendAPI", given))
    expected = {**before, "TransformSchema": samples.OTHER_SCHEMA}
    assert _config(backend, "API", given) == expected, "UpdateBackendAPI"


@about("CreateBackendAPI", "UpdateBackendAPI")
@documented("Amplify CLI, category-api: Cannot find a configured Cognito User Pool.")
@pytest.mark.parametrize("operation", ["CreateBackendAPI", "UpdateBackendAPI"])
def test_an_api_by_user_pool_needs_auth(backend: Backend, give: Any, operation: str) -> None:
    given = give("API present" if operation.startswith("Update") else "app with environment dev")
    params = {**_dev(given), "ResourceName": "orders", "ResourceConfig": BY_POOL}
    backend.fails(operation, params)
    backend.done("CreateBackendAuth", sample("CreateBackendAuth", _dev(given)))
    backend.done(operation, params)


@about("GetBackend", "CreateBackendAPI")
@observed("amplify-meta.json files: an API key is there only where a mode has one")
@pytest.mark.parametrize(("mode", "has_key"), [("API_KEY", True), ("AWS_IAM", False)])
def test_a_key_is_there_where_there_is_a_mode(
    backend: Backend, give: Any, mode: str, has_key: bool
) -> None:
    given = _dev(give("app with environment dev"))
    config = {"DefaultAuthType": {"Mode": mode}, "TransformSchema": samples.SCHEMA}
    backend.done("CreateBackendAPI", {**given, "ResourceName": "orders", "ResourceConfig": config})
    (entry,) = meta(backend, given)["api"].values()
    assert ("GraphQLAPIKeyOutput" in entry["output"]) == has_key, "CreateBackendAPI"


@about("GenerateBackendAPIModels")
@observed("a job's error: Transform GraphQL schema file not found.")
def test_models_need_a_schema(backend: Backend, give: Any) -> None:
    given = _dev(give("app with environment dev"))
    named = {**given, "ResourceName": "orders"}
    backend.done("CreateBackendAPI", {**named, "ResourceConfig": {"ApiName": "orders"}})
    record = backend.fails("GenerateBackendAPIModels", named)
    assert "schema" in record["Error"], "GenerateBackendAPIModels"


@about("GetBackendAPIModels", "GenerateBackendAPIModels")
@observed("generated files: export const schema = {...}; with models by name")
def test_models_follow_the_schema(backend: Backend, give: Any) -> None:
    given = give("models LATEST")
    first = _models(backend, given)
    assert set(first["models"]) == {"Order"}, "GetBackendAPIModels"
    assert "note" not in first["models"]["Order"]["fields"], "GetBackendAPIModels"
    backend.done("UpdateBackendAPI", sample("UpdateBackendAPI", given))
    assert _models(backend, given) == first, "UpdateBackendAPI: the models followed by themselves"
    backend.done("GenerateBackendAPIModels", given)
    second = _models(backend, given)
    assert "note" in second["models"]["Order"]["fields"], "GenerateBackendAPIModels"
    assert second["version"] != first["version"], "GenerateBackendAPIModels: the same version"


def _models(backend: Backend, given: dict[str, Any]) -> dict[str, Any]:
    """The models as the Amplify CLI reads them: what follows the first brace."""
    text = backend.call("GetBackendAPIModels", given)["Models"]
    found: dict[str, Any] = json.loads(text[text.index("{") :].replace(";", ""))
    return found


# Environments


@about("GetBackend", "CreateBackend")
@assumed("the order in which environments were made")
def test_environments_are_listed_as_they_were_made(backend: Backend, give: Any) -> None:
    given = give("app with environment dev")
    names = ["zoo", "abc", "mid"]
    for name in names:
        at = {**given, "BackendEnvironmentName": name}
        backend.done("CreateBackend", sample("CreateBackend", at))
    listed = backend.call("GetBackend", {"AppId": given["AppId"]})
    assert listed["BackendEnvironmentList"] == ["dev", *names], "GetBackend"
    assert "AmplifyMetaConfig" not in listed, "GetBackend: of which environment?"


@about("GetBackend")
@observed("programs grep for members of AmplifyMetaConfig: it is compact JSON")
def test_the_meta_text_is_compact(backend: Backend, give: Any) -> None:
    given = give("auth, API and storage present")
    text = backend.seen(given)["AmplifyMetaConfig"]
    assert text == json.dumps(json.loads(text), separators=(",", ":")), "GetBackend: white space"
    assert list(json.loads(text)) == ["providers", "auth", "api", "storage"], "GetBackend"


@about("CreateBackend", "GetBackend")
@documented("Amplify CLI: stack amplify-<project>-<env>-<digits>, bucket <stack>-deployment")
def test_an_environment_has_a_stack_of_its_own(backend: Backend, give: Any) -> None:
    given = give("app with environments dev and test")
    stacks = []
    for name in ("dev", "test"):
        at = {**given, "BackendEnvironmentName": name}
        provider = meta(backend, at)["providers"]["awscloudformation"]
        assert f"-{name}-" in provider["StackName"], f"CreateBackend: {provider['StackName']}"
        assert provider["DeploymentBucketName"] == f"{provider['StackName']}-deployment"
        stacks.append(provider["StackName"])
    assert stacks[0] != stacks[1], "CreateBackend: two environments have one stack"


@about("CloneBackend")
@documented("Amplify documentation: the same infrastructure in a new environment")
def test_a_clone_has_what_its_source_has(backend: Backend, give: Any) -> None:
    given = give("auth, API and storage present")
    backend.done("CloneBackend", sample("CloneBackend", given))
    copy = {**given, "BackendEnvironmentName": "copy"}
    assert set(meta(backend, copy)) == {"providers", "auth", "api", "storage"}, "CloneBackend"
    for family, name in (("Auth", "users"), ("API", "orders"), ("Storage", "media")):
        found = [_config(backend, family, {**at, "ResourceName": name}) for at in (given, copy)]
        assert found[0] == found[1], f"CloneBackend: another {family}"
    pools = [
        next(iter(meta(backend, at)["auth"].values()))["output"]["UserPoolId"]
        for at in (given, copy)
    ]
    assert pools[0] != pools[1], "CloneBackend: both have one user pool"


@about("CloneBackend")
@documented("Amplify documentation, import: what is imported has to be imported again")
@pytest.mark.parametrize("state", ["auth imported", "storage imported"])
def test_a_clone_leaves_out_what_is_imported(backend: Backend, give: Any, state: str) -> None:
    given = give(state)
    backend.done("CloneBackend", sample("CloneBackend", given))
    copy = {**given, "BackendEnvironmentName": "copy"}
    assert state.split()[0] not in meta(backend, copy), "CloneBackend"


@about("RemoveAllBackends")
@documented("REST reference: CleanAmplifyApp cleans up the app as well")
@pytest.mark.parametrize("clean", [False, True], ids=["kept", "cleaned"])
def test_an_app_without_backends(backend: Backend, give: Any, clean: bool) -> None:
    given = give("auth, API and storage present")
    app = {"AppId": given["AppId"]}
    backend.done("RemoveAllBackends", {**app, "CleanAmplifyApp": clean})
    if clean:
        backend.refused("CreateToken", app, errors.NotFound)
    else:
        backend.call("CreateToken", app)
        assert backend.call("GetBackend", app)["BackendEnvironmentList"] == [], "RemoveAllBackends"
