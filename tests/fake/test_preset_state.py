"""Preset state: what it creates, and a message for what it rejects."""

from __future__ import annotations

import json
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import pytest

from pytest_amplifybackend import FakeAmplifyBackend, errors
from pytest_amplifybackend._service.presets import API_CONFIG


def _meta(fake: FakeAmplifyBackend, **params: Any) -> Any:
    answer = fake.call("GetBackend", {"AppId": "d1abc", "BackendEnvironmentName": "dev"}, **params)
    return json.loads(answer["AmplifyMetaConfig"])


def test_an_app(fake) -> None:
    fake.add_app("d1two", environments=("dev", "prod"))
    answer = fake.call("GetBackend", {"AppId": "d1two"})
    assert answer["AppName"] == "d1two"
    assert answer["BackendEnvironmentList"] == ["dev", "prod"]


def test_an_app_gets_more_environments_and_keeps_its_name(fake) -> None:
    fake.add_auth("d1abc")
    fake.add_app("d1abc", environments=("dev", "prod"))
    answer = fake.call("GetBackend", {"AppId": "d1abc"})
    assert answer["AppName"] == "shop"
    assert answer["BackendEnvironmentList"] == ["dev", "prod"]
    assert "auth" in _meta(fake)


def test_an_app_without_environments(fake) -> None:
    fake.add_app("d1two", environments=())
    assert fake.call("GetBackend", {"AppId": "d1two"})["BackendEnvironmentList"] == []


def test_an_app_is_in_one_region() -> None:
    fake = FakeAmplifyBackend(region="eu-west-1")
    fake.add_app("d1abc")
    fake.add_app("d1two", region="us-west-2")
    assert _meta(fake)["providers"]["awscloudformation"]["Region"] == "eu-west-1"
    assert fake.call("GetBackend", {"AppId": "d1two"}, region="us-west-2")["AppId"] == "d1two"
    with pytest.raises(errors.NotFound):
        fake.call("GetBackend", {"AppId": "d1abc"}, region="us-west-2")


def test_resources_bring_app_and_environment_with_them() -> None:
    fake = FakeAmplifyBackend()
    fake.add_auth("d1abc")
    fake.add_api("d1abc", name="notes")
    fake.add_storage("d1abc", name="files")
    assert len(fake.jobs) == len(fake.calls) == 0
    meta = _meta(fake)
    assert {name: list(meta[name]) for name in ("auth", "api", "storage")} == {
        "auth": ["auth"],
        "api": ["notes"],
        "storage": ["files"],
    }


def test_resources_with_a_config_of_their_own(fake) -> None:
    config = {"DefaultAuthType": {"Mode": "AWS_IAM"}, "TransformSchema": "type A { id: ID }"}
    fake.add_api("d1abc", config=config)
    answer = fake.call(
        "GetBackendAPI",
        {"AppId": "d1abc", "BackendEnvironmentName": "dev", "ResourceName": "api"},
    )
    assert answer["ResourceConfig"]["TransformSchema"] == "type A { id: ID }"


def test_imported_resources(fake) -> None:
    fake.add_auth(
        "d1abc",
        imported={
            "UserPoolId": "us-east-1_a1B2c3D4e",
            "WebClientId": "web",
            "NativeClientId": "native",
        },
    )
    fake.add_bucket("my-files")
    fake.add_storage("d1abc", bucket="my-files")
    meta = _meta(fake)
    (auth,), (storage,) = meta["auth"].values(), meta["storage"].values()
    assert auth["output"]["UserPoolId"] == "us-east-1_a1B2c3D4e"
    assert storage["output"]["BucketName"] == "my-files"


def test_a_bucket(fake) -> None:
    fake.add_bucket("my-files")
    names = [bucket["Name"] for bucket in fake.call("ListS3Buckets")["Buckets"]]
    assert "my-files" in names


IMPOSSIBLE: dict[str, Callable[[FakeAmplifyBackend], Any]] = {
    "add_app(): app_id 'shop' must be 'd' and 1 to 19 *digits (rule id.app).": (
        lambda fake: fake.add_app("shop")
    ),
    "add_app(): app_id must be a string, not 5.": (
        lambda fake: fake.add_app(5)  # type: ignore[arg-type]
    ),
    "add_app(): environments 'Dev': Environment name must be between 2 and 10 *": (
        lambda fake: fake.add_app("d1two", environments=("Dev",))
    ),
    "add_storage(): environment 'dev' of app 'd1abc': Cannot headlessly add storage *": (
        lambda fake: fake.add_storage("d1abc")
    ),
    "add_auth(): environment 'dev' of app 'd1abc': Auth has already been *": (
        lambda fake: (fake.add_auth("d1abc"), fake.add_auth("d1abc"))
    ),
    "add_api(): config.Service must be a string, not 5.": (
        lambda fake: fake.add_api("d1abc", config={"Service": 5})
    ),
    "add_api(): config the structure: needs DefaultAuthType. Data did not validate against the "
    "supplied schema. Underlying errors were *": (
        lambda fake: fake.add_api("d1abc", config={"TransformSchema": "type A { id: ID }"})
    ),
    "add_api(): config.Service 'AppSynch' must be one of AppSync (rule api.service).": (
        lambda fake: fake.add_api("d1abc", config={**API_CONFIG, "Service": "AppSynch"})
    ),
    "add_storage(): environment 'dev' of app 'd1abc': *\"nowhere\" does not exist.": (
        lambda fake: (fake.add_auth("d1abc"), fake.add_storage("d1abc", bucket="nowhere"))
    ),
    "add_auth(): imported is missing UserPoolId, NativeClientId, WebClientId; imported has no *": (
        lambda fake: fake.add_auth("d1abc", imported={"Nonsense": "x"})
    ),
}


@pytest.mark.parametrize("sentence", IMPOSSIBLE)
def test_what_can_never_be_is_a_sentence(fake, sentence: str) -> None:
    with pytest.raises(errors.UsageError) as caught:
        IMPOSSIBLE[sentence](fake)
    assert fnmatchcase(str(caught.value), sentence), str(caught.value)


def test_what_can_never_be_leaves_nothing_behind(fake) -> None:
    before = fake.dump()
    with pytest.raises(errors.UsageError):
        fake.add_app("d1two", environments=("dev", "Dev"))
    assert fake.dump() == before


def test_what_cannot_be_given_leaves_nothing_behind(fake: FakeAmplifyBackend) -> None:
    before = fake.dump()
    with pytest.raises(errors.UsageError, match="without an existing auth resource"):
        fake.add_storage("d9new", "test")
    assert fake.dump() == before
