"""Calls the service with boto3: a request per line on standard input, an outcome per line out."""

from __future__ import annotations

import functools
import json
import sys
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError


@functools.cache
def client(endpoint: str) -> Any:
    return boto3.client("amplifybackend", endpoint_url=endpoint)


def outcome(endpoint: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = getattr(client(endpoint), xform_name(operation))(**params)
    except ClientError as error:
        return failure(error)
    return {"status": answer.pop("ResponseMetadata")["HTTPStatusCode"], "answer": answer}


def failure(error: ClientError) -> dict[str, Any]:
    response = error.response
    return {
        "status": response["ResponseMetadata"]["HTTPStatusCode"],
        "kind": type(error).__name__,
        "message": response["Error"]["Message"],
        "members": {name: response[name] for name in response if name.endswith("Type")},
    }


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(outcome(*json.loads(line))) + "\n")
        sys.stdout.flush()
