"""Copy the data of one environment to another: the tables of its API and the files of its storage.

    python -m shopops.copy_data d1shop prod staging

Both environments have an API with the same models. Items and files that are there already are
overwritten, others stay. It exits with 1 if a table is missing in the target.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import boto3

from shopops.backend import CommandError, default_region, resources, run
from shopops.outputs import select


class Copied(NamedTuple):
    """How much was copied: items by model, and files."""

    items: dict[str, int]
    files: int


def tables(session: Any, api_id: str, environment: str) -> dict[str, str]:
    """The tables of an API by the names of its models; Amplify names them so."""
    suffix = f"-{api_id}-{environment}"
    pages = session.client("dynamodb").get_paginator("list_tables").paginate()
    names = [name for page in pages for name in page["TableNames"]]
    return {name.removesuffix(suffix): name for name in names if name.endswith(suffix)}


def copy_table(session: Any, source: str, target: str) -> int:
    """Copy every item of a table to another one, and give how many there were."""
    dynamodb = session.resource("dynamodb")
    copied = 0
    with dynamodb.Table(target).batch_writer() as batch:
        for page in dynamodb.meta.client.get_paginator("scan").paginate(TableName=source):
            for item in page["Items"]:
                batch.put_item(Item=item)
                copied += 1
    return copied


def copy_files(session: Any, source: str, target: str) -> int:
    """Copy every object of a bucket to another one, and give how many there were."""
    s3 = session.resource("s3")
    copied = 0
    for found in s3.Bucket(source).objects.all():
        s3.Bucket(target).copy({"Bucket": source, "Key": found.key}, found.key)
        copied += 1
    return copied


def copy(session: Any, app_id: str, source: str, target: str) -> Copied:
    """Copy the data of one environment of an app to another."""
    backends = session.client("amplifybackend")
    of_source, of_target = (select(resources(backends, app_id, name)) for name in (source, target))
    for name, found in ((source, of_source), (target, of_target)):
        if "GraphQLAPIIdOutput" not in found:
            raise CommandError(f"{app_id} {name} has no API.")
        # An API that AppSync does not know has been deleted behind Amplify's back.
        session.client("appsync").get_graphql_api(apiId=found["GraphQLAPIIdOutput"])
    there = tables(session, of_target["GraphQLAPIIdOutput"], target)
    items = {}
    for model, table in sorted(tables(session, of_source["GraphQLAPIIdOutput"], source).items()):
        if model not in there:
            raise CommandError(f"{app_id} {target} has no table of the model {model}.")
        items[model] = copy_table(session, table, there[model])
    files = 0
    if "BucketName" in of_source and "BucketName" in of_target:
        files = copy_files(session, of_source["BucketName"], of_target["BucketName"])
    return Copied(items, files)


def main(argv: Sequence[str] | None = None) -> int:
    """The command; gives its exit code."""
    parser = argparse.ArgumentParser(
        prog="shopops-copy-data", description="Copy the data of one environment to another."
    )
    parser.add_argument("app_id")
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--region", default=default_region())
    args = parser.parse_args(argv)

    def command() -> None:
        session = boto3.Session(region_name=args.region)
        copied = copy(session, args.app_id, args.source, args.target)
        for model, number in copied.items.items():
            print(f"{model}: {number} items")
        print(f"{copied.files} files")

    return run(command)


if __name__ == "__main__":
    sys.exit(main())
