"""Calls the service with aiobotocore: a request per line on standard input, an outcome per line."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from typing import Any

from aiobotocore.session import get_session
from botocore import xform_name
from botocore.exceptions import ClientError


def failure(error: ClientError) -> dict[str, Any]:
    response = error.response
    return {
        "status": response["ResponseMetadata"]["HTTPStatusCode"],
        "kind": type(error).__name__,
        "message": response["Error"]["Message"],
        "members": {name: response[name] for name in response if name.endswith("Type")},
    }


async def main() -> None:
    clients: dict[str, Any] = {}
    async with AsyncExitStack() as stack:
        for line in sys.stdin:
            endpoint, operation, params = json.loads(line)
            if endpoint not in clients:
                made = get_session().create_client("amplifybackend", endpoint_url=endpoint)
                clients[endpoint] = await stack.enter_async_context(made)
            try:
                answer = await getattr(clients[endpoint], xform_name(operation))(**params)
            except ClientError as error:
                outcome = failure(error)
            else:
                status = answer.pop("ResponseMetadata")["HTTPStatusCode"]
                outcome = {"status": status, "answer": answer}
            sys.stdout.write(json.dumps(outcome) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
