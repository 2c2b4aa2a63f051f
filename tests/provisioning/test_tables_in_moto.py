"""An API in moto has the tables of its models in DynamoDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from pytest_amplifybackend import FakeAmplifyBackend

pytest.importorskip("moto", reason="moto is not installed")
DEV = {"AppId": "d1shop", "BackendEnvironmentName": "dev"}
SCHEMA = """
type Note @model { id: ID! text: String tags: [Tag] @manyToMany(relationName: "NoteTags") }
type Tag @model { id: ID! notes: [Note] @manyToMany(relationName: "NoteTags") }
type Order @model { shop: ID! @primaryKey(sortKeyFields: ["number"]) number: Int! }
type Visit @model { page: ID! @primaryKey(sortKeyFields: ["day", "at"]) day: AWSDate! at: Int! }
type Plain { id: ID! }
"""


@pytest.fixture
def fake() -> Iterator[FakeAmplifyBackend]:
    with FakeAmplifyBackend(moto=True) as fake:
        fake.add_api("d1shop", config=config(SCHEMA))
        yield fake


def config(schema: str | None) -> dict[str, Any]:
    made = {"ApiName": "api", "DefaultAuthType": {"Mode": "API_KEY"}, "Service": "AppSync"}
    return made if schema is None else {**made, "TransformSchema": schema}


def suffix(fake: FakeAmplifyBackend, environment: str = "dev") -> str:
    found = fake.call("GetBackend", {**DEV, "BackendEnvironmentName": environment})
    (api,) = json.loads(found["AmplifyMetaConfig"])["api"].values()
    return f"-{api['output']['GraphQLAPIIdOutput']}-{environment}"


def dynamodb() -> Any:
    return boto3.Session("testing", "testing", region_name="us-east-1").client("dynamodb")


def tables() -> set[str]:
    return set(dynamodb().list_tables()["TableNames"])


def update(fake: FakeAmplifyBackend, schema: str) -> None:
    fake.call(
        "UpdateBackendAPI",
        {**DEV, "ResourceName": "api", "ResourceConfig": {"TransformSchema": schema}},
    )
    assert list(fake.jobs)[-1].status == "COMPLETED", list(fake.jobs)[-1].error


def test_each_model_has_its_table(fake: FakeAmplifyBackend) -> None:
    names = ("Note", "Tag", "NoteTags", "Order", "Visit")
    assert tables() == {f"{name}{suffix(fake)}" for name in names}


@pytest.mark.parametrize(
    ("model", "keys"),
    [
        ("Note", [("id", "HASH", "S")]),
        ("Order", [("shop", "HASH", "S"), ("number", "RANGE", "N")]),
        ("Visit", [("page", "HASH", "S"), ("day#at", "RANGE", "S")]),
    ],
)
def test_the_keys(fake: FakeAmplifyBackend, model: str, keys: list[tuple[str, str, str]]) -> None:
    table = dynamodb().describe_table(TableName=f"{model}{suffix(fake)}")["Table"]
    types = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    found = [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]]
    assert [(name, kind, types[name]) for name, kind in found] == keys
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


def test_updates_keep_what_stays(fake: FakeAmplifyBackend) -> None:
    table = f"Order{suffix(fake)}"
    dynamodb().put_item(TableName=table, Item={"shop": {"S": "a"}, "number": {"N": "1"}})
    order = next(line for line in SCHEMA.splitlines() if line.startswith("type Order"))
    update(fake, f"{order} type New @model {{ id: ID! }}")
    assert tables() == {table, f"New{suffix(fake)}"}
    assert dynamodb().scan(TableName=table)["Count"] == 1


def test_a_clone_has_empty_tables_of_its_own(fake: FakeAmplifyBackend) -> None:
    before = tables()
    note = f"Note{suffix(fake)}"
    dynamodb().put_item(TableName=note, Item={"id": {"S": "1"}})
    fake.call("CloneBackend", {**DEV, "TargetEnvironmentName": "test"})
    copy = f"Note{suffix(fake, 'test')}"
    assert copy in tables() - before
    assert dynamodb().scan(TableName=copy)["Count"] == 0
    fake.call("DeleteBackend", {**DEV, "BackendEnvironmentName": "test"})
    assert list(fake.jobs)[-1].status == "COMPLETED"
    assert tables() == before


def test_they_go_with_the_api(fake: FakeAmplifyBackend) -> None:
    dynamodb().delete_table(TableName=f"Tag{suffix(fake)}")  # behind the fake's back
    fake.call("DeleteBackendAPI", {**DEV, "ResourceName": "api"})
    assert list(fake.jobs)[-1].status == "COMPLETED"
    assert tables() == set()
