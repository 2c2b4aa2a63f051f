"""`shopops-copy-data`: Amplify Backend, AppSync, DynamoDB and S3 in moto."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from pytest_amplifybackend import FakeAmplifyBackend

from shopops import copy_data

pytest.importorskip("moto", reason="moto is not installed")

REGION = "us-east-1"
SCHEMA = """
type Product @model { id: ID! name: String! }
type Review @model { id: ID! stars: Int! }
"""


@pytest.fixture
def shop(amplifybackend_moto: FakeAmplifyBackend, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two environments with the same models, one of them with data."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    config = {
        "ApiName": "shop",
        "DefaultAuthType": {"Mode": "API_KEY"},
        "Service": "AppSync",
        "TransformSchema": SCHEMA,
    }
    for environment in ("prod", "staging"):
        amplifybackend_moto.add_auth("d1shop", environment)
        amplifybackend_moto.add_api("d1shop", environment, config=config)
        amplifybackend_moto.add_storage("d1shop", environment)
    with table(amplifybackend_moto, "prod", "Product").batch_writer() as batch:
        for number in range(60):  # more than one request holds
            batch.put_item(Item={"id": str(number), "name": f"Product {number}"})
    bucket(amplifybackend_moto, "prod").put_object(Key="public/cat.png", Body=b"cat")
    return amplifybackend_moto


def meta(shop: FakeAmplifyBackend, environment: str) -> dict[str, Any]:
    place = {"AppId": "d1shop", "BackendEnvironmentName": environment}
    found: dict[str, Any] = json.loads(shop.call("GetBackend", place)["AmplifyMetaConfig"])
    return found


def table(shop: FakeAmplifyBackend, environment: str, model: str) -> Any:
    (api,) = meta(shop, environment)["api"].values()
    name = f"{model}-{api['output']['GraphQLAPIIdOutput']}-{environment}"
    return boto3.resource("dynamodb", region_name=REGION).Table(name)


def bucket(shop: FakeAmplifyBackend, environment: str) -> Any:
    (storage,) = meta(shop, environment)["storage"].values()
    return boto3.resource("s3", region_name=REGION).Bucket(storage["output"]["BucketName"])


def test_items_and_files_are_copied(
    shop: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
) -> None:
    table(shop, "staging", "Review").put_item(Item={"id": "kept", "stars": 5})

    assert copy_data.main(["d1shop", "prod", "staging"]) == 0

    assert capsys.readouterr().out == "Product: 60 items\nReview: 0 items\n1 files\n"
    products = table(shop, "staging", "Product").scan()["Items"]
    assert sorted(int(item["id"]) for item in products) == list(range(60))
    assert table(shop, "staging", "Review").scan()["Count"] == 1
    (file,) = bucket(shop, "staging").objects.all()
    assert (file.key, file.get()["Body"].read()) == ("public/cat.png", b"cat")


def test_a_model_that_the_target_lacks(
    shop: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.call(
        "UpdateBackendAPI",
        {
            **{"AppId": "d1shop", "BackendEnvironmentName": "staging", "ResourceName": "api"},
            "ResourceConfig": {"TransformSchema": "type Product @model { id: ID! }"},
        },
    )
    assert copy_data.main(["d1shop", "prod", "staging"]) == 1
    assert "d1shop staging has no table of the model Review" in capsys.readouterr().err


def test_an_environment_without_an_api(
    shop: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.add_app("d1shop", environments=["empty"])
    assert copy_data.main(["d1shop", "prod", "empty"]) == 1
    assert "d1shop empty has no API" in capsys.readouterr().err


def test_an_api_that_was_deleted_behind_amplify(
    shop: FakeAmplifyBackend, capsys: pytest.CaptureFixture[str]
) -> None:
    (api,) = meta(shop, "staging")["api"].values()
    appsync = boto3.client("appsync", region_name=REGION)
    appsync.delete_graphql_api(apiId=api["output"]["GraphQLAPIIdOutput"])
    assert copy_data.main(["d1shop", "prod", "staging"]) == 1
    assert "NotFoundException" in capsys.readouterr().err
