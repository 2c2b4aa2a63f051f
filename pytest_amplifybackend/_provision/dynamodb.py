"""DynamoDB: a table for each model of an API, where its data is.

A table is called after its model, the API's id and the environment (observed: programs that copy or
back up data look for it so). Its keys and its stream are those of Amplify's transformer (documented
by its source); its indexes are not made.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from pytest_amplifybackend._provision.aws_clients import unless_missing
from pytest_amplifybackend._provision.transaction import Transaction
from pytest_amplifybackend._schema import modelgen
from pytest_amplifybackend._schema.faults import SchemaError

DYNAMODB = "dynamodb"
_NUMBERS = ("AWSTimestamp", "Float", "Int")


def ensure(tx: Transaction, api: str, before: str | None, after: str | None) -> None:
    """Make the tables that a new schema needs, and delete those of models that are gone.

    A table whose model has got other keys stays as it is, with its items.
    """
    old, new = (_keys_by_table(tx, api, schema) for schema in (before, after))
    for table, keys in new.items():
        if table not in old:
            tx.make(
                partial(_create, tx, table, keys),
                lambda name: tx.call(DYNAMODB, "delete_table", TableName=name),
                partial(_existing, tx, table),
                before=(),
            )
    for table in old:
        if table not in new:
            _delete(tx, table)


def delete_all(tx: Transaction, api: str) -> None:
    """Delete the tables of an API at the commit, with their items."""
    suffix = _name("", api, tx.environment)
    token: dict[str, Any] = {}
    while True:
        page = tx.call(DYNAMODB, "list_tables", **token)
        for table in page["TableNames"]:
            if table.endswith(suffix):
                _delete(tx, table)
        if "LastEvaluatedTableName" not in page:
            return
        token = {"ExclusiveStartTableName": page["LastEvaluatedTableName"]}


def _name(model: str, api: str, environment: str) -> str:
    return f"{model}-{api}-{environment}"


def _keys_by_table(tx: Transaction, api: str, schema: str | None) -> dict[str, dict[str, str]]:
    """The keys of each table by the types of their attributes, the partition key first.

    A schema of which no models can be generated has no tables.
    """
    try:
        text = None if schema is None else modelgen.generate(schema).introspection
    except SchemaError:
        text = None
    models = {} if text is None else json.loads(text)["models"]
    return {_name(name, api, tx.environment): _keys(model) for name, model in models.items()}


def _keys(model: dict[str, Any]) -> dict[str, str]:
    info, fields = model["primaryKeyInfo"], model["fields"]
    partition, sort = info["primaryKeyFieldName"], info["sortKeyFieldNames"]
    names = [partition, *sort]
    keys = {name: "N" if fields[name]["type"] in _NUMBERS else "S" for name in names}
    return keys if len(sort) < 2 else {partition: keys[partition], "#".join(sort): "S"}


def _create(tx: Transaction, table: str, keys: dict[str, str]) -> str:
    kinds = zip(keys, ("HASH", "RANGE"), strict=False)  # a table need not have a sort key
    tx.call(
        DYNAMODB,
        "create_table",
        TableName=table,
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind} for name, kind in keys.items()
        ],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in kinds],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return table


def _existing(tx: Transaction, table: str) -> list[str]:
    look = partial(tx.call, DYNAMODB, "describe_table", TableName=table)
    return [table] if unless_missing(look) else []


def _delete(tx: Transaction, table: str) -> None:
    step = partial(tx.call, DYNAMODB, "delete_table", TableName=table)
    tx.log.on_commit(partial(unless_missing, step))
